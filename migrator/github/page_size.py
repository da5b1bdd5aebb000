"""How many to ask for at once: shrinks when GitHub gives up on a page, and grows again, each
time more carefully."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from migrator.errors import ServerUnavailable

_Answer = TypeVar("_Answer")
GROWS_AFTER = 3
"""Good pages in a row after which the next one is larger."""
MOST_PATIENT = 48
"""Good pages in a row that are wanted at most, however often a larger page failed."""


class PageSize:
    """A page size between ``least`` and ``largest`` (GitHub allows 1 to 100)."""

    def __init__(self, largest: int = 100, *, least: int = 5, start: int | None = None) -> None:
        self._largest = largest
        self._least = least
        self._good = 0
        self._grows_after = GROWS_AFTER
        self._failed = largest + 1
        self.current = min(start or largest, largest)

    @property
    def is_least(self) -> bool:
        """Whether it cannot shrink any further."""
        return self.current <= self._least

    def shrink(self, to: int = 0) -> None:
        """A page was too much: ask for half, or for ``to``. A size that failed again is tried
        again twice as late."""
        if self._failed <= self.current:
            self._grows_after = min(self._grows_after * 2, MOST_PATIENT)
        self._failed, self._good = self.current, 0
        self.current = max(to or self.current // 2, self._least)

    def grow(self) -> None:
        """A page went well; after some of them ask for twice as much."""
        self._good += 1
        if self._good >= self._grows_after:
            self._good = 0
            self.current = min(self.current * 2, self._largest)


async def ask_sized(
    size: PageSize, ask: Callable[[int, int | None], Awaitable[_Answer]]
) -> _Answer:
    """Ask for ``size.current`` at once; for half as many after GitHub gave up.

    ``ask`` takes how many, and how many attempts are allowed: only the least size is asked
    repeatedly, because asking for the same again is what GitHub just failed at. Raises
    :class:`~migrator.errors.ServerUnavailable` in the end.
    """
    while True:
        try:
            answer = await ask(size.current, None if size.is_least else 1)
        except ServerUnavailable:
            if size.is_least:
                raise
            size.shrink()
        else:
            size.grow()
            return answer
