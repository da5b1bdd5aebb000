"""What are these items like now? By node id: many at bulk depth, or one or a few read deep (the live re-check)."""

from __future__ import annotations

from migrator.github.document import query
from migrator.github.queries.fragments import BULK_PULL_SIZES, DEEP_PULL_SIZES, ITEM_PARTS, PULL_SIZES

ITEMS = query(
    "Items",
    f"$ids: [ID!]!, {PULL_SIZES}",
    "nodes(ids: $ids) { __typename ...IssueFields ...PullFields }",
    *ITEM_PARTS,
    sizes={"ids": ["id"] * 100, **BULK_PULL_SIZES},
)

DEEP_TOGETHER = 10
"""Items that are read deep in one request at most: a ninth of the nodes that a query may hold."""

DEEP_ITEMS = query(
    "DeepItems",
    f"$ids: [ID!]!, {PULL_SIZES}",
    "nodes(ids: $ids) { __typename ...IssueFields ...PullFields }",
    *ITEM_PARTS,
    sizes={"ids": ["id"] * DEEP_TOGETHER, **DEEP_PULL_SIZES},
)

ITEM = query(
    "Item",
    f"$id: ID!, {PULL_SIZES}",
    "node(id: $id) { __typename ...IssueFields ...PullFields }",
    *ITEM_PARTS,
    sizes=DEEP_PULL_SIZES,
)

ITEM_BY_NUMBER = query(
    "ItemByNumber",
    f"$owner: String!, $name: String!, $number: Int!, {PULL_SIZES}",
    """
    repository(owner: $owner, name: $name, followRenames: false) {
      issueOrPullRequest(number: $number) { __typename ...IssueFields ...PullFields }
    }
    """,
    *ITEM_PARTS,
    sizes=DEEP_PULL_SIZES,
)
