"""Which comments does this thread have? Newest page first, for looking up a nonce; all of them."""

from __future__ import annotations

from migrator.github.document import query
from migrator.github.queries.fragments import COMMENT, WHO

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
    "fragment Page on IssueCommentConnection { totalCount pageInfo { startCursor hasPreviousPage } nodes { ...CommentFields } }",
    COMMENT,
    WHO,
    sizes={"last": 100},
)
