"""Which time it is: the present, or that of a sandbox's world."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import msgspec

from migrator.config.settings import Settings
from migrator.execution.migration_state import Clock


def system_clock() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


class ShiftedClock:
    """A clock that began at a chosen moment and runs on from there; a rehearsal's. It can be
    moved forward."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        """Now, on this clock."""
        return self._start + timedelta(seconds=time.monotonic() - self._began)

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._start += by


def clock_of(settings: Settings) -> Clock:
    """The present; where GitHub is a sandbox on this machine, the time of its world, by which
    its items are old."""
    if not settings.on_loopback:
        return system_clock
    # a tenth of what a reading verb takes to start, and only a sandbox needs it
    import urllib.request

    try:
        with urllib.request.urlopen(f"{settings.github_url}/_sandbox/health", timeout=2) as reply:  # noqa: S310 - loopback
            return ShiftedClock(datetime.fromisoformat(msgspec.json.decode(reply.read())["now"]))
    except (OSError, ValueError, KeyError, TypeError, msgspec.DecodeError):
        return system_clock
