"""Threads read further back: for items whose last page of comments or events does not tell
enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from migrator.domain.items import Item
from migrator.errors import IncompleteReply, NotFound, ServerUnavailable
from migrator.github.errors import understood
from migrator.github.page_size import PageSize, ask_sized
from migrator.github.parsing import items
from migrator.github.queries.earlier import THREADS_A_REQUEST, ThreadGap, earlier
from migrator.github.queries.fragments import BULK_SIZES, DEEP_SIZES
from migrator.github.transport import Transport

DEEPEST = 10
"""Pages of 100 that are read back at most, however long a thread is."""
MOST_GIVEN_UP = 3
"""Threads in a row that get no answer: then GitHub is unavailable, not the threads."""


def is_deep(item: Item) -> bool:
    """Whether as much of its thread was read as right before an act: the newest 100 comments and
    events. What was judged by less would seem to have changed then, although nobody touched it.

    GitHub hides some events of others and counts them all the same, so only counts that the first
    reading cannot have met are asked for again.
    """
    comments = min(DEEP_SIZES["comments"], item.comments_total)
    events = min(DEEP_SIZES["events"], item.events_total)
    return len(item.comments) >= comments and (
        len(item.events) >= events or item.events_total <= BULK_SIZES["events"]
    )


class _ThreadReader:
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

    def give_up(self) -> None:
        """Leave it as it is: GitHub does not show what came before."""
        self._comments = self._events = None

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

    def check(self, node: dict[str, Any] | None) -> None:
        """Raise :class:`IncompleteReply` if an answered page lacks what was asked for."""
        if node is not None:
            events = _page(node, "pullEvents") or _page(node, "issueEvents")
            _require(_page(node, "comments"), self._comments is not None, "comments")
            _require(events, self._events is not None, "events", of_others=True)

    def take(self, node: dict[str, Any] | None) -> None:
        """Put an answered page before what is there; a thread that is gone stays as it was."""
        comments, events = (
            _page(node, "comments"),
            _page(node, "pullEvents") or _page(node, "issueEvents"),
        )
        self.item = items.with_earlier(self.item, items.nodes(comments), items.nodes(events))
        self._comments, self._events = _before(comments), _before(events)


def _require(
    connection: dict[str, Any] | None, asked: bool, what: str, *, of_others: bool = False
) -> None:
    """Raise if a page of a thread is not there, or has a hole; of events GitHub may hide some,
    and says so where it does."""
    if not asked:
        return
    nodes = (connection or {}).get("nodes")
    if nodes is None or (None in nodes and not of_others):
        raise IncompleteReply(f"a page of {what} is missing or has a hole", status=200)


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
    threads = [_ThreadReader(item) for item in items]
    size = PageSize(THREADS_A_REQUEST, least=1)
    given_up = 0
    for _ in range(pages):
        lacking = [thread for thread in threads if not thread.whole and not until(thread.item)]
        while lacking:
            try:
                taken = await ask_sized(size, partial(_take_earlier, wire, lacking))
                given_up = 0
            except ServerUnavailable:
                given_up += 1
                if given_up > MOST_GIVEN_UP:
                    raise
                lacking[0].give_up()  # what is unread counts as what somebody may have said
                taken = 1
            lacking = lacking[taken:]
    return [thread.item for thread in threads]


async def read_back(
    wire: Transport, item: Item, until: Callable[[Item], bool], *, pages: int = DEEPEST
) -> Item:
    """One item, read back as :func:`complete_threads` does. Raises ``ServerUnavailable`` if GitHub
    does not show what came before, instead of leaving the item as it is."""
    thread = _ThreadReader(item)
    for _ in range(pages):
        if thread.whole or until(thread.item):
            break
        await ask_sized(PageSize(1), partial(_take_earlier, wire, [thread]))
    return thread.item


async def _take_earlier(
    wire: Transport, threads: Sequence[_ThreadReader], number: int, attempts: int | None
) -> int:
    """Ask once for the first ``number`` of ``threads``; returns how many that were."""
    asked = threads[:number]
    document, variables = earlier([thread.need for thread in asked])
    reply = await wire.ask(document, variables, attempts=attempts)
    with understood("Earlier", writes=False):
        for index, thread in enumerate(asked):
            node = reply.data[f"t{index}"]
            if node is None and not isinstance(reply.failures.get(f"t{index}"), NotFound):
                raise IncompleteReply(f"thread {index} is null, and nothing says why", status=200)
            thread.check(node)
        for index, thread in enumerate(asked):
            thread.take(reply.data[f"t{index}"])
    return len(asked)
