"""Which time it is: the present, or that of a sandbox's world."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from migrator.config.settings import Settings
from migrator.errors import ServerUnavailable
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


ATTEMPTS: Final = 3
PATIENCE: Final = 10.0
"""Seconds that a sandbox gets to say which time it is, at each attempt."""


def clock_of(settings: Settings, *, patience: float = PATIENCE) -> Clock:
    """The present; where GitHub is a sandbox on this machine, the time of its world, by which
    its items are old.

    Raises :class:`ServerUnavailable` for one that is there and does not answer: by the present,
    every grace that runs in its world would be over.
    """
    if not settings.on_loopback:
        return system_clock
    for _ in range(ATTEMPTS):
        try:
            return _clock_of_world(f"{settings.github_url}/_sandbox/health", patience)
        except TimeoutError:
            continue
        except OSError as error:
            if not isinstance(getattr(error, "reason", error), TimeoutError):
                return system_clock  # nothing is there, or no sandbox
        except (ValueError, KeyError, TypeError, msgspec.DecodeError):
            return system_clock
    raise ServerUnavailable(
        f"{settings.github_url} does not say which time it is there",
        cure="the machine is busy, or the sandbox hangs: retry, or start another one",
    )


def _clock_of_world(url: str, patience: float) -> ShiftedClock:
    # a tenth of what a reading verb takes to start, and only a sandbox needs it
    import urllib.request

    with urllib.request.urlopen(url, timeout=patience) as reply:  # noqa: S310 - loopback
        return ShiftedClock(datetime.fromisoformat(msgspec.json.decode(reply.read())["now"]))
