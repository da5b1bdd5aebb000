"""How long to wait after a limit reply, and which replies are one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.github.rate_limit_headers import (
    LEAST_SECONDARY_WAIT,
    LONGEST_WAIT,
    RateLimit,
    clock_ahead,
    limit_error,
    limit_wait,
    rate_limit,
)

NOW = 1_700_000_000.0
NO_TYPES: frozenset[str] = frozenset()
SPENT = {
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": str(int(NOW + 120)),
}
PLENTY = {
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "4999",
    "x-ratelimit-reset": str(int(NOW + 120)),
}


def test_retry_after_comes_before_everything_else() -> None:
    """GitHub names the wait itself: it is taken as it is, even where the primary limit is spent,
    too."""
    assert limit_wait({**SPENT, "retry-after": "7"}, now=NOW) == 7.0


def test_a_spent_primary_limit_waits_until_its_reset() -> None:
    """Without `retry-after`, and with nothing remaining, the reset says when; one second more is
    safe."""
    assert limit_wait(SPENT, now=NOW) == 121.0


def test_a_reset_while_something_remains_says_nothing() -> None:
    """A secondary limit comes with clean headers: their reset belongs to another limit."""
    assert limit_wait(PLENTY, now=NOW) == 60.0


def test_a_reset_in_the_past_ends_a_primary_limit_only() -> None:
    """A secondary limit that names no time is waited for as long as GitHub asks for at least."""
    past = {**SPENT, "x-ratelimit-reset": str(int(NOW - 5))}
    assert limit_wait(past, now=NOW) == 1.0
    assert limit_wait(past, now=NOW, secondary=True) == 60.0
    words = "You have exceeded a secondary rate limit."
    error = limit_error(403, past, words, NO_TYPES, now=NOW, streak=1)
    assert error is not None
    assert (error.secondary, error.wait) == (True, 120.0)


@pytest.mark.parametrize("reset", ["soon", "nan", "inf", "-inf", "", "1_0"])
def test_a_reset_that_is_no_number_is_passed_over(reset: str) -> None:
    """A proxy in between may write anything into a header."""
    headers = {**SPENT, "x-ratelimit-reset": reset, "retry-after": "later"}
    assert 1.0 <= limit_wait(headers, now=NOW) <= LONGEST_WAIT
    seen = rate_limit(headers)
    assert seen is not None
    assert math.isfinite(seen.reset_at)


@pytest.mark.parametrize(("streak", "seconds"), [(0, 60.0), (1, 120.0), (2, 240.0), (3, 480.0)])
def test_limit_replies_in_a_row_double_the_wait(streak: int, seconds: float) -> None:
    """GitHub asks for exponentially longer waits where it names none."""
    assert limit_wait({}, now=NOW, streak=streak) == seconds


def test_a_scaled_sandbox_is_waited_for_in_its_own_time() -> None:
    """Where an hour passes in a minute, a minute's wait is a second; what GitHub names itself
    still comes first."""
    assert limit_wait({}, now=NOW, streak=1, least=1.0) == 2.0
    assert limit_wait({"retry-after": "7"}, now=NOW, least=1.0) == 7.0


def test_the_reset_is_held_against_githubs_clock_not_ours() -> None:
    """A machine whose clock is an hour ahead must not think that the limit was reset long ago."""
    headers = {**SPENT, "date": formatdate(NOW, usegmt=True)}
    assert limit_wait(headers, now=NOW + 3600) == 121.0


def test_a_retry_after_that_is_over_says_nothing() -> None:
    """A cached or wrong date: the wait is the one for a limit that names none, not a second."""
    headers = {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT", "date": formatdate(NOW, usegmt=True)}
    assert limit_wait(headers, now=NOW, secondary=True) == limit_wait({}, now=NOW)


def test_retry_after_may_be_a_date() -> None:
    """HTTP allows it (RFC 9110), so a proxy in between may send it."""
    headers = {
        "retry-after": formatdate(NOW + 30, usegmt=True),
        "date": formatdate(NOW, usegmt=True),
    }
    assert limit_wait(headers, now=0.0) == 30.0


@given(
    st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "date"]),
        st.text(max_size=12),
    ),
    st.integers(min_value=0, max_value=50),
)
def test_no_headers_bring_a_wait_that_is_not_sane(headers: Mapping[str, str], streak: int) -> None:
    """Whatever stands in the headers: at least a second, at most the hour in which a primary
    limit resets."""
    assert 1.0 <= limit_wait(headers, now=NOW, streak=streak) <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("status", "headers", "message", "types"),
    [
        (403, PLENTY, "You have exceeded a secondary rate limit.", NO_TYPES),
        (429, {}, "", NO_TYPES),
        (403, {"retry-after": "60"}, "", NO_TYPES),
        (403, SPENT, "API rate limit exceeded for user ID 1.", NO_TYPES),
        (200, SPENT, "API rate limit exceeded", frozenset({"RATE_LIMITED"})),
        (200, PLENTY, "was submitted too quickly", frozenset({"UNPROCESSABLE"})),
    ],
)
def test_every_documented_form_of_a_limit_reply_is_known(
    status: int, headers: Mapping[str, str], message: str, types: frozenset[str]
) -> None:
    """REST answers 403 or 429, GraphQL also 200 with errors; missing one would be read as a
    refusal and lose the item."""
    assert limit_error(status, headers, message, types, now=NOW, streak=0) is not None


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "Must have admin rights to Repository."),
        (404, "Not Found"),
        (200, "Could not resolve to a node"),
    ],
)
def test_other_refusals_are_no_limits(status: int, message: str) -> None:
    """A missing right must not be waited for."""
    assert limit_error(status, PLENTY, message, NO_TYPES, now=NOW, streak=0) is None


def test_primary_and_secondary_limits_are_told_apart() -> None:
    """Only the primary one ends at a known time; the secondary one must teach the budget."""
    primary = limit_error(403, SPENT, "API rate limit exceeded", NO_TYPES, now=NOW, streak=0)
    secondary = limit_error(403, PLENTY, "secondary rate limit", NO_TYPES, now=NOW, streak=0)
    assert primary is not None
    assert secondary is not None
    assert (primary.secondary, secondary.secondary) == (False, True)


def test_the_last_seen_rate_is_read_from_the_headers() -> None:
    """The budget learns from it; replies without these headers (web pages, proxies) tell
    nothing."""
    seen = rate_limit({**PLENTY, "x-ratelimit-resource": "graphql", "x-ratelimit-used": "1"})
    assert seen is not None
    assert (seen.resource, seen.limit, seen.remaining, seen.used, seen.reset_at) == (
        "graphql",
        5000,
        4999,
        1,
        NOW + 120,
    )
    assert rate_limit({}) is None


@pytest.mark.parametrize(
    ("sent", "received", "ahead"),
    [
        (NOW, NOW, 0.0),
        (
            NOW - 30,
            NOW + 40,
            0.0,
        ),  # a slow reply, or a machine that slept meanwhile: between the two the clocks agree
        (NOW + 0.9, NOW + 1.2, 0.0),  # the header has whole seconds
        (NOW + 3601, NOW + 3602, 3600.0),
        (NOW - 7200, NOW - 7199, -7199.0),
    ],
)
def test_a_reply_tells_how_far_our_clock_is_from_githubs(
    sent: float, received: float, ahead: float
) -> None:
    """Only a date outside the time between request and reply says that a clock is wrong."""
    headers = {"date": formatdate(NOW, usegmt=True)}
    assert clock_ahead(headers, sent=sent, received=received) == pytest.approx(ahead)


@pytest.mark.parametrize("headers", [{}, {"date": ""}, {"date": "half past nine"}])
def test_a_reply_without_a_date_says_nothing_of_the_clock(headers: dict[str, str]) -> None:
    """Nobody is accused without evidence."""
    assert clock_ahead(headers, sent=NOW, received=NOW) is None


def test_a_rate_without_its_details_is_that_of_the_rest_interface() -> None:
    """Enterprise servers leave some headers out."""
    expected = RateLimit(resource="core", limit=5000, remaining=1, used=0, reset_at=0.0)
    assert rate_limit({"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "1"}) == expected
    assert rate_limit({"x-ratelimit-limit": "many", "x-ratelimit-remaining": "1"}) is None


@pytest.mark.parametrize(
    ("headers", "message", "types", "cause", "wait", "secondary"),
    [
        (
            SPENT,
            "API rate limit exceeded",
            NO_TYPES,
            "GitHub's primary rate limit: API rate limit exceeded",
            121.0,
            False,
        ),
        (
            {},
            "spent",
            frozenset({"RATE_LIMIT"}),
            "GitHub's primary rate limit: spent",
            120.0,
            False,
        ),
        (
            PLENTY,
            "abuse detection",
            NO_TYPES,
            "GitHub's secondary rate limit: abuse detection",
            120.0,
            True,
        ),
    ],
)
def test_a_limit_error_carries_its_wait_and_githubs_words(
    headers: Mapping[str, str],
    message: str,
    types: frozenset[str],
    cause: str,
    wait: float,
    secondary: bool,
) -> None:
    """After one limit reply before it, a wait that GitHub does not name is doubled."""
    error = limit_error(403, headers, message, types, now=NOW, streak=1)
    assert error is not None
    assert (error.cause, error.wait, error.secondary, error.status) == (cause, wait, secondary, 403)


def test_a_limit_without_any_words_is_known_by_one_header() -> None:
    """`retry-after`, or that nothing remains; a refusal with points left and no words is none."""
    for headers, is_limit in (
        (SPENT, True),
        ({"retry-after": "1"}, True),
        (PLENTY, False),
        ({}, False),
    ):
        assert (limit_error(403, headers, "", NO_TYPES, now=NOW, streak=0) is not None) is is_limit
        assert limit_error(500, headers, "rate limit", NO_TYPES, now=NOW, streak=0) is None
        assert limit_error(200, headers, "", NO_TYPES, now=NOW, streak=0) is None


def test_waits_are_bounded_below_and_above() -> None:
    """What two clocks disagree about is not waited for; a reset that is over is waited for a
    second."""
    assert limit_wait({"retry-after": "0"}, now=NOW) == 1.0
    assert limit_wait({"retry-after": "99999"}, now=NOW) == LONGEST_WAIT
    assert limit_wait({**SPENT, "x-ratelimit-reset": str(NOW - 9)}, now=NOW) == 1.0
    assert limit_wait({**SPENT, "x-ratelimit-reset": str(NOW + 99999)}, now=NOW) == LONGEST_WAIT
    assert limit_wait({"x-ratelimit-remaining": "0"}, now=NOW) == LEAST_SECONDARY_WAIT
    assert (
        limit_wait({}, now=NOW, streak=6, least=2.0)
        == limit_wait({}, now=NOW, streak=7, least=2.0)
        == 128.0
    )
