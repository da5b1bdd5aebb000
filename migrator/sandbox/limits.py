"""GitHub's limits: counted always, enforced when asked for, on the real or a scaled clock.

Primary limits show in headers; secondary limits (content, points, concurrency) do not, and have no
address to ask at:
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
Limits are per account: all tokens of one account share them, and each installation of an App has
its own.
"""

from __future__ import annotations

import math
import random
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from migrator.sandbox.billing import Bill
from migrator.sandbox.clock import iso
from migrator.sandbox.http_messages import ApiReply

MINUTE = 60.0
HOUR = 3600.0
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)
TIMED_OUT = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it "
    "could be a GitHub bug."
)
ABOUT = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits"


class LimitRules(msgspec.Struct, kw_only=True):
    """The numbers; times run ``scale`` times as fast as the real clock.

    ``heaviest`` is how many nodes a query may ask for before it takes GitHub longer than 10
    seconds, which is answered with 502 (0: no query is too heavy).
    """

    enforced: bool = False
    scale: float = 1.0
    content_minute: int = 80
    content_hour: int = 500
    rest_points_minute: int = 900
    graphql_points_minute: int = 2000
    primary_hour: int = 5000
    concurrent: int = 100
    close_costs: int = 1
    retry_after: float = 0.5
    status_429: float = 0.5
    graphql_200: float = 0.5
    heaviest: int = 0


def parse_rules(text: str) -> LimitRules:
    """Return the rules for ``off``, ``real`` or ``scaled:N`` (an hour passes in 3600/N seconds).

    Raises:
        ValueError: anything else.
    """
    name, _, scale = text.partition(":")
    if name == "off":
        return LimitRules()
    if name == "real":
        return LimitRules(enforced=True)
    if name == "scaled" and math.isfinite(float(scale)) and float(scale) > 0:
        return LimitRules(enforced=True, scale=float(scale))
    raise ValueError(f"limits are off, real or scaled:N with an N above 0, not {text!r}")


class Window:
    """What was spent within the last ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._spent: deque[tuple[float, int]] = deque()
        self.total = 0

    def wait(self, now: float, amount: int, most: int) -> float:
        """Return how long until ``amount`` fits under ``most``: 0 if it does now, the whole
        window if it never will."""
        self._forget(now)
        excess = self.total + amount - most
        if excess <= 0 or not amount:
            return 0.0
        for at, spent in self._spent:
            excess -= spent
            if excess <= 0:
                return at + self.seconds - now
        return self.seconds

    def spend(self, now: float, amount: int) -> None:
        """Count an amount."""
        if amount:
            self._spent.append((now, amount))
            self.total += amount

    def _forget(self, now: float) -> None:
        while self._spent and self._spent[0][0] <= now - self.seconds:
            self.total -= self._spent.popleft()[1]


class _Hour:
    """A primary limit: a fixed hour that begins with the first request."""

    def __init__(self) -> None:
        self.used = 0
        self.ends = 0.0

    def roll(self, now: float) -> None:
        """Begin a new hour if the old one is over."""
        if now >= self.ends:
            self.used, self.ends = 0, now + HOUR


class _AccountWindows:
    """Everything counted for one account."""

    def __init__(self) -> None:
        self.primary = {"core": _Hour(), "graphql": _Hour()}
        self.points = {"core": Window(MINUTE), "graphql": Window(MINUTE)}
        self.content_minute = Window(MINUTE)
        self.content_hour = Window(HOUR)


class Limits:
    """Counts requests and refuses those beyond a limit."""

    def __init__(
        self, rules: LimitRules, seed: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.rules = rules
        self.refused = 0
        self.running = 0
        self.own_hours: dict[str, int] = {}
        """Points an hour of those who have less than others."""
        self._accounts: dict[str, _AccountWindows] = {}
        self._random = random.Random(seed)  # noqa: S311 - which form a refusal takes is no secret
        self._clock = clock

    def _now(self) -> float:
        return self._clock() * self.rules.scale

    def pay(self, who: str, bill: Bill) -> ApiReply | None:
        """Count a request, or return the refusal of one that is beyond a limit. Refused requests
        cost nothing."""
        account, now = self._accounts.setdefault(who, _AccountWindows()), self._now()
        hour = account.primary[bill.resource]
        hour.roll(now)
        if self.rules.heaviest and bill.nodes > self.rules.heaviest:
            return ApiReply(status=502, body={"data": None, "errors": [{"message": TIMED_OUT}]})
        if self.rules.enforced:
            refusal = self._beyond(who, account, bill, now)
            if refusal is not None:
                self.refused += 1
                return refusal
        hour.used += bill.primary
        account.points[bill.resource].spend(now, bill.points)
        content = bill.content(self.rules.close_costs)
        account.content_minute.spend(now, content)
        account.content_hour.spend(now, content)
        return None

    def _beyond(
        self, who: str, account: _AccountWindows, bill: Bill, now: float
    ) -> ApiReply | None:
        rules, hour = self.rules, account.primary[bill.resource]
        if hour.used + bill.primary > self._hourly(who):
            return self._primary_refusal(bill)
        if self.running > rules.concurrent:
            return self.secondary_refusal(bill.resource, 1.0)
        points = (
            rules.rest_points_minute if bill.resource == "core" else rules.graphql_points_minute
        )
        content = bill.content(rules.close_costs)
        wait = max(
            account.points[bill.resource].wait(now, bill.points, points),
            account.content_minute.wait(now, content, rules.content_minute),
            account.content_hour.wait(now, content, rules.content_hour),
        )
        return self.secondary_refusal(bill.resource, wait / rules.scale) if wait > 0 else None

    def _hourly(self, who: str) -> int:
        return self.own_hours.get(who, self.rules.primary_hour)

    def secondary_refusal(self, resource: str, seconds: float) -> ApiReply:
        """Return a refusal in one of the forms that GitHub uses: 403, 429 or GraphQL's 200, with
        or without ``retry-after``."""
        rules, draw = self.rules, self._random.random
        headers = (
            {"retry-after": str(max(1, math.ceil(seconds)))} if draw() < rules.retry_after else {}
        )
        if resource == "graphql" and draw() < rules.graphql_200:
            return graphql_refusal(SECONDARY, headers)
        return rest_refusal(429 if draw() < rules.status_429 else 403, headers)

    def _primary_refusal(self, bill: Bill) -> ApiReply:
        message = "API rate limit exceeded for user ID 1."
        if bill.resource == "graphql":
            return graphql_refusal(message, {})
        return ApiReply(status=403, body={"message": message, "documentation_url": ABOUT})

    def primary(self, who: str) -> dict[str, dict[str, int]]:
        """Return the primary limits as REST shows them; where limits are off nothing is ever
        used up."""
        account, now, shown = self._accounts.setdefault(who, _AccountWindows()), self._now(), {}
        most = self._hourly(who)
        for name, hour in account.primary.items():
            hour.roll(now)
            used = min(hour.used, most) if self.rules.enforced else 0
            reset = int(time.time() + (hour.ends - now) / self.rules.scale)
            shown[name] = {"limit": most, "used": used, "remaining": most - used, "reset": reset}
        return shown

    def counted(self, who: str) -> dict[str, int]:
        """Return what an account spent of each limit, for tests."""
        account = self._accounts.setdefault(who, _AccountWindows())
        return {
            "content_minute": account.content_minute.total,
            "content_hour": account.content_hour.total,
            "rest_points_minute": account.points["core"].total,
            "graphql_points_minute": account.points["graphql"].total,
            **{f"primary_{name}": hour.used for name, hour in account.primary.items()},
        }


def headers_of(resource: str, shown: dict[str, int]) -> dict[str, str]:
    """Return the ``x-ratelimit-*`` headers of a resource."""
    return {f"x-ratelimit-{name}": str(value) for name, value in shown.items()} | {
        "x-ratelimit-resource": resource
    }


def graphql_rate_limit(shown: dict[str, int]) -> dict[str, Any]:
    """Return the fields of GraphQL's ``RateLimit``."""
    return {
        "limit": shown["limit"],
        "used": shown["used"],
        "remaining": shown["remaining"],
        "resetAt": iso(shown["reset"]),
    }


def rest_refusal(status: int, headers: dict[str, str]) -> ApiReply:
    """Return a secondary limit's refusal as REST writes it."""
    return ApiReply(
        status=status, body={"message": SECONDARY, "documentation_url": ABOUT}, headers=headers
    )


def graphql_refusal(message: str, headers: dict[str, str]) -> ApiReply:
    """Return a limit's refusal as GraphQL writes it: status 200, and no data."""
    return ApiReply(
        body={"data": None, "errors": [{"type": "RATE_LIMITED", "message": message}]},
        headers=headers,
    )
