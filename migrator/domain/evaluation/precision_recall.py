"""How good are verdicts on items whose owner is known? Counts, rates and their intervals; pure
arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from migrator.domain.evidence import Ownership
from migrator.domain.stats import Interval, wilson


@dataclass(frozen=True, slots=True)
class LabelledVerdict:
    """One labelled item and what was said of it. ``id`` is the data's own; ``ours`` is the
    label."""

    id: str
    title: str
    ours: bool
    probability: float
    answer: Ownership
    contradiction: str = ""

    @property
    def loss(self) -> float:
        """How wrong the probability is: its negative logarithm for the true owner, at most 20."""
        right = self.probability if self.ours else 1.0 - self.probability
        return -math.log(max(right, 2e-9))


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts at one threshold."""

    true_ours: int = 0
    false_ours: int = 0
    missed_ours: int = 0
    true_not_ours: int = 0

    @property
    def precision(self) -> float:
        """Share of those called ours that are; 1 if none was called ours."""
        return _share(self.true_ours, self.true_ours + self.false_ours)

    @property
    def recall(self) -> float:
        """Share of ours that were called ours; 1 if there are none."""
        return _share(self.true_ours, self.true_ours + self.missed_ours)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 if there was nothing to find and nothing was
        called ours."""
        return _share(2 * self.true_ours, 2 * self.true_ours + self.false_ours + self.missed_ours)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that `migrator evaluate` reports.

    ``at_split`` counts every item at the single threshold; ``automatic`` only those that were
    answered without a person.
    """

    n: int
    ours: int
    at_split: Confusion
    automatic: Confusion
    review: int
    review_ours: int
    worst: tuple[LabelledVerdict, ...]

    @property
    def missed(self) -> int:
        """Items of ours that were answered not ours, with nobody looking."""
        return self.automatic.missed_ours

    @property
    def automatic_share(self) -> float:
        """Share of all items that were answered without a person."""
        return _share(self.n - self.review, self.n)

    @property
    def automatic_recall(self) -> float:
        """Share of all items of ours that were answered ours without a person."""
        return _share(self.automatic.true_ours, self.ours)

    @property
    def review_share(self) -> float:
        """Share of all items that wait for a person."""
        return self.review / self.n if self.n else 0.0

    def intervals(self) -> dict[str, Interval]:
        """95 % Wilson intervals of the reported rates."""
        split, automatic = self.at_split, self.automatic
        return {
            "precision": wilson(split.true_ours, split.true_ours + split.false_ours),
            "recall": wilson(split.true_ours, self.ours),
            "auto_precision": wilson(
                automatic.true_ours, automatic.true_ours + automatic.false_ours
            ),
            "auto_recall": wilson(automatic.true_ours, self.ours),
            "missed": wilson(self.missed, self.ours),
            "review_share": wilson(self.review, self.n),
        }


def evaluate(
    judged: Sequence[LabelledVerdict], split_at: float = 0.5, worst: int = 10
) -> Evaluation:
    """Count verdicts against labels. ``worst`` is how many of the most wrong items are kept,
    most wrong first."""
    automatic = [one for one in judged if one.answer is not Ownership.UNSURE]
    waiting = [one for one in judged if one.answer is Ownership.UNSURE]
    return Evaluation(
        n=len(judged),
        ours=sum(one.ours for one in judged),
        at_split=_confusion((one.ours, one.probability >= split_at) for one in judged),
        automatic=_confusion((one.ours, one.answer is Ownership.OURS) for one in automatic),
        review=len(waiting),
        review_ours=sum(one.ours for one in waiting),
        worst=tuple(sorted(judged, key=lambda one: (-one.loss, one.id))[:worst]),
    )


def combined(parts: Sequence[Evaluation], worst: int = 10) -> Evaluation:
    """Add up evaluations of different items, each at bars of its own."""
    return Evaluation(
        n=sum(part.n for part in parts),
        ours=sum(part.ours for part in parts),
        at_split=_sum([part.at_split for part in parts]),
        automatic=_sum([part.automatic for part in parts]),
        review=sum(part.review for part in parts),
        review_ours=sum(part.review_ours for part in parts),
        worst=tuple(
            sorted((one for part in parts for one in part.worst), key=lambda one: -one.loss)[:worst]
        ),
    )


def _sum(counts: Sequence[Confusion]) -> Confusion:
    return Confusion(
        true_ours=sum(one.true_ours for one in counts),
        false_ours=sum(one.false_ours for one in counts),
        missed_ours=sum(one.missed_ours for one in counts),
        true_not_ours=sum(one.true_not_ours for one in counts),
    )


def _confusion(pairs: Iterable[tuple[bool, bool]]) -> Confusion:
    counts = {(True, True): 0, (False, True): 0, (True, False): 0, (False, False): 0}
    for ours, said_ours in pairs:
        counts[bool(ours), bool(said_ours)] += 1
    return Confusion(
        counts[True, True], counts[False, True], counts[True, False], counts[False, False]
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
