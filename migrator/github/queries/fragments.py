"""What we read of people, comments, events, issues and pull requests: the parts that the questions
are made of.

Page sizes of nested connections are variables, so that bulk pages stay cheap and a single item is
read deep. A nested size costs nodes but no points; only a connection inside ``comments`` multiplies
points (https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api).
"""

from __future__ import annotations

from migrator.github.http_messages import OPTIONAL

SIZES = (
    "$comments: Int!, $commentReactions: Int!, $events: Int!, $reactions: Int!, $labels: Int!, "
    "$people: Int!, $linked: Int!"
)
PULL_SIZES = SIZES + ", $paths: Int!"

BULK_SIZES = {
    "comments": 20,
    "commentReactions": 5,
    "events": 60,
    "reactions": 30,
    "labels": 50,
    "people": 30,
    "linked": 10,
}
BULK_PULL_SIZES = {**BULK_SIZES, "paths": 100}
DEEP_SIZES = {
    "comments": 100,
    "commentReactions": 20,
    "events": 100,
    "reactions": 100,
    "labels": 100,
    "people": 100,
    "linked": 50,
}
DEEP_PULL_SIZES = {**DEEP_SIZES, "paths": 100}

THIN_SIZES = {
    "comments": 3,
    "commentReactions": 1,
    "events": 10,
    "reactions": 3,
    "labels": 50,
    "people": 3,
    "linked": 3,
}
THIN_PULL_SIZES = {**THIN_SIZES, "paths": 1}
"""For an item that GitHub does not show otherwise. Its thread is read back afterwards; one path
tells nothing and is dropped."""

WHO = "fragment Who on Actor { __typename login ... on Node { id } }"

ISSUE_REFERENCE = """
fragment IssueReference on Issue {
  __typename number title url issueState: state repository { nameWithOwner } author { ...Who }
}
"""

PULL_REFERENCE = """
fragment PullReference on PullRequest {
  __typename number title url pullState: state repository { nameWithOwner } author { ...Who }
}
"""

COMMENT = """
fragment CommentFields on IssueComment {
  id databaseId body url createdAt lastEditedAt isMinimized viewerDidAuthor authorAssociation
  author { ...Who } editor { ...Who }
}
"""

REACTED_COMMENT = """
fragment ReactedComment on IssueComment {
  ...CommentFields
  reactions(last: $commentReactions) { nodes { content createdAt user { __typename login id } } }
}
"""

_REFERENCE = "{ ...IssueReference ...PullReference }"
_SHARED_EVENTS = {
    "ClosedEvent": "stateReason url closer { __typename ...PullReference }",
    "ReopenedEvent": "",
    "LabeledEvent": "label { name }",
    "UnlabeledEvent": "label { name }",
    "AssignedEvent": "assignee { ...Who }",
    "UnassignedEvent": "assignee { ...Who }",
    "MilestonedEvent": "milestoneTitle",
    "DemilestonedEvent": "milestoneTitle",
    "LockedEvent": "lockReason",
    "UnlockedEvent": "",
    "RenamedTitleEvent": "currentTitle",
    "CrossReferencedEvent": f"url source {_REFERENCE}",
    "ConnectedEvent": f"source {_REFERENCE} subject {_REFERENCE}",
    "DisconnectedEvent": f"source {_REFERENCE} subject {_REFERENCE}",
    "MarkedAsDuplicateEvent": f"canonical {_REFERENCE}",
    "TransferredEvent": "fromRepository { nameWithOwner }",
    "PinnedEvent": "",
    "UnpinnedEvent": "",
}
# Nothing of a requested team is asked for: a classic token without `read:org` is refused the whole
# query for `... on Team`.
_PULL_EVENTS = _SHARED_EVENTS | {
    "HeadRefForcePushedEvent": "",
    "ReviewRequestedEvent": "requestedReviewer { __typename ...Who }",
    "ReadyForReviewEvent": "",
    "ConvertToDraftEvent": "",
    "MergedEvent": "url",
}
_COMMIT = (
    "... on PullRequestCommit { id url commit { committedDate message author { user { __typename "
    "login id } } } }"
)
_REVIEW = (
    "... on PullRequestReview { id url submittedAt createdAt reviewState: state actor: author { "
    "...Who } }"
)


def _enum_word(type_name: str) -> str:
    """``ClosedEvent`` -> ``CLOSED_EVENT``: how ``itemTypes`` spells a type."""
    return "".join(
        f"_{letter}" if letter.isupper() else letter.upper() for letter in type_name
    ).lstrip("_")


ISSUE_EVENT_TYPES = ", ".join(map(_enum_word, _SHARED_EVENTS))
PULL_EVENT_TYPES = ", ".join(
    map(_enum_word, (*_PULL_EVENTS, "PullRequestCommit", "PullRequestReview"))
)


def _event_fields(events: dict[str, str]) -> str:
    return "\n".join(
        f"... on {name} {{ id createdAt actor {{ ...Who }} {fields} }}"
        for name, fields in events.items()
    )


ISSUE_EVENTS = (
    f"fragment IssueEvents on IssueTimelineItems {{ __typename {_event_fields(_SHARED_EVENTS)} }}"
)
PULL_EVENTS = (
    f"fragment PullEvents on PullRequestTimelineItems {{ __typename "
    f"{_event_fields(_PULL_EVENTS)} {_COMMIT} {_REVIEW} }}"
)

_SPEAKING = ("ReopenedEvent", "RenamedTitleEvent")
_SPEAKING_ON_PULLS = (
    *_SPEAKING,
    "HeadRefForcePushedEvent",
    "ReadyForReviewEvent",
    "ConvertToDraftEvent",
)
ISSUE_SPEECH_TYPES = ", ".join(map(_enum_word, _SPEAKING))
PULL_SPEECH_TYPES = ", ".join(map(_enum_word, (*_SPEAKING_ON_PULLS, "PullRequestReview")))
ISSUE_SPEECH = f"""
fragment IssueSpeech on IssueTimelineItems {{ __typename {_event_fields({name: _PULL_EVENTS[name] for name in _SPEAKING})} }}
"""
PULL_SPEECH = f"""
fragment PullSpeech on PullRequestTimelineItems {{
  __typename {_event_fields({name: _PULL_EVENTS[name] for name in _SPEAKING_ON_PULLS})} {_REVIEW}
}}
"""
"""Acts beside comments by which a person speaks, as the replies to our own writes show them."""

_THREAD = """
  __typename id number url title body createdAt updatedAt lastEditedAt closedAt locked activeLockReason authorAssociation
  repository { nameWithOwner }
  author { ...Who } editor { ...Who } milestone { title }
  labels(first: $labels) { totalCount nodes { name } }
  assignees(first: $people) { nodes { __typename login id } }
  participants(first: $people) { totalCount nodes { login } }
  reactions(last: $reactions) { totalCount nodes { content createdAt user { __typename login id } } }
  comments(last: $comments) { totalCount pageInfo { startCursor hasPreviousPage } nodes { ...ReactedComment } }
"""

ISSUE = f"""
fragment IssueFields on Issue {{
  {_THREAD}
  issueState: state stateReason isPinned {OPTIONAL["subIssuesSummary"]}
  timelineItems(last: $events, itemTypes: [{ISSUE_EVENT_TYPES}]) {{
    filteredCount pageInfo {{ startCursor hasPreviousPage }} nodes {{ ...IssueEvents }}
  }}
  closedByPullRequestsReferences(first: $linked, includeClosedPrs: true) {{ nodes {{ ...PullReference }} }}
}}
"""

PULL = f"""
fragment PullFields on PullRequest {{
  {_THREAD}
  pullState: state isDraft baseRefName headRefName headRefOid headRef {{ id }} mergedAt mergeable reviewDecision changedFiles
  timelineItems(last: $events, itemTypes: [{PULL_EVENT_TYPES}]) {{
    filteredCount pageInfo {{ startCursor hasPreviousPage }} nodes {{ ...PullEvents }}
  }}
  files(first: $paths) {{ nodes {{ path }} }}
  commits(last: 1) {{ nodes {{ commit {{ committedDate statusCheckRollup {{ state }} }} }} }}
  reviewRequests(first: $linked) {{ nodes {{ requestedReviewer {{ __typename ...Who }} }} }}
  closingIssuesReferences(first: $linked) {{ nodes {{ ...IssueReference }} }}
}}
"""

PEOPLE_AND_LINKS = (WHO, ISSUE_REFERENCE, PULL_REFERENCE)
COMMENTS = (COMMENT, REACTED_COMMENT)
ISSUE_PARTS = (*PEOPLE_AND_LINKS, *COMMENTS, ISSUE_EVENTS, ISSUE)
PULL_PARTS = (*PEOPLE_AND_LINKS, *COMMENTS, PULL_EVENTS, PULL)
ITEM_PARTS = (*ISSUE_PARTS, PULL_EVENTS, PULL)
