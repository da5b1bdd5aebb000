"""Title terms: the simple rule for migrations that have no topics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from migrator.domain.classification.signals.base import Finding, ParsedItem, Signal
from migrator.domain.classification.text.words import PhraseIndex
from migrator.domain.rules import MigrationFile

FINDINGS: Final = {
    "title.term": "the title names a term that the file lists",
}
"""What it can find, and what each means."""


def prepare(file: MigrationFile) -> Signal:
    """Return the signal: ``title.term`` for the first listed term that the title names, with its
    part."""
    terms = file.ownership.title_terms
    index = PhraseIndex((term, term) for term in terms)

    def find(reading: ParsedItem) -> Iterator[Finding]:
        title = reading.document.regions["title"]
        for term in index.find(title.text, title.lower) if terms else ():
            yield Finding("title.term", seen=term, part=terms[term])
            return

    return find
