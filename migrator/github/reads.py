"""What we ask GitHub: pages of items, single items, threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from migrator.domain.items import Comment, Item, ItemKind, State
from migrator.github.comment_pages import CommentPages
from migrator.github.completeness import UnreadItem
from migrator.github.http_messages import names
from migrator.github.models import Page
from migrator.github.page_size import PageSize
from migrator.github.pages import PageReader
from migrator.github.queries.fragments import BULK_SIZES
from migrator.github.queries.items import DEEP_ITEMS, DEEP_TOGETHER, ITEM, ITEM_BY_NUMBER, ITEMS
from migrator.github.repositories import RepositoryReads
from migrator.github.single_items import read_item, read_items
from migrator.github.transport import Transport

OVERLAP = timedelta(minutes=5)
"""How much further back a scan of changes reads: clocks and indexes disagree a little."""
CLOCKS_APART = timedelta(days=1)
"""How far GitHub's clock and ours may differ when a text of ours is looked for: missing it would
mean writing it twice."""
FIRST_CHANGED_PULLS = 25
"""First page of changed pull requests: GitHub has no ``since`` for them, so what did not change
is read in vain."""
EVERY_STATE = (State.OPEN, State.CLOSED, State.MERGED)


class Reads(RepositoryReads):
    """Questions about items. Every method may be called again: nothing is changed by it."""

    def __init__(self, wire: Transport) -> None:
        super().__init__(wire)
        self._sizes: dict[str, PageSize] = {}

    async def scan_issues(
        self,
        repository: str,
        *,
        since: datetime | None = None,
        states: Sequence[State] | None = None,
        after: str = "",
        comments: int = BULK_SIZES["comments"],
    ) -> AsyncIterator[Page]:
        """Pages of issues, up to 100 each, from the cursor ``after`` on.

        With ``since``: those updated since then (less :data:`OVERLAP`), longest unchanged first, by
        default in any state, so that a close is seen, too. Without: by default the open ones,
        oldest first. In both orders an issue that changes during the walk is met later or again,
        never missed. ``comments`` is how many of each thread's last ones come along: a page costs
        ``7 + comments`` points of 5,000 an hour. Raises :class:`~migrator.errors.NotFound`.
        """
        wanted = states or ((State.OPEN,) if since is None else EVERY_STATE)
        variables = _variables(ItemKind.ISSUE, since, wanted, comments)
        reader = PageReader(self.wire, ItemKind.ISSUE, repository, variables, self._size("issues"))
        more = True
        while more:
            page = await reader.read(after)
            after, more = page.cursor, page.more
            yield page

    async def scan_pulls(
        self,
        repository: str,
        *,
        since: datetime | None = None,
        states: Sequence[State] | None = None,
        after: str = "",
        comments: int = BULK_SIZES["comments"],
    ) -> AsyncIterator[Page]:
        """Pages of pull requests, up to 100 each, from the cursor ``after`` on.

        With ``since``: newest change first, ending at ``since`` less :data:`OVERLAP`; one that
        changes during the walk moves ahead of it and is met by the next scan, whose ``since`` must
        be the time at which this one *began*. Otherwise as :meth:`scan_issues`.
        """
        wanted = states or ((State.OPEN,) if since is None else EVERY_STATE)
        variables = _variables(ItemKind.PULL_REQUEST, since, wanted, comments)
        size = (
            self._size("pulls")
            if since is None
            else self._size("changed pulls", start=FIRST_CHANGED_PULLS)
        )
        reader, more = (
            PageReader(self.wire, ItemKind.PULL_REQUEST, repository, variables, size),
            True,
        )
        while more:
            page = await reader.read(after)
            page = page if since is None else _changed_since(page, since - OVERLAP)
            after, more = page.cursor, page.more
            yield page

    async def labelled_issues(
        self, repository: str, label: str, *, after: str = "", most: int = 100
    ) -> AsyncIterator[Page]:
        """Pages of closed issues with one label, newest first, up to ``most`` (of 100) each, from
        the cursor ``after`` on. Their last comment comes along: a page costs 8 points of 5,000 an
        hour. Raises :class:`~migrator.errors.NotFound`.

        One label at a time: whether several mean any or all of them is said nowhere
        (https://docs.github.com/graphql/reference/input-objects#issuefilters).
        """
        variables = _variables(ItemKind.ISSUE, None, (State.CLOSED,), comments=1) | {
            "filter": {"labels": [label], "states": [State.CLOSED.name]},
            "order": {"field": "CREATED_AT", "direction": "DESC"},
        }
        size = PageSize(min(most, 100), least=1)
        reader, more = PageReader(self.wire, ItemKind.ISSUE, repository, variables, size), True
        while more:
            page = await reader.read(after)
            after, more = page.cursor, page.more
            yield page

    def _size(self, walk: str, start: int | None = None) -> PageSize:
        """The page size of a kind of walk: remembered from one walk to the next, but for where
        it starts."""
        if walk not in self._sizes or start is not None:
            self._sizes[walk] = PageSize(least=1, start=start)
        return self._sizes[walk]

    async def read_again(
        self, repository: str, kind: ItemKind, *, item_id: str, number: int, place: str = ""
    ) -> Item | UnreadItem | None:
        """An item that could not be read before. ``None`` if it is gone.

        It is asked for as the walk did, where its place is known and still its own, else by id.
        """
        if place:
            variables = _variables(kind, None, (State.OPEN,), BULK_SIZES["comments"])
            found = await PageReader(self.wire, kind, repository, variables, PageSize(1)).read_at(
                place, item_id, number
            )
            if found is not None:
                return found
        return (await self.items([item_id]))[0]

    async def items(self, ids: Sequence[str]) -> list[Item | UnreadItem | None]:
        """Items by node id, in the order asked, 100 a request; ``None`` where GitHub has none any
        more (deleted, transferred).

        What it has and does not show whole is read alone, then thinner; what cannot be read either
        way is an ``UnreadItem``.
        """
        return await read_items(self.wire, ITEMS, ids, self._size("items"))

    async def deep_items(self, ids: Sequence[str]) -> list[Item | UnreadItem | None]:
        """The same, as deep as :meth:`item` reads one, 10 a request, all requests at once."""
        portions = [
            ids[start : start + DEEP_TOGETHER] for start in range(0, len(ids), DEEP_TOGETHER)
        ]
        answers = await asyncio.gather(
            *(
                read_items(self.wire, DEEP_ITEMS, portion, PageSize(DEEP_TOGETHER, least=1))
                for portion in portions
            ),
            return_exceptions=True,  # none is left running behind the caller's back
        )
        found: list[Item | UnreadItem | None] = []
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            found += answer
        return found

    async def item(self, item_id: str) -> Item:
        """One item by node id, read deep, in one request: the live re-check. Raises
        :class:`~migrator.errors.NotFound`.

        What GitHub does not show whole is read again less deep; then
        :class:`~migrator.errors.IncompleteReply` is raised.
        """
        return await read_item(self.wire, ITEM, {"id": item_id}, f"item {item_id}")

    async def item_by_number(self, repository: str, number: int) -> Item:
        """The same by its address. Raises :class:`~migrator.errors.NotFound`."""
        what = f"{repository}#{number}"
        return await read_item(
            self.wire, ITEM_BY_NUMBER, {**names(repository), "number": number}, what
        )

    async def find_comments(
        self, subject_id: str, *, by_viewer: bool = True, since: datetime | None = None
    ) -> tuple[Comment, ...]:
        """Comments of a thread, oldest first; only our own account's with ``by_viewer``.

        With ``since`` (by our clock): those created since then less :data:`CLOCKS_APART`. Walks
        back page by page, so that no number of later comments hides one. Raises
        :class:`~migrator.errors.NotFound` if the thread is gone: then nothing can be said about
        what was written there.
        """
        horizon = None if since is None else since - CLOCKS_APART
        thread = CommentPages(self.wire, subject_id)
        found = [comment async for comment in thread.back_to(horizon)]
        recent = (
            entry for entry in reversed(found) if horizon is None or entry.created_at >= horizon
        )
        return tuple(entry for entry in recent if not by_viewer or self.is_own(entry))

    def is_own(self, comment: Comment) -> bool:
        """Whether our account wrote a comment."""
        own = self._viewer.id if self._viewer is not None else ""
        return comment.viewer_did_author or (
            comment.author is not None and own != "" and comment.author.id == own
        )


def _variables(
    kind: ItemKind, since: datetime | None, states: Sequence[State], comments: int
) -> dict[str, Any]:
    """Variables of a walk. Only issues can be asked for since a date; pull requests come with
    the newest change first."""
    issues = kind is ItemKind.ISSUE
    direction = "ASC" if issues or since is None else "DESC"
    variables = {
        "states": _words(states, but=State.MERGED if issues else None),
        "order": {"field": "CREATED_AT" if since is None else "UPDATED_AT", "direction": direction},
        "comments": comments,
    }
    return variables | (
        {"filter": None if since is None else {"since": _iso(since - OVERLAP)}} if issues else {}
    )


def _words(states: Sequence[State], but: State | None = None) -> list[str]:
    return [state.name for state in dict.fromkeys(states) if state is not but]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _changed_since(page: Page, horizon: datetime) -> Page:
    """The part of a page (newest change first) that lies after ``horizon``, and whether more can
    follow."""
    changed = tuple(item for item in page.items if item.updated_at >= horizon)
    unread = tuple(
        each for each in page.unread if each.updated_at is None or each.updated_at >= horizon
    )
    all_did = len(changed) + len(unread) == len(page.items) + len(page.unread)
    return msgspec.structs.replace(page, items=changed, unread=unread, more=page.more and all_did)
