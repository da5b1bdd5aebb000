"""Bars for a stream, chosen on verdicts by weights that did not see the items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from migrator.domain.calibration import at_share
from migrator.domain.evaluation.precision_recall import LabelledVerdict, evaluate
from migrator.domain.evidence import Ownership

PRECISION = 0.95
"""Share of automatic *ours* that must be expected to be right."""
MISSED = 0.025
"""Share of ours that may be answered *not ours*: half of what may happen, as few items of ours
tell little about the rest."""
_LOW = (0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15)
_HIGH = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.95, 0.97, 0.98)
_SPLITS = tuple(step / 50 for step in range(2, 46))
_AS_GOOD = (
    0.05  # F1 within which thresholds are taken for equal: on forty of ours, chance moves it so far
)


@dataclass(frozen=True, slots=True)
class ChosenBars:
    """``not_ours_at``, ``ours_at`` and ``split_at`` of a migration file."""

    not_ours_at: float
    ours_at: float
    split_at: float

    def answered(self, one: LabelledVerdict) -> LabelledVerdict:
        """The verdict as these bars answer it."""
        answer = Ownership.UNSURE
        if not one.contradiction and one.probability >= self.ours_at:
            answer = Ownership.OURS
        elif not one.contradiction and one.probability <= self.not_ours_at:
            answer = Ownership.NOT_OURS
        return LabelledVerdict(
            id=one.id,
            title=one.title,
            ours=one.ours,
            probability=one.probability,
            answer=answer,
            contradiction=one.contradiction,
        )


def choose_bars(judged: Sequence[LabelledVerdict], share: float) -> ChosenBars:
    """Choose the lowest bar for *ours* with the wanted precision in a stream with this share of
    ours, the highest for *not ours* that misses few enough, and the best single threshold."""
    ours = [one.probability for one in judged if one.ours]
    others = [one.probability for one in judged if not one.ours]
    return ChosenBars(
        not_ours_at=_highest_safe(ours),
        ours_at=_lowest_precise(ours, others, share),
        split_at=_split(judged),
    )


def _highest_safe(ours: Sequence[float]) -> float:
    safe = [
        bar for bar in _LOW if sum(chance <= bar for chance in ours) <= MISSED * max(1, len(ours))
    ]
    return max(safe, default=_LOW[0])


def _lowest_precise(ours: Sequence[float], others: Sequence[float], share: float) -> float:
    """The lowest bar that is precise enough, and so are all above it."""
    lowest = _HIGH[-1]
    for bar in reversed(_HIGH):
        reached = [sum(chance >= bar for chance in side) for side in (ours, others)]
        expected = at_share(share, (reached[0], len(ours)), (reached[1], len(others)))
        if reached[0] and expected.value < PRECISION:
            break
        lowest = bar
    return lowest


def _split(judged: Sequence[LabelledVerdict]) -> float:
    """The middle of the thresholds whose F1 is as good as the best."""
    f1 = {split: evaluate(judged, split).at_split.f1 for split in _SPLITS}
    best = max(f1.values())
    return round(fmean(split for split, value in f1.items() if value >= best - _AS_GOOD), 2)
