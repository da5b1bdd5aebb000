"""Connections: one page of a longer list, in the shape GraphQL gives it.

https://docs.github.com/graphql/guides/using-pagination-in-the-graphql-api
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from migrator.sandbox.errors import Refused

Key = Callable[[Any], Any]


class ConnectionPage:
    """A page; field names are GraphQL's, so the default resolver serves it."""

    __slots__ = (
        "count",
        "edge",
        "extra",
        "hasNextPage",
        "hasPreviousPage",
        "key",
        "nodes",
        "total",
    )

    def __init__(
        self, nodes: Sequence[Any], total: int, before: bool, after: bool, key: Key
    ) -> None:
        self.nodes = nodes
        self.total = total
        self.count: Callable[[], int] | None = None
        self.hasPreviousPage = before
        self.hasNextPage = after
        self.key = key
        self.extra: dict[str, Any] = {}
        self.edge: Callable[[Any], dict[str, Any]] | None = None

    @property
    def totalCount(self) -> int:  # noqa: N802 - the name of GitHub's field
        """How many there are in all; counted only when asked for, where ``count`` says how."""
        return self.total if self.count is None else self.count()

    @property
    def pageInfo(self) -> ConnectionPage:  # noqa: N802 - the name of GitHub's field
        """The page itself: it has the fields of ``PageInfo``."""
        return self

    @property
    def edges(self) -> list[dict[str, Any]]:
        """Nodes with their cursors."""
        return [
            {
                "cursor": write_cursor(self.key(node)),
                "node": node,
                **(self.edge(node) if self.edge else {}),
            }
            for node in self.nodes
        ]

    @property
    def startCursor(self) -> str | None:  # noqa: N802 - the name of GitHub's field
        """Cursor of the first node."""
        return write_cursor(self.key(self.nodes[0])) if self.nodes else None

    @property
    def endCursor(self) -> str | None:  # noqa: N802 - the name of GitHub's field
        """Cursor of the last node."""
        return write_cursor(self.key(self.nodes[-1])) if self.nodes else None

    def __getattr__(self, name: str) -> Any:
        """Extra fields of one kind of connection (``filteredCount`` ...)."""
        try:
            return self.extra[name]
        except KeyError:
            raise AttributeError(name) from None


def write_cursor(key: Any) -> str:
    """Return an opaque cursor for a place in a list."""
    return b64encode(b"cursor:v2:" + msgspec.json.encode(key)).decode()


def read_cursor(cursor: str) -> Any:
    """Return the place that a cursor names.

    Raises:
        Refused: it is no cursor of ours.
    """
    try:
        packed = b64decode(cursor, validate=True)
        if packed.startswith(b"cursor:v2:"):
            return msgspec.json.decode(packed[10:])
    except (ValueError, msgspec.DecodeError):
        pass
    raise Refused(
        422, f"`{cursor}` does not appear to be a valid cursor.", "INVALID_CURSOR_ARGUMENTS"
    )


def paginate(
    found: Sequence[Any],
    key: Key,
    locate: Callable[[Any], int] | None = None,
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    **_: Any,
) -> ConnectionPage:
    """Return the page of ``found`` that the arguments ask for.

    ``key`` names an element in a cursor; ``locate`` returns the index just beyond a key, also when
    its element has moved.
    """
    start, stop = 0, len(found)
    if after is not None:
        start = _beyond(found, key, locate, after)
    if before is not None:
        stop = max(start, _beyond(found, key, locate, before) - 1)
    if first is not None:
        stop = min(stop, start + first)
    elif last is not None:
        start = max(start, stop - last)
    return ConnectionPage(found[start:stop], len(found), start > 0, stop < len(found), key)


def _beyond(
    found: Sequence[Any], key: Key, locate: Callable[[Any], int] | None, cursor: str
) -> int:
    """Return the index just beyond the element that a cursor names."""
    wanted = read_cursor(cursor)
    if locate is not None:
        return locate(tuple(wanted))
    return next((index + 1 for index, element in enumerate(found) if key(element) == wanted), 0)
