"""A thread as a transfer has to keep it, and threads that may be the same one elsewhere."""

from __future__ import annotations

from migrator.github.http_messages import query
from migrator.github.queries.fragments import WHO

_RELATED = "nodes { number repository { nameWithOwner } }"
PICTURE = f"""
fragment ThreadPicture on Issue {{
  __typename id number title body createdAt issueState: state locked activeLockReason isPinned
  repository {{ id nameWithOwner }}
  author {{ ...Who }}
  milestone {{ title }}
  labels(first: 100) {{ nodes {{ name }} }}
  assignees(first: 50) {{ nodes {{ login }} }}
  comments(last: 100) {{ totalCount nodes {{ id body createdAt author {{ ...Who }} }} }}
  parent {{ number repository {{ nameWithOwner }} }}
  subIssues(first: 100) {{ {_RELATED} }}
  blockedBy(first: 100) {{ {_RELATED} }}
  blocking(first: 100) {{ {_RELATED} }}
}}
"""

PARENTS = query(
    "Parents",
    "$ids: [ID!]!",
    """
    nodes(ids: $ids) {
      __typename
      ... on Issue {
        number repository { nameWithOwner } parent { number repository { nameWithOwner } }
      }
    }
    """,
)

THREAD = query("Thread", "$id: ID!", "node(id: $id) { ...ThreadPicture }", PICTURE, WHO)

CHANGED_THREADS = query(
    "ChangedThreads",
    "$owner: String!, $name: String!, $after: String, $since: DateTime!",
    """
    repository(owner: $owner, name: $name) {
      issues(
        first: 50, after: $after, filterBy: {since: $since},
        orderBy: {field: UPDATED_AT, direction: DESC}
      ) {
        pageInfo { endCursor hasNextPage }
        nodes { __typename id number title body createdAt author { ...Who } }
      }
    }
    """,
    WHO,
)

PLACES = query(
    "TransferPlaces",
    "$owner: String!, $name: String!, $milestone: String!",
    """
    repository(owner: $owner, name: $name) {
      id
      milestones(first: 50, query: $milestone) { nodes { id title } }
    }
    """,
)
"""The node ids that a transfer and its repairs need."""
