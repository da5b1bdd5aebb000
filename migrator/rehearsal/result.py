"""What a rehearsal did, read off the sandbox's world alone: the ledger has no say here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from migrator.domain.items import Frozen, has_label
from migrator.domain.planning.plan import PlanItem
from migrator.rehearsal.relations import Relation, lost, moved_twice, present_place

MARKER = re.compile(
    r"<!-- migrator:1 migration=(\S+) (?:kind=notice )?decision=(\S+) generation=(\d+) "
    r"nonce=[0-9a-f]+ -->"
)


class WorldReading(Frozen, frozen=True, kw_only=True):
    """Counts over the world's items. ``wrong`` names each item that is not as the plan wanted
    it, with the reason."""

    notices: int
    closed: int
    duplicate_notices: int
    wrong: tuple[str, ...]
    transferred: int = 0
    moved_twice: int = 0
    relations_lost: int = 0


def read_world(
    records: Iterable[dict[str, Any]],
    account: str,
    planned: dict[str, PlanItem],
    skipped: set[str],
    relations: Sequence[Relation] = (),
) -> WorldReading:
    """Hold every item of the world against the plan.

    ``planned`` are the acting items by key; ``skipped`` those that dropped out, which must carry
    nothing of ours. A transferred thread is held against the plan at its new place. ``relations``
    are those that stood before.
    """
    notices = closed = duplicates = 0
    items = {
        f"{record['repository']}#{record['number']}": record
        for record in records
        if record.get("record") == "item"
    }
    places = {present_place(items, key): key for key in items if items[key].get("moved_to")}
    twice, lost_ones = moved_twice(items), list(lost(items, relations))
    wrong = [*(f"{key}: was transferred twice" for key in twice), *lost_ones]
    for place, record in items.items():
        key = places.get(place, place)
        if record.get("moved_to"):
            continue
        marks = Counter(
            mark for comment in record.get("comments") or () for mark in _marks(comment, account)
        )
        notices += len(marks)
        duplicates += sum(count - 1 for count in marks.values())
        by_us = _closed_by(record, account)
        closed += by_us
        item = planned.get(key)
        reason = _difference(record, item, key in skipped, len(marks), by_us)
        if item is not None and place != key and place.partition("#")[0] != item.transfers_to:
            reason = reason or f"is in {place}, where the plan did not want it"
        if reason:
            wrong.append(f"{key}: {reason}")
    return WorldReading(
        notices=notices,
        closed=closed,
        duplicate_notices=duplicates,
        wrong=tuple(wrong),
        transferred=sum(
            bool(item.transfers_to) and key in items and bool(items[key].get("moved_to"))
            for key, item in planned.items()
        ),
        moved_twice=len(twice),
        relations_lost=len(lost_ones),
    )


def _marks(comment: dict[str, Any], account: str) -> list[tuple[str, ...]]:
    if comment.get("author") != account or comment.get("deleted"):
        return []
    return [tuple(found) for found in MARKER.findall(comment.get("body") or "")]


def _closed_by(record: dict[str, Any], account: str) -> bool:
    closes = [event for event in record.get("events") or () if event.get("kind") == "closed"]
    return record.get("state") == "closed" and bool(closes) and closes[-1].get("actor") == account


def _difference(
    record: dict[str, Any],
    planned: PlanItem | None,
    skipped: bool,
    notices: int,
    closed_by_us: bool,
) -> str:
    if planned is None or skipped:
        return "carries an act that no plan named" if notices or closed_by_us else ""
    if notices != 1:
        return f"has {notices} notices, not one"
    if planned.closes != closed_by_us:
        return (
            "was to be closed and is not" if planned.closes else "was to stay open and was closed"
        )
    if planned.label and not has_label(record.get("labels") or (), planned.label):
        return f"lacks the label {planned.label}"
    return ""
