"""Pages of a walk, complete or not at all: what a page did not show is listed, read again in parts,
then alone, then thinner.

A page fails in one of three ways:

- some of its items are missing or have a part missing: the page's numbers are listed (a thin
  query, :mod:`.queries.numbers`) and those items are read alone;
- the page as a whole: it is listed and read in halves, down to single items. If each half can be
  read, it was too wide, and the next pages are narrower;
- it is shorter than it says: the list tells who is missing.

What cannot be read alone either is told as an :class:`~migrator.github.completeness.UnreadItem`. A
page's cursor lies behind all of its items. If even the list cannot be read, the walk ends with an
error, and its cursor stays where it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any

from migrator.domain.items import Frozen, Item, ItemKind
from migrator.errors import IncompleteReply, PermissionDenied, ServerUnavailable
from migrator.github.completeness import (
    START,
    Gap,
    UnreadItem,
    below,
    unexplained,
)
from migrator.github.errors import understood
from migrator.github.http_messages import GraphQLDocument
from migrator.github.models import Page
from migrator.github.page_size import PageSize
from migrator.github.parsing.events import time
from migrator.github.protocol import GraphQLReply
from migrator.github.queries.fragments import THIN_PULL_SIZES, THIN_SIZES
from migrator.github.queries.items import SCAN_ISSUES, SCAN_PULLS
from migrator.github.queries.numbers import ISSUE_NUMBERS, PULL_NUMBERS
from migrator.github.single_items import item_or_gap
from migrator.github.transport import Transport

SURE_BELOW = 25
"""In parts of at most so many, an item makes a part fail and not its width: if one half is well,
the other is halved unasked."""
MOST_IN_A_ROW = 20
"""Items in a row that time out, with nothing read between them: then GitHub is unavailable, not
the items."""
ALONE_ATTEMPTS = 2


class _HowRead(IntEnum):
    """How a part of a page was read in one request: not at all, with gaps that were read alone,
    whole."""

    FAILED = 0
    WITH_GAPS = 1
    WHOLE = 2


class _Listed(Frozen, frozen=True, kw_only=True):
    """One item of a page, by the thin list. ``before`` is the cursor in front of it."""

    before: str
    id: str
    number: int
    updated_at: datetime | None = None


def _listed(before: str, node: Mapping[str, Any]) -> _Listed:
    number = int(node["url"].rpartition("/")[2])
    return _Listed(before=before, id=node["id"], number=number, updated_at=time(node["updatedAt"]))


class _Listing(Frozen, frozen=True, kw_only=True):
    """A page by its thin list."""

    entries: tuple[_Listed, ...]
    cursor: str
    more: bool
    total: int


class _Taken(Frozen, frozen=True, kw_only=True):
    """What a page showed whole, by node id, and how many of its items it did not."""

    items: dict[str, Item]
    gaps: tuple[Gap, ...]
    page: Mapping[str, Any]

    @property
    def more(self) -> bool:
        """Whether GitHub says that there is more behind it."""
        return bool(self.page["pageInfo"]["hasNextPage"])

    @property
    def shown(self) -> int:
        """How many nodes the page has, whole or not."""
        return len(self.items) + len(self.gaps)


class PageReader:
    """One walk over the issues or pull requests of a repository."""

    def __init__(
        self,
        wire: Transport,
        kind: ItemKind,
        repository: str,
        variables: Mapping[str, Any],
        size: PageSize,
    ) -> None:
        self._wire = wire
        self._kind = kind
        self._repository = repository
        self._variables = variables
        self._size = size
        self._met: int | None = None
        self._unavailable = 0
        self._passed = set[str]()

    async def read(self, after: str) -> Page:
        """The page behind the cursor ``after``. Raises the typed errors of a read that failed as
        a whole, and :class:`IncompleteReply` where pages lead back to one that was read."""
        if not after:
            self._met = 0
            self._passed.clear()
        self._passed.add(after)
        width = self._size.current
        try:
            taken: _Taken | None = await self._ask(width, after, attempts=1)
        except ServerUnavailable:
            taken = None
        if taken is not None and self._leads_back(_page(taken)):
            taken = None
        if taken is None or taken.gaps or self._is_short(taken, width):
            page = await self._repaired(taken, after, width)
        else:
            self._size.grow()
            page = _page(taken)
        if self._leads_back(page):
            raise IncompleteReply("GitHub shows a page again that was read", status=200)
        if self._met is not None:
            self._met += len(page.items) + len(page.unread)
        return page

    def _leads_back(self, page: Page) -> bool:
        """Whether what is behind a page was read already: the walk would never end."""
        return page.more and page.cursor in self._passed

    async def read_at(self, place: str, item_id: str, number: int) -> Item | UnreadItem | None:
        """The item that stood at a place when it could not be read, as that says it; ``None`` if
        another stands there now."""
        known, unread = dict[str, Item](), list[UnreadItem]()
        entry = _Listed(before="" if place == START else place, id=item_id, number=number)
        await self._alone(entry, known, unread)
        return known.get(item_id) or next(iter(unread), None)

    def _is_short(self, taken: _Taken, width: int) -> bool:
        """Whether a page has fewer items than it should: it has more behind it, or not all were
        met at the end."""
        if taken.more:
            return taken.shown < width
        return self._met is not None and self._met + taken.shown < taken.page["totalCount"]

    async def _repaired(self, taken: _Taken | None, after: str, width: int) -> Page:
        """The page again, by its list."""
        listing = await self._list(width, after)
        known = dict(taken.items) if taken is not None else {}
        unread: list[UnreadItem] = []
        if taken is None or _is_heavy(taken, width):
            await self._in_halves(listing.entries, known, unread, width)
        else:
            await self._each_alone(listing.entries, known, unread)
        order = [entry.id for entry in listing.entries]
        items = tuple(known.pop(node_id) for node_id in order if node_id in known)
        return Page(
            items=(*items, *known.values()),
            unread=tuple(unread),
            cursor=listing.cursor or after,
            more=listing.more,
            total=listing.total,
        )

    async def _in_halves(
        self,
        entries: Sequence[_Listed],
        known: dict[str, Item],
        unread: list[UnreadItem],
        width: int,
    ) -> None:
        """Read a page that failed in one request by its halves, and so on; if all can be read,
        it was too wide."""
        best, before = 0, len(unread)
        parts = [(entries, True)]  # and whether it is known that it fails in one request
        while parts:
            part, fails = parts.pop()
            if len(part) <= 1:
                await self._each_alone(part, known, unread)
            elif fails:
                middle = (len(part) + 1) // 2
                left, right = part[:middle], part[middle:]
                how = await self._part(left, known, unread)
                best = max(best, len(left) if how else 0)
                parts += [
                    (right, how is _HowRead.WHOLE and len(part) <= SURE_BELOW),
                    *([] if how else [(left, True)]),
                ]
            else:
                how = await self._part(part, known, unread)
                best = max(best, len(part) if how else 0)
                parts += [] if how else [(part, True)]
        if len(unread) == before and 0 < best < width:
            self._size.shrink(best)

    async def _part(
        self, part: Sequence[_Listed], known: dict[str, Item], unread: list[UnreadItem]
    ) -> _HowRead:
        """Read a part of a page in one request; a few items with a gap are then read alone."""
        if len(part) == 1:
            return await self._each_alone(part, known, unread)
        try:
            taken = await self._ask(len(part), part[0].before, attempts=1)
        except ServerUnavailable:
            return _HowRead.FAILED
        known |= taken.items
        if _is_heavy(taken, len(part)):
            return _HowRead.FAILED
        self._unavailable = 0
        return await self._each_alone(part, known, unread)

    async def _each_alone(
        self, part: Sequence[_Listed], known: dict[str, Item], unread: list[UnreadItem]
    ) -> _HowRead:
        """Read those items of a part alone that are not known yet."""
        missing = [entry for entry in part if entry.id not in known]
        for entry in missing:
            await self._alone(entry, known, unread)
        return _HowRead.WITH_GAPS if missing else _HowRead.WHOLE

    async def _alone(
        self, entry: _Listed, known: dict[str, Item], unread: list[UnreadItem]
    ) -> None:
        """Read one item alone, then thinner; what fails is noted."""
        gap: Gap | None = None
        thin = THIN_SIZES if self._kind is ItemKind.ISSUE else THIN_PULL_SIZES
        for sizes, attempts in (({}, ALONE_ATTEMPTS), (thin, 1)):
            try:
                taken = await self._ask(1, entry.before, attempts=attempts, sizes=sizes)
            except ServerUnavailable as error:
                gap = gap or Gap(
                    cause="incomplete" if isinstance(error, IncompleteReply) else "unavailable",
                    words=error.cause,
                )
                continue
            known |= taken.items
            # or another item stands there now: then this one changed meanwhile, and is met
            # elsewhere
            if not taken.gaps:
                self._unavailable = 0
                return
            gap = taken.gaps[0]
            if gap.cause == "forbidden":
                break
        assert gap is not None
        self._note(entry, gap, unread)

    def _note(self, entry: _Listed, gap: Gap, unread: list[UnreadItem]) -> None:
        self._unavailable = self._unavailable + 1 if gap.cause == "unavailable" else 0
        if self._unavailable > MOST_IN_A_ROW:
            raise ServerUnavailable(
                f"{self._unavailable} items in a row cannot be read: {gap.words}"
            )
        unread.append(
            UnreadItem(
                repository=self._repository,
                number=entry.number,
                kind=self._kind,
                id=entry.id,
                updated_at=entry.updated_at,
                place=(entry.before or START)
                if self._variables["order"]["field"] == "CREATED_AT"
                else "",
                cause=gap.cause,
                words=gap.words,
            )
        )

    async def _ask(
        self,
        first: int,
        after: str,
        *,
        attempts: int | None = None,
        sizes: Mapping[str, Any] | None = None,
    ) -> _Taken:
        """One request for a page. Raises :class:`IncompleteReply` for a page that does not even
        have its nodes."""
        document = SCAN_ISSUES if self._kind is ItemKind.ISSUE else SCAN_PULLS
        asked = {**document.sizes, **self._variables, **(sizes or {})}
        reply = await self._send(
            document, {**self._variables, **(sizes or {})}, first, after, attempts
        )
        page, errors = self._connection(reply)
        nodes = page.get("nodes")
        whole = page.get("pageInfo") and (page.get("totalCount") is not None) and nodes is not None
        if not whole:
            raise IncompleteReply(
                _words(errors) or f"{document.name}: the page has no items and does not say why",
                status=200,
            )
        items, gaps = dict[str, Item](), list[Gap]()
        for index, node in enumerate(nodes or ()):
            found = item_or_gap(node, below(errors, ("nodes", index)), asked)
            if isinstance(found, Item):
                items[found.id] = found
            else:
                gaps.append(found)
        return _Taken(items=items, gaps=tuple(gaps), page=page)

    async def _list(self, first: int, after: str) -> _Listing:
        document = ISSUE_NUMBERS if self._kind is ItemKind.ISSUE else PULL_NUMBERS
        variables = {
            name: value for name, value in self._variables.items() if f"${name}:" in document.text
        }
        page, errors = self._connection(await self._send(document, variables, first, after, None))
        with understood(document.name, writes=False):
            edges = page["edges"]
            if (
                errors
                or edges is None
                or None in edges
                or any(edge["node"] is None for edge in edges)
            ):
                raise IncompleteReply(
                    _words(errors) or f"{document.name}: the list of numbers has gaps", status=200
                )
            befores = [after, *(edge["cursor"] for edge in edges)]
            entries = tuple(
                _listed(at, edge["node"]) for at, edge in zip(befores, edges, strict=False)
            )
            info = page["pageInfo"]
            return _Listing(
                entries=entries,
                cursor=info["endCursor"] or "",
                more=info["hasNextPage"],
                total=page["totalCount"],
            )

    async def _send(
        self,
        document: GraphQLDocument,
        variables: Mapping[str, Any],
        first: int,
        after: str,
        attempts: int | None,
    ) -> GraphQLReply:
        owner, _, name = self._repository.partition("/")
        asked = {"owner": owner, "name": name, **variables, "first": first, "after": after or None}
        return await self._wire.ask(document, asked, attempts=attempts, whole=False)

    def _connection(self, reply: GraphQLReply) -> tuple[Mapping[str, Any], list[Any]]:
        """The list of items, with the errors below it. Raises what an empty root means."""
        name = "issues" if self._kind is ItemKind.ISSUE else "pullRequests"
        root = reply.at("repository", f"repository {self._repository}")
        errors = below(reply.errors, ("repository", name))
        of_items = [
            error for error in errors if error.path[:1] == ("nodes",) and len(error.path) > 1
        ]
        if root.get(name) is None or len(of_items) < len(reply.errors):
            if reply.errors and not unexplained(reply.errors):
                raise PermissionDenied(_words(reply.errors), status=200)
            raise IncompleteReply(_words(reply.errors) or f"{name} is null", status=200)
        return root[name], errors


def _page(taken: _Taken) -> Page:
    info = taken.page["pageInfo"]
    return Page(
        items=tuple(taken.items.values()),
        cursor=info["endCursor"] or "",
        more=taken.more,
        total=taken.page["totalCount"],
    )


def _is_heavy(taken: _Taken, width: int) -> bool:
    """Whether a page has so many gaps, or such ones, that it was too much as a whole."""
    return any(gap.heavy for gap in taken.gaps) or len(taken.gaps) > max(3, width // 10)


def _words(errors: Sequence[Any]) -> str:
    return errors[0].message or errors[0].type if errors else ""
