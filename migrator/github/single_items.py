"""Items by node id or address: whole, or told apart into what is gone and what could not be
read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from migrator.domain.items import Item
from migrator.errors import GitHubError, IncompleteReply, NotFound, ServerUnavailable
from migrator.github.completeness import (
    Gap,
    UnreadItem,
    below,
    gap_of_errors,
    item_gap,
    unexplained,
)
from migrator.github.errors import FieldError, typed, understood
from migrator.github.http_messages import GraphQLDocument
from migrator.github.page_size import PageSize
from migrator.github.parsing import items
from migrator.github.protocol import GraphQLReply
from migrator.github.queries.fragments import BULK_PULL_SIZES, DEEP_SIZES, THIN_PULL_SIZES
from migrator.github.queries.repository import VIEWER
from migrator.github.threads import read_back
from migrator.github.transport import Transport

_KINDS = {"Issue", "PullRequest"}
ALONE_ATTEMPTS = 2
UNAVAILABLE = "unavailable"
"""Cause of a gap where nothing came, in place of a reply with a hole."""
MOST_IN_A_ROW = 5
"""Items in a row that get no answer: then GitHub is unavailable, not the items."""


async def read_items(
    wire: Transport, document: GraphQLDocument, ids: Sequence[str], size: PageSize
) -> list[Item | UnreadItem | None]:
    """Items by node id, in the order asked; ``None`` for what GitHub says that it does not have
    (any more).

    Raises :class:`~migrator.errors.ServerUnavailable` if nothing can be read at all.
    """
    reader, found = _IdReader(wire, document), list[Item | UnreadItem | None]()
    while len(found) < len(ids):
        asked = ids[len(found) : len(found) + size.current]
        read = await reader.read(asked)
        if any(isinstance(one, UnreadItem) for one in read) or reader.widest >= len(asked):
            size.grow()
        else:
            size.shrink(reader.widest)
        found += read
    return found


class _IdReader:
    """Reads items by node id: together, and where that fails in halves, down to each alone.
    ``widest`` is what went together."""

    def __init__(self, wire: Transport, document: GraphQLDocument) -> None:
        self._wire = wire
        self._document = document
        self._unanswered = 0
        self.widest = 0

    async def read(self, ids: Sequence[str]) -> list[Item | UnreadItem | None]:
        """The items in the order asked. Raises ``ServerUnavailable`` if several in a row, or all
        there are, get no answer."""
        self.widest = 0
        found = await self._read(ids)
        if self.widest == 0 and self._unanswered:
            raise ServerUnavailable(next(one.words for one in found if isinstance(one, UnreadItem)))
        return found

    async def _read(self, ids: Sequence[str]) -> list[Item | UnreadItem | None]:
        try:
            attempts = 1 if len(ids) > 1 else ALONE_ATTEMPTS
            reply = await self._wire.ask(
                self._document, {"ids": ids}, attempts=attempts, whole=False
            )
            nodes = _nodes(reply, len(ids))
        except ServerUnavailable as error:
            if len(ids) > 1:
                middle = (len(ids) + 1) // 2
                return [*await self._read(ids[:middle]), *await self._read(ids[middle:])]
            return [self._no_answer(ids[0], error)]
        self.widest, self._unanswered = max(self.widest, len(ids)), 0
        found: list[Item | UnreadItem | None] = []
        for index, node in enumerate(nodes):
            read = _read(node, below(reply.errors, ("nodes", index)), self._document.sizes)
            found.append(
                await _alone(self._wire, self._document, ids[index], read)
                if isinstance(read, Gap)
                else read
            )
        return found

    def _no_answer(self, item_id: str, error: ServerUnavailable) -> UnreadItem:
        self._unanswered += 1
        if self._unanswered >= MOST_IN_A_ROW:
            raise error
        return UnreadItem(id=item_id, cause=_cause(error), words=error.cause)


def _nodes(reply: GraphQLReply, asked: int) -> Sequence[Mapping[str, Any] | None]:
    """The nodes of a reply, one for each id. Raises :class:`IncompleteReply` if they are not
    there."""
    nodes = reply.data.get("nodes")
    above = [error for error in reply.errors if len(error.path) < 2]
    if nodes is None or len(nodes) != asked or above:
        words = (
            reply.errors[0].message if reply.errors else "the list of items is missing or too short"
        )
        raise IncompleteReply(words, status=200)
    return nodes  # type: ignore[no-any-return]


def _read(
    node: Mapping[str, Any] | None, errors: Sequence[FieldError], sizes: Mapping[str, Any]
) -> Item | Gap | None:
    """An item, ``None`` where GitHub says that there is none, or what is missing."""
    if node is None:
        at_itself = [error for error in errors if not error.path]
        if at_itself and at_itself[0].type == "NOT_FOUND":
            return None
    elif node.get("__typename") not in _KINDS:
        return None
    return item_or_gap(node, errors, sizes)


def item_or_gap(
    node: Mapping[str, Any] | None, errors: Sequence[FieldError], sizes: Mapping[str, Any]
) -> Item | Gap:
    """An item's node as an item, or what is missing of it."""
    if node is None:
        return gap_of_errors(errors) or Gap(
            cause="incomplete", words="the item is null, and nothing says why"
        )
    gap = item_gap(node, errors, sizes)
    if gap is not None:
        return gap
    try:
        with understood("item", writes=False):
            return items.item(node, whole_paths=sizes.get("paths", 1) > 1)
    except GitHubError as error:
        return Gap(cause="unknown_form", words=error.cause)


async def _alone(
    wire: Transport, document: GraphQLDocument, item_id: str, gap: Gap
) -> Item | UnreadItem | None:
    """One item that was not whole among others, read alone, then thinner."""
    for sizes in ({}, THIN_PULL_SIZES):
        try:
            reply = await wire.ask(document, {"ids": [item_id], **sizes}, attempts=1, whole=False)
            found = _read(
                _nodes(reply, 1)[0], below(reply.errors, ("nodes", 0)), {**document.sizes, **sizes}
            )
        except ServerUnavailable as error:
            gap = Gap(cause=_cause(error), words=error.cause)
            continue
        if isinstance(found, Item) and sizes:
            found = await _as_deep(wire, document, found, sizes)
        if not isinstance(found, Gap):
            return found
        gap = found
    return UnreadItem(id=item_id, cause=gap.cause, words=gap.words)


async def _as_deep(
    wire: Transport, document: GraphQLDocument, item: Item, sizes: Mapping[str, int]
) -> Item | Gap:
    """An item that was read with these smaller sizes, as deep as the document asks for.

    What is read right before an act is held against what was planned: where it tells less, the
    decision seems to have changed, and an item that nobody touched would be skipped. A scan's
    document asks for few comments, and its threads are read back by themselves.
    """
    if document.sizes["comments"] < DEEP_SIZES["comments"]:
        return item
    lists = {"linked": item.linked_pulls, "people": item.assignees}  # these say no total
    if any(len(found) >= sizes[name] for name, found in lists.items()):
        return Gap(cause="incomplete", words="GitHub may not show all links or assignees")
    try:
        return await read_back(wire, item, lambda _: False, pages=1)
    except ServerUnavailable as error:
        return Gap(cause=_cause(error), words=error.cause)


async def read_item(
    wire: Transport, document: GraphQLDocument, variables: Mapping[str, Any], what: str
) -> Item:
    """One item, deep; less deep if GitHub does not show it whole otherwise.

    Raises ``NotFound`` if GitHub says that it is not there, ``IncompleteReply`` if it cannot be
    read though GitHub answers other questions, ``ServerUnavailable`` if it answers none.
    """
    try:
        return await _one(wire, document, variables, {}, what)
    except ServerUnavailable:
        try:
            item = await _one(wire, document, variables, BULK_PULL_SIZES, what)
        except ServerUnavailable as error:
            if isinstance(error, IncompleteReply) or not await _answers(wire):
                raise
            raise IncompleteReply(f"{what}: {error.cause}", status=error.status) from error
        found = await _as_deep(wire, document, item, BULK_PULL_SIZES)
        if not isinstance(found, Gap):
            return found
        if found.cause == UNAVAILABLE and not await _answers(wire):
            raise ServerUnavailable(found.words) from None
        raise IncompleteReply(f"{what}: {found.words}", status=200) from None


async def read_thread_back(wire: Transport, item: Item, until: Callable[[Item], bool]) -> Item:
    """An item with more of its thread, until ``until`` holds or the thread is whole.

    Raises ``IncompleteReply`` if GitHub does not show it though it answers other questions,
    ``ServerUnavailable`` if it answers none.
    """
    try:
        return await read_back(wire, item, until)
    except ServerUnavailable as error:
        if isinstance(error, IncompleteReply) or not await _answers(wire):
            raise
        raise IncompleteReply(f"{item.key}: {error.cause}", status=error.status) from error


async def _answers(wire: Transport) -> bool:
    """Whether GitHub answers at all."""
    try:
        await wire.ask(VIEWER, {}, attempts=1)
    except ServerUnavailable:
        return False
    return True


async def _one(
    wire: Transport,
    document: GraphQLDocument,
    variables: Mapping[str, Any],
    sizes: Mapping[str, Any],
    what: str,
) -> Item:
    reply = await wire.ask(
        document, {**variables, **sizes}, attempts=1 if sizes else None, whole=False
    )
    path: tuple[str, ...] = (
        ("node",) if "node" in reply.data else ("repository", "issueOrPullRequest")
    )
    node: Mapping[str, Any] | None = reply.at(path[0], what)
    if node is not None and len(path) > 1:
        node = node[path[1]]
    if node is None:
        raise _why_null(below(reply.errors, path), what)
    found = _read(node, below(reply.errors, path), {**document.sizes, **sizes})
    if found is None:
        raise NotFound(f"{what} is no issue and no pull request")
    if isinstance(found, Gap):
        raise IncompleteReply(f"{what}: {found.words}", status=200)
    return found


def _why_null(errors: Sequence[FieldError], what: str) -> GitHubError:
    if not errors or unexplained(errors):
        return IncompleteReply(
            errors[0].message if errors else f"{what} is null, and nothing says why", status=200
        )
    error = typed(errors[0])
    return (
        NotFound(f"{what} does not exist (any more): {error.cause}", status=200)
        if isinstance(error, NotFound)
        else error
    )


def _cause(error: ServerUnavailable) -> str:
    return "incomplete" if isinstance(error, IncompleteReply) else UNAVAILABLE
