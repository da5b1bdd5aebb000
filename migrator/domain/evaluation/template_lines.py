"""Finds the text that issue templates bring along: headings and lines that many items share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migrator.domain.classification.text.blocks import Block, BlockKind, blocks_of
from migrator.domain.classification.text.document import TELLING, normalised
from migrator.domain.rules import MigrationFile
from migrator.domain.rules.ownership import Role, TemplateRules

LEAST_SHARE = 0.04
"""Share of the items, near-duplicates counted once, from which on a line is the template's."""
LEAST = 8
"""The same as a number."""
_SHORT = 12  # words below a heading that asks for a version or a device, in nine of ten items
_FEWEST_LETTERS = 8  # of a line; shorter ones are code that many write
_BOLD = re.compile(r"\s*\*\*([^*]{3,80}?):?\s*\*\*:?\s*$")
_LABEL = re.compile(r"[\s*_-]*([A-Za-z][^:]{5,90}):")
_CODE = re.compile(r"import |^from |[=({]$|^[>@#]")


def find_template(bodies: Sequence[str], groups: Sequence[int]) -> TemplateRules:
    """Headings and beginnings of lines that many of these bodies share; ``groups`` are their
    groups of near-duplicates."""
    headings: dict[str, dict[int, int]] = {}
    lines: dict[str, set[int]] = {}
    for body, group in zip(bodies, groups, strict=True):
        for heading, words in _sections(body):
            headings.setdefault(heading, {})[group] = words
        for line in _lines(body):
            lines.setdefault(line, set()).add(group)
    least = max(LEAST, LEAST_SHARE * len(set(groups)))
    sections = {
        heading: _role(list(words.values()))
        for heading, words in sorted(headings.items())
        if len(words) >= least
    }
    shared = sorted(line for line, where in lines.items() if len(where) >= least)
    return TemplateRules(sections=sections, lines=tuple(_shortest(shared)))


def with_template(file: MigrationFile, template: TemplateRules) -> MigrationFile:
    """The migration file with these headings and lines, unless it states some itself."""
    stated = file.ownership.template
    if stated != TemplateRules():
        return file
    changed = stated.model_copy(update={"sections": template.sections, "lines": template.lines})
    rules = file.ownership.model_copy(update={"template": changed})
    return file.model_copy(update={"ownership": rules})


def _role(words: Sequence[int]) -> Role:
    """What stands below a heading: a word or two about the machine, or the author's prose."""
    return "environment" if sorted(words)[len(words) * 9 // 10] <= _SHORT else "prose"


def _sections(body: str) -> Iterator[tuple[str, int]]:
    """Heading, normalised as templates are keyed -> number of words below it."""
    heading, words = "", 0
    for block in blocks_of(body):
        for title, line in _titles(block):
            if title:
                if heading:
                    yield heading, words
                heading, words = title, 0
            else:
                words += len(line.split())
    if heading:
        yield heading, words


def _titles(block: Block) -> Iterator[tuple[str, str]]:
    """A heading, or a line that is none, at a time."""
    for line in block.lines:
        bold = _BOLD.match(line[:TELLING]) if "**" in line else None
        if block.kind is BlockKind.HEADING or bold:
            yield normalised((bold[1] if bold else line)[:TELLING]), ""
        else:
            yield "", line


def _lines(body: str) -> Iterator[str]:
    """Lines that a template could bring along: up to the colon where it asks for something."""
    for block in blocks_of(body):
        if block.kind in (BlockKind.HEADING, BlockKind.FENCED):
            continue
        for line in block.lines:
            text = line[:TELLING].lstrip(" -*#_>(<")
            label = _LABEL.match(text)
            beginning = (label[1] if label else text).strip().lower()
            if len(beginning) >= _FEWEST_LETTERS and " " in beginning and not _CODE.search(text):
                yield beginning


def _shortest(lines: Sequence[str]) -> Iterator[str]:
    """Sorted lines without those that begin with another of them."""
    last = None
    for line in lines:
        if last is None or not line.startswith(last):
            yield line
            last = line
