"""The block structure of a Markdown body.

This follows CommonMark's block rules for what tells regions apart: fenced code (section 4.5),
indented code (4.4), HTML comments (4.6, kind 2), ATX headings (4.2), block quotes (5.1) and lists,
whose content shifts the margin (5.2) (https://spec.commonmark.org/0.31.2/). Inline structure is not
parsed. A full parser needs most of the time that one verdict may take; the tests hold this one
against markdown-it-py on generated documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

import msgspec

_FENCE = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})[ \t]*(.*)")
_BULLET = re.compile(r"([-*+]|\d{1,9}[.)])( {1,4}|$)")
_MARKS = frozenset("`~#><-*+0123456789")
_INDENT = 4  # columns from the margin on which a line is indented code
_LONGEST_MARK = 6  # signs of a heading
# list items that one line can open; more are text (the limit of markdown-it's CommonMark preset,
# too)
_DEEPEST = 20


class BlockKind(StrEnum):
    """What a block is."""

    TEXT = "text"
    HEADING = "heading"
    FENCED = "fenced"
    INDENTED = "indented"
    QUOTE = "quote"


class Block(msgspec.Struct, frozen=True):
    """Lines that belong together, as written (markers of quotes, lists, headings and fences
    taken off)."""

    kind: BlockKind
    lines: list[str]


def blocks_of(body: str) -> list[Block]:
    """Return the blocks of ``body`` in order; blank lines outside fences, and HTML comments, are
    left out."""
    return _Scanner().scan(body)


class _Scanner:
    """State of one pass: the open fence or comment, the list margin, and whether a paragraph may
    go on."""

    __slots__ = ("comment", "fence", "found", "kind", "lines", "margin", "paragraph")

    def __init__(self) -> None:
        self.found: list[Block] = []
        self.kind: BlockKind | None = None
        self.lines: list[str] = []
        self.fence = ""
        self.comment = False
        self.margin = 0
        self.paragraph = False

    def scan(self, body: str) -> list[Block]:
        if "\t" in body:
            body = body.expandtabs(_INDENT)
        lines = iter(body.splitlines())
        for line in lines:
            stripped = line.strip()
            if self.comment:
                self._inside_comment(stripped)
            elif not stripped:
                self.paragraph = False
                self.kind = None
            elif self.paragraph and self.kind is BlockKind.TEXT and stripped[0] not in _MARKS:
                self.lines.append(line)  # most lines there are
            else:
                self._outside(line, stripped)
                if self.fence:
                    self._fenced(lines)
        return self.found

    def _fenced(self, lines: Iterator[str]) -> None:
        """Take lines up to the end of the fence that was just opened."""
        fence, keep = self.fence, self.lines.append
        for line in lines:
            if fence in line and not line.strip().strip(fence[0]):
                break
            keep(line)
        self.fence = ""
        self.kind = None

    def _inside_comment(self, stripped: str) -> None:
        _, end, rest = stripped.partition("-->")
        if end:
            self.comment = False
            if rest.strip():
                self._add(BlockKind.TEXT, rest)

    def _outside(self, line: str, stripped: str) -> None:
        indent = len(line) - len(line.lstrip()) if line[0] == " " else 0
        if not self.paragraph:
            if indent < self.margin:
                self.margin = 0
            if indent - self.margin >= _INDENT:
                self._add(BlockKind.INDENTED, line)
                return
        self._marked(line, stripped, indent)

    def _marked(self, line: str, stripped: str, indent: int) -> None:
        """Take a line; each list item that it opens leaves the rest of the line to be looked at
        again."""
        depth = 0
        while stripped and not self._opened(stripped):
            bullet = _BULLET.match(stripped) if depth < _DEEPEST else None
            if bullet is None:
                self._continue(line)
                return
            depth += 1
            indent += max(bullet.end(), 2)
            self.margin = indent
            self.paragraph = False
            self.kind = None
            line = stripped[bullet.end() :]
            stripped = line.strip()

    def _opened(self, stripped: str) -> bool:
        """Open what the line begins: a fence, a heading, a quote or a comment; say whether it is
        one of them."""
        first = stripped[0]
        if first in "`~" and (opened := _FENCE.match(stripped)):
            self.fence = opened[1]
            self.paragraph = False
            self._begin(BlockKind.FENCED)
        elif first == "#" and (heading := _heading(stripped)) is not None:
            self._begin(BlockKind.HEADING)
            self.lines.append(heading)
            self.kind = None
            self.paragraph = False
        elif first == ">":
            self._add(BlockKind.QUOTE, stripped.lstrip("> "))
            self.paragraph = True
        elif first == "<" and stripped.startswith("<!--"):
            self.comment = True
            self._inside_comment(stripped[4:])
        else:
            return False
        return True

    def _continue(self, line: str) -> None:
        lazy = self.paragraph and self.kind is BlockKind.QUOTE
        self._add(BlockKind.QUOTE if lazy else BlockKind.TEXT, line)
        self.paragraph = True

    def _add(self, kind: BlockKind, text: str) -> None:
        if self.kind is not kind:
            self._begin(kind)
        self.lines.append(text)

    def _begin(self, kind: BlockKind) -> None:
        self.kind = kind
        self.lines = []
        self.found.append(Block(kind, self.lines))


def _heading(stripped: str) -> str | None:
    """The text of an ATX heading, without the signs that may close it; ``None`` if the line is
    none."""
    text = stripped.lstrip("#")
    if len(stripped) - len(text) > _LONGEST_MARK or text[:1] not in ("", " ", "\t"):
        return None
    text = text.strip(" \t")
    unclosed = text.rstrip("#")
    return unclosed.rstrip(" \t") if unclosed[-1:] in ("", " ", "\t") else text
