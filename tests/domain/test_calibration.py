"""How the judgement is calibrated to the stream."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.domain.calibration import (
    FURTHEST,
    LEAST_ANSWERS,
    LEAST_ITEMS,
    AnsweredScore,
    Calibration,
    ShareSource,
    at_share,
    calibrate,
    chance_of,
    described,
    estimated_share,
    log_odds,
)
from migrator.domain.rules.ownership import OwnershipRules

MEASURED = {
    "data": "rows",
    "ours": 100,
    "not_ours": 400,
    "at": (0.5, 0.9, 0.99),
    "ours_above": (90, 60, 20),
    "not_ours_above": (20, 4, 0),
}
RULES = OwnershipRules.model_validate(
    {"share": 0.1, "ours_at": 0.9, "not_ours_at": 0.02, "measured": MEASURED}
)
BARE = OwnershipRules.model_validate({})


def stream(share: float, count: int, base: float = 0.1) -> list[float]:
    """Log-odds of items of which ``share`` is ours, by a model that is calibrated for ``base``:
    two bells, two apart."""
    chance = random.Random(7)
    found = []
    for at in range(count):
        ours = at < share * count
        place = chance.gauss(1.0 if ours else -1.0, 1.0)
        found.append(2.0 * place + log_odds(base))
    return found


def answers(
    count: int, ours: int, *, score: float = 0.0, automatic: bool = True
) -> list[AnsweredScore]:
    """That many answers on items of one score."""
    return [AnsweredScore(score=score, ours=at < ours, automatic=automatic) for at in range(count)]


def test_below_two_hundred_items_the_share_is_the_files() -> None:
    """And the bias stays."""
    few = calibrate(RULES, "d", stream(0.02, LEAST_ITEMS - 1))
    assert (few.share_source, few.share, few.bias) == (ShareSource.FILE, 0.1, 0.0)
    assert calibrate(RULES, "d", stream(0.02, LEAST_ITEMS)).share_source is ShareSource.ESTIMATED


@pytest.mark.parametrize("share", [0.03, 0.05, 0.2, 0.4])
def test_the_share_is_estimated_from_the_scores(share: float) -> None:
    """Well enough from four thousand items."""
    assert estimated_share(stream(share, 4_000), 0.1) == pytest.approx(share, abs=0.03)


def test_an_estimate_lowers_the_bias_and_never_raises_it() -> None:
    """What would be ours only because much seems to be is for a person."""
    poor, rich = (
        calibrate(RULES, "d", stream(0.03, 4_000)),
        calibrate(RULES, "d", stream(0.4, 4_000)),
    )
    assert poor.bias == pytest.approx(log_odds(poor.share) - log_odds(0.1), abs=1e-3)
    assert poor.bias < -0.5
    assert (rich.bias, rich.share > 0.3) == (0.0, True)


def test_no_estimate_moves_the_bias_without_limit() -> None:
    """A stream without anything of ours is not the one that was measured."""
    none = calibrate(RULES, "d", [-9.0] * LEAST_ITEMS)
    assert none.bias == pytest.approx(-FURTHEST)
    assert none.share == pytest.approx(chance_of(log_odds(0.1) - FURTHEST), abs=1e-6)


def test_answers_beat_an_estimate_from_twenty_five_on() -> None:
    """They may raise the bias as well as lower it."""
    scores = stream(0.1, 400)
    assert (
        calibrate(RULES, "d", scores, answers(LEAST_ANSWERS - 1, 20)).share_source
        is ShareSource.ESTIMATED
    )
    mostly = calibrate(RULES, "d", scores, answers(LEAST_ANSWERS, 20))
    hardly = calibrate(RULES, "d", scores, answers(LEAST_ANSWERS, 3))
    assert (mostly.share_source, mostly.answers) == (ShareSource.ANSWERS, LEAST_ANSWERS)
    assert mostly.bias > 0.5 > -0.5 > hardly.bias
    assert mostly.share > hardly.share


def test_a_file_without_a_share_cannot_be_corrected_from_scores() -> None:
    """Nobody knows what its probabilities hold for."""
    found = calibrate(BARE, "d", stream(0.1, 400))
    assert (found.share_source, found.bias) == (ShareSource.FILE, 0.0)


def test_the_expected_precision_is_that_of_the_share() -> None:
    """By hand: 60 of 100 and 4 of 400 reach the bar; in a stream with one in ten of ours, 60 of
    69."""
    found = calibrate(RULES, "d", ())
    assert found.expected_precision.value == pytest.approx(0.1 * 0.6 / (0.1 * 0.6 + 0.9 * 0.01))
    assert (found.expected_precision.n, found.measured) == (64, True)


def test_a_lower_bias_is_measured_at_the_higher_bar_that_it_amounts_to() -> None:
    """At 0.99 nothing of others was left."""
    found = calibrate(RULES, "d", [-9.0] * LEAST_ITEMS)
    assert chance_of(log_odds(0.9) + FURTHEST) < 0.99
    assert found.expected_precision.n == 64
    stricter = RULES.model_copy(update={"ours_at": 0.99})
    assert calibrate(stricter, "d", ()).expected_precision.value == 1.0


def test_answers_on_automatic_verdicts_are_the_measure_where_there_are_enough() -> None:
    """Twenty of twenty-five were right."""
    found = calibrate(RULES, "d", (), answers(25, 20)).expected_precision
    assert (found.value, found.n) == (0.8, 25)
    assert found.low < 0.8 < found.high


def test_without_any_measure_the_probabilities_speak_for_themselves_and_it_is_said() -> None:
    """Nobody has checked them."""
    found = calibrate(BARE, "d", [4.0] * 10)
    assert (found.measured, found.expected_precision.n) == (False, 10)
    assert found.expected_precision.value == pytest.approx(chance_of(4.0))
    assert "no one has checked" in described(found)
    assert "is not known" in described(calibrate(BARE, "d", [-4.0] * 10))


@given(
    st.floats(0.001, 0.999),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(1, 40),
    st.integers(1, 40),
)
def test_the_interval_holds_the_value(
    share: float, right: int, wrong: int, more: int, others: int
) -> None:
    """Whatever was counted; and a larger share of ours never makes it worse."""
    counts = ((right, right + more), (wrong, wrong + others))
    found = at_share(share, *counts)
    assert 0.0 <= found.low <= found.value + 1e-9 <= found.high + 2e-9 <= 1.0 + 3e-9
    assert at_share(min(0.999, share * 1.1), *counts).value >= found.value - 1e-9


@given(st.lists(st.floats(-30, 30), max_size=40), st.integers(0, 40))
def test_a_calibration_is_made_of_anything_and_is_the_same_each_time(
    scores: list[float], count: int
) -> None:
    """Its hash too; another one has another hash."""
    found = calibrate(RULES, "d", scores, answers(count, count // 2))
    assert found == calibrate(RULES, "d", scores, answers(count, count // 2))
    assert 0.0 <= found.share <= 1.0
    assert math.isfinite(found.bias)
    assert len(found.digest) == 64
    assert found.digest != calibrate(RULES, "other", scores, answers(count, count // 2)).digest


def test_what_to_expect_is_told_in_words() -> None:
    """With the interval, the basis, and where the share is from."""
    words = described(calibrate(RULES, "d", stream(0.1, 300)))
    assert "are expected to be right" in words
    assert "counted on 64 items" in words
    assert "estimated from 300 of them" in words
    assert described(None) == ""


def test_the_record_names_its_bars() -> None:
    """Not ours, ours, close."""
    found: Calibration = calibrate(RULES, "d", ())
    assert found.bars == (0.02, 0.9, RULES.close_at)
