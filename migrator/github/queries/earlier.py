"""What came before the comments and events that we have? Several items in one request, one alias
each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from migrator.github.http_messages import GraphQLDocument, query
from migrator.github.queries.fragments import (
    COMMENTS,
    ISSUE_EVENT_TYPES,
    ISSUE_EVENTS,
    PEOPLE_AND_LINKS,
    PULL_EVENT_TYPES,
    PULL_EVENTS,
)

THREADS_A_REQUEST = 50
"""Aliases in one request at most: 50 threads of 100 comments with 5 reactions each are 35,000
nodes and 51 points."""


class ThreadGap(msgspec.Struct, frozen=True, kw_only=True):
    """What one item lacks. A cursor is empty for the newest page, ``None`` where nothing is
    wanted of that connection."""

    id: str
    is_pull_request: bool
    comments_before: str | None = None
    events_before: str | None = None

    @property
    def comments(self) -> bool:
        """Whether a page of comments is wanted."""
        return self.comments_before is not None

    @property
    def events(self) -> bool:
        """Whether a page of events is wanted."""
        return self.events_before is not None


def earlier(needs: Sequence[ThreadGap]) -> tuple[GraphQLDocument, dict[str, Any]]:
    """The question for at most ``THREADS_A_REQUEST`` needs, and its variables; the reply's aliases
    are ``t0``, ``t1`` ...

    A need without any cursor is not allowed: its alias would select nothing.
    """
    declared = (
        ["$comments: Int!", "$commentReactions: Int!"]
        if any(need.comments for need in needs)
        else []
    )
    declared += ["$events: Int!"] if any(need.events for need in needs) else []
    values: dict[str, Any] = {}
    for index, need in enumerate(needs):
        declared += [
            f"${name}: {'ID!' if name.startswith('id') else 'String'}"
            for name in _variables(index, need)
        ]
        values |= _variables(index, need)
    body = "\n".join(_thread(index, need) for index, need in enumerate(needs))
    sizes = {name: size for name, size in _SIZES.items() if f"${name}: Int!" in declared}
    return query("Earlier", ", ".join(declared), body, *_parts(needs), sizes=sizes), values


_SIZES = {"comments": 100, "commentReactions": 5, "events": 100}


def _variables(index: int, need: ThreadGap) -> dict[str, str | None]:
    named: dict[str, str | None] = {f"id{index}": need.id}
    if need.comments:
        named[f"c{index}"] = need.comments_before or None
    if need.events:
        named[f"e{index}"] = need.events_before or None
    return named


def _thread(index: int, need: ThreadGap) -> str:
    kind, prefix, types = (
        ("PullRequest", "pull", PULL_EVENT_TYPES)
        if need.is_pull_request
        else ("Issue", "issue", ISSUE_EVENT_TYPES)
    )
    wanted = []
    if need.comments:
        wanted.append(f"comments(last: $comments, before: $c{index}) {{ ...CommentPage }}")
    if need.events:
        page = f"timelineItems(last: $events, before: $e{index}, itemTypes: [{types}])"
        wanted.append(f"{prefix}Events: {page} {{ ...{prefix.title()}EventPage }}")
    return f"t{index}: node(id: $id{index}) {{ __typename ... on {kind} {{ {' '.join(wanted)} }} }}"


_COMMENT_PAGE = """
fragment CommentPage on IssueCommentConnection {
  totalCount pageInfo { startCursor hasPreviousPage } nodes { ...ReactedComment }
}
"""
_ISSUE_EVENT_PAGE = """
fragment IssueEventPage on IssueTimelineItemsConnection {
  filteredCount pageInfo { startCursor hasPreviousPage } nodes { ...IssueEvents }
}
"""
_PULL_EVENT_PAGE = """
fragment PullEventPage on PullRequestTimelineItemsConnection {
  filteredCount pageInfo { startCursor hasPreviousPage } nodes { ...PullEvents }
}
"""


def _parts(needs: Sequence[ThreadGap]) -> tuple[str, ...]:
    """Only the fragments in use: GraphQL refuses unused ones."""
    who, *links = PEOPLE_AND_LINKS
    parts: list[str] = [who]
    if any(need.comments for need in needs):
        parts += [*COMMENTS, _COMMENT_PAGE]
    if any(need.events and not need.is_pull_request for need in needs):
        parts += [*links, ISSUE_EVENTS, _ISSUE_EVENT_PAGE]
    if any(need.events and need.is_pull_request for need in needs):
        parts += [*links, PULL_EVENTS, _PULL_EVENT_PAGE]
    return tuple(dict.fromkeys(parts))
