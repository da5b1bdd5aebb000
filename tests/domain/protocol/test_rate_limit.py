"""The budget's arithmetic, over hours of pretended time."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
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
    Priority,
    Spend,
    after_limit,
    seconds_left,
    wait_for,
)

LIMITS = AccountLimits()
BULK = Demand(spread=True)
COMMAND = Demand(priority=Priority.COMMAND)
START = 1_000_000.0


class Hours:
    """An account on which bulk work always waits, and single acts come and go."""

    def __init__(self, limits: AccountLimits = LIMITS) -> None:
        self.limits = limits
        self.spends: list[Spend] = []
        self.waits: list[float] = []

    def account(self, now: float, ahead: tuple[Demand, ...] = ()) -> AccountUsage:
        """The spends in sight."""
        first = bisect.bisect_left(self.spends, (now - HOUR, 0, 0))
        return AccountUsage(spends=self.spends[first:], ahead=ahead)

    def spend(self, demand: Demand, now: float) -> float:
        """Wait for a request to go out; when it did."""
        asked = now
        while wait := wait_for(demand, self.account(now), self.limits, now):
            now += wait
        self.spends.append(Spend(now, demand.content, demand.points))
        self.waits.append(now - asked)
        return now

    def work(self, until: float, commands: tuple[float, ...] = ()) -> list[float]:
        """Bulk until then, with a command at each of these times; how long each command waited."""
        now, waits, coming = START, [], list(commands)
        while now < until:
            bulk_at = now + wait_for(BULK, self.account(now), self.limits, now)
            if coming and coming[0] <= bulk_at:
                asked = coming.pop(0)
                now = self.spend(COMMAND, max(now, asked))
                waits.append(now - asked)
            elif bulk_at > now:
                now = bulk_at
            else:
                now = self.spend(BULK, now)
        return waits

    def most_within(self, seconds: float) -> int:
        """The most content in any window of that length."""
        times = [each.at for each in self.spends]
        return max(
            bisect.bisect_left(times, at + seconds) - start for start, at in enumerate(times)
        )

    def spent_between(self, begin: float, end: float) -> int:
        """Content written within these moments."""
        return sum(each.content for each in self.spends if begin <= each.at < end)


def test_bulk_uses_the_whole_budget_and_never_more() -> None:
    """At least 97 % of 500 in each full hour, and never more than the limits in any window."""
    hours = Hours()
    hours.work(START + 4 * HOUR)
    assert hours.most_within(HOUR) <= 490
    assert hours.most_within(MINUTE) <= 76
    for hour in range(4):
        assert hours.spent_between(START + hour * HOUR, START + (hour + 1) * HOUR) >= 485


def test_commands_in_between_wait_less_than_a_minute() -> None:
    """One every half minute for four hours, whatever the bulk is doing."""
    hours = Hours()
    waits = hours.work(START + 4 * HOUR, tuple(START + 30.0 * number for number in range(480)))
    assert len(waits) == 480
    assert max(waits) < 15
    assert hours.most_within(HOUR) <= 490


@pytest.mark.parametrize("minute", [3, 30, 59, 61, 90, 150])
def test_several_commands_at_once_wait_less_than_a_minute(minute: int) -> None:
    """Six at the same moment, in the burst as well as in the steady state."""
    moment = START + minute * MINUTE
    assert max(Hours().work(START + 3 * HOUR, (moment,) * 6)) < 60


def test_writes_keep_their_distance() -> None:
    """A second between any two, also in the burst."""
    hours = Hours()
    hours.work(START + HOUR)
    times = [each.at for each in hours.spends]
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 1.0


def test_a_small_run_goes_out_at_once() -> None:
    """A canary and two waves do not crawl over an hour."""
    hours, now = Hours(), START
    for _ in range(120):
        now = hours.spend(BULK, now)
    assert now - START < 125


def test_who_waits_ahead_is_left_room() -> None:
    """Bulk steps back for a command that waits, and takes the turn after."""
    account = AccountUsage(spends=[Spend(START - 0.5, 1, 5)], ahead=[COMMAND])
    assert wait_for(BULK, account, LIMITS, START) == pytest.approx(1.5)
    assert wait_for(COMMAND, AccountUsage(spends=account.spends), LIMITS, START) == pytest.approx(
        0.5
    )


def test_reads_leave_points_for_writes() -> None:
    """And cost no content."""
    limits = AccountLimits(points_per_minute=100)
    spends = [Spend(START, 0, 1)] * 75
    assert wait_for(READ, AccountUsage(spends=spends), limits, START + 1) > 0
    assert wait_for(Demand(), AccountUsage(spends=spends), limits, START + 1) == 0


def test_a_limit_error_holds_everybody_and_slows_all_down() -> None:
    """For as long as GitHub asks, and then to four fifths, which grows back over hours."""
    learned = after_limit(Learned(), START, 60.0)
    assert wait_for(READ, AccountUsage(learned=learned), LIMITS, START + 10) == 50.0
    assert learned.share_at(START + 60) == pytest.approx(0.8)
    assert learned.share_at(START + 60 + 2 * HOUR) == pytest.approx(0.9)
    assert learned.share_at(START + 24 * HOUR) == 1.0


def test_many_errors_of_one_incident_count_once() -> None:
    """A dozen requests under way fail together."""
    learned = after_limit(Learned(), START, 60.0)
    again = after_limit(learned, START + 5, 90.0)
    assert again.share_at(START + 95) == pytest.approx(0.8)
    assert again.held_until == START + 95


def test_the_share_never_falls_to_nothing() -> None:
    """However often GitHub refuses."""
    learned = Learned()
    for number in range(50):
        learned = after_limit(learned, START + number * 100, 1.0)
    assert learned.share_at(START + 6000) == pytest.approx(LEAST_SHARE)


@given(
    limits=st.builds(
        AccountLimits,
        content_per_minute=st.integers(1, 80),
        content_per_hour=st.integers(1, 500),
        points_per_minute=st.integers(10, 2000),
        gap=st.sampled_from((0.0, 1.0, 3.0)),
        burst=st.integers(0, 200),
        reserve=st.integers(0, 20),
    ),
    costs=st.lists(st.integers(0, 3), min_size=1, max_size=60),
    share=st.sampled_from((1.0, 0.5, 0.25)),
)
@settings(deadline=None)
def test_any_limits_are_kept_and_none_stops_for_ever(
    limits: AccountLimits, costs: list[int], share: float
) -> None:
    """Whatever the numbers: every request goes out one day, none before the limits allow it."""
    spends: list[Spend] = []
    now = START
    learned = Learned(share=share, struck_at=START)
    for cost in costs:
        demand = Demand(content=cost, spread=True)
        for _ in range(1000):
            wait = wait_for(
                demand,
                AccountUsage(
                    spends=[one for one in spends if one.at > now - HOUR], learned=learned
                ),
                limits,
                now,
            )
            if not wait:
                break
            now += wait
        else:
            raise AssertionError("waits for ever")
        spends.append(Spend(now, cost, demand.points))
        within = sum(one.content for one in spends if one.at > now - MINUTE)
        assert within <= max(cost, limits.content_per_minute)


def test_writes_that_are_late_for_a_moment_do_not_make_the_run_longer() -> None:
    """Each spread write is late by up to a third of the even distance, as on a busy processor."""
    assert abs(_spread_out(170, late=3.0) - _spread_out(170, late=0.0)) < 4.0


def test_after_a_pause_bulk_catches_up_at_twice_the_even_pace_and_no_faster() -> None:
    """Ten minutes without a write, as after a restart."""
    hours, now = Hours(), START
    for _ in range(150):
        now = hours.spend(BULK, now)
    even = (hours.spends[0].at + HOUR - now) / (LIMITS.content_per_hour - 150)
    paused = now + 600.0
    first = hours.spend(BULK, paused)
    second = hours.spend(BULK, first)
    left = (hours.spends[0].at + HOUR - first) / (LIMITS.content_per_hour - 151)
    assert first == paused
    assert second - first == pytest.approx(left / 2, rel=0.01)
    assert left / 2 < even


def test_what_others_wrote_ahead_of_the_line_does_not_stop_the_bulk() -> None:
    """Two hundred commands at once: what is left of the hour is laid evenly again."""
    hours, now = Hours(), START
    for _ in range(130):
        now = hours.spend(BULK, now)
    for _ in range(200):
        now = hours.spend(COMMAND, now)
    left = (hours.spends[0].at + HOUR - now) / (LIMITS.content_per_hour - 330)
    assert hours.spend(BULK, now) - now == pytest.approx(left, rel=0.01)


def _spread_out(units: int, late: float) -> float:
    """Seconds from the end of the burst to the last of these writes, which wake up so late."""
    hours, now = Hours(), START
    for place in range(units):
        while wait := wait_for(BULK, hours.account(now), LIMITS, now):
            now += wait + (late if place > LIMITS.burst else 0.0)
        hours.spends.append(Spend(now, BULK.content, BULK.points))
    return hours.spends[-1].at - hours.spends[LIMITS.burst].at


def _duration(units: int) -> float:
    hours, now = Hours(), START
    for _ in range(units):
        now = hours.spend(BULK, now)
    return now - START


@pytest.mark.parametrize(
    "estimate", [lambda units: seconds_left(units, AccountUsage(), LIMITS, START)]
)
@pytest.mark.parametrize("units", [0, 100, 490, 1500])
def test_the_time_left_is_about_right(estimate: Callable[[int], float], units: int) -> None:
    """Within a fifth: it is an estimate that people look at."""
    assert estimate(units) == pytest.approx(_duration(units) if units else 0.0, rel=0.2, abs=30)
