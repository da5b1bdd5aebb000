"""The block structure of a Markdown body, line by line.

This follows CommonMark's block rules for what tells regions apart: fenced code (section 4.5), indented code (4.4),
HTML comments (4.6, kind 2), ATX headings (4.2), block quotes (5.1) and lists, whose content shifts the margin (5.2)
(https://spec.commonmark.org/0.31.2/). Inline structure is not parsed. A full parser needs most of the time that one
verdict may take; the tests hold this one against markdown-it-py on generated documents.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

_FENCE = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})[ \t]*(.*)")
_HEADING = re.compile(r"#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_BULLET = re.compile(r"([-*+]|\d{1,9}[.)])( {1,4}|$)")
_TAB = 4


class Kind(StrEnum):
    """What a line is."""

    TEXT = "text"
    HEADING = "heading"
    FENCED = "fenced"
    INDENTED = "indented"
    QUOTE = "quote"


class Line(NamedTuple):
    """One line with content. ``block`` counts runs: lines of one fence share it. ``info`` is a fence's info string."""

    kind: Kind
    text: str
    block: int
    info: str = ""


def lines_of(body: str) -> list[Line]:
    """Return the lines of ``body`` in order; blank lines, fence markers and HTML comments are left out."""
    return _Scanner().scan(body)


class _Scanner:
    """State of one pass: the open fence or comment, the list margin, and whether a paragraph may go on."""

    def __init__(self) -> None:
        self.found: list[Line] = []
        self.block = 0
        self.fence = ""
        self.info = ""
        self.comment = False
        self.margin = 0
        self.paragraph = False

    def scan(self, body: str) -> list[Line]:
        for raw in body.splitlines():
            line = raw.expandtabs(_TAB) if "\t" in raw else raw
            stripped = line.strip()
            if self.fence:
                self._inside_fence(line, stripped)
            elif self.comment:
                self._inside_comment(stripped)
            elif not stripped:
                self.paragraph = False
                self.block += 1
            else:
                self._outside(line, stripped)
        return self.found

    def _inside_fence(self, line: str, stripped: str) -> None:
        closes = stripped.startswith(self.fence) and not stripped.strip(self.fence[0])
        if closes:
            self.fence = ""
            self.block += 1
        elif stripped:
            self.found.append(Line(Kind.FENCED, line, self.block, self.info))

    def _inside_comment(self, stripped: str) -> None:
        _, end, rest = stripped.partition("-->")
        if end:
            self.comment = False
            if rest.strip():
                self._add(Kind.TEXT, rest)

    def _outside(self, line: str, stripped: str) -> None:
        indent = len(line) - len(line.lstrip())
        if indent < self.margin and not self.paragraph:
            self.margin = 0
        if indent - self.margin >= _TAB and not self.paragraph:
            self._add(Kind.INDENTED, line)
            return
        self._marked(line, stripped, indent)

    def _marked(self, line: str, stripped: str, indent: int) -> None:
        first = stripped[0]
        if first in "`~" and (opened := _FENCE.match(stripped)):
            self._open_fence(opened)
        elif first == "#" and (heading := _HEADING.match(stripped)):
            self.block += 1
            self._add(Kind.HEADING, heading[1] or "")
            self.paragraph = False
        elif first == ">":
            self._add(Kind.QUOTE, stripped.lstrip("> "))
            self.paragraph = True
        elif first == "<" and stripped.startswith("<!--"):
            self.comment = True
            self._inside_comment(stripped[4:])
        elif (first in "-*+" or first.isdigit()) and (bullet := _BULLET.match(stripped)):
            self._item(stripped, bullet, indent)
        else:
            self._continue(line)

    def _open_fence(self, opened: re.Match[str]) -> None:
        self.fence, self.info = opened[1], opened[2].strip()
        self.block += 1
        self.paragraph = False

    def _item(self, stripped: str, bullet: re.Match[str], indent: int) -> None:
        self.margin = indent + max(bullet.end(), 2)
        rest = stripped[bullet.end() :]
        self.paragraph = False
        if rest.strip():
            self._marked(rest, rest.strip(), self.margin)

    def _continue(self, line: str) -> None:
        lazy = self.paragraph and bool(self.found) and self.found[-1].kind is Kind.QUOTE
        self._add(Kind.QUOTE if lazy else Kind.TEXT, line)
        self.paragraph = True

    def _add(self, kind: Kind, text: str) -> None:
        self.found.append(Line(kind, text, self.block))
