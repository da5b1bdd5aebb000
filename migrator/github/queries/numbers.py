"""Which items are on this page? Addresses, ids and cursors only: what GitHub can answer where a
whole page was too much."""

from __future__ import annotations

from migrator.github.http_messages import query

_EDGES = "totalCount pageInfo { endCursor hasNextPage } edges { cursor node { id url updatedAt } }"

ISSUE_NUMBERS = query(
    "IssueNumbers",
    "$owner: String!, $name: String!, $first: Int!, $after: String, $states: [IssueState!], "
    "$filter: IssueFilters, "
    "$order: IssueOrder!",
    f"""
    repository(owner: $owner, name: $name) {{
      issues(first: $first, after: $after, states: $states, filterBy: $filter, orderBy: $order) {{ {_EDGES} }}
    }}
    """,
    sizes={"first": 100},
)

PULL_NUMBERS = query(
    "PullNumbers",
    "$owner: String!, $name: String!, $first: Int!, $after: String, $states: "
    "[PullRequestState!], $order: IssueOrder!",
    f"""
    repository(owner: $owner, name: $name) {{
      pullRequests(first: $first, after: $after, states: $states, orderBy: $order) {{ {_EDGES} }}
    }}
    """,
    sizes={"first": 100},
)
