"""The budget's arithmetic, number by number; :mod:`tests.domain.protocol.test_rate_limit` plays
whole hours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.domain.protocol.rate_limit import (
    HOUR,
    LEAST_SHARE,
    MINUTE,
    READ,
    AccountLimits,
    AccountUsage,
    Demand,
    Learned,
    Spend,
    after_limit,
    seconds_left,
    wait_for,
)

NOW = 1_000_000.0
WRITE = Demand()
BULK = Demand(spread=True)
LIMITS = AccountLimits(
    content_per_minute=4,
    content_per_hour=10,
    points_per_minute=100,
    gap=2.0,
    burst=6,
    reserve=2,
    patience=30.0,
)
"""Small numbers, so that each bound is reached soon."""


def spent(*ago: float, content: int = 1, points: int = 5) -> tuple[Spend, ...]:
    """Requests that went out so many seconds ago, oldest first."""
    return tuple(Spend(NOW - seconds, content, points) for seconds in ago)


def wait(
    demand: Demand,
    *spends: Spend,
    ahead: tuple[Demand, ...] = (),
    limits: AccountLimits = LIMITS,
    **learned: float,
) -> float:
    """How long a request waits."""
    return wait_for(
        demand, AccountUsage(spends=spends, ahead=ahead, learned=Learned(**learned)), limits, NOW
    )


@pytest.mark.parametrize(
    ("demand", "writes"),
    [
        (Demand(), True),
        (READ, False),
        (Demand(content=0, points=5), True),
        (Demand(content=0, points=4), False),
        (Demand(content=1, points=1), True),
    ],
)
def test_what_creates_content_or_costs_as_much_as_a_write_is_a_write(
    demand: Demand, writes: bool
) -> None:
    """Closing and editing create nothing, and keep their distance all the same."""
    assert demand.writes is writes


def test_a_fresh_account_waits_for_nothing() -> None:
    """Neither to read nor to write."""
    assert [wait(demand) for demand in (READ, WRITE, BULK)] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(("ago", "seconds"), [(0.0, 2.0), (0.5, 1.5), (2.0, 0.0), (3.0, 0.0)])
def test_writes_keep_their_distance_from_the_last_write(ago: float, seconds: float) -> None:
    """Reads do not, and are not kept from."""
    assert wait(WRITE, *spent(ago)) == seconds
    assert wait(READ, *spent(ago)) == 0.0
    assert wait(WRITE, *spent(ago, content=0, points=4)) == 0.0
    assert wait(WRITE, *spent(ago), Spend(NOW, 0, 1)) == seconds


def test_whoever_is_ahead_writes_first() -> None:
    """Each at its distance; reads ahead take no turn."""
    assert wait(WRITE, *spent(0.5), ahead=(WRITE, READ, WRITE)) == 5.5
    assert wait(WRITE, ahead=(WRITE,)) == 2.0


def test_a_minutes_content_is_waited_for() -> None:
    """Until so much of it is a minute old as the request needs; what is older counts no more."""
    four = spent(50.0, 40.0, 30.0, 20.0)
    assert wait(WRITE, *four) == 10.0
    assert wait(Demand(content=2), *four) == 20.0
    assert wait(WRITE, *four, ahead=(Demand(content=1),)) == 20.0
    assert wait(WRITE, *spent(60.0, 40.0, 30.0, 20.0)) == 0.0
    assert wait(WRITE, *spent(59.0, 40.0, 30.0)) == 0.0
    assert wait(Demand(content=9), *spent(50.0)) == 10.0


def test_an_hours_content_is_waited_for() -> None:
    """Spread over the hour so that no minute is full."""
    ten = spent(*(3500.0 - 300.0 * number for number in range(10)))
    assert wait(WRITE, *ten) == 100.0
    assert wait(Demand(content=3), *ten) == 700.0
    assert wait(WRITE, *spent(3600.0, *(3000.0 - 300.0 * number for number in range(9)))) == 0.0


def test_bulk_leaves_a_reserve_unless_it_is_free_soon() -> None:
    """Two writes can always be had within half a minute."""
    unspread = AccountLimits(
        content_per_minute=99, content_per_hour=10, gap=0.0, burst=10, reserve=2, patience=30.0
    )
    eight = spent(3000.0, 2900.0, 2800.0, *[100.0] * 5)
    assert wait(WRITE, *eight, limits=unspread) == 0.0
    assert wait(BULK, *eight, limits=unspread) == 570.0
    assert wait(BULK, *spent(3575.0, 2900.0, 2800.0, *[100.0] * 5), limits=unspread) == 0.0
    assert wait(BULK, *spent(3000.0, 2900.0, 2800.0, *[100.0] * 4), limits=unspread) == 0.0


def test_behind_its_burst_bulk_is_laid_evenly_over_the_rest_of_the_hour() -> None:
    """From the last write to when the first one comes free, by how much is left until then."""
    wide = AccountLimits(
        content_per_minute=99, content_per_hour=10, gap=0.0, burst=3, reserve=0, patience=0.0
    )
    three = spent(600.0, 500.0, 400.0)
    assert wait(BULK, *three[1:], limits=wide) == 0.0
    assert wait(BULK, *three, limits=wide) == pytest.approx((3000.0 + 400.0) / 7 - 400.0)
    assert wait(Demand(content=2, spread=True), *three, limits=wide) == pytest.approx(
        2 * (3000.0 + 400.0) / 7 - 400.0
    )
    assert wait(WRITE, *three, limits=wide) == 0.0


def test_points_of_a_minute_are_waited_for_and_reads_leave_some() -> None:
    """As many as the reserve of writes costs."""
    ninety = spent(50.0, content=0, points=45) + spent(40.0, content=0, points=45)
    assert wait(READ, *ninety) == 10.0
    assert wait(Demand(content=0, points=5), *ninety) == 0.0
    assert wait(Demand(content=0, points=11), *ninety) == 10.0
    assert wait(READ, *spent(50.0, content=0, points=89)) == 0.0
    assert wait(READ, *spent(50.0, content=0, points=89), ahead=(READ,)) == 10.0
    assert wait(READ, *spent(60.0, content=0, points=99)) == 0.0


def test_nothing_goes_out_while_a_limit_holds() -> None:
    """Not even a read."""
    assert wait(READ, held_until=NOW + 7.0) == 7.0
    assert wait(READ, held_until=NOW - 7.0) == 0.0


def test_a_share_of_the_limits_is_what_counts_after_an_error() -> None:
    """Half of four in a minute, half of a hundred points, and never less than one."""
    assert wait(WRITE, *spent(50.0, 40.0), share=0.5, struck_at=NOW) == 10.0
    assert wait(READ, *spent(50.0, content=0, points=40), share=0.5, struck_at=NOW) == 10.0
    one = AccountLimits(content_per_minute=1, content_per_hour=1, gap=0.0)
    assert wait(WRITE, limits=one, share=0.5, struck_at=NOW) == 0.0


@pytest.mark.parametrize(
    ("later", "share"),
    [(-HOUR, 0.5), (0.0, 0.5), (HOUR - 1, 0.5), (HOUR, 0.55), (2 * HOUR, 0.6), (99 * HOUR, 1.0)],
)
def test_the_share_grows_back_hour_by_hour(later: float, share: float) -> None:
    """And not by the second, nor above the whole."""
    assert Learned(share=0.5, struck_at=NOW).share_at(NOW + later) == pytest.approx(share)


def test_a_limit_error_is_learned_from_once() -> None:
    """From when it is over; another one meanwhile only holds longer, and never shorter."""
    first = after_limit(Learned(), NOW, 60.0)
    assert first == Learned(share=0.8, struck_at=NOW + 60.0, held_until=NOW + 60.0)
    assert after_limit(first, NOW + 59.0, 31.0) == Learned(
        share=0.8, struck_at=NOW + 60.0, held_until=NOW + 90.0
    )
    assert after_limit(first, NOW + 10.0, 5.0) == first
    again = after_limit(first, NOW + 60.0, 5.0)
    assert again.share == pytest.approx(0.64)
    assert again.struck_at == again.held_until == NOW + 65.0
    assert after_limit(Learned(share=LEAST_SHARE, struck_at=NOW), NOW, 1.0).share == LEAST_SHARE


STEADY = AccountLimits(content_per_hour=490, burst=120, gap=1.0)
SPREAD = (HOUR - 120) / 370


@given(units=st.integers(0, 3000), more=st.integers(0, 3000))
def test_more_never_takes_less(units: int, more: int) -> None:
    """Of what is left."""
    assert (
        seconds_left(units, AccountUsage(), STEADY, NOW)
        <= seconds_left(units + more, AccountUsage(), STEADY, NOW) + 1e-6
    )


@pytest.mark.parametrize(
    ("units", "spends", "seconds"),
    [
        (0, (), 0.0),
        (-1, (), 0.0),
        (5, (), 10.0),
        (6, (), 12.0),
        (8, (), 2 * HOUR / 4),
        (10, (), HOUR),
        (15, (), HOUR + 5 * HOUR / 10),
        (2, spent(600.0, 500.0, 400.0, 300.0), 4.0),
        (4, spent(600.0, 500.0, 400.0, 300.0), 2 * 3000.0 / 4),
        (2, spent(3600.0, 500.0), 4.0),
        (5, spent(*[600.0] * 10), 5 * HOUR / 10),
    ],
)
def test_the_time_that_is_left_is_burst_rest_of_the_hour_and_whole_shares(
    units: int, spends: tuple[Spend, ...], seconds: float
) -> None:
    """What was spent within the hour counts against both."""
    assert seconds_left(units, AccountUsage(spends=spends), LIMITS, NOW) == pytest.approx(seconds)


def test_the_time_that_is_left_begins_when_a_limit_ends() -> None:
    """And only what creates content is spent."""
    held = AccountUsage(learned=Learned(held_until=NOW + 33.0), spends=spent(60.0, content=0))
    assert seconds_left(5, held, LIMITS, NOW) == pytest.approx(43.0)
    assert seconds_left(
        5, AccountUsage(learned=Learned(held_until=NOW - MINUTE)), LIMITS, NOW
    ) == pytest.approx(10.0)


def test_a_smaller_share_takes_longer() -> None:
    """Half the limits: half an hour's burst, and the rest by the smaller share."""
    taught = AccountUsage(learned=Learned(share=0.5, struck_at=NOW))
    assert seconds_left(5, taught, LIMITS, NOW) == pytest.approx(10.0)
    assert seconds_left(7, taught, LIMITS, NOW) == pytest.approx(2 * HOUR / 5)
