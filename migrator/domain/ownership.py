"""Whose item is it? One pure judgement, prepared once from the rules and then asked for every item."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase

from migrator.domain.evidence import Evidence, Grounds, Leaning, Ownership, OwnershipVerdict
from migrator.domain.items import Item
from migrator.domain.rules import MigrationFile

Judge = Callable[[Item], OwnershipVerdict]


def prepare(file: MigrationFile) -> Judge:
    """Return the judge of this migration: ``judge(item) -> OwnershipVerdict``, pure and fast.

    Patterns are compiled here, once; prepare one judge per set of rules and keep it.
    """
    rules = file.ownership
    paths = [(moved.old.rstrip("/"), part.name) for part in file.parts for moved in part.paths]

    def judge(item: Item) -> OwnershipVerdict:
        evidence: list[Evidence] = []
        ours = {label: part for label, part in rules.labels.ours.items() if label in item.labels}
        others = [label for label in item.labels for bad in rules.labels.not_ours if fnmatchcase(label, bad)]
        changed = item.pull.changed_paths if item.pull else ()
        inside = [(path, part) for path in changed for old, part in paths if path == old or path.startswith(old + "/")]
        words = [(term, part) for term, part in rules.title_terms.items() if term.lower() in item.title.lower()]
        evidence += [Evidence(signal="labels", says=Leaning.OURS, value=label, weight=4.0) for label in ours]
        evidence += [Evidence(signal="labels", says=Leaning.NOT_OURS, value=label, weight=-4.0) for label in others]
        evidence += [Evidence(signal="paths", says=Leaning.OURS, value=path, weight=6.0) for path, _ in inside[:1]]
        evidence += [Evidence(signal="title", says=Leaning.OURS, value=term, weight=2.5) for term, _ in words[:1]]
        contradiction = "labels of two owners" if ours and others else ""
        if inside and len({path for path, _ in inside}) < len(changed):
            contradiction = "the pull request changes moved and unmoved paths"
        part = next(iter([*ours.values(), *(p for _, p in inside), *(p for _, p in words)]), "")
        grounds = Grounds.PATH if inside else Grounds.LABEL if ours or others else Grounds.TEXT if words else Grounds.NONE
        probability = 0.995 if ours or inside else 0.01 if others else 0.9 if words else 0.05
        answer = Ownership.NOT_OURS if probability <= rules.not_ours_at else Ownership.OURS
        return OwnershipVerdict(
            answer=Ownership.UNSURE if contradiction else answer,
            probability=probability,
            grounds=grounds,
            part=part,
            bars=(rules.not_ours_at, rules.ours_at),
            contradiction=contradiction,
            evidence=tuple(evidence),
        )

    return judge


def judge(item: Item, file: MigrationFile) -> OwnershipVerdict:
    """Judge one item; for many, keep :func:`prepare`'s result."""
    return prepare(file)(item)
