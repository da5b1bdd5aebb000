"""The shape of a plan: its waves, its reasons, and the labels of its items. Worked out once, as a plan never changes."""

from __future__ import annotations

from typing import Final

from migrator.domain.items import Frozen
from migrator.store.plans import StoredPlan
from migrator.workflows.context import Context

SHAPE: Final = "shape-1"
"""Name of the kept fact; the number changes with its form."""


class WaveView(Frozen, frozen=True, kw_only=True):
    """One wave of a plan: how many items of each decision, and how many of them close."""

    number: int
    items: int
    closes: int
    decisions: dict[str, int]


class Shape(Frozen, frozen=True, kw_only=True):
    """``waves`` in their order, the canary first; ``reasons`` as ``(decision, code, items)``; ``labels`` with their items."""

    waves: tuple[WaveView, ...]
    reasons: tuple[tuple[str, str, int], ...]
    labels: tuple[tuple[str, int], ...]


def shape_of(context: Context, plan: StoredPlan) -> Shape:
    """The shape of a plan. Labels are those that its items carried when somebody first looked."""
    known = context.store.facts.get(plan.hash, SHAPE, Shape)
    if known is not None:
        return known
    lists = context.store.lists
    shape = Shape(waves=_waves(context, plan), reasons=tuple(lists.reasons(plan.hash)), labels=tuple(lists.labels()))
    context.store.facts.keep(plan.hash, SHAPE, shape)
    return shape


def _waves(context: Context, plan: StoredPlan) -> tuple[WaveView, ...]:
    waves: dict[int, WaveView] = {}
    for number, decision, items, closes in context.store.lists.waves(plan.hash):
        before = waves.get(number) or WaveView(number=number, items=0, closes=0, decisions={})
        waves[number] = WaveView(
            number=number,
            items=before.items + items,
            closes=before.closes + closes,
            decisions={**before.decisions, decision: items},
        )
    return tuple(waves.values())
