"""The way from a request to the disk: many deliveries share one commit, and none is answered before
its own.

A commit that waits for the disk takes longer than everything else about a webhook. While one is
under way, those that arrive queue up and go into the next one together.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from migrator.store.deliveries import Arrived

Store = Callable[[Sequence[Arrived]], frozenset[str]]
"""Stores deliveries durably; returns the ids whose work was finished before. Blocks."""

MOST_TOGETHER = 500
"""Deliveries in one commit at most: each waits for the whole."""


class DeliveryBuffer:
    """Stores deliveries in groups. Belongs to one event loop: ``start`` and ``close`` it there."""

    def __init__(self, store: Store, *, stored: Callable[[], None] = lambda: None) -> None:
        self._store = store
        self._stored = stored
        self._waiting: list[tuple[Arrived, asyncio.Future[bool]]] = []
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to store."""
        self._task = asyncio.get_running_loop().create_task(self._write(), name="inbox")

    async def close(self) -> None:
        """Store what is waiting, then end."""
        task, self._task = self._task, None
        if task is not None:
            self._some.set()
            await task

    async def put(self, arrived: Arrived) -> bool:
        """Store one delivery; returns, once it is on disk, whether its work was finished long ago.

        Raises ``DatabaseError`` or what the database raised: then it is not stored.
        """
        if self._task is None:
            raise RuntimeError("the inbox is closed")
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrived, done))
        self._some.set()
        return await done

    async def _write(self) -> None:
        """Commit group after group until closed and empty."""
        while self._task is not None or self._waiting:
            if not self._waiting:
                self._some.clear()
                await self._some.wait()
                continue
            group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            await self._commit(group)

    async def _commit(self, group: list[tuple[Arrived, asyncio.Future[bool]]]) -> None:
        try:
            finished = await asyncio.to_thread(self._store, [arrived for arrived, _ in group])
        except Exception as error:  # each request tells its own sender
            for _, done in group:
                if not done.done():
                    done.set_exception(error)
            return
        self._stored()
        for arrived, done in group:
            if not done.done():  # its request may have been cancelled
                done.set_result(arrived.id in finished)
