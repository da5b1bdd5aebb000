"""How many to ask for at once: shrinks when GitHub gives up on a page, and grows again."""

from __future__ import annotations

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
