"""The burn-down of a run against its forecast: how many items are left, over the time in which something was to be done.

Closes with a grace come days after everything else. A single axis would show a cliff, a plain and another cliff, so
the axis is cut where nothing can happen: one panel for the first writes, one for each grace.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from migrator.domain.forecast import writing_hours
from migrator.domain.items import Frozen
from migrator.operations.plan_facts import Facts, facts_so_far
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run
from migrator.workflows.context import Context

STEPS = 40
"""Points of a line."""


class Point(Frozen, frozen=True, kw_only=True):
    """So many items were left at that moment."""

    at: datetime
    left: int


class Panel(Frozen, frozen=True, kw_only=True):
    """One stretch of time. ``grace_days`` is 0 for the first one; ``expected`` is the forecast's line (empty if unpaced)."""

    grace_days: int
    begins: datetime
    ends: datetime
    done: tuple[Point, ...]
    expected: tuple[Point, ...] = ()


class BurnDown(Frozen, frozen=True, kw_only=True):
    """All panels. ``hours`` is what the writes take at GitHub's pace, whether or not this run kept it."""

    total: int
    paced: bool
    hours: float
    panels: tuple[Panel, ...]


def burn_down(context: Context, run: Run, plan: StoredPlan, facts: Facts) -> BurnDown | None:
    """The burn-down of a run; ``None`` if its plan writes nothing."""
    total = plan.totals.notices
    if not total:
        return None
    budget = context.migration.file.budget
    hours = writing_hours(total, facts.second_requests, budget)
    paced = bool(run.options.get("paced", True))
    graces = dict(facts.graces)
    later = sorted(days for days in graces if days)
    stages = [(0, total)] + [(days, sum(graces[each] for each in later if each >= days)) for days in later]
    panels, left = [], total
    for place, (days, items) in enumerate(stages):
        floor = stages[place + 1][1] if place + 1 < len(stages) else 0
        panel = _panel(context, run, days, items, floor, left, hours * (items - floor) / total if paced else 0.0, later)
        if panel is None:
            break
        panels.append(panel)
        left = panel.done[-1].left
    return BurnDown(total=total, paced=paced, hours=round(hours, 3), panels=tuple(panels))


def _panel(
    context: Context, run: Run, days: int, items: int, floor: int, left: int, hours: float, graces: Sequence[int]
) -> Panel | None:
    """One stretch; ``None`` if it has not come yet and there is no forecast for it."""
    starts = run.started_at + timedelta(days=days)
    following = next((each for each in graces if each > days), None)
    until = run.started_at + timedelta(days=following) if following is not None else None
    found = context.store.progress.span(run.id, after=starts, before=until)
    if found is None and not hours:
        return None if days else _still(run.started_at, left)
    now = min(context.clock(), until) if until else context.clock()
    first = starts if hours or not days else (found[0] if found else starts)
    last = found[1] if found else first
    seen = now if run.finished_at is None and context.clock() > first else last
    ends = max(last, first + timedelta(hours=hours), first + timedelta(seconds=1))
    done = _line(context, run.id, first, max(min(seen, ends), first), left) if seen > first else (Point(at=first, left=left),)
    expected = (Point(at=first, left=items), Point(at=first + timedelta(hours=hours), left=floor)) if hours else ()
    return Panel(grace_days=days, begins=first, ends=ends, done=done, expected=expected)


def _still(at: datetime, left: int) -> Panel:
    return Panel(grace_days=0, begins=at, ends=at + timedelta(seconds=1), done=(Point(at=at, left=left),))


def _line(context: Context, run_id: str, first: datetime, last: datetime, left: int) -> tuple[Point, ...]:
    step = (last - first) / STEPS
    edges = [first + step * place for place in range(STEPS)] + [last]
    points = [Point(at=first, left=left)]
    for edge, count in zip(edges[1:], context.store.progress.ended_between(run_id, edges), strict=True):
        left -= count
        points.append(Point(at=edge, left=left))
    return tuple(points)


def run_burn_down(context: Context, run_id: str) -> BurnDown | None:
    """The burn-down of a run by its id; ``None`` where there is nothing to show, or its plan is still being added up."""
    run = context.store.runs.get(run_id)
    if run is None:
        return None
    plan = context.store.plans.find(run.plan_hash)
    facts = facts_so_far(context, plan)
    return burn_down(context, run, plan, facts) if facts else None
