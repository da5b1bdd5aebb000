"""How sure a measured share is: Wilson's interval, which holds for small samples and shares near 0 and 1."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

from migrator.domain.items import Frozen


class Interval(Frozen, frozen=True, kw_only=True):
    """A share between 0 and 1, measured as ``share``, with the bounds that its confidence gives it."""

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
