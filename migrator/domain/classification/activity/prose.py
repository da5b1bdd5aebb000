"""What a person wrote in their own words: Markdown without quotations, code, HTML comments and
details."""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt

_BACKTICKS = re.compile(r"`+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def paragraphs(body: str) -> list[str]:
    """Paragraphs, headings and list entries of a Markdown text, outside quotations and code, in
    order."""
    found: list[str] = []
    quoted = 0
    for token in _PARSER.parse(body):
        if token.type == "blockquote_open":
            quoted += 1
        elif token.type == "blockquote_close":
            quoted -= 1
        elif token.type == "inline" and not quoted:
            found.append(_without_comments(_without_code(token.content)))
    return found


def sentences(body: str) -> list[str]:
    """The sentences of :func:`paragraphs`; a line break ends one, too."""
    parts = (
        part.strip() for paragraph in paragraphs(body) for part in _SENTENCE_END.split(paragraph)
    )
    return [part for part in parts if part]


def _without_code(text: str) -> str:
    """The text without code spans: a run of backticks up to the next run of the same length.

    See https://spec.commonmark.org/0.31.2/#code-spans. One pass, however many runs stay open.
    """
    if "`" not in text:
        return text
    runs = [found.span() for found in _BACKTICKS.finditer(text)]
    later: dict[int, list[int]] = {}
    for number in range(len(runs) - 1, -1, -1):
        start, end = runs[number]
        later.setdefault(end - start, []).append(number)
    kept, position, number = [], 0, 0
    while number < len(runs):
        start, end = runs[number]
        same = later[end - start]
        while same[-1] <= number and len(same) > 1:
            same.pop()
        if same[-1] > number:
            kept.append(text[position:start])
            number = same[-1]
            position = runs[number][1]
        number += 1
    return " ".join((*kept, text[position:]))


def _without_comments(text: str) -> str:
    """The text without HTML comments; one that is never closed is text."""
    kept, position = [], 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept.append(text[position:start])
        position = end + 3
    return " ".join((*kept, text[position:]))


class WordSearch:
    """Looks for any of some words or phrases: whole, in any case; a trailing ``*`` matches any
    ending."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._stems = tuple(word.removesuffix("*").casefold() for word in words)
        each = (
            re.escape(word.removesuffix("*")) + (r"\w*" if word.endswith("*") else "")
            for word in words
        )
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(each)})(?!\w)", re.IGNORECASE)

    def find(self, text: str) -> str:
        """The first of the words as it stands in the text, empty if there is none.

        Most texts hold none: plain substring search, ten times as fast as the pattern, sends them
        away.
        """
        folded = text.casefold()
        if not any(stem in folded for stem in self._stems):
            return ""
        found = self._pattern.search(text)
        return found[0] if found else ""


def _block_parser() -> MarkdownIt:
    """A CommonMark parser that finds blocks only; inline text, the slow part, is left as it is."""
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


_PARSER: Final = _block_parser()
