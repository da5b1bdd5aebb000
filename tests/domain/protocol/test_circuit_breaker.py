"""A run stops when people or GitHub say that it is wrong."""

from __future__ import annotations

import pytest

from migrator.domain.protocol.causes import HoldCause
from migrator.domain.protocol.circuit_breaker import Counts, tripped
from migrator.domain.rules.sending import BreakerRules

RULES = BreakerRules()
WELL = Counts(
    notices=200,
    closes=100,
    reopens=5,
    appeals=10,
    thumbs_down=20,
    refused_in_a_row=4,
    limit_errors=9,
)


def test_a_run_at_its_bounds_goes_on() -> None:
    """A bound is passed when it is exceeded."""
    assert tripped(WELL, RULES) is None
    assert tripped(Counts(), RULES) is None


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (Counts(notices=200, closes=100, reopens=6), "6 of 100 closed items"),
        (Counts(notices=200, appeals=11), "11 of 200 notices"),
        (Counts(notices=200, thumbs_down=21), "thumbs-down"),
        (Counts(refused_in_a_row=5), "refused 5 writes"),
        (Counts(limit_errors=10), "limit 10 times"),
        (Counts(repeated_acts=1), "twice on 1 item"),
    ],
)
def test_each_bound_stops_the_run_and_says_why(counts: Counts, words: str) -> None:
    """The reason names the numbers."""
    reason = tripped(counts, RULES)
    assert reason is not None
    assert words in reason.words
    assert reason.cause not in (HoldCause.NONE, HoldCause.OTHER)


def test_a_few_notices_prove_nothing() -> None:
    """One appeal against the canary is half of two notices, and no reason to stop."""
    assert tripped(Counts(notices=2, closes=2, appeals=1, reopens=1, thumbs_down=1), RULES) is None
    assert tripped(Counts(notices=20, appeals=2), RULES) is not None


def test_bounds_can_be_switched_off_but_for_one() -> None:
    """What must never happen always stops the run."""
    off = BreakerRules(
        reopens=0.0, appeals=0.0, thumbs_down=0.0, refused_in_a_row=0, limit_errors=0
    )
    bad = Counts(
        notices=50,
        closes=50,
        reopens=50,
        appeals=50,
        thumbs_down=50,
        refused_in_a_row=50,
        limit_errors=50,
    )
    assert tripped(bad, off) is None
    assert tripped(Counts(repeated_acts=1), off) is not None


def test_the_gravest_reason_is_named_first() -> None:
    """A repeated act says more than a thumbs-down."""
    reason = tripped(Counts(notices=50, thumbs_down=50, repeated_acts=2), RULES)
    assert reason is not None
    assert "twice" in reason.words
