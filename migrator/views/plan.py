"""A plan as pages show it: a filtered list of its items, its waves, and how it differs from the
one before."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from datetime import timedelta
from typing import Final

from msgspec.structs import asdict, replace

from migrator.domain.items import Frozen, ItemRef
from migrator.domain.planning.plan import STEERED, PlanItem, PlanKind, one_sided
from migrator.execution.context import Context
from migrator.services.clear_sample import ClearSample, clear_sample
from migrator.store.outcomes import REVERTED
from migrator.store.plan_items import (
    PlanItemDifference,
    PlanItemFilter,
    PlanItemOrder,
    PlanItemSummary,
)
from migrator.store.plans import StoredPlan
from migrator.views.outcomes import totals_of
from migrator.views.overview import PlanCard, card
from migrator.views.plan_summary import PlanSummary, WaveView, shape_of, summary_so_far
from migrator.views.run import RunView, view_of
from migrator.views.transfers import TransferPreflight, transfer_preflights

PAGE: Final = 50
"""Lines of a list at a time."""
CHANGES: Final = "changes-1:"
MOST_CHANGES: Final = 500
COUNTS_KEPT: Final = 500
LABELS_HOLD: Final = 60.0
"""Seconds for which the number of items with a label is believed."""

_counts: OrderedDict[tuple[int, str, PlanItemFilter], tuple[int, float]] = OrderedDict()
_lock = threading.Lock()


class PlanList(Frozen, frozen=True, kw_only=True):
    """Some items of a plan: ``count`` fit the filter, ``lines`` are those of ``page`` (from 1)."""

    plan: PlanCard
    count: int
    page: int
    pages: int
    lines: tuple[PlanItemSummary, ...]


class PlanPage(Frozen, frozen=True, kw_only=True):
    """A plan with everything around its list. ``warning`` says if it is one-sided; ``clears`` is
    the sample an approval lists, ``transfers`` what moving threads costs, by target."""

    plan: PlanCard
    run: RunView | None
    waves: tuple[WaveView, ...]
    facts: PlanSummary | None
    reasons: tuple[tuple[str, str, int], ...]
    labels: tuple[tuple[str, int], ...]
    signals: tuple[tuple[str, int], ...]
    samples: tuple[PlanItem, ...]
    previous: str
    needs_name: bool
    warning: str = ""
    clears: ClearSample = ClearSample()
    transfers: tuple[TransferPreflight, ...] = ()


class Changes(Frozen, frozen=True, kw_only=True):
    """How a plan differs from an earlier one: ``moves`` counts (before, after) decisions,
    ``shown`` are the first items."""

    before: str
    after: str
    count: int
    moves: tuple[tuple[str, str, int], ...]
    shown: tuple[PlanItemDifference, ...]


def find_plan(context: Context, prefix: str) -> StoredPlan:
    """The plan whose hash begins so. Raises :class:`~migrator.errors.PlanRefused` if there is
    none, or more than one."""
    return context.store.plans.find(prefix)


def plan_cards(context: Context, limit: int = 20) -> list[PlanCard]:
    """The latest plans that people approve, newest first."""
    return [card(context, plan) for plan in context.store.plans.newest(limit, kinds=STEERED)]


def wanted(
    plan: StoredPlan,
    *,
    decision: str = "",
    code: str = "",
    signal: str = "",
    label: str = "",
    kind: str = "",
    author: str = "",
    among: tuple[ItemRef, ...] | None = None,
    wave: int | None = None,
    silent_days: int | None = None,
    search: str = "",
    order: PlanItemOrder = PlanItemOrder.NUMBER,
) -> PlanItemFilter:
    """A filter from what a person typed: ``search`` is words of the title, or ``#123``; ages
    count from the plan's date."""
    number = search.strip().removeprefix("#")
    by_number = (
        int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else None
    )
    return PlanItemFilter(
        decision=decision,
        code=code,
        signal=signal,
        label=label,
        kind=kind,
        author=author.strip().removeprefix("@"),
        among=among,
        wave=wave,
        words=() if by_number is not None else tuple(search.split()[:8]),
        number=by_number,
        silent_since=plan.header.as_of - timedelta(days=silent_days) if silent_days else None,
        order=order,
    )


def plan_list(
    context: Context, plan: StoredPlan, filtered: PlanItemFilter, *, page: int = 1
) -> PlanList:
    """One page of a plan's items; a page behind the last one is the last one."""
    known = _known_count(plan, filtered)
    count = _count(context, plan, filtered) if known is None else known
    pages = max(1, -(-count // PAGE))
    shown = min(max(1, page), pages)
    lines = context.store.lists.page(plan.hash, filtered, limit=PAGE, offset=(shown - 1) * PAGE)
    undone = totals_of(context).reverted(plan.hash, [line.key for line in lines])
    lines = [replace(line, outcome=REVERTED) if line.key in undone else line for line in lines]
    return PlanList(
        plan=card(context, plan), count=count, page=shown, pages=pages, lines=tuple(lines)
    )


def _count(context: Context, plan: StoredPlan, filtered: PlanItemFilter) -> int:
    """How many items fit, counted once: a plan never changes. Labels do, with the next scan, so
    those counts grow old."""
    key = (id(context.store.engine), plan.hash, replace(filtered, order=PlanItemOrder.NUMBER))
    with _lock:
        count, until = _counts.get(key, (0, 0.0))
    if until > time.monotonic():
        return count
    count = context.store.lists.count(plan.hash, filtered)
    with _lock:
        _counts[key] = (count, time.monotonic() + LABELS_HOLD if filtered.label else math.inf)
        while len(_counts) > COUNTS_KEPT:
            _counts.popitem(last=False)
    return count


def _known_count(plan: StoredPlan, filtered: PlanItemFilter) -> int | None:
    """How many items fit, if the plan's own sums say so."""
    if filtered == PlanItemFilter(order=filtered.order):
        return plan.totals.items
    if filtered == PlanItemFilter(order=filtered.order, decision=filtered.decision):
        return plan.totals.decisions.get(filtered.decision, 0)
    return None


def plan_page(context: Context, plan: StoredPlan) -> PlanPage:
    """Everything around a plan's list."""
    run = next(iter(context.store.runs.newest(1, plan_hash=plan.hash)), None)
    return PlanPage(
        plan=card(context, plan),
        run=view_of(context, run, plan) if run else None,
        facts=summary_so_far(context, plan),
        **asdict(shape_of(context, plan)),
        previous=_previous(context, plan),
        needs_name=not context.settings.on_loopback,
        warning=found.warning if (found := one_sided(plan.totals)) else "",
        clears=clear_sample(context, plan),
        transfers=transfer_preflights(context, plan),
    )


def _previous(context: Context, plan: StoredPlan) -> str:
    """Hash of the plan of the same kind before this one, empty if it is the first."""
    if plan.header.kind is not PlanKind.MIGRATE:
        return ""
    plans = context.store.plans.newest(50, kinds=(PlanKind.MIGRATE,))
    return next((each.hash for each in plans if each.created_at < plan.created_at), "")


def changes(context: Context, before: StoredPlan, after: StoredPlan) -> Changes:
    """How two plans differ; worked out once."""
    name = CHANGES + before.hash
    known = context.store.facts.get(after.hash, name, Changes)
    if known is not None:
        return known
    found = context.store.lists.differences(before.hash, after.hash)
    moves: dict[tuple[str, str], int] = {}
    for each in found:
        moves[each.before, each.after] = moves.get((each.before, each.after), 0) + 1
    ordered = sorted(moves.items(), key=lambda pair: (-pair[1], pair[0]))
    result = Changes(
        before=before.hash,
        after=after.hash,
        count=len(found),
        moves=tuple((old, new, count) for (old, new), count in ordered),
        shown=tuple(found[:MOST_CHANGES]),
    )
    context.store.facts.keep(after.hash, name, result)
    return result
