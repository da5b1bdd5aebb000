"""The world's clock: starts where the world ends, runs with real time, and can be moved forward
by a test."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

HOUR = 3600
DAY = 24 * HOUR
_GITHUB_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")


def moment(text: str) -> str:
    """Return any ISO 8601 time in GitHub's form, whole seconds in UTC.

    Raises:
        ValueError: ``text`` is no time, or has no zone.
    """
    if _GITHUB_FORM.match(text):
        return text
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return write_moment(parsed)


def write_moment(value: datetime) -> str:
    """Return ``value`` in GitHub's form."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str) -> datetime:
    """Return a moment as an aware datetime."""
    return datetime.fromisoformat(text)


def iso(at: float) -> str:
    """Return seconds since 1970 in GitHub's form."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}Z"


def seconds(moment: datetime) -> int:
    """Return whole seconds since 1970.

    Raises:
        ValueError: ``moment`` has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return int(moment.timestamp())


def parse(text: str) -> int:
    """Return the seconds of an ISO 8601 time; one without a zone is taken as UTC.

    Raises:
        ValueError: ``text`` is no time.
    """
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


class Clock:
    """Time in the world. Content gets its dates from here; tokens and limits run on real time."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._origin = time.monotonic()

    def now(self) -> datetime:
        """Return the world's time."""
        return self._start + timedelta(seconds=time.monotonic() - self._origin)

    @property
    def start(self) -> str:
        """The moment at which it began to run, in GitHub's form: unlike the present, the same
        however long a start takes."""
        return write_moment(self._start)

    def text(self) -> str:
        """Return the world's time in GitHub's form, whole seconds."""
        return write_moment(self.now())

    def seconds(self) -> float:
        """Return the world's time in seconds since 1970."""
        return self.now().timestamp()

    def advance(self, seconds: float) -> None:
        """Move the world's time forward.

        Raises:
            ValueError: ``seconds`` is negative; time does not run backwards.
        """
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        self._start += timedelta(seconds=seconds)
