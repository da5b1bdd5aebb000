"""Bars for a stream, chosen on verdicts by weights that did not see the items."""

from __future__ import annotations

import pytest

from migrator.domain.evaluation.bars import choose_bars
from migrator.domain.evaluation.precision_recall import LabelledVerdict
from migrator.domain.evidence import Ownership


def judged(ours: list[float], others: list[float]) -> list[LabelledVerdict]:
    """Verdicts with these probabilities, unanswered yet."""
    return [
        LabelledVerdict(str(at), "", at < len(ours), chance, Ownership.UNSURE)
        for at, chance in enumerate([*ours, *others])
    ]


def test_few_of_ours_are_answered_not_ours() -> None:
    """Of a hundred two may be, though there may be three at the next probability."""
    bars = choose_bars(judged([0.004] * 2 + [0.025] + [0.9] * 97, [0.001] * 100), 0.1)
    assert 0.004 <= bars.not_ours_at < 0.025


@pytest.mark.parametrize(("share", "least"), [(0.5, 0.5), (0.02, 0.97)])
def test_a_rarer_stream_has_a_higher_bar(share: float, least: float) -> None:
    """One in a hundred of others is nothing where half are ours, and too many where few are."""
    verdicts = judged([0.99] * 90 + [0.6] * 10, [0.96] + [0.01] * 99)
    assert choose_bars(verdicts, share).ours_at == least


def test_the_single_threshold_lies_between_the_sides() -> None:
    """In the middle of those that are as good."""
    assert choose_bars(judged([0.9] * 20, [0.1] * 20), 0.5).split_at == pytest.approx(0.5, abs=0.05)


def test_a_contradiction_is_a_persons_whatever_the_bars() -> None:
    """Bars answer probabilities only."""
    bars = choose_bars(judged([0.99] * 20, [0.001] * 20), 0.5)
    split = LabelledVerdict("1", "", True, 0.99, Ownership.OURS, "labels of two owners")
    assert bars.answered(split).answer is Ownership.UNSURE
