"""A database that is away for a while: restarted, failed over, or cut off. Whoever can wait for it, waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

Found = TypeVar("Found")

OUTAGES: Final = (OperationalError, InterfaceError)
"""What SQLAlchemy raises when the connection breaks or none can be had (https://docs.sqlalchemy.org/errors.html)."""
PATIENCE: Final = 300.0
"""Seconds after which a database that is away is taken for gone."""
PAUSE: Final = 1.0
"""Seconds between two tries."""


def patiently(ask: Callable[[], Found], *, patience: float = PATIENCE) -> Found:
    """What ``ask`` returns, asked again while the database is away. Only for what may be asked twice.

    Raises what it last raised when ``patience`` (seconds) is over.
    """
    until = time.monotonic() + patience
    while True:
        try:
            return ask()
        except OUTAGES:
            if time.monotonic() >= until:
                raise
        time.sleep(PAUSE)
