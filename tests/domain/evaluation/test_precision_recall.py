"""Counting verdicts against labels."""

from __future__ import annotations

import pytest

from migrator.domain.evaluation.precision_recall import LabelledVerdict, evaluate
from migrator.domain.evidence import Ownership

OURS, NOT_OURS, UNSURE = Ownership.OURS, Ownership.NOT_OURS, Ownership.UNSURE


def judged(*rows: tuple[bool, float, Ownership]) -> list[LabelledVerdict]:
    """Rows of (label, probability, answer), numbered from 0."""
    return [
        LabelledVerdict(str(at), f"t{at}", ours, chance, answer)
        for at, (ours, chance, answer) in enumerate(rows)
    ]


SAMPLE = judged(
    (True, 0.95, OURS),
    (True, 0.6, UNSURE),
    (True, 0.01, NOT_OURS),
    (False, 0.99, OURS),
    (False, 0.4, UNSURE),
    (False, 0.02, NOT_OURS),
)


def test_the_single_threshold_counts_every_row() -> None:
    """Two found of three, one wrongly."""
    split = evaluate(SAMPLE, 0.5).at_split
    assert (split.true_ours, split.false_ours, split.missed_ours, split.true_not_ours) == (
        2,
        1,
        1,
        2,
    )
    assert (split.precision, split.recall, split.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))


def test_automatic_answers_are_counted_apart_from_review() -> None:
    """What waits for a person is neither right nor wrong."""
    found = evaluate(SAMPLE)
    assert (found.automatic.true_ours, found.automatic.false_ours, found.missed) == (1, 1, 1)
    assert (found.review, found.review_ours) == (2, 1)
    assert found.review_share == pytest.approx(1 / 3)
    assert (found.automatic_share, found.automatic_recall) == pytest.approx((2 / 3, 1 / 3))


def test_the_most_wrong_rows_come_first() -> None:
    """Measured by the loss of the probability."""
    assert [one.id for one in evaluate(SAMPLE, worst=3).worst] == ["2", "3", "1"]
    assert evaluate(SAMPLE, worst=0).worst == ()


def test_a_probability_at_the_threshold_counts_as_ours() -> None:
    """At, not only above."""
    assert evaluate(judged((True, 0.5, UNSURE)), 0.5).at_split.true_ours == 1


def test_intervals_hold_the_rates() -> None:
    """Each rate lies within its own."""
    found = evaluate(SAMPLE)
    bounds = found.intervals()
    assert bounds["recall"].low <= found.at_split.recall <= bounds["recall"].high
    assert bounds["review_share"].low <= found.review_share <= bounds["review_share"].high


def test_nothing_to_judge_has_no_rates_that_mislead() -> None:
    """No division by zero, nothing in review."""
    found = evaluate([])
    assert (found.n, found.review_share, found.intervals()["missed"].high) == (0, 0.0, 1.0)
