"""GitHub's limits as its replies tell them: what is left, and how long to wait. No I/O, no clock.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from migrator.domain.items import Frozen
from migrator.errors import LimitExceeded

LEAST_SECONDARY_WAIT = 60.0
"""Seconds that GitHub asks for at least, where a limit reply names none."""
LONGEST_WAIT = 3660.0
"""A primary limit resets within the hour; a larger number means that two clocks disagree."""
CLOCK_TOLERANCE = 300.0
"""Seconds that this machine's clock may be away from GitHub's before nothing is written any
more."""
_LIMIT_STATUSES = frozenset({403, 429})
_LIMIT_WORDS = ("rate limit", "submitted too quickly", "abuse detection")
_SECONDARY_WORDS = ("secondary rate limit", "submitted too quickly", "abuse detection")
_LIMIT_TYPES = frozenset({"RATE_LIMITED", "RATE_LIMIT"})


class RateLimit(Frozen, frozen=True, kw_only=True):
    """One primary limit as last seen. ``reset_at`` is in seconds since the epoch, by GitHub's
    clock."""

    resource: str
    limit: int
    remaining: int
    used: int = 0
    reset_at: float = 0.0


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """The primary limit that these (lower-case) headers name, if they do."""
    try:
        return RateLimit(
            resource=headers.get("x-ratelimit-resource", "core"),
            limit=int(headers["x-ratelimit-limit"]),
            remaining=int(headers["x-ratelimit-remaining"]),
            used=int(headers.get("x-ratelimit-used", 0)),
            reset_at=_number(headers.get("x-ratelimit-reset")) or 0.0,
        )
    except (KeyError, ValueError):
        return None


def limit_error(
    status: int,
    headers: Mapping[str, str],
    message: str,
    types: frozenset[str],
    *,
    now: float,
    streak: int,
    least: float = LEAST_SECONDARY_WAIT,
) -> LimitExceeded | None:
    """The limit that this reply names, or ``None`` if it is no limit reply.

    REST answers 403 or 429, GraphQL also 200 with errors. ``types`` are the types of GraphQL
    errors, ``now`` is our clock in seconds since the epoch (used if the reply has no ``date``),
    ``streak`` counts limit replies just before this one.
    """
    if not _is_limit(status, headers, message, types):
        return None
    secondary = any(words in message.lower() for words in _SECONDARY_WORDS)
    primary = not secondary and (
        headers.get("x-ratelimit-remaining") == "0" or bool(types & _LIMIT_TYPES)
    )
    wait = limit_wait(headers, now=now, streak=streak, least=least, secondary=secondary)
    kind = "primary" if primary else "secondary"
    return LimitExceeded(
        f"GitHub's {kind} rate limit: {message}", wait=wait, secondary=not primary, status=status
    )


def _is_limit(status: int, headers: Mapping[str, str], message: str, types: frozenset[str]) -> bool:
    if status == 429 or types & _LIMIT_TYPES:
        return True
    worded = any(words in message.lower() for words in _LIMIT_WORDS)
    if status in _LIMIT_STATUSES:
        return worded or "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return status == 200 and worded


def limit_wait(
    headers: Mapping[str, str],
    *,
    now: float,
    streak: int = 0,
    least: float = LEAST_SECONDARY_WAIT,
    secondary: bool = False,
) -> float:
    """Seconds to wait: ``retry-after``; else until the reset where nothing remains; else
    ``least``, doubling with ``streak``.

    A reset in the past ends a primary limit. It says nothing of a ``secondary`` one.
    """
    named = _seconds(headers.get("retry-after"), headers, now)
    if named is not None:
        return min(max(named, 1.0), LONGEST_WAIT)
    reset = _number(headers.get("x-ratelimit-reset"))
    if headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        left = reset - _server_time(headers, now)
        if left > 0 or not secondary:
            return min(max(left + 1.0, 1.0), LONGEST_WAIT)
    return min(least * 2.0 ** min(streak, 6), LONGEST_WAIT)


def _number(value: str | None) -> float | None:
    """A finite number; ``None`` for anything else that stands in a header."""
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _seconds(value: str | None, headers: Mapping[str, str], now: float) -> float | None:
    """``retry-after`` in seconds; HTTP allows a date there, too (RFC 9110, 10.2.3). ``None`` for
    what is neither, and for a date that is over."""
    seconds = _number(value)
    if seconds is not None or not value:
        return seconds
    left = _date(value, default=math.nan) - _server_time(headers, now)
    return left if left > 0 else None


def clock_ahead(headers: Mapping[str, str], *, sent: float, received: float) -> float | None:
    """Seconds that our clock is ahead of GitHub's (behind: negative), by the ``date`` of a reply;
    ``None`` if it names none.

    ``sent`` and ``received`` are when, by our clock: any moment between them agrees. The header has
    whole seconds (RFC 9110, 6.6.1).
    """
    theirs = _date(headers.get("date", ""), default=math.nan)
    return (
        None if math.isnan(theirs) else max(sent - 1.0 - theirs, 0.0) or min(received - theirs, 0.0)
    )


def _server_time(headers: Mapping[str, str], now: float) -> float:
    """GitHub's clock where the reply tells it, so that a wrong clock of ours does not matter."""
    return _date(headers.get("date", ""), default=now)


def _date(value: str, *, default: float) -> float:
    try:
        return parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError, IndexError):
        return default
