"""Geometry of the burn-down chart: numbers in, places in percent out; the template draws them.

Each panel is drawn into a square of 100 by 100 that is stretched to its place, so that it fits any width.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from migrator.domain.items import Frozen
from migrator.operations.burn_down import BurnDown, Panel, Point

LATER_SHARE: Final = 30.0
"""Percent of the chart's width for what comes after graces, together."""
GAP: Final = 2.0
"""Percent between two panels."""


class BurnPanel(Frozen, frozen=True, kw_only=True):
    """One panel: its place in percent of the chart, its lines and area in percent of itself (SVG ``points``), its words."""

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
    """The chart. ``rows`` are ``(place from the top in percent, items)`` of its horizontal lines."""

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
    places = [(0.0, first)] + [(first + GAP + number * (each + GAP), each) for number in range(later)]
    return BurnChart(
        panels=tuple(
            _panel(panel, left, width, burned.total) for panel, (left, width) in zip(burned.panels, places, strict=True)
        ),
        rows=tuple((100.0 * part / 4, round(burned.total * (4 - part) / 4)) for part in range(5)),
        total=burned.total,
        left=burned.panels[-1].done[-1].left,
        paced=burned.paced,
        hours=burned.hours,
    )


def _panel(panel: Panel, left: float, width: float, total: int) -> BurnPanel:
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
    return " ".join(f"{_across(point.at, panel)},{round(100 - 100 * point.left / total, 3)}" for point in points)


def _across(at: datetime, panel: Panel) -> float:
    return round(100 * ((at - panel.begins) / (panel.ends - panel.begins)), 3)
