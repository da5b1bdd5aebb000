"""What a person wrote in their own words: Markdown without quotations, code, HTML and folded mail.

One pass over the lines, whatever they hold: a full Markdown parser takes seconds for some texts
that GitHub accepts. Where the two differ, text is left out that a reader would call a quotation or
code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

_BACKTICKS = re.compile(r"`+")
_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\bvs\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bcf\.)\s+|\n+", re.IGNORECASE
)
_ONLY_NAMES: Final = re.compile(r"@[\w-]+(?:[\s,]+(?:and\s+)?@[\w-]+)*\W*$", re.IGNORECASE)
_ENDS_WITH_NAME: Final = re.compile(r"@[\w-]+\W{0,3}$")
_GOES_ON: Final = re.compile(r"[a-z,;:?!)]")
"""How a line begins that goes on with the sentence of the line before."""
_MOST_JOINED: Final = 400
"""Characters up to which lines are joined to one sentence."""
_FENCE: Final = re.compile(r"(`{3,}(?=[^`]*$)|~{3,})")
_MARKER: Final = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:\s+|$)|#{1,6}(?:\s+|$)")
_RULE: Final = re.compile(r"(?:[-*_=]\s*){2,}$")
_HTML: Final = re.compile(r"</?[a-z][a-z0-9-]*[\s/>]|</?[a-z][a-z0-9-]*$|<[!?]", re.IGNORECASE)
_MAIL: Final = (
    "you are receiving this because",
    "reply to this email directly",
    "-----original message",
    "--------original message",
)
"""Beginnings of lines behind which a mail repeats what others wrote."""
_FOLDED: Final = "[\u2026](#)"
"""A line of nothing but this is how a copied page shows a folded quotation."""


def paragraphs(body: str) -> list[str]:
    """Paragraphs, headings and list entries of a Markdown text, outside quotations and code, in
    order."""
    found: list[str] = []
    lines: list[str] = []
    for line in _own_lines(body):
        if line is not None:
            lines.append(line)
        elif lines:
            found.append(_without_comments(_without_code("\n".join(lines))))
            lines = []
    return found


def sentences(body: str) -> list[str]:
    """The sentences of :func:`paragraphs`. A line break ends one, too, unless nothing but names
    stands before it, which tell whom the next sentence speaks to (#20565, #22595, #10675), or a
    name at the end of a sentence that goes on (microsoft/onnxruntime#649)."""
    return list(_joined(part for each in paragraphs(body) for part in _SENTENCE_END.split(each)))


def _joined(parts: Iterable[str]) -> Iterator[str]:
    begun = ""
    for part in filter(None, (part.strip() for part in parts)):
        if begun and not _ONLY_NAMES.match(begun) and not _GOES_ON.match(part):
            yield begun
            begun = ""
        whole = f"{begun} {part}" if begun else part
        begun = whole if len(whole) <= _MOST_JOINED and _ENDS_WITH_NAME.search(whole) else ""
        if not begun:
            yield whole
    if begun:
        yield begun


class _ProseBlock:
    """What the line before left open."""

    def __init__(self) -> None:
        self.fence = ""
        self.html = ""
        self.quoted = False
        self.text = False
        self.listed = False


def _own_lines(body: str) -> Iterator[str | None]:
    """Each line of a person's own words; ``None`` ends a paragraph."""
    block = _ProseBlock()
    for raw in body.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = raw.strip()
        if line.casefold().startswith(_MAIL) or line == _FOLDED or _signs(line, block):
            break
        if block.fence:
            block.fence = "" if _closes(line, block.fence) else block.fence
        elif block.html:
            block.html = "" if _ends_html(line, block.html) else block.html
        elif not line:
            block.quoted = block.text = False
            yield None
        else:
            yield from _content(raw, line, block)
    yield None


def _repeats(line: str) -> bool:
    """Whether a line introduces what a mail repeats; some programs break it in two (#11123)."""
    if line == "wrote:":
        return True
    named = line.endswith(">") and "@" in line
    return line.startswith("On ") and (line.endswith("wrote:") or named)


def _signs(line: str, block: _ProseBlock) -> bool:
    """Whether a line of mail begins its signature (RFC 3676, section 4.3); in a paragraph two
    dashes make a heading."""
    return line == "--" and not block.text


def _content(raw: str, line: str, block: _ProseBlock) -> Iterator[str | None]:
    """What a line holds that is neither empty nor inside a fence."""
    indented = raw.startswith(("    ", "\t"))
    if line.startswith(">") or _repeats(line):
        block.quoted, block.text = True, False
        yield None
        return
    if indented and not block.text and not block.listed:
        return
    marker = _MARKER.match(line)
    text = line[marker.end() :] if marker else line
    fence = _FENCE.match(text)
    if fence or marker or _RULE.match(line):
        block.quoted = False
        yield None
    if fence:
        block.fence, block.text = fence[1], False
        return
    if _opens_html(text, block) or block.quoted or _RULE.match(line):
        return
    block.listed = bool(marker) or (block.listed and (raw.startswith((" ", "\t")) or block.text))
    block.text = True
    yield text
    if marker and marker[0].startswith("#"):
        block.text = False
        yield None


def _closes(line: str, fence: str) -> bool:
    """Whether a line ends the fence: at least as many of the same sign, and nothing else."""
    return line.startswith(fence) and not line.strip(fence[0])


def _opens_html(text: str, block: _ProseBlock) -> bool:
    """Whether a line begins a block of HTML, which ends with its comment or with the next empty
    line."""
    if block.text or not _HTML.match(text):
        return False
    block.html = "-->" if text.startswith("<!--") else "\n"
    if block.html in text[4:]:
        block.html = ""
    return True


def _ends_html(line: str, end: str) -> bool:
    return not line if end == "\n" else end in line


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
