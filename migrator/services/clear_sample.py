"""The items that an approval lists because they would be cleared: chosen by the plan's hash, so
that nobody picks them."""

from __future__ import annotations

import hashlib
import heapq
from datetime import datetime
from typing import Final

from migrator.domain.decisions import Decision
from migrator.domain.items import Frozen
from migrator.domain.planning.plan import CLEAR_SAMPLE, PlanItem
from migrator.execution.migration_state import MigrationState
from migrator.store.plans import StoredPlan

KEPT: Final = "clears-1"
"""Name of the kept fact; the number changes with its form."""


class ClearedItem(Frozen, frozen=True, kw_only=True):
    """An item that would be cleared. ``clock`` is when a person last acted on it, ``wave`` when
    its turn comes."""

    key: str
    title: str
    url: str
    author: str
    created_at: datetime | None
    clock: datetime | None
    wave: int


class ClearSample(Frozen, frozen=True, kw_only=True):
    """How many items would be cleared, and at most :data:`CLEAR_SAMPLE` of them by repository
    and number."""

    count: int = 0
    items: tuple[ClearedItem, ...] = ()


def clear_sample(records: MigrationState, plan: StoredPlan) -> ClearSample:
    """The sample of a plan: the same for everybody, worked out once, as a plan never changes."""
    if not plan.totals.clear_wave:
        return ClearSample()
    known = records.store.facts.get(plan.hash, KEPT, ClearSample)
    if known is not None:
        return known
    cleared = [
        item
        for item in records.store.plans.items(plan.hash, acting=True)
        if item.decision is Decision.CLEAR
    ]
    chosen = heapq.nsmallest(
        CLEAR_SAMPLE,
        cleared,
        key=lambda item: hashlib.sha256(f"{plan.hash} {item.key}".encode()).digest(),
    )
    listed = sorted(chosen, key=lambda item: (item.repository, item.number))
    sample = ClearSample(count=len(cleared), items=tuple(map(_shown, listed)))
    records.store.facts.keep(plan.hash, KEPT, sample)
    return sample


def _shown(item: PlanItem) -> ClearedItem:
    return ClearedItem(
        key=item.key,
        title=item.title,
        url=item.url,
        author=item.author,
        created_at=item.created_at,
        clock=item.clock,
        wave=item.wave,
    )
