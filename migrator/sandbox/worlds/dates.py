"""Time as whole seconds since 1970 while a world is being made, and ISO 8601 text in its
records."""

from __future__ import annotations

from datetime import UTC, datetime

HOUR = 3600
DAY = 24 * HOUR


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970 of a timezone-aware moment. Raises ``ValueError`` for one without
    a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return int(moment.timestamp())


def iso(at: int) -> str:
    """``2021-06-24T00:00:00Z``, as GitHub writes times."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}Z"


def parse(text: str) -> int:
    """Seconds of an ISO 8601 time; one without a zone is taken as UTC. Raises ``ValueError``."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
