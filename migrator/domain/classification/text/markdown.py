"""People's Markdown, read by pulldown-cmark: CommonMark as GitHub reads it, in linear time and
without recursion.

What a text holds (https://docs.rs/pulldown-cmark, https://spec.commonmark.org/0.31.2/) comes as a
stream of steps. The parser compares each line with every container that is open, so that depth
times lines would not be linear. Containers that one line opens beyond :data:`DEEPEST` are therefore
left out; nobody nests so deep by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pyromark

DEEPEST: Final = 20
"""Quotes and list items that one line can open; the limit of the CommonMark preset of
markdown-it, too."""

_OPENS: Final = r"[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))"
_DEEP = re.compile(rf"^((?:{_OPENS}){{{DEEPEST}}})(?:{_OPENS})+", re.MULTILINE)
_RENDERED: Final = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH

INLINE: Final = frozenset({"Emphasis", "Strong", "Strikethrough", "Link", "Image"})
"""Tags of elements that stand inside a line; all others are blocks."""
BREAKS: Final = frozenset({"SoftBreak", "HardBreak"})


class Step(NamedTuple):
    """One step through a text.

    ``what`` is ``Start``, ``End``, ``Text``, ``Html`` or another event of the parser, ``tag`` the
    element that starts or ends, ``content`` what belongs to it, and ``depth`` the number of
    elements around it.
    """

    what: str
    tag: str
    content: Any
    depth: int


def walk(text: str) -> Iterator[Step]:
    """Yield every step through ``text`` in order; adjacent pieces of text come as one."""
    depth = 0
    for event in pyromark.events(_parseable(text)):
        what, content = (event, None) if isinstance(event, str) else next(iter(event.items()))
        if what == "Start":
            tag, content = _tag(content)
            yield Step(what, tag, content, depth)
            depth += 1
        elif what == "End":
            depth -= 1
            yield Step(what, _tag(content)[0], None, depth)
        else:
            yield Step(what, "", content, depth)


def html_blocks(text: str) -> Iterator[str]:
    """Yield the HTML blocks of ``text`` that stand outside of quotes and lists."""
    parts: list[str] = []
    for step in walk(text):
        if step.tag == "HtmlBlock" and step.depth == 0:
            if step.what == "End":
                yield "".join(parts)
            parts.clear()
        elif step.what == "Html":
            parts.append(step.content)


def render(text: str) -> str:
    """``text`` as HTML with tables and strikethrough. HTML in it passes through: the result must
    be cleaned."""
    return pyromark.html(_parseable(text), options=_RENDERED)


def _tag(content: Any) -> tuple[str, Any]:
    """Name and details of an element, which the parser gives as a name alone or as ``{name:
    details}``."""
    return (content, None) if isinstance(content, str) else next(iter(content.items()))


def _parseable(text: str) -> str:
    """``text`` without excessive depth and without lone surrogates, line by line as before."""
    if _DEEP.search(text):
        text = _DEEP.sub(r"\1 ", text)
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
