"""Labels: which ones count, and which contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from migrator.domain.classification.signals.base import Finding, ParsedItem, Signal
from migrator.domain.evidence import Grounds
from migrator.domain.rules import MigrationFile

FINDINGS: Final = {
    "label.ours": "a label that the file lists for a part",
    "label.not-ours": "a label that the file lists for another owner",
}
"""What it can find, and what each means."""


def prepare(file: MigrationFile) -> Signal:
    """Return the signal: ``label.ours`` and ``label.not-ours``, each once; both together are a
    contradiction."""
    rules = file.ownership.labels

    def find(reading: ParsedItem) -> Iterator[Finding]:
        labels = reading.item.labels
        ours = [label for label in labels if label in rules.ours]
        others = [
            label
            for label in labels
            if label not in rules.ours and any(fnmatchcase(label, name) for name in rules.not_ours)
        ]
        conflict = f"labels of two owners: {ours[0]} and {others[0]}" if ours and others else ""
        parts = {rules.ours[label] for label in ours}
        if len(parts) > 1:
            conflict = f"labels of two parts: {' and '.join(sorted(ours))}"
        if ours:
            yield Finding(
                "label.ours",
                seen=ours[0],
                grounds=Grounds.LABEL,
                part=rules.ours[ours[0]],
                contradiction=conflict,
            )
        if others:
            yield Finding(
                "label.not-ours", seen=others[0], grounds=Grounds.LABEL, contradiction=conflict
            )

    return find
