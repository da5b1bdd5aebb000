"""The thread of an item: its events, comments, reviews and commits in one order."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Any

from migrator.sandbox.entities import Comment, Commit, Event, Item, Review
from migrator.sandbox.names import EVENT_TYPES


class ThreadPart:
    """Something inside something: ``it`` inside ``home`` (a comment in its item, a label in its
    repository)."""

    __slots__ = ("home", "it", "typename")

    def __init__(self, home: Any, it: Any, typename: str) -> None:
        self.home = home
        self.it = it
        self.typename = typename


def timeline(item: Item, types: Collection[str]) -> list[ThreadPart]:
    """Return the parts of an item whose GraphQL type is in ``types``, oldest first."""
    parts = [
        ThreadPart(item, event, name)
        for event in item.events
        if (name := EVENT_TYPES[event.kind]) in types
    ]
    mixed = False
    if "IssueComment" in types and item.comments:
        parts += [ThreadPart(item, comment, "IssueComment") for comment in item.comments]
        mixed = True
    if item.pull is not None:
        if "PullRequestReview" in types:
            parts += [ThreadPart(item, review, "PullRequestReview") for review in item.pull.reviews]
            mixed = True
        if "PullRequestCommit" in types:
            parts += [ThreadPart(item, commit, "PullRequestCommit") for commit in item.pull.commits]
            mixed = True
    if mixed:
        parts.sort(key=_place)
    return parts


def happened(part: Comment | Event | Review | Commit) -> str:
    """Return when a part of a thread came to be."""
    if isinstance(part, Review):
        return part.submitted_at
    return part.committed_at if isinstance(part, Commit) else part.created_at


def _place(part: ThreadPart) -> tuple[str, int]:
    return happened(part.it), part.it.sequence


@cache
def _members(union: str) -> frozenset[str]:
    text = (files("migrator.sandbox.graphql") / "schema" / "timeline.graphql").read_text("utf-8")
    found = re.search(rf"^union {union} = (.+)$", text, re.MULTILINE)
    if found is None:
        raise LookupError(f"the schema has no union {union}")
    return frozenset(name.strip() for name in found[1].split("|"))


@cache
def word_to_type(word: str) -> str:
    """Return the type that an ``itemTypes`` word names: ``CLOSED_EVENT`` -> ``ClosedEvent``."""
    return "".join(part.capitalize() for part in word.split("_"))


ISSUE_TIMELINE = _members("IssueTimelineItems")
PULL_TIMELINE = _members("PullRequestTimelineItems")
