"""What are these items like now? By node id: many at bulk depth, or one or a few read deep (the
live re-check)."""

from __future__ import annotations

from migrator.github.http_messages import query
from migrator.github.queries.fragments import (
    BULK_PULL_SIZES,
    BULK_SIZES,
    COMMENT,
    DEEP_PULL_SIZES,
    ISSUE_PARTS,
    ITEM_PARTS,
    PULL_PARTS,
    PULL_SIZES,
    SIZES,
    WHO,
)

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
    repository(owner: $owner, name: $name) {
      issueOrPullRequest(number: $number) { __typename ...IssueFields ...PullFields }
    }
    """,
    *ITEM_PARTS,
    sizes=DEEP_PULL_SIZES,
)


COMMENTS = query(
    "Comments",
    "$id: ID!, $last: Int!, $before: String",
    """
    node(id: $id) {
      __typename
      ... on Issue { comments(last: $last, before: $before) { ...Page } }
      ... on PullRequest { comments(last: $last, before: $before) { ...Page } }
    }
    """,
    "fragment Page on IssueCommentConnection { totalCount pageInfo { startCursor hasPreviousPage "
    "} nodes { ...CommentFields } }",
    COMMENT,
    WHO,
    sizes={"last": 100},
)


SCAN_ISSUES = query(
    "ScanIssues",
    "$owner: String!, $name: String!, $first: Int!, $after: String, $states: [IssueState!], "
    "$filter: IssueFilters, "
    f"$order: IssueOrder!, {SIZES}",
    """
    repository(owner: $owner, name: $name) {
      issues(first: $first, after: $after, states: $states, filterBy: $filter, orderBy: $order) {
        totalCount
        pageInfo { endCursor hasNextPage }
        nodes { ...IssueFields }
      }
    }
    """,
    *ISSUE_PARTS,
    sizes={"first": 100, **BULK_SIZES},
)


SCAN_PULLS = query(
    "ScanPulls",
    "$owner: String!, $name: String!, $first: Int!, $after: String, $states: "
    "[PullRequestState!], $order: IssueOrder!, "
    f"{PULL_SIZES}",
    """
    repository(owner: $owner, name: $name) {
      pullRequests(first: $first, after: $after, states: $states, orderBy: $order) {
        totalCount
        pageInfo { endCursor hasNextPage }
        nodes { ...PullFields }
      }
    }
    """,
    *PULL_PARTS,
    sizes={"first": 100, **BULK_PULL_SIZES},
)
