"""What we ask GitHub: pages of items, single items, threads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from migrator.domain.items import Comment, Item, State
from migrator.errors import NotFound
from migrator.github.errors import understood
from migrator.github.http_messages import GraphQLDocument, names
from migrator.github.models import Page
from migrator.github.paging import PageSize, ask_sized
from migrator.github.parsing import items
from migrator.github.protocol import GraphQLReply
from migrator.github.queries.fragments import BULK_SIZES
from migrator.github.queries.items import (
    COMMENTS,
    DEEP_ITEMS,
    DEEP_TOGETHER,
    ITEM,
    ITEM_BY_NUMBER,
    ITEMS,
    SCAN_ISSUES,
    SCAN_PULLS,
)
from migrator.github.repositories import RepositoryReads

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
        variables = {
            "states": _words(
                states or ((State.OPEN,) if since is None else EVERY_STATE), but=State.MERGED
            ),
            "filter": None if since is None else {"since": _iso(since - OVERLAP)},
            "order": {"field": "CREATED_AT" if since is None else "UPDATED_AT", "direction": "ASC"},
            "comments": comments,
        }
        size, more = PageSize(), True
        while more:
            page = await self._page(
                SCAN_ISSUES, repository, {**variables, "after": after or None}, size, "issues"
            )
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
        order = (
            {"field": "CREATED_AT", "direction": "ASC"}
            if since is None
            else {"field": "UPDATED_AT", "direction": "DESC"}
        )
        wanted = states or ((State.OPEN,) if since is None else EVERY_STATE)
        variables = {"states": _words(wanted), "order": order, "comments": comments}
        size, more = PageSize(start=None if since is None else FIRST_CHANGED_PULLS), True
        while more:
            page = await self._page(
                SCAN_PULLS, repository, {**variables, "after": after or None}, size, "pullRequests"
            )
            page = page if since is None else _changed_since(page, since - OVERLAP)
            after, more = page.cursor, page.more
            yield page

    async def items(self, ids: Sequence[str]) -> list[Item | None]:
        """Items by node id, in the order asked, 100 a request; ``None`` where GitHub has none
        any more (deleted, transferred)."""
        found: list[Item | None] = []
        size = PageSize()
        while len(found) < len(ids):
            start = len(found)

            async def some(number: int, attempts: int | None, start: int = start) -> GraphQLReply:
                return await self.wire.ask(
                    ITEMS, {"ids": ids[start : start + number]}, attempts=attempts
                )

            found += _items((await ask_sized(size, some)).data["nodes"])
        return found

    async def deep_items(self, ids: Sequence[str]) -> list[Item | None]:
        """Items as deep as :meth:`item` reads one, in the order asked, 10 a request; ``None``
        where there is none any more."""
        found: list[Item | None] = []
        for start in range(0, len(ids), DEEP_TOGETHER):
            reply = await self.wire.ask(DEEP_ITEMS, {"ids": ids[start : start + DEEP_TOGETHER]})
            found += _items(reply.data["nodes"])
        return found

    async def item(self, item_id: str) -> Item:
        """One item by node id, read deep, in one request: the live re-check. Raises
        :class:`~migrator.errors.NotFound`."""
        reply = await self.wire.ask(ITEM, {"id": item_id})
        return _item(reply.at("node", f"item {item_id}"), f"item {item_id}")

    async def item_by_number(self, repository: str, number: int) -> Item:
        """The same by its address. Raises :class:`~migrator.errors.NotFound`."""
        reply = await self.wire.ask(ITEM_BY_NUMBER, {**names(repository), "number": number})
        inside = reply.at("repository", repository)
        return _item(inside["issueOrPullRequest"], f"{repository}#{number}")

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
        found: list[Comment] = []
        before: str | None = None
        while True:
            reply = await self.wire.ask(COMMENTS, {"id": subject_id, "before": before})
            with understood("Comments", writes=False):
                page = reply.at("node", f"item {subject_id}")["comments"]
                comments = [items.comment(node) for node in items.nodes(page)]
            found = comments + found
            reached = horizon is not None and bool(comments) and comments[0].created_at < horizon
            if reached or not page["pageInfo"]["hasPreviousPage"]:
                break
            before = page["pageInfo"]["startCursor"]
        recent = (entry for entry in found if horizon is None or entry.created_at >= horizon)
        return tuple(entry for entry in recent if not by_viewer or self.is_own(entry))

    def is_own(self, comment: Comment) -> bool:
        """Whether our account wrote a comment."""
        own = self._viewer.id if self._viewer is not None else ""
        return comment.viewer_did_author or (
            comment.author is not None and own != "" and comment.author.id == own
        )

    async def _page(
        self,
        document: GraphQLDocument,
        repository: str,
        variables: Mapping[str, Any],
        size: PageSize,
        connection: str,
    ) -> Page:
        async def some(number: int, attempts: int | None) -> GraphQLReply:
            return await self.wire.ask(
                document, {**names(repository), **variables, "first": number}, attempts=attempts
            )

        reply = await ask_sized(size, some)
        page = reply.at("repository", f"repository {repository}")[connection]
        with understood(document.name, writes=False):
            return Page(
                items=tuple(items.item(node) for node in items.nodes(page)),
                cursor=page["pageInfo"]["endCursor"] or "",
                more=page["pageInfo"]["hasNextPage"],
                total=page["totalCount"],
            )


def _words(states: Sequence[State], but: State | None = None) -> list[str]:
    return [state.name for state in dict.fromkeys(states) if state is not but]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _item(node: Mapping[str, Any] | None, what: str) -> Item:
    if not _is_item(node) or node is None:
        raise NotFound(f"{what} does not exist (any more)")
    with understood(what, writes=False):
        return items.item(node)


def _items(nodes: Sequence[Mapping[str, Any] | None]) -> list[Item | None]:
    with understood("Items", writes=False):
        return [items.item(node) if node is not None and _is_item(node) else None for node in nodes]


def _is_item(node: Mapping[str, Any] | None) -> bool:
    return node is not None and node.get("__typename") in {"Issue", "PullRequest"}


def _changed_since(page: Page, horizon: datetime) -> Page:
    """The part of a page (newest change first) that lies after ``horizon``, and whether more can
    follow."""
    changed = tuple(item for item in page.items if item.updated_at >= horizon)
    return msgspec.structs.replace(
        page, items=changed, more=page.more and len(changed) == len(page.items)
    )
