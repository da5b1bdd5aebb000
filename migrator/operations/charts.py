"""Geometry of the report's small charts: numbers in, shapes in percent and pixels out; the template draws them.

Horizontal places are percentages, so that a chart fits any width and its words keep their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from migrator.domain.items import Frozen
from migrator.domain.mails import MailForecast
from migrator.operations.report_data import ORDER, Section, SilenceBin

HEIGHT: Final = 150
"""Pixels of the tallest column."""


class Piece(Frozen, frozen=True, kw_only=True):
    """One rectangle. ``left`` and ``width`` in percent of the chart, ``top`` and ``height`` in pixels."""

    name: str
    left: float
    width: float
    top: float = 0.0
    height: float = 0.0
    count: int = 0


class Column(Frozen, frozen=True, kw_only=True):
    """One column of a chart: its pieces from the bottom up, its label below and its sum above. ``middle`` in percent."""

    label: str
    middle: float
    total: int
    top: float
    pieces: tuple[Piece, ...]


class Columns(Frozen, frozen=True, kw_only=True):
    """A column chart. ``mark`` is where a vertical line stands (percent), ``None`` for none."""

    columns: tuple[Column, ...]
    mark: float | None = None
    height: int = HEIGHT


def decision_bar(sections: Sequence[Section]) -> tuple[Piece, ...]:
    """One bar over the whole width, divided by decision."""
    total = sum(section.count for section in sections)
    pieces, left = [], 0.0
    for section in sections:
        width = 100 * section.count / total
        pieces.append(Piece(name=section.decision.value, left=round(left, 3), width=round(width, 3), count=section.count))
        left += width
    return tuple(pieces)


def silence_columns(bins: Sequence[SilenceBin], stale_days: int) -> Columns | None:
    """How long items have been silent, stacked by decision, with a line where they become stale."""
    if not bins:
        return None
    stacks = [
        (_age(each), [(decision.value, each.counts[decision.value]) for decision in ORDER if each.counts.get(decision.value)])
        for each in bins
    ]
    after = next((place for place, each in enumerate(bins) if each.from_days == stale_days), None)
    return _columns(stacks, mark=after)


def mail_columns(mails: MailForecast) -> Columns | None:
    """How many people get how many mails."""
    if not mails.people:
        return None
    return _columns([(_span(bucket.least, bucket.most), [("mail", bucket.people)]) for bucket in mails.spread])


def request_columns(requests: dict[str, int]) -> Columns | None:
    """Requests spent, by kind."""
    stacks = [(name, [("request", count)]) for name, count in requests.items() if count]
    return _columns(stacks) if stacks else None


def _columns(stacks: Sequence[tuple[str, Sequence[tuple[str, int]]]], *, mark: int | None = None) -> Columns:
    tallest = max(sum(count for _, count in pieces) for _, pieces in stacks) or 1
    step = 100 / len(stacks)
    columns = tuple(_column(label, pieces, place * step, step, tallest) for place, (label, pieces) in enumerate(stacks))
    return Columns(columns=columns, mark=None if mark is None else round(mark * step, 3))


def _column(label: str, counts: Sequence[tuple[str, int]], left: float, step: float, tallest: int) -> Column:
    pieces, top = [], float(HEIGHT)
    for name, count in counts:
        height = max(HEIGHT * count / tallest, 2.0 if count else 0.0)
        top -= height
        piece = Piece(
            name=name,
            left=round(left + step * 0.12, 3),
            width=round(step * 0.76, 3),
            top=round(top, 2),
            height=round(height, 2),
            count=count,
        )
        pieces.append(piece)
    total = sum(count for _, count in counts)
    return Column(label=label, middle=round(left + step / 2, 3), total=total, top=round(top, 2), pieces=tuple(pieces))


def _age(each: SilenceBin) -> str:
    """``< 7 d``, ``< 3 mo``, ``< 2 y``, ``older``."""
    if each.to_days is None:
        return "older"
    if each.to_days < 60:
        return f"< {each.to_days} d"
    if each.to_days < 365 or each.to_days % 365:
        return f"< {round(each.to_days / 30.4)} mo"
    return f"< {each.to_days // 365} y"


def _span(least: int, most: int | None) -> str:
    if most is None:
        return f"{least}+"
    return str(least) if least == most else f"{least}–{most}"
