"""Timeline nodes of GitHub -> the domain's events.

https://docs.github.com/graphql/reference/unions#issuetimelineitems
https://docs.github.com/graphql/reference/unions#pullrequesttimelineitems
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from migrator.domain.items import (
    AccountType,
    Actor,
    Event,
    EventKind,
    ItemKind,
    ItemReference,
    State,
)

Node = Mapping[str, Any]

KINDS: dict[str, EventKind] = {
    "ClosedEvent": EventKind.CLOSED,
    "ReopenedEvent": EventKind.REOPENED,
    "LabeledEvent": EventKind.LABELED,
    "UnlabeledEvent": EventKind.UNLABELED,
    "AssignedEvent": EventKind.ASSIGNED,
    "UnassignedEvent": EventKind.UNASSIGNED,
    "MilestonedEvent": EventKind.MILESTONED,
    "DemilestonedEvent": EventKind.DEMILESTONED,
    "LockedEvent": EventKind.LOCKED,
    "UnlockedEvent": EventKind.UNLOCKED,
    "RenamedTitleEvent": EventKind.RENAMED,
    "CrossReferencedEvent": EventKind.CROSS_REFERENCED,
    "ConnectedEvent": EventKind.CONNECTED,
    "DisconnectedEvent": EventKind.DISCONNECTED,
    "MarkedAsDuplicateEvent": EventKind.MARKED_AS_DUPLICATE,
    "TransferredEvent": EventKind.TRANSFERRED,
    "PinnedEvent": EventKind.PINNED,
    "UnpinnedEvent": EventKind.UNPINNED,
    "PullRequestCommit": EventKind.COMMITTED,
    "HeadRefForcePushedEvent": EventKind.FORCE_PUSHED,
    "PullRequestReview": EventKind.REVIEWED,
    "ReviewRequestedEvent": EventKind.REVIEW_REQUESTED,
    "ReadyForReviewEvent": EventKind.READY_FOR_REVIEW,
    "ConvertToDraftEvent": EventKind.CONVERTED_TO_DRAFT,
    "MergedEvent": EventKind.MERGED,
}


def time(value: str) -> datetime:
    """GitHub's ISO 8601 time, UTC."""
    return datetime.fromisoformat(value)


def time_or_none(value: str | None) -> datetime | None:
    """The same, where GitHub may say ``null``."""
    return None if value is None else datetime.fromisoformat(value)


_TYPES = {kind.value: kind for kind in AccountType}
_STATES = {state.name: state for state in State}


def account_type(word: str) -> AccountType:
    """The type of an account. A type that GitHub adds one day counts as a user: that does least
    harm."""
    return _TYPES.get(word, AccountType.USER)


def state(word: str, *, unknown: State) -> State:
    """``IssueState`` or ``PullRequestState``; ``unknown`` for a word that GitHub adds one day.

    An item itself then counts as closed: we neither notify nor close it. Another item that is
    named in its thread counts as open: that keeps the thread open.
    """
    return _STATES.get(word, unknown)


def actor(node: Node | None) -> Actor | None:
    """An ``Actor``; ``None`` for a deleted account."""
    if node is None:
        return None
    return Actor(
        login=node["login"],
        type=account_type(node["__typename"]),
        id=node.get("id", ""),
    )


def reference(node: Node | None) -> ItemReference | None:
    """Another item; ``None`` if it is not for our eyes, or is no item (a commit that closed)."""
    if node is None or "number" not in node:
        return None
    is_issue = node["__typename"] == "Issue"
    return ItemReference(
        repository=node["repository"]["nameWithOwner"],
        number=node["number"],
        kind=ItemKind.ISSUE if is_issue else ItemKind.PULL_REQUEST,
        state=state(node["issueState" if is_issue else "pullState"], unknown=State.OPEN),
        title=node["title"],
        url=node["url"],
        author=actor(node["author"]),
    )


def requested(node: Node | None) -> str:
    """Login of a requested reviewer; empty for a team, and if it is gone."""
    return "" if node is None else str(node.get("login") or "")


def event(node: Node | None, own: tuple[str, int]) -> Event | None:
    """One timeline node; ``None`` for what GitHub hides or added since. ``own`` is (repository,
    number) of the thread."""
    if node is None or node["__typename"] not in KINDS:
        return None
    kind = KINDS[node["__typename"]]
    if kind is EventKind.COMMITTED:
        return _commit(node)
    return Event(
        kind=kind,
        id=node["id"],
        actor=actor(node["actor"]),
        at=time(node.get("submittedAt") or node["createdAt"]),
        label=(node.get("label") or {}).get("name", ""),
        reference=_reference(kind, node, own),
        detail=_DETAILS[kind](node) or "" if kind in _DETAILS else "",
        url=node.get("url", ""),
    )


def _commit(node: Node) -> Event:
    """A commit of a pull request. Its person is the account of its author, its time the commit's
    own: the push is not dated."""
    commit = node["commit"]
    author = actor((commit["author"] or {}).get("user"))
    at = time(commit["committedDate"])
    return Event(
        kind=EventKind.COMMITTED,
        id=node["id"],
        actor=author,
        at=at,
        detail=commit["message"],
        url=node["url"],
    )


_DETAILS: dict[EventKind, Callable[[Node], str | None]] = {
    EventKind.CLOSED: lambda node: node["stateReason"],
    EventKind.LOCKED: lambda node: node["lockReason"],
    EventKind.RENAMED: lambda node: node["currentTitle"],
    EventKind.MILESTONED: lambda node: node["milestoneTitle"],
    EventKind.DEMILESTONED: lambda node: node["milestoneTitle"],
    EventKind.ASSIGNED: lambda node: (node["assignee"] or {}).get("login"),
    EventKind.UNASSIGNED: lambda node: (node["assignee"] or {}).get("login"),
    EventKind.TRANSFERRED: lambda node: (node["fromRepository"] or {}).get("nameWithOwner"),
    EventKind.REVIEWED: lambda node: node["reviewState"],
    EventKind.REVIEW_REQUESTED: lambda node: requested(node["requestedReviewer"]),
}


def _reference(kind: EventKind, node: Node, own: tuple[str, int]) -> ItemReference | None:
    match kind:
        case EventKind.CROSS_REFERENCED:
            return reference(node["source"])
        case EventKind.CONNECTED | EventKind.DISCONNECTED:
            ends = (reference(node["source"]), reference(node["subject"]))
            return next(
                (end for end in ends if end is not None and (end.repository, end.number) != own),
                None,
            )
        case EventKind.MARKED_AS_DUPLICATE:
            return reference(node["canonical"])
        case EventKind.CLOSED:
            return reference(node["closer"])
        case _:
            return None
