"""Title terms: the simple rule for migrations that have no topics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from migrator.domain.rules import MigrationFile
from migrator.domain.signals.base import Finding, Reading, Signal
from migrator.domain.text.words import PhraseIndex

FINDINGS: Final = {
    "title.term": "the title names a term that the file lists",
}
"""What it can find, and what each means."""


def prepare(file: MigrationFile) -> Signal:
    """Return the signal: ``title.term`` for the first listed term that the title names, with its part."""
    terms = file.ownership.title_terms
    index = PhraseIndex((term, term) for term in terms)

    def find(reading: Reading) -> Iterator[Finding]:
        title = reading.document.regions["title"]
        for term in index.find(title.text, title.lower) if terms else ():
            yield Finding("title.term", seen=term, part=terms[term])
            return

    return find
