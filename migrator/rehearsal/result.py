"""What a rehearsal did, read off the sandbox's world alone: the ledger has no say here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from migrator.domain.items import Frozen, has_label
from migrator.domain.planning.plan import PlanItem

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


def read_world(
    records: Iterable[dict[str, Any]], account: str, planned: dict[str, PlanItem], skipped: set[str]
) -> WorldReading:
    """Hold every item of the world against the plan.

    ``planned`` are the acting items by key; ``skipped`` those that dropped out, which must carry
    nothing of ours.
    """
    notices = closed = duplicates = 0
    wrong: list[str] = []
    for record in records:
        if record.get("record") != "item":
            continue
        key = f"{record['repository']}#{record['number']}"
        marks = Counter(
            mark for comment in record.get("comments") or () for mark in _marks(comment, account)
        )
        notices += len(marks)
        duplicates += sum(count - 1 for count in marks.values())
        by_us = _closed_by(record, account)
        closed += by_us
        reason = _difference(record, planned.get(key), key in skipped, len(marks), by_us)
        if reason:
            wrong.append(f"{key}: {reason}")
    return WorldReading(
        notices=notices, closed=closed, duplicate_notices=duplicates, wrong=tuple(wrong)
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
