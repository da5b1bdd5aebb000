"""A plan as pages show it: a filtered list of its items, its waves, and how it differs from the
one before."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from msgspec.structs import asdict, replace

from migrator.domain.items import Frozen, ItemRef, named_item
from migrator.domain.planning.plan import STEERED, PlanItem, PlanKind, one_sided
from migrator.execution.context import Context
from migrator.services.clear_sample import ClearSample, clear_sample
from migrator.store.plan_differences import PlanItemDifference, plan_differences
from migrator.store.plan_items import PlanItemFilter, PlanItemOrder, PlanItemSummary
from migrator.store.plans import StoredPlan
from migrator.views.approval import ApprovalCost, approval_cost
from migrator.views.overview import OtherRun, PlanCard, card, newest_plan, other_run
from migrator.views.plan_summary import QUICK, PlanSummary, WaveView, shape_of, summary_so_far
from migrator.views.run import RunView, view_of
from migrator.views.transfers import (
    TransferPreflight,
    transfer_preflights,
    transfer_preflights_so_far,
)

PAGE: Final = 50
"""Lines of a list at a time."""
CHANGES: Final = "changes-1:"
MOST_CHANGES: Final = 500
MOVES: Final = 6
"""Moves from one decision to another that stand beside an approval."""
COUNTS_KEPT: Final = 500
LABELS_HOLD: Final = 60.0
"""Seconds for which the number of items with a label, or with words, is kept: scans change it."""

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
    the sample an approval lists; ``cost`` stands beside its button, with what ``changed`` since the
    plan before (``None`` if there is none, or a large plan was not compared yet); ``transfers`` is
    what moving threads costs, by target (``None`` while a large plan is being looked through).
    ``other`` is the unfinished run of another plan, ``newest`` the hash of a plan that was made
    after this one."""

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
    cost: ApprovalCost
    changed: ChangedBrief | None = None
    warning: str = ""
    clears: ClearSample = ClearSample()
    transfers: tuple[TransferPreflight, ...] | None = ()
    other: OtherRun | None = None
    newest: str = ""


class ChangedBrief(Frozen, frozen=True, kw_only=True):
    """How many items a plan decides otherwise than the one before, and the most frequent moves
    from one decision to another."""

    count: int
    moves: tuple[tuple[str, str, int], ...]


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
    outcome: str = "",
    acting: bool = False,
    search: str = "",
    order: PlanItemOrder = PlanItemOrder.NUMBER,
) -> PlanItemFilter:
    """A filter from what a person typed: ``search`` is words of the title, ``#123``,
    ``owner/name#123``, or an item's address on GitHub; ages count from the plan's date."""
    named = named_item(search)
    repository, by_number = named if named else ("", None)
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
        repository=repository,
        outcome=outcome,
        acting=acting,
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
    lines = context.store.answers.get(
        ("lines", plan.hash, filtered, shown),
        lambda: context.store.lists.page(
            plan.hash, filtered, limit=PAGE, offset=(shown - 1) * PAGE
        ),
    )
    return PlanList(
        plan=card(context, plan), count=count, page=shown, pages=pages, lines=tuple(lines)
    )


def _count(context: Context, plan: StoredPlan, filtered: PlanItemFilter) -> int:
    """How many items fit, counted once: a plan never changes. Labels and texts do, with the next
    scan, so those counts grow old; outcomes do at any time."""
    key = (id(context.store.engine), plan.hash, replace(filtered, order=PlanItemOrder.NUMBER))
    with _lock:
        count, until = _counts.get(key, (0, 0.0))
    if until > time.monotonic():
        return count
    if filtered.outcome:
        return context.store.answers.get(
            ("count", *key[1:]),
            lambda: context.store.lists.count(plan.hash, filtered),
            state=""
            if filtered.label or filtered.words
            else context.store.runs.plan_changes(plan.hash),
        )
    count = context.store.lists.count(plan.hash, filtered)
    with _lock:
        _counts[key] = (
            count,
            time.monotonic() + LABELS_HOLD if filtered.label or filtered.words else math.inf,
        )
        while len(_counts) > COUNTS_KEPT:
            _counts.popitem(last=False)
    return count


def _known_count(plan: StoredPlan, filtered: PlanItemFilter) -> int | None:
    """How many items fit, if the plan's own sums say so."""
    if filtered == PlanItemFilter(order=filtered.order):
        return plan.totals.items
    if filtered == PlanItemFilter(order=filtered.order, acting=True):
        return plan.totals.notices
    if filtered == PlanItemFilter(order=filtered.order, decision=filtered.decision):
        return plan.totals.decisions.get(filtered.decision, 0)
    return None


def plan_page(context: Context, plan: StoredPlan) -> PlanPage:
    """Everything around a plan's list."""
    run = next(iter(context.store.runs.newest(1, plan_hash=plan.hash)), None)
    facts, previous = summary_so_far(context, plan), _previous(context, plan)
    return PlanPage(
        plan=card(context, plan),
        run=view_of(context, run, plan) if run else None,
        facts=facts,
        cost=approval_cost(context, plan, facts.mails if facts else None),
        changed=_changed(context, plan, previous),
        **asdict(shape_of(context, plan)),
        previous=previous,
        needs_name=not context.settings.on_loopback,
        warning=found.warning if (found := one_sided(plan.totals)) else "",
        clears=clear_sample(context, plan),
        transfers=_transfers(context, plan),
        other=other_run(context, plan),
        newest=_newest(context, plan),
    )


def _newest(context: Context, plan: StoredPlan) -> str:
    """Hash of the newest migrating plan, empty if this is it, or another kind of plan."""
    newest = newest_plan(context) if plan.header.kind is PlanKind.MIGRATE else None
    return newest.hash if newest and newest.hash != plan.hash else ""


def _transfers(context: Context, plan: StoredPlan) -> tuple[TransferPreflight, ...] | None:
    """What moving threads costs, if that is known or quick to find out."""
    if plan.totals.items <= QUICK:
        return transfer_preflights(context, plan)
    return transfer_preflights_so_far(context, plan)


def _previous(context: Context, plan: StoredPlan) -> str:
    """Hash of the plan of the same kind before this one, empty if it is the first."""
    if plan.header.kind is not PlanKind.MIGRATE:
        return ""
    plans = context.store.plans.newest(50, kinds=(PlanKind.MIGRATE,))
    return next((each.hash for each in plans if each.created_at < plan.created_at), "")


def _changed(context: Context, plan: StoredPlan, previous: str) -> ChangedBrief | None:
    """What changed since the plan before, if that is known or quick to find out."""
    if not previous:
        return None
    known = context.store.facts.get(plan.hash, CHANGES + previous, Changes)
    if known is None and plan.totals.items <= QUICK:
        known = changes(context, find_plan(context, previous), plan)
    return ChangedBrief(count=known.count, moves=known.moves[:MOVES]) if known else None


def open_plans(context: Context) -> list[PlanCard]:
    """Plans that were never begun, newest first: they wait for an approval or a start, or nobody
    wants them any more."""
    return [card(context, plan) for plan in context.store.plans.not_begun(STEERED)]


def filtered_items(
    context: Context, plan: StoredPlan, filtered: PlanItemFilter
) -> Iterator[tuple[PlanItem, str]]:
    """Every item of a plan that fits, whole, with how its act ended."""
    return context.store.lists.documents(plan.hash, filtered)


def changes(context: Context, before: StoredPlan, after: StoredPlan) -> Changes:
    """How two plans differ; worked out once."""
    name = CHANGES + before.hash
    known = context.store.facts.get(after.hash, name, Changes)
    if known is not None:
        return known
    found = plan_differences(context.store.engine, before.hash, after.hash)
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
