"""Geometry of the report's small charts: numbers in, shapes in percent and pixels out; the template
draws them.

Horizontal places are percentages, so that a chart fits any width and its words keep their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from migrator.domain.items import Frozen
from migrator.domain.planning.mail_forecast import MailForecast
from migrator.domain.stats import Bin
from migrator.views.report_data import ORDER, Section

HEIGHT: Final = 150
"""Pixels of the tallest column."""


class Piece(Frozen, frozen=True, kw_only=True):
    """One rectangle. ``left`` and ``width`` in percent of the chart, ``top`` and ``height`` in
    pixels."""

    name: str
    left: float
    width: float
    top: float = 0.0
    height: float = 0.0
    count: int = 0


class Column(Frozen, frozen=True, kw_only=True):
    """One column of a chart: its pieces from the bottom up, its label below and its sum above.
    ``middle`` in percent."""

    label: str
    middle: float
    total: int
    top: float
    pieces: tuple[Piece, ...]


class Columns(Frozen, frozen=True, kw_only=True):
    """A column chart. ``mark`` is where one vertical line stands (percent), ``None`` for none;
    ``marks`` are others."""

    columns: tuple[Column, ...]
    mark: float | None = None
    marks: tuple[float, ...] = ()
    height: int = HEIGHT


def decision_bar(sections: Sequence[Section]) -> tuple[Piece, ...]:
    """One bar over the whole width, divided by decision."""
    total = sum(section.count for section in sections)
    pieces, left = [], 0.0
    for section in sections:
        width = 100 * section.count / total
        pieces.append(
            Piece(
                name=section.decision.value,
                left=round(left, 3),
                width=round(width, 3),
                count=section.count,
            )
        )
        left += width
    return tuple(pieces)


def silence_columns(bins: Sequence[Bin], stale_days: float) -> Columns | None:
    """How long items have been silent, stacked by decision, with a line where they become stale."""
    if not bins:
        return None
    stacks = [(_age(each), _pieces(each)) for each in bins]
    after = next((place for place, each in enumerate(bins) if each.least == stale_days), None)
    return _columns(stacks, mark=after)


def probability_columns(bins: Sequence[Bin], not_ours_at: float, ours_at: float) -> Columns | None:
    """How sure the classifier is, stacked by decision, in ten equal columns; lines where the
    bars stand."""
    if not bins:
        return None
    chart = _columns([(f"{each.least * 100:.0f}", _pieces(each)) for each in bins])
    return replace(chart, marks=(round(not_ours_at * 100, 3), round(ours_at * 100, 3)))


def _pieces(each: Bin) -> list[tuple[str, int]]:
    return [
        (decision.value, each.counts[decision.value])
        for decision in ORDER
        if each.counts.get(decision.value)
    ]


def mail_columns(mails: MailForecast) -> Columns | None:
    """How many people get how many emails."""
    if not mails.people:
        return None
    return _columns(
        [(_span(bucket.least, bucket.most), [("mail", bucket.people)]) for bucket in mails.spread]
    )


def request_columns(requests: dict[str, int]) -> Columns | None:
    """Requests spent, by kind."""
    stacks = [(name, [("request", count)]) for name, count in requests.items() if count]
    return _columns(stacks) if stacks else None


def _columns(
    stacks: Sequence[tuple[str, Sequence[tuple[str, int]]]], *, mark: int | None = None
) -> Columns:
    tallest = max(sum(count for _, count in pieces) for _, pieces in stacks) or 1
    step = 100 / len(stacks)
    columns = tuple(
        _column(label, pieces, place * step, step, tallest)
        for place, (label, pieces) in enumerate(stacks)
    )
    return Columns(columns=columns, mark=None if mark is None else round(mark * step, 3))


def _column(
    label: str, counts: Sequence[tuple[str, int]], left: float, step: float, tallest: int
) -> Column:
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
    return Column(
        label=label,
        middle=round(left + step / 2, 3),
        total=total,
        top=round(top, 2),
        pieces=tuple(pieces),
    )


def _age(each: Bin) -> str:
    """``< 7 d``, ``< 3 mo``, ``< 2 y``, ``older``."""
    if each.most is None:
        return "older"
    days = round(each.most)
    if days < 60:
        return f"< {days} d"
    if days < 365 or days % 365:
        return f"< {round(days / 30.4)} mo"
    return f"< {days // 365} y"


def _span(least: int, most: int | None) -> str:
    if most is None:
        return f"{least}+"
    return str(least) if least == most else f"{least}–{most}"
