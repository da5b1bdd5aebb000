"""When the next request may go out: a pure function of what one account has spent, and of who else
waits.

GitHub's limits are sliding windows
(https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api). A run that took a
whole hour's share in its first minutes would leave a person's command waiting for the rest of the
hour. So work in bulk is *spread*: after a first burst, what is left of the hour's share is laid
evenly over what is left of the hour. Single acts (taking back, commands, welcomes) go out at once
and ahead of the bulk.

Times are in seconds since 1970, waits in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

import msgspec

from migrator.domain.items import Frozen

MINUTE: Final = 60.0
HOUR: Final = 3600.0
READ_POINTS: Final = 1
WRITE_POINTS: Final = 5
"""https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#calculating-points-for-the-secondary-rate-limit"""
LEAST_SHARE: Final = 0.25
LESS: Final = 0.8
"""What the share is multiplied with when GitHub names a limit although we kept to it."""
CATCHING_UP: Final = 0.5
"""Of the even distance between spread writes: the least one, while the run is behind."""
MORE: Final = 0.05
"""What the share regains for each hour without such an answer."""


class Priority(IntEnum):
    """Who goes first, lowest number first."""

    TAKE_BACK = 0
    COMMAND = 1
    WELCOME = 2
    BATCH = 3


class Demand(Frozen, frozen=True, kw_only=True):
    """One request that wants to go out. ``content`` is how many content-creating writes GitHub
    counts it as.

    ``spread``: it belongs to work in bulk, which is laid evenly over the hour.
    """

    content: int = 1
    points: int = WRITE_POINTS
    priority: Priority = Priority.BATCH
    spread: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes something: writes keep their distance from each other."""
        return self.content > 0 or self.points >= WRITE_POINTS


READ: Final = Demand(content=0, points=READ_POINTS)


class Spend(NamedTuple):
    """One request that went out."""

    at: float
    content: int
    points: int


class AccountLimits(Frozen, frozen=True, kw_only=True):
    """An account's limits. ``gap`` is the least time between two writes; ``burst`` how much bulk
    may go out unspread.

    ``reserve`` writes can always be had within ``patience``: bulk leaves them, unless as many
    become free by then anyway.
    """

    content_per_minute: int = 76
    content_per_hour: int = 490
    points_per_minute: int = 1900
    gap: float = 1.0
    burst: int = 120
    reserve: int = 5
    patience: float = 45.0


class Learned(Frozen, frozen=True, kw_only=True):
    """What limit errors taught: the ``share`` of the limits that was used after the last one, at
    ``struck_at``.

    Nothing is sent before ``held_until``.
    """

    share: float = 1.0
    struck_at: float = 0.0
    held_until: float = 0.0

    def share_at(self, now: float) -> float:
        """The share of the limits to use now: it grows back slowly."""
        hours = max(0.0, now - self.struck_at) // HOUR
        return min(1.0, self.share + MORE * hours)


UNTAUGHT: Final = Learned()


class AccountUsage(Frozen, frozen=True, kw_only=True):
    """How an account stands: its spends of the last hour, oldest first, what waits ahead of the
    asker, and what it learned."""

    spends: Sequence[Spend] = ()
    ahead: Sequence[Demand] = ()
    learned: Learned = UNTAUGHT


def after_limit(learned: Learned, now: float, wait: float) -> Learned:
    """After a limit error that asks for ``wait`` seconds. Several errors of one incident count
    once."""
    held = max(learned.held_until, now + wait)
    if now < learned.held_until:
        return msgspec.structs.replace(learned, held_until=held)
    share = max(LEAST_SHARE, learned.share_at(now) * LESS)
    return Learned(share=share, struck_at=held, held_until=held)


def wait_for(demand: Demand, account: AccountUsage, limits: AccountLimits, now: float) -> float:
    """Seconds until this request may go out; 0.0 if it may now. Asked again later, the answer
    may have changed."""
    waits = [account.learned.held_until - now, _points_wait(demand, account, limits, now)]
    if demand.writes:
        waits += [_gap_wait(account, limits, now), *_content_waits(demand, account, limits, now)]
    return max(0.0, *waits)


def _points_wait(demand: Demand, account: AccountUsage, limits: AccountLimits, now: float) -> float:
    used = [(each.at, each.points) for each in account.spends if each.at > now - MINUTE]
    room = 0 if demand.writes else limits.reserve * WRITE_POINTS  # reads never starve writes
    needed = demand.points + room + sum(each.points for each in account.ahead)
    return _window_wait(used, needed, _scaled(limits.points_per_minute, account, now), MINUTE, now)


def _gap_wait(account: AccountUsage, limits: AccountLimits, now: float) -> float:
    """Writes keep their distance, and those ahead take theirs first."""
    last = _last_write(account.spends)
    ahead = sum(each.writes for each in account.ahead)
    return (last if last is not None else now - limits.gap) + limits.gap * (1 + ahead) - now


def _last_write(spends: Sequence[Spend]) -> float | None:
    return next((each.at for each in reversed(spends) if each.points >= WRITE_POINTS), None)


def _content_waits(
    demand: Demand, account: AccountUsage, limits: AccountLimits, now: float
) -> Iterable[float]:
    content = [
        (each.at, each.content) for each in account.spends if each.content and each.at > now - HOUR
    ]
    needed = demand.content + sum(each.content for each in account.ahead)
    minute, hour = (
        _scaled(limit, account, now)
        for limit in (limits.content_per_minute, limits.content_per_hour)
    )
    last_minute = [each for each in content if each[0] > now - MINUTE]
    yield _window_wait(last_minute, needed, minute, MINUTE, now)
    yield _window_wait(content, needed, hour, HOUR, now)
    if demand.spread:
        yield _window_wait(content, needed + limits.reserve, hour, HOUR, now) - limits.patience
        yield _spread_wait(content, needed, min(limits.burst, hour), hour, now)


def _scaled(limit: int, account: AccountUsage, now: float) -> int:
    return max(1, int(limit * account.learned.share_at(now)))


def _window_wait(
    used: Sequence[tuple[float, int]], needed: int, limit: int, seconds: float, now: float
) -> float:
    """Seconds until enough of the oldest spends have left the window. What needs more than the
    limit waits for all of it."""
    over = sum(units for _, units in used) + min(needed, limit) - limit
    for at, units in used:
        if over <= 0:
            break
        over -= units
        if over <= 0:
            return at + seconds - now
    return 0.0


def _spread_wait(
    used: Sequence[tuple[float, int]], needed: int, burst: int, limit: int, now: float
) -> float:
    """Lays what is left of the hour's share evenly over the time until more of it comes free.

    A run that is behind the line from the end of its burst to the hour's end, because the processor
    was busy for a moment, catches up at twice the even pace, and no faster. Commands that were
    written ahead of that line do not make the run wait for it.
    """
    spent = sum(units for _, units in used)
    if not used or spent + needed <= burst:
        return 0.0
    last, next_free = used[-1][0], used[0][0] + HOUR
    begun, before = _end_of_burst(used, burst)
    line = begun + (next_free - begun) * (spent + needed - before) / max(1, limit - before)
    even = (next_free - last) * needed / max(1, limit - spent)
    return min(last + even, max(line, last + even * CATCHING_UP)) - now


def _end_of_burst(used: Sequence[tuple[float, int]], burst: int) -> tuple[float, int]:
    """When the burst was over, and how much was spent then."""
    spent = 0
    for at, units in used:
        spent += units
        if spent >= burst:
            return at, spent
    return used[-1][0], spent


def seconds_left(units: int, account: AccountUsage, limits: AccountLimits, now: float) -> float:
    """About how long ``units`` of spread writes will take from now, if nobody else writes."""
    if units <= 0:
        return 0.0
    used = [each for each in account.spends if each.content and each.at > now - HOUR]
    spent, hour = sum(each.content for each in used), _scaled(limits.content_per_hour, account, now)
    at_once = min(units, max(0, min(limits.burst, hour) - spent))
    horizon = used[0].at + HOUR - now if used else HOUR
    spread, free = units - at_once, max(0, hour - spent - at_once)
    before = horizon * min(spread, free) / free if free else 0.0
    after = max(0, spread - free) * HOUR / hour
    return max(0.0, account.learned.held_until - now) + max(at_once * limits.gap, before + after)
