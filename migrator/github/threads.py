"""Threads read further back: for items whose last page of comments or events does not tell
enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from migrator.domain.items import Item
from migrator.github.errors import understood
from migrator.github.paging import PageSize, ask_sized
from migrator.github.parsing import items
from migrator.github.queries.earlier import THREADS_A_REQUEST, ThreadGap, earlier
from migrator.github.transport import Transport

DEEPEST = 10
"""Pages of 100 that are read back at most, however long a thread is."""


class _Thread:
    """One item on its way back in time. A cursor is empty before the first page, ``None`` at the
    beginning of the thread."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self._comments = "" if len(item.comments) < item.comments_total else None
        self._events = "" if len(item.events) < item.events_total else None

    @property
    def whole(self) -> bool:
        """Whether nothing earlier exists."""
        return self._comments is None and self._events is None

    @property
    def need(self) -> ThreadGap:
        """What to ask for next."""
        item = self.item
        return ThreadGap(
            id=item.id,
            is_pull_request=item.is_pull_request,
            comments_before=self._comments,
            events_before=self._events,
        )

    def take(self, node: dict[str, Any] | None) -> None:
        """Put an answered page before what is there; a thread that is gone stays as it was."""
        comments, events = (
            _page(node, "comments"),
            _page(node, "pullEvents") or _page(node, "issueEvents"),
        )
        self.item = items.with_earlier(self.item, items.nodes(comments), items.nodes(events))
        self._comments, self._events = _before(comments), _before(events)


def _page(node: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
    return (node or {}).get(name)


def _before(connection: dict[str, Any] | None) -> str | None:
    info = (connection or {}).get("pageInfo") or {}
    return info["startCursor"] if info.get("hasPreviousPage") else None


async def complete_threads(
    wire: Transport, items: Sequence[Item], until: Callable[[Item], bool], *, pages: int = DEEPEST
) -> list[Item]:
    """The items, in order, each read back until ``until`` holds, or its thread is whole, or
    ``pages`` were read.

    Many threads share a request. Items for which ``until`` holds from the start cost nothing.
    """
    threads = [_Thread(item) for item in items]
    size = PageSize(THREADS_A_REQUEST)
    for _ in range(pages):
        lacking = [thread for thread in threads if not thread.whole and not until(thread.item)]
        while lacking:
            taken = await ask_sized(size, partial(_take_earlier, wire, lacking))
            lacking = lacking[taken:]
    return [thread.item for thread in threads]


async def _take_earlier(
    wire: Transport, threads: Sequence[_Thread], number: int, attempts: int | None
) -> int:
    """Ask once for the first ``number`` of ``threads``; returns how many that were."""
    asked = threads[:number]
    document, variables = earlier([thread.need for thread in asked])
    data = (await wire.ask(document, variables, attempts=attempts)).data
    with understood("Earlier", writes=False):
        for index, thread in enumerate(asked):
            thread.take(data[f"t{index}"])
    return len(asked)
