"""Linked pull requests, commits and threads: where the work on this item really happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from migrator.domain.classification.signals.base import Finding, ParsedItem, Signal
from migrator.domain.evidence import Grounds
from migrator.domain.items import EventKind, Item, ItemReference
from migrator.domain.rules import MigrationFile

FINDINGS: Final = {
    "link.target-pull": "a linked pull request of a target repository",
    "link.target": "a thread of a target repository that refers to this one or is linked to it",
}
"""What it can find, and what each means."""

_LINKS = frozenset({EventKind.CONNECTED, EventKind.CROSS_REFERENCED})


def prepare(file: MigrationFile) -> Signal:
    """Return the signal: ``link.target-pull`` (a linked pull request of a target repository) or
    ``link.target`` (a thread)."""
    parts = {part.target.lower(): part.name for part in file.parts}

    def find(reading: ParsedItem) -> Iterator[Finding]:
        linked = [link for link in reading.item.linked_pulls if link.repository.lower() in parts]
        if linked:
            yield _finding("link.target-pull", linked[0], parts)
            return
        mentioned = [link for link in _references(reading.item) if link.repository.lower() in parts]
        if mentioned:
            yield _finding("link.target", mentioned[0], parts)

    return find


def _references(item: Item) -> Iterator[ItemReference]:
    for event in item.events:
        if event.kind in _LINKS and event.reference is not None:
            yield event.reference


def _finding(name: str, link: ItemReference, parts: dict[str, str]) -> Finding:
    return Finding(
        name,
        seen=f"{link.repository}#{link.number}",
        grounds=Grounds.PATH if name == "link.target-pull" else Grounds.TEXT,
        part=parts[link.repository.lower()],
        url=link.url,
    )
