"""What a rehearsal did, read off the sandbox's world alone: the ledger has no say here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from migrator.domain.items import Frozen, has_label
from migrator.domain.planning.plan import PlanItem
from migrator.rehearsal.relations import (
    Relation,
    items_by_place,
    lost,
    moved_twice,
    outline,
    present_place,
)

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
    """Hold every item of the world against the plan. Of each record only what counts here is kept.

    ``planned`` are the acting items by key; ``skipped`` those that dropped out, which must carry
    nothing of ours. A transferred thread is held against the plan at its new place. ``relations``
    are those that stood before.
    """
    items = items_by_place(_read(record, account) for record in records)
    places = {present_place(items, key): key for key in items if items[key].get("moved_to")}
    twice, lost_ones = moved_twice(items), list(lost(items, relations))
    there = {place: item for place, item in items.items() if not item.get("moved_to")}
    wrong = (
        (place, _wrong(place, item, planned.get(key := places.get(place, place)), key, skipped))
        for place, item in there.items()
    )
    return WorldReading(
        notices=sum(len(item["marks"]) for item in there.values()),
        closed=sum(item["closed_by_us"] for item in there.values()),
        duplicate_notices=sum(
            count - 1 for item in there.values() for count in item["marks"].values()
        ),
        wrong=(
            *(f"{key}: was transferred twice" for key in twice),
            *lost_ones,
            *(f"{places.get(place, place)}: {reason}" for place, reason in wrong if reason),
        ),
        transferred=sum(
            bool(item.transfers_to) and bool(items.get(key, {}).get("moved_to"))
            for key, item in planned.items()
        ),
        moved_twice=len(twice),
        relations_lost=len(lost_ones),
    )


def _read(record: dict[str, Any], account: str) -> dict[str, Any]:
    """An item's record without its texts; ``marks`` counts our notices, ``closed_by_us`` says who
    closed it last."""
    if record.get("record") != "item":
        return record
    comments = record.get("comments") or ()
    return {
        **outline(record),
        "labels": record.get("labels") or (),
        "marks": Counter(mark for comment in comments for mark in _marks(comment, account)),
        "closed_by_us": _closed_by(record, account),
    }


def _marks(comment: dict[str, Any], account: str) -> list[tuple[str, ...]]:
    if comment.get("author") != account or comment.get("deleted"):
        return []
    return [tuple(found) for found in MARKER.findall(comment.get("body") or "")]


def _closed_by(record: dict[str, Any], account: str) -> bool:
    closes = [event for event in record.get("events") or () if event.get("kind") == "closed"]
    return record.get("state") == "closed" and bool(closes) and closes[-1].get("actor") == account


def _wrong(
    place: str, item: dict[str, Any], planned: PlanItem | None, key: str, skipped: set[str]
) -> str:
    """What is not as the plan wanted it; an empty text if all is."""
    reason = _difference(item, None if key in skipped else planned)
    if planned is not None and place != key and place.partition("#")[0] != planned.transfers_to:
        return reason or f"is in {place}, where the plan did not want it"
    return reason


def _difference(item: dict[str, Any], planned: PlanItem | None) -> str:
    notices, closed_by_us = len(item["marks"]), item["closed_by_us"]
    if planned is None:
        return "carries an act that no plan named" if notices or closed_by_us else ""
    if notices != 1:
        return f"has {notices} notices, not one"
    if planned.closes != closed_by_us:
        return (
            "was to be closed and is not" if planned.closes else "was to stay open and was closed"
        )
    if planned.label and not has_label(item["labels"], planned.label):
        return f"lacks the label {planned.label}"
    return ""
