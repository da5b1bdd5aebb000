"""Reads items again before anything is written, several in one request where that is possible."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from migrator.domain.items import Item
from migrator.errors import NotFound, ServerUnavailable
from migrator.github.client import GitHubClient
from migrator.github.completeness import UnreadItem


class ItemReader:
    """Says what an item is like now.

    What was read ahead serves once, while it is younger than ``fresh``, and only as long as nothing
    else was asked about the item: GitHub's newest answer is what we are held against.
    """

    def __init__(
        self, github: GitHubClient, *, clock: Callable[[], datetime], fresh: timedelta
    ) -> None:
        self._github = github
        self._clock = clock
        self._fresh = fresh
        self._ahead: dict[str, tuple[Item | None, datetime]] = {}

    async def read_ahead(self, node_ids: Sequence[str]) -> None:
        """Read some items in one request, each as deep as if read alone; a single one is read when
        it is needed.

        What was read ahead earlier is forgotten. What could not be read whole is read when it is
        needed. Raises what a read raises.
        """
        self._ahead = {}
        if len(node_ids) < 2:
            return
        began = self._clock()
        try:
            found = await self._github.deep_items(node_ids)
        except ServerUnavailable:
            return  # reading each alone tells whether GitHub is away, or does not show these
        pairs = zip(node_ids, found, strict=True)
        self._ahead = {
            node_id: (item, began) for node_id, item in pairs if not isinstance(item, UnreadItem)
        }

    def forget(self, node_id: str) -> None:
        """Something else is asked about the item now: it has to be read again before anything is
        decided."""
        self._ahead.pop(node_id, None)

    async def item(self, node_id: str) -> tuple[Item | None, datetime]:
        """The item and when it was so; ``None`` if it is gone. Raises what a read raises."""
        item, read_at = self._ahead.pop(node_id, (None, None))
        if read_at is not None and timedelta() <= self._clock() - read_at <= self._fresh:
            return item, read_at
        try:
            return await self._github.item(node_id), self._clock()
        except NotFound:
            return None, self._clock()
