"""Labels: which ones count, and which contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from migrator.domain.classification.signals.base import Finding, ParsedItem, Signal
from migrator.domain.evidence import Grounds
from migrator.domain.rules import MigrationFile
from migrator.domain.rules.base import listed_among
from migrator.domain.rules.ownership import OwnershipLabels

FINDINGS: Final = {
    "label.ours": "a label that the file lists for a part",
    "label.not-ours": "a label that the file lists for another owner",
}
"""What it can find, and what each means."""


SUB_LABELS = (":*", "/*")
"""Endings of sub-labels of a label (``comp:gpu:tensorrt``, ``area/build/windows``)."""


def with_sub_labels(listed: tuple[str, ...]) -> tuple[str, ...]:
    """The listed names and, as patterns, their sub-labels."""
    return tuple(label + ending for label in listed for ending in ("", *SUB_LABELS))


def prepare(file: MigrationFile) -> Signal:
    """Return the signal: ``label.ours`` and ``label.not-ours``, each once; both together are a
    contradiction.

    A listed label stands for its sub-labels too: ``comp:gpu`` for ``comp:gpu:tensorrt``. One that
    is listed by its whole name on either side is no sub-label of the other side's.
    """
    rules = file.ownership.labels
    parts_of = {label.casefold(): part for label, part in rules.ours.items()}
    of_sides = by_side(rules)

    def find(reading: ParsedItem) -> Iterator[Finding]:
        ours, others = of_sides(reading.item.labels)
        conflict = f"labels of two owners: {ours[0]} and {others[0]}" if ours and others else ""
        parts = {_part(label, parts_of) for label in ours}
        if len(parts) > 1:
            conflict = f"labels of two parts: {' and '.join(sorted(ours))}"
        if ours:
            part = _part(ours[0], parts_of)
            yield Finding(
                "label.ours", seen=ours[0], grounds=Grounds.LABEL, part=part, contradiction=conflict
            )
        if others:
            yield Finding(
                "label.not-ours", seen=others[0], grounds=Grounds.LABEL, contradiction=conflict
            )

    return find


def by_side(rules: OwnershipLabels) -> Callable[[tuple[str, ...]], tuple[list[str], list[str]]]:
    """Return what tells, of an item's labels, those of ours and those of other owners."""
    whole = tuple(
        frozenset(label.casefold() for label in side) for side in (rules.ours, rules.not_ours)
    )
    lists = with_sub_labels(tuple(rules.ours)), with_sub_labels(rules.not_ours)

    def of_side(labels: tuple[str, ...], side: int) -> list[str]:
        return [
            label
            for label in listed_among(labels, lists[side])
            if label.casefold() not in whole[1 - side]
        ]

    return lambda labels: (of_side(labels, 0), of_side(labels, 1))


def _part(label: str, parts_of: Mapping[str, str]) -> str:
    """The part of the listed label that this one is or, as a sub-label, belongs to: of several
    the longest."""
    name = label.casefold()
    known = (listed for listed in parts_of if listed_among((name,), with_sub_labels((listed,))))
    return parts_of[max(known, key=len)]
