"""How many to ask for at once: shrinks when GitHub gives up on a page, and grows again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from migrator.errors import ServerUnavailable

_Answer = TypeVar("_Answer")
GROWS_AFTER = 3
"""Good pages in a row after which the next one is larger."""


class PageSize:
    """A page size between ``least`` and ``largest`` (GitHub allows 1 to 100)."""

    def __init__(self, largest: int = 100, *, least: int = 5, start: int | None = None) -> None:
        self._largest = largest
        self._least = least
        self._good = 0
        self.current = min(start or largest, largest)

    @property
    def is_least(self) -> bool:
        """Whether it cannot shrink any further."""
        return self.current <= self._least

    def shrink(self) -> None:
        """A page was too much: ask for half."""
        self._good = 0
        self.current = max(self.current // 2, self._least)

    def grow(self) -> None:
        """A page went well; after some of them ask for twice as much."""
        self._good += 1
        if self._good >= GROWS_AFTER:
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
