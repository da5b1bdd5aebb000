"""The burn-down of a run against its forecast: how many items are left, over the time in which
something was to be done.

Closes with a grace come days after everything else. A single axis would show a cliff, a plain and
another cliff, so the axis is cut where nothing can happen: one panel for the first writes, one for
each grace.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from migrator.domain.items import Frozen
from migrator.domain.planning.forecast import writing_hours
from migrator.execution.context import Context
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run
from migrator.views.plan_summary import PlanSummary, summary_so_far

STEPS = 40
"""Points of a line."""


class Point(Frozen, frozen=True, kw_only=True):
    """So many items were left at that time."""

    at: datetime
    left: int


class Panel(Frozen, frozen=True, kw_only=True):
    """One stretch of time. ``grace_days`` is 0 for the first one; ``expected`` is the forecast's
    line (empty if unpaced)."""

    grace_days: int
    begins: datetime
    ends: datetime
    done: tuple[Point, ...]
    expected: tuple[Point, ...] = ()


class BurnDown(Frozen, frozen=True, kw_only=True):
    """All panels. ``hours`` is what the writes take at GitHub's pace, whether or not this run
    kept it."""

    total: int
    paced: bool
    hours: float
    panels: tuple[Panel, ...]


def burn_down(context: Context, run: Run, plan: StoredPlan, facts: PlanSummary) -> BurnDown | None:
    """The burn-down of a run; ``None`` if its plan writes nothing."""
    total = plan.totals.notices
    if not total:
        return None
    budget = context.migration.file.budget
    hours = writing_hours(total, facts.second_requests, budget)
    paced = run.options.paced
    graces = dict(facts.graces)
    later = sorted(days for days in graces if days)
    stages = [(0, total)] + [
        (days, sum(graces[each] for each in later if each >= days)) for days in later
    ]
    panels, left = [], total
    for place, (days, items) in enumerate(stages):
        floor = stages[place + 1][1] if place + 1 < len(stages) else 0
        panel = _panel(
            context,
            run,
            days,
            items,
            floor,
            left,
            hours * (items - floor) / total if paced else 0.0,
            later,
        )
        if panel is None:
            break
        panels.append(panel)
        left = panel.done[-1].left
    return BurnDown(total=total, paced=paced, hours=round(hours, 3), panels=tuple(panels))


def _panel(
    context: Context,
    run: Run,
    days: int,
    items: int,
    floor: int,
    left: int,
    hours: float,
    graces: Sequence[int],
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
    done = (
        _line(context, run.id, first, max(min(seen, ends), first), left)
        if seen > first
        else (Point(at=first, left=left),)
    )
    expected = (
        (Point(at=first, left=items), Point(at=first + timedelta(hours=hours), left=floor))
        if hours
        else ()
    )
    return Panel(grace_days=days, begins=first, ends=ends, done=done, expected=expected)


def _still(at: datetime, left: int) -> Panel:
    return Panel(
        grace_days=0, begins=at, ends=at + timedelta(seconds=1), done=(Point(at=at, left=left),)
    )


def _line(
    context: Context, run_id: str, first: datetime, last: datetime, left: int
) -> tuple[Point, ...]:
    step = (last - first) / STEPS
    edges = [first + step * place for place in range(STEPS)] + [last]
    points = [Point(at=first, left=left)]
    for edge, count in zip(
        edges[1:], context.store.progress.ended_between(run_id, edges), strict=True
    ):
        left -= count
        points.append(Point(at=edge, left=left))
    return tuple(points)


def run_burn_down(context: Context, run_id: str) -> BurnDown | None:
    """The burn-down of a run by its id; ``None`` where there is nothing to show, or its plan is
    still being added up."""
    run = context.store.runs.get(run_id)
    if run is None:
        return None
    plan = context.store.plans.find(run.plan_hash)
    facts = summary_so_far(context, plan)
    return burn_down(context, run, plan, facts) if facts else None


LATER_SHARE: Final = 30.0
"""Percent of the chart's width for what comes after graces, together."""
GAP: Final = 2.0
"""Percent between two panels."""


class BurnPanel(Frozen, frozen=True, kw_only=True):
    """One panel: its place in percent of the chart, its lines and area in percent of itself (SVG
    ``points``), its words."""

    left: float
    width: float
    grace_days: int
    done: str
    area: str
    expected: str
    begins: datetime
    ends: datetime
    span: timedelta


class BurnChart(Frozen, frozen=True, kw_only=True):
    """The chart. ``rows`` are ``(place from the top in percent, items)`` of its horizontal
    lines."""

    panels: tuple[BurnPanel, ...]
    rows: tuple[tuple[float, int], ...]
    total: int
    left: int
    paced: bool
    hours: float


def burn_chart(burned: BurnDown) -> BurnChart:
    """Lay a burn-down out."""
    later = len(burned.panels) - 1
    first = 100.0 if not later else 100.0 - LATER_SHARE - GAP
    each = (LATER_SHARE - GAP * (later - 1)) / later if later else 0.0
    places = [(0.0, first)] + [
        (first + GAP + number * (each + GAP), each) for number in range(later)
    ]
    return BurnChart(
        panels=tuple(
            _panel_chart(panel, left, width, burned.total)
            for panel, (left, width) in zip(burned.panels, places, strict=True)
        ),
        rows=tuple((100.0 * part / 4, round(burned.total * (4 - part) / 4)) for part in range(5)),
        total=burned.total,
        left=burned.panels[-1].done[-1].left,
        paced=burned.paced,
        hours=burned.hours,
    )


def _panel_chart(panel: Panel, left: float, width: float, total: int) -> BurnPanel:
    done = _points(panel.done, panel, total)
    last = _across(panel.done[-1].at, panel)
    return BurnPanel(
        left=round(left, 3),
        width=round(width, 3),
        grace_days=panel.grace_days,
        done=done,
        area=f"0,100 {done} {last},100",
        expected=_points(panel.expected, panel, total),
        begins=panel.begins,
        ends=panel.ends,
        span=panel.ends - panel.begins,
    )


def _points(points: Sequence[Point], panel: Panel, total: int) -> str:
    return " ".join(
        f"{_across(point.at, panel)},{round(100 - 100 * point.left / total, 3)}" for point in points
    )


def _across(at: datetime, panel: Panel) -> float:
    return round(100 * ((at - panel.begins) / (panel.ends - panel.begins)), 3)
