"""Which issues are there, and what happened in them? 100 to a page."""

from __future__ import annotations

from migrator.github.document import query
from migrator.github.queries.fragments import BULK_SIZES, ISSUE_PARTS, SIZES

SCAN_ISSUES = query(
    "ScanIssues",
    "$owner: String!, $name: String!, $first: Int!, $after: String, $states: [IssueState!], $filter: IssueFilters, "
    f"$order: IssueOrder!, {SIZES}",
    """
    repository(owner: $owner, name: $name, followRenames: false) {
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
