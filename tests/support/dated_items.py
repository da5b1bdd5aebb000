"""A made-up split with words of its own, for tests of ownership: the garden leaves the house."""

from __future__ import annotations

from typing import Any

from migrator.domain.classification import ownership
from migrator.domain.classification.signals.base import Finding, ParsedItem, Signal
from migrator.domain.classification.text.document import DocumentReader
from migrator.domain.items import Item
from migrator.domain.rules import MigrationFile
from tests.support.threads import issue, migration_file

OWNERSHIP: dict[str, Any] = {
    "labels": {"ours": {"comp:garden": "garden"}, "not_ours": ("comp:roof", "comp:wall-*")},
    "paths": {
        "neutral": ("CHANGES.md",),
        "ours": ("golden/garden.*",),
        "backport_branches": ("r[0-9]*",),
    },
    "thread": {"ours": ("the garden repository",), "not_ours": ("big/roof",)},
    "modules": {
        "ours": ("house.garden",),
        "source": ("house",),
        "plain": ("house.size", "numpy"),
        "passing": ("garden/gate.py",),
        "kernel_errors": ("PumpError",),
        "device_errors": ("FloodError",),
        "aborts": ("the house fell down",),
    },
    "topics": {
        "plants": {
            "owner": "ours",
            "prior": 2.0,
            "words": ("rose", "apple tree"),
            "names": ("Rose",),
        },
        "roof": {
            "owner": "not_ours",
            "prior": 3.0,
            "words": ("tile", "house.roof"),
            "regions": {"lead": 1.0},
        },
    },
    "priors": {
        "bias": -1.0,
        "title.ours-api": 2.0,
        "title.source-api": -2.0,
        "form.device": -1.0,
        "agree.title": 1.0,
    },
}


def house(**tables: Any) -> MigrationFile:
    """The migration file; keyword arguments replace tables of ``[ownership]``."""
    return migration_file(ownership={**OWNERSHIP, **tables})


def findings(
    signal: Any, item: Item | None = None, file: MigrationFile | None = None, **fields: Any
) -> list[Finding]:
    """What one signal finds in an item (``fields`` describe an issue)."""
    rules = file or house()
    subject = item or issue(**fields)
    prepared: Signal = signal.prepare(rules)
    return list(
        prepared(
            ParsedItem(
                subject, DocumentReader(rules.ownership.template).read(subject.title, subject.body)
            )
        )
    )


def names(found: list[Finding]) -> list[str]:
    """Names of findings."""
    return [finding.name for finding in found]


def chance(file: MigrationFile | None = None, **fields: Any) -> float:
    """Probability of ours for an issue."""
    return ownership.judge(issue(**fields), file or house()).probability
