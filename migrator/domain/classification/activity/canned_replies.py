"""Routine questions of triage accounts: they ask, so they neither answer the author nor move the
clock."""

from __future__ import annotations

import re
from collections.abc import Callable

from migrator.domain.classification.activity.prose import sentences

_MENTION_OR_LINK = re.compile(r"@[\w-]+|\[([^\[\]]*)\]\([^()]*\)|https?://\S+")
_GLUED = re.compile(r"(?<=[.!?])(?=[A-Z](?:[a-z]|\s))")
"""Where a sentence ends and the next one follows without a space, as in ``recent activity.Please
feel free``."""
_NOT_A_WORD = re.compile(r"[^\w]+")
_COURTESIES = frozenset(
    (
        "hi",
        "hello",
        "hey",
        "dear",
        "all",
        "thanks",
        "thank",
        "you",
        "many",
        "very",
        "much",
        "in",
        "advance",
        "regards",
        "sorry",
    )
)
"""A sentence of nothing but these is a greeting; it neither asks nor answers."""


def prepare(nags: tuple[str, ...]) -> Callable[[str], bool]:
    """Return ``is_nag(body)``: whether a comment consists of these sentences, and greetings, only.

    A sentence counts if it holds the words of a nag in their order, whatever the punctuation, case,
    mentions and links. One sentence beyond the list makes the comment an answer: unsure is decided
    for the person.
    """
    known = tuple(f" {nag} " for nag in map(_plain, nags) if nag)

    def is_nag(body: str) -> bool:
        if not known:
            return False
        parts = (part for sentence in sentences(body) for part in _GLUED.split(sentence))
        said = [f" {plain} " for plain in map(_plain, parts) if plain and not _is_courtesy(plain)]
        return bool(said) and all(any(nag in sentence for nag in known) for sentence in said)

    return is_nag


def _plain(sentence: str) -> str:
    """Words only, case folded, one space between them; mentions and addresses are left out, link
    texts stay."""
    return _NOT_A_WORD.sub(" ", _MENTION_OR_LINK.sub(r" \1 ", sentence)).strip().casefold()


def _is_courtesy(plain: str) -> bool:
    return all(word in _COURTESIES for word in plain.split())
