"""The issue form's own fields, and forms that nobody filled in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from migrator.domain.classification.signals.base import Finding, ParsedItem, Signal
from migrator.domain.evidence import Grounds
from migrator.domain.rules import MigrationFile

FINDINGS: Final = {
    "form.FIELD": "a listed field of the issue form that has an answer",
    "empty": "an issue of fewer than three words of its own: a maintainer decides",
}
"""What it can find, and what each means."""

_FEW = 3  # own words below which an issue says nothing


def prepare(file: MigrationFile) -> Signal:
    """Return the signal: ``form.FIELD`` for each listed field with an answer; an empty issue is for
    a person.

    A pull request speaks by its paths and may have an empty text.
    """
    watched = [
        name.removeprefix("form.") for name in file.ownership.priors if name.startswith("form.")
    ]

    def find(reading: ParsedItem) -> Iterator[Finding]:
        document = reading.document
        for field in watched:
            if field in document.fields:
                yield Finding(f"form.{field}", seen=document.fields[field][:60])
        if document.own_words < _FEW and not reading.item.is_pull_request:
            yield Finding(
                "empty",
                seen="no text of its own",
                grounds=Grounds.NONE,
                contradiction="the issue is empty",
            )

    return find
