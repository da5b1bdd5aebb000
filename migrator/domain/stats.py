"""How sure a measured share is: Wilson's interval, which holds for small samples and shares near
0 and 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil, sqrt
from statistics import NormalDist
from typing import Final

from migrator.domain.items import Frozen


class Interval(Frozen, frozen=True, kw_only=True):
    """A share between 0 and 1, measured as ``share``, with the bounds that its confidence gives
    it."""

    share: float
    low: float
    high: float


def wilson(hits: int, of: int, *, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of ``hits`` out of ``of``, two-sided. Nothing measured gives 0 to 1.

    Raises ``ValueError`` unless ``0 <= hits <= of`` and ``0 < confidence < 1``.
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} is no share")
    if not 0.0 < confidence < 1.0:
        raise ValueError("confidence must lie between 0 and 1")
    if of == 0:
        return Interval(share=0.0, low=0.0, high=1.0)
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    share = hits / of
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = sqrt(z2) * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    # At 0 and 1 the bound is exact; subtraction would leave a rounding error there.
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == of else min(1.0, centre + half)
    return Interval(share=share, low=low, high=high)


LARGEST_SAMPLE: Final = 1_000_000_000
"""Nobody checks more."""


def least_sample(share: float, high: float, *, confidence: float = 0.95) -> int | None:
    """The size of a sample from which on Wilson's upper bound of ``share`` is at most ``high``;
    ``None`` if no size up to :data:`LARGEST_SAMPLE` is enough.

    The bound u of a share p solves ``(u - p)^2 = z^2 u (1 - u) / n``, which gives n. Raises
    ``ValueError`` unless both lie between 0 and 1, and ``0 < confidence < 1``.
    """
    if not (0.0 <= share <= 1.0 and 0.0 <= high <= 1.0):
        raise ValueError("a share lies between 0 and 1")
    if not 0.0 < confidence < 1.0:
        raise ValueError("confidence must lie between 0 and 1")
    if high == 1.0:
        return 0
    if share >= high:
        return None
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    size = z2 * (high / (high - share)) * ((1.0 - high) / (high - share))
    if size > LARGEST_SAMPLE:
        return None
    return ceil(size - 1e-9 * size)  # what is exact must not be rounded up


AGES: Final = (7.0, 30.0, 90.0, 180.0, 365.0, 730.0, 1095.0)
"""Days without a person's act that part one column from the next; the term after which an item
is stale is added."""
TENTHS: Final = tuple(part / 10 for part in range(1, 10))
"""Probabilities that part one column from the next."""


class Bin(Frozen, frozen=True, kw_only=True):
    """Items whose value lies from ``least`` up to, but not at, ``most`` (``None``: no end),
    counted by decision."""

    least: float
    most: float | None
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All items of this column."""
        return sum(self.counts.values())


class Histogram:
    """Counts values into the columns between ``edges`` (any order, each counted once)."""

    def __init__(self, edges: Iterable[float]) -> None:
        self._edges = sorted(set(edges))
        self._counts: list[Counter[str]] = [Counter() for _ in range(len(self._edges) + 1)]

    def add(self, value: float, name: str) -> None:
        """Count one item of that decision."""
        place = next(
            (place for place, edge in enumerate(self._edges) if value < edge), len(self._edges)
        )
        self._counts[place][name] += 1

    def bins(self) -> tuple[Bin, ...]:
        """The columns from the least to the most; none at all if nothing was counted."""
        if not any(counts.total() for counts in self._counts):
            return ()
        starts, ends = [0.0, *self._edges], [*self._edges, None]
        return tuple(
            Bin(least=start, most=end, counts=dict(counts))
            for start, end, counts in zip(starts, ends, self._counts, strict=True)
        )


def days_between(at: datetime, now: datetime) -> int:
    """Whole days since then; 0 for what is yet to come."""
    return max(now - at, timedelta(0)).days
