"""A run stops when people or GitHub say that it is wrong."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

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


def words(counts: Counts, rules: BreakerRules) -> str:
    """The sentence of a run that must stop."""
    found = tripped(counts, rules)
    return found.words if found is not None else ""


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (Counts(repeated_acts=1), "one act was done twice on 1 item, which must never happen"),
        (Counts(repeated_acts=2), "one act was done twice on 2 items, which must never happen"),
        (Counts(refused_in_a_row=5), "GitHub refused 5 writes in a row"),
        (Counts(limit_errors=10), "GitHub named a limit 10 times within an hour"),
        (Counts(notices=20, closes=1, reopens=1), "people opened 1 of 1 closed item again"),
        (Counts(notices=20, appeals=9), "people appealed against 9 of 20 notices"),
        (Counts(notices=20, thumbs_down=9), "9 of 20 notices got a thumbs-down"),
    ],
)
def test_a_reason_is_one_sentence_with_its_numbers(counts: Counts, reason: str) -> None:
    """People read it on the dashboard and in the log."""
    found = tripped(counts, RULES)
    assert found is not None
    assert found.words == reason


def test_a_single_one_is_told_in_the_singular() -> None:
    """Whatever is counted, where the file's bounds are that tight."""
    tight = BreakerRules(refused_in_a_row=1, limit_errors=1, least_notices=1)
    assert words(Counts(refused_in_a_row=1), tight) == "GitHub refused 1 write in a row"
    assert words(Counts(limit_errors=1), tight) == "GitHub named a limit 1 time within an hour"
    assert words(Counts(notices=1, appeals=1), tight) == "people appealed against 1 of 1 notice"
    assert words(Counts(notices=1, thumbs_down=1), tight) == "1 of 1 notice got a thumbs-down"


@pytest.mark.parametrize("short", [0, 1])
def test_a_share_counts_from_the_least_number_of_notices_on(short: int) -> None:
    """Not one earlier, whatever is shared."""
    notices = RULES.least_notices - short
    for counts in (
        Counts(notices=notices, closes=4, reopens=4),
        Counts(notices=notices, appeals=notices),
        Counts(notices=notices, thumbs_down=notices),
    ):
        assert (tripped(counts, RULES) is None) is bool(short)


def test_reasons_are_told_from_the_gravest_to_the_least() -> None:
    """Each one stands before those behind it."""
    worst = Counts(
        notices=50,
        closes=50,
        reopens=50,
        appeals=50,
        thumbs_down=50,
        refused_in_a_row=50,
        limit_errors=50,
        repeated_acts=50,
    )
    words = []
    for name in (
        "repeated_acts",
        "refused_in_a_row",
        "limit_errors",
        "reopens",
        "appeals",
        "thumbs_down",
    ):
        reason = tripped(worst, RULES)
        assert reason is not None
        words.append(reason.words.split()[1])
        worst = replace(worst, **{name: 0})
    assert words == ["act", "refused", "named", "opened", "appealed", "of"]
    assert tripped(worst, RULES) is None
