"""Which lines of a Markdown text GitHub certainly shows as code: those inside fences at the top
level.

One pass over the lines. A full parser takes seconds for some texts that GitHub accepts. Where it is
not certain what a line is (inside of lists and raw HTML), it is taken for text, and from there on
everything is: text is made harmless, code is left alone.

https://spec.commonmark.org/0.31.2/#fenced-code-blocks
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_FENCE: Final = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_BULLET: Final = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)")
_HTML: Final = re.compile(r" {0,3}<[a-z/!?]", re.IGNORECASE)
_UNSURE: Final = re.compile(r" {0,3}<(?:!|\?|script|pre|style|textarea)", re.IGNORECASE)


class Fences(NamedTuple):
    """``code`` holds the numbers (from 0) of the lines inside fences, ``open`` the fence that
    never ends (empty if all do)."""

    code: frozenset[int]
    open: str


def fences_of(text: str) -> Fences:
    """The top-level fences of a text whose lines end with ``\\n``."""
    inside: set[int] = set()
    fence, listed, html = "", False, False
    for number, line in enumerate(text.split("\n")):
        if fence:
            if _closes(line, fence):
                fence = ""
            else:
                inside.add(number)
        elif not line.strip():
            html = False
        elif _UNSURE.match(line):
            break
        elif found := _FENCE.match(line):
            if html or (listed and line.startswith(" ")):
                break
            fence = found[1]
        else:
            html = html or bool(_HTML.match(line))
            listed = listed or bool(_BULLET.match(line))
    return Fences(code=frozenset(inside), open=fence)


def _closes(line: str, fence: str) -> bool:
    """Whether a line ends a fence: at most three spaces, at least as many of the same sign, and
    nothing else but spaces."""
    found = _FENCE.match(line)
    return found is not None and found[1].startswith(fence) and not line[found.end() :].strip(" \t")
