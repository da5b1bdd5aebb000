"""The shape of a plan: its waves, its reasons, and the labels of its items. Worked out once, as a plan never changes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from migrator.domain.items import Frozen
from migrator.domain.planning import PlanItem
from migrator.store.lists import Wanted
from migrator.store.plans import StoredPlan
from migrator.workflows.records import Records

SHAPE: Final = "shape-2"
"""Name of the kept fact; the number changes with its form."""
SHOWN: Final = ("retire", "redirect", "port", "clear")
"""Decisions of which a sample is shown, the one with the most to explain first."""
TRIED: Final = 10
"""Items looked at for a sample of one decision: some have their notice already."""


class WaveView(Frozen, frozen=True, kw_only=True):
    """One wave of a plan: how many items of each decision, and how many of them close."""

    number: int
    items: int
    closes: int
    decisions: dict[str, int]


class Shape(Frozen, frozen=True, kw_only=True):
    """``waves`` in their order, the canary first; ``reasons`` as ``(decision, code, items)``; ``labels`` and deciding

    ``signals`` with their items; ``samples`` is one item of each decision that writes, with its text.
    """

    waves: tuple[WaveView, ...]
    reasons: tuple[tuple[str, str, int], ...]
    labels: tuple[tuple[str, int], ...]
    signals: tuple[tuple[str, int], ...] = ()
    samples: tuple[PlanItem, ...] = ()


def shape_of(records: Records, plan: StoredPlan) -> Shape:
    """The shape of a plan. Labels are those that its items carried when somebody first looked."""
    known = records.store.facts.get(plan.hash, SHAPE, Shape)
    if known is not None:
        return known
    lists = records.store.lists
    shape = Shape(
        waves=_waves(records, plan),
        reasons=tuple(lists.reasons(plan.hash)),
        labels=tuple(lists.labels()),
        signals=tuple(lists.signals(plan.hash)),
        samples=tuple(_samples(records, plan)),
    )
    records.store.facts.keep(plan.hash, SHAPE, shape)
    return shape


def _samples(records: Records, plan: StoredPlan) -> Iterator[PlanItem]:
    """The first acting item of each decision: what people will read, by example."""
    for decision in SHOWN:
        if plan.totals.decisions.get(decision):
            lines = records.store.lists.page(plan.hash, Wanted(decision=decision), limit=TRIED)
            found = (records.store.plans.item(plan.hash, line.repository, line.number) for line in lines)
            yield from islice((item for item in found if item is not None and item.acts), 1)


def _waves(records: Records, plan: StoredPlan) -> tuple[WaveView, ...]:
    waves: dict[int, WaveView] = {}
    for number, decision, items, closes in records.store.lists.waves(plan.hash):
        before = waves.get(number) or WaveView(number=number, items=0, closes=0, decisions={})
        waves[number] = WaveView(
            number=number,
            items=before.items + items,
            closes=before.closes + closes,
            decisions={**before.decisions, decision: items},
        )
    return tuple(waves.values())
