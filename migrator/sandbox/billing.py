"""What a request costs, in each of the currencies that GitHub limits.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api

What counts as creating content is not documented. Here each comment, issue or review made counts 1,
each one of an aliased request; and the other writes of one request together count ``close_costs``
(1 unless a test says otherwise).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

READ_POINTS = 1
WRITE_POINTS = 5
_CREATING = frozenset({"addComment", "createIssue"})
_CREATING_PATHS = ("/comments", "/issues", "/reviews", "/pulls")


class Bill(msgspec.Struct, frozen=True, kw_only=True):
    """``primary`` is taken from the hour's budget of ``resource``; ``points`` and ``content``
    count for secondary limits."""

    resource: str
    primary: int = 1
    points: int = READ_POINTS
    created: int = 0
    changed: bool = False
    writes: bool = False
    nodes: int = 0

    def content(self, close_costs: int) -> int:
        """Return how much content the request creates, in GitHub's count as we believe it."""
        return self.created + (close_costs if self.changed else 0)


def rest_bill(method: str, path: str) -> Bill:
    """Return the bill of a REST request."""
    if method == "GET":
        return Bill(resource="core")
    if path.startswith("/app"):
        return Bill(resource="core", points=WRITE_POINTS, writes=True)
    creates = method == "POST" and path.endswith(_CREATING_PATHS)
    return Bill(
        resource="core", points=WRITE_POINTS, created=int(creates), changed=not creates, writes=True
    )


def graphql_bill(points: int, mutations: Sequence[str], nodes: int = 0) -> Bill:
    """Return the bill of a query (``mutations`` is empty) or of a request with these root
    fields."""
    created = sum(name in _CREATING for name in mutations)
    return Bill(
        resource="graphql",
        primary=points,
        points=WRITE_POINTS if mutations else READ_POINTS,
        created=created,
        changed=len(mutations) > created,
        writes=bool(mutations),
        nodes=nodes,
    )
