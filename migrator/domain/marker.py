"""The hidden marker: how we know our own notice again.

A marker is an HTML comment on a line of its own::

    <!-- migrator:1 migration=keras kind=notice decision=retire generation=1 nonce=5f0c... -->

Older ones say no kind; which they are, the ledger knows by their nonce.

It proves nothing by itself, as anyone can paste one. A comment is ours only if its author is our
own account *and* its nonce is in the ledger. What this module adds is that a marker which merely
stands in a quotation, in code, in a list or in the middle of a sentence is not taken for one.

Plans carry :data:`NONCE_PLACEHOLDER` in place of the nonce, which is drawn when the intent is
written.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final

from migrator.domain.classification.text.markdown import html_blocks
from migrator.domain.items import Frozen

NONCE_PLACEHOLDER: Final = "TO-BE-DRAWN"
"""Stands for the nonce in a planned text; too short and too upper-case to be one."""

_NONCE = re.compile(r"[0-9a-f]{16,64}")
_PREFIX: Final = "<!-- migrator:1 "
_MARKER = re.compile(
    r"<!-- migrator:1 migration=(?P<migration>[a-z0-9][a-z0-9-]{0,49}) "
    r"(?:kind=(?P<kind>notice|reply) )?decision=(?P<decision>[a-z][a-z_]{0,29})"
    r" generation=(?P<generation>[1-9][0-9]{0,8}) nonce=(?P<nonce>[0-9a-f]{16,64}) -->"
)
_PLANNED = re.compile(_MARKER.pattern.replace("[0-9a-f]{16,64}", NONCE_PLACEHOLDER))
_ORIGIN_PREFIX: Final = "<!-- migrator:from "
_ORIGIN = re.compile(
    r"<!-- migrator:from (?P<repository>[A-Za-z0-9-]+/[A-Za-z0-9._-]+) "
    r"(?P<number>[1-9][0-9]{0,9}) -->"
)


class MarkerKind(StrEnum):
    """What the comment is: the notice of an item, or a reply to a command."""

    NOTICE = "notice"
    REPLY = "reply"


class Marker(Frozen, frozen=True, kw_only=True):
    """What a marker says. ``kind`` is ``None`` for one of an older version. ``generation`` counts
    from 1 and grows with each undo; ``nonce`` is 16 to 64 lower-case hex digits."""

    migration: str
    decision: str
    kind: MarkerKind | None = None
    generation: int = 1
    nonce: str = NONCE_PLACEHOLDER


def render_marker(marker: Marker) -> str:
    """The marker as the line of text that a notice ends with. Raises ``ValueError`` if it could
    not be found again."""
    kind = f"kind={marker.kind} " if marker.kind else ""
    line = (
        f"{_PREFIX}migration={marker.migration} {kind}decision={marker.decision}"
        f" generation={marker.generation} nonce={marker.nonce} -->"
    )
    if not (_MARKER.fullmatch(line) or _PLANNED.fullmatch(line)):
        raise ValueError(f"not a marker: {marker!r}")
    return line


def find_markers(body: str) -> tuple[Marker, ...]:
    """Every marker that stands on its own at the top level of a comment's Markdown, in order;
    planned ones are left out."""
    return (
        _found(body) if _PREFIX in body else ()
    )  # bodies without one are not remembered: they can be long


@lru_cache(maxsize=256)
def _found(body: str) -> tuple[Marker, ...]:
    matches = (_MARKER.fullmatch(block) for block in _comment_blocks(body, _PREFIX))
    return tuple(
        Marker(
            migration=m["migration"],
            decision=m["decision"],
            kind=MarkerKind(m["kind"]) if m["kind"] else None,
            generation=int(m["generation"]),
            nonce=m["nonce"],
        )
        for m in matches
        if m
    )


def find_nonces(body: str) -> tuple[str, ...]:
    """The nonces of :func:`find_markers`, each once."""
    return tuple(dict.fromkeys(marker.nonce for marker in find_markers(body)))


REPLY_DECISION: Final = "command"
"""The marker's decision in a reply; what tells one from a notice in markers without a kind."""


def is_notice_marker(marker: Marker) -> bool:
    """Whether a marker is that of a notice."""
    if marker.kind is None:
        return marker.decision != REPLY_DECISION
    return marker.kind is MarkerKind.NOTICE


def has_notice_marker(body: str, migration: str) -> bool:
    """Whether a comment carries the marker of a notice of that migration. That it is ours follows
    only from who wrote it."""
    return any(
        marker.migration == migration and is_notice_marker(marker) for marker in find_markers(body)
    )


def with_nonce(text: str, nonce: str) -> str:
    """The planned ``text`` with its placeholder replaced by ``nonce``.

    Raises ``ValueError`` if the nonce is not 16 to 64 lower-case hex digits, or if the text does
    not hold exactly one planned marker: such a text could not be recognised after it was posted.
    """
    if not _NONCE.fullmatch(nonce):
        raise ValueError("a nonce is 16 to 64 lower-case hexadecimal digits")
    drawn, count = _PLANNED.subn(
        lambda found: found[0].replace(f"nonce={NONCE_PLACEHOLDER}", f"nonce={nonce}"), text
    )
    if count != 1 or find_nonces(drawn) != (nonce,):
        raise ValueError(f"the text holds {count} planned markers that can be found again, not one")
    return drawn


def without_markers(text: str) -> str:
    """``text`` without the lines that are markers, planned or drawn: what a person reads."""
    kept = [
        line
        for line in text.splitlines()
        if not (_MARKER.fullmatch(line.strip()) or _PLANNED.fullmatch(line.strip()))
    ]
    return "\n".join(kept).strip() + "\n"


def render_origin(repository: str, number: int) -> str:
    """The hidden line that a refiled issue carries, naming the item that it continues.

    Inside an HTML comment GitHub makes neither a link nor a backlink of it.
    """
    line = f"{_ORIGIN_PREFIX}{repository} {number} -->"
    if not _ORIGIN.fullmatch(line):
        raise ValueError(f"not an item: {repository} {number}")
    return line


def find_origins(body: str) -> tuple[tuple[str, int], ...]:
    """``(owner/name, number)`` of every item that a refiled issue says it continues, each once.
    Anyone can write these."""
    matches = (_ORIGIN.fullmatch(block) for block in _comment_blocks(body, _ORIGIN_PREFIX))
    return tuple(dict.fromkeys((m["repository"], int(m["number"])) for m in matches if m))


def _comment_blocks(body: str, prefix: str) -> list[str]:
    """Top-level HTML blocks of ``body`` that start with ``prefix``. Most bodies hold none and
    are not parsed."""
    if prefix not in body:
        return []
    blocks = [block.strip() for block in html_blocks(body)]
    return [block for block in blocks if block.startswith(prefix)]
