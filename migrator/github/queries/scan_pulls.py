"""Which pull requests are there, and what happened in them? 100 to a page.

Pull requests have no ``since``: to read what changed, order by ``UPDATED_AT`` descending and stop early.
"""

from __future__ import annotations

from migrator.github.document import query
from migrator.github.queries.fragments import BULK_PULL_SIZES, PULL_PARTS, PULL_SIZES

SCAN_PULLS = query(
    "ScanPulls",
    "$owner: String!, $name: String!, $first: Int!, $after: String, $states: [PullRequestState!], $order: IssueOrder!, "
    f"{PULL_SIZES}",
    """
    repository(owner: $owner, name: $name, followRenames: false) {
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
