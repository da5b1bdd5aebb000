"""A time after which what is computed here is given up, so that no text holds up all others."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

JUDGING_SECONDS: Final = 10.0
"""Most seconds that one item may take to be judged, and again to be planned; milliseconds are
usual."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Have ``TimeoutError`` raised in this block after ``seconds``. Only a process's main thread
    has that; others go on, and what takes long there belongs in the compute pool."""
    if not has_deadlines():
        yield
        return
    before = signal.signal(signal.SIGALRM, _too_late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def has_deadlines() -> bool:
    """Whether a :func:`deadline` holds in this thread."""
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")


def _too_late(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError("the deadline has passed")
