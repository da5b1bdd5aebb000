"""What fails inside the engine, not in what we have it do.

It can be unable to look for work. Its threads say so in their log, where nobody reads it, and look
again a second later: for as long as that goes on, a worker only seems to be at work.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from migrator.errors import DatabaseError
from migrator.store.database import OUTAGES

FAILED: Final = ("Exception encountered in queue thread", "Exception finding work")
"""How its warnings begin, one a look that failed (DBOS 3.4.0, ``_queue.queue_worker_thread``)."""
FEW: Final = 3
"""As many may fail while a database restarts."""


_OUTAGE_NAMES: Final = frozenset(each.__name__ for each in OUTAGES)


def is_noted_outage(error: Exception) -> bool:
    """Whether the engine read an outage from its notes: one in which it could not note what a step
    came to, and could a moment later. Another process finds it when it goes on with the workflow;
    by then it is over (DBOS 3.4.0, ``_serialization.PortableWorkflowError``)."""
    noted = type(error).__name__ == "PortableWorkflowError"
    return noted and getattr(error, "name", None) in _OUTAGE_NAMES


class FailedLooks(logging.Handler):
    """Handles the engine's warnings. ``thread`` is the name of the thread that looks."""

    def __init__(self, thread: str, seconds: Callable[[], float] = time.monotonic) -> None:
        super().__init__(logging.WARNING)
        self._thread, self._seconds = thread, seconds
        self._failed: deque[float] = deque(maxlen=FEW)
        self._words = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Count a look that failed."""
        message = record.getMessage()
        if record.threadName == self._thread and message.startswith(FAILED):
            self._failed.append(self._seconds())
            words = message.partition(": ")[2].partition("[SQL")[0]  # the statement helps nobody
            self._words = " ".join(words.split())

    def refuse_many(self, within: float) -> None:
        """Raise :class:`DatabaseError` if the last looks failed, all within so many seconds."""
        if len(self._failed) == FEW and self._seconds() - self._failed[0] <= within:
            raise DatabaseError(
                f"this worker can begin no run: it cannot look for one: {self._words}",
                cure="connections are opened anew now; if this comes again, check the database "
                "and its disk, then restart the worker",
            )
