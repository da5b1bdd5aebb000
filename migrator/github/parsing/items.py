"""Nodes of GitHub's replies -> the domain's items, and the client's own replies.

Deleted accounts are ``None``; a node that GitHub hides (``null`` in a list) is left out: whether
that is right was decided before (:mod:`migrator.github.completeness`).

Enum words stay GraphQL's (``NOT_PLANNED``, ``TOO_HEATED``, ``CHANGES_REQUESTED``), but for
:class:`~migrator.domain.items.State`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from migrator.domain.items import (
    Actor,
    Association,
    Comment,
    Item,
    ItemKind,
    ItemReference,
    Pull,
    Reaction,
    State,
)
from migrator.github.models import ItemAfterWrite
from migrator.github.parsing.events import (
    Node,
    actor,
    event,
    reference,
    requested,
    state,
    time,
    time_or_none,
)

_ASSOCIATIONS = {association.value: association for association in Association}


def nodes(connection: Mapping[str, Any] | None) -> list[Node]:
    """What a connection holds; GitHub may answer ``null`` for it, and for single nodes."""
    return [node for node in (connection or {}).get("nodes") or () if node is not None]


def reaction(node: Node) -> Reaction:
    """One dated reaction (https://docs.github.com/graphql/reference/objects#reaction)."""
    return Reaction(
        content=node["content"], author=actor(node["user"]), created_at=time(node["createdAt"])
    )


def comment(node: Node) -> Comment:
    """One comment (https://docs.github.com/graphql/reference/objects#issuecomment)."""
    return Comment(
        id=node["id"],
        database_id=node["databaseId"] or 0,
        author=actor(node["author"]),
        association=_ASSOCIATIONS.get(node["authorAssociation"], Association.NONE),
        body=node["body"],
        created_at=time(node["createdAt"]),
        edited_at=time_or_none(node["lastEditedAt"]),
        editor=actor(node["editor"]),
        url=node["url"],
        minimized=node["isMinimized"],
        viewer_did_author=node["viewerDidAuthor"],
        reactions=tuple(map(reaction, nodes(node.get("reactions")))),
    )


def item(node: Node, *, whole_paths: bool = True) -> Item:
    """An ``Issue`` or ``PullRequest`` node read with the item fragments.

    Where only the first paths were asked for (``whole_paths`` false), none is told if there are
    more: one would mislead. Raises ``ValueError`` where a value is not of the type that GitHub's
    schema gives it.
    """
    return _of_known_form(_item(node, whole_paths=whole_paths))


def _of_known_form(found: Item) -> Item:
    """The item, if it can be read back once it is stored: a null where there never is one would
    end every command that reads all items."""
    try:
        return msgspec.json.decode(msgspec.json.encode(found), type=Item)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error


def _item(node: Node, *, whole_paths: bool) -> Item:
    own = (node["repository"]["nameWithOwner"], node["number"])
    events = (event(entry, own) for entry in nodes(node["timelineItems"]))
    is_issue = node["__typename"] == "Issue"
    return Item(
        repository=own[0],
        number=own[1],
        kind=ItemKind.ISSUE if is_issue else ItemKind.PULL_REQUEST,
        id=node["id"],
        url=node["url"],
        title=node["title"],
        body=node["body"],
        author=actor(node["author"]),
        association=_ASSOCIATIONS.get(node["authorAssociation"], Association.NONE),
        created_at=time(node["createdAt"]),
        updated_at=time(node["updatedAt"]),
        edited_at=time_or_none(node["lastEditedAt"]),
        editor=actor(node["editor"]),
        closed_at=time_or_none(node["closedAt"]),
        state=state(node["issueState" if is_issue else "pullState"], unknown=State.CLOSED),
        state_reason=node.get("stateReason") or "",
        locked=node["locked"],
        lock_reason=node["activeLockReason"] or "",
        pinned=bool(node.get("isPinned")),
        labels=tuple(label["name"] for label in nodes(node["labels"])),
        assignees=_people(node["assignees"]),
        milestone=(node["milestone"] or {}).get("title", ""),
        participants_total=node["participants"]["totalCount"],
        participants=tuple(person["login"] for person in nodes(node["participants"])),
        reactions=tuple(map(reaction, nodes(node["reactions"]))),
        reactions_total=node["reactions"]["totalCount"],
        comments=tuple(map(comment, nodes(node["comments"]))),
        comments_total=node["comments"]["totalCount"],
        events=tuple(found for found in events if found is not None),
        events_total=node["timelineItems"]["filteredCount"],
        linked_pulls=_references(node.get("closedByPullRequestsReferences")),
        open_sub_issues=_open_sub_issues(node.get("subIssuesSummary")),
        pull=None if is_issue else pull(node, whole_paths=whole_paths),
    )


def pull(node: Node, *, whole_paths: bool = True) -> Pull:
    """What only a ``PullRequest`` node has."""
    paths = nodes(node["files"]) if whole_paths or node["changedFiles"] <= 1 else []
    last_commit = next((entry["commit"] for entry in nodes(node["commits"])), None) or {}
    reviewers = [entry["requestedReviewer"] for entry in nodes(node["reviewRequests"])]
    return Pull(
        draft=node["isDraft"],
        base_ref=node["baseRefName"],
        head_ref=node["headRefName"],
        head_exists=node["headRef"] is not None,
        changed_paths=tuple(file["path"] for file in paths),
        changed_paths_total=node["changedFiles"],
        review_decision=node["reviewDecision"] or "",
        reviewers_requested=tuple(requested(one) for one in reviewers if one is not None),
        mergeable=node["mergeable"],
        checks=(last_commit.get("statusCheckRollup") or {}).get("state", ""),
        merged_at=time_or_none(node["mergedAt"]),
        last_commit_at=time_or_none(last_commit.get("committedDate")),
        closes=_references(node["closingIssuesReferences"]),
        head_oid=node.get("headRefOid") or "",
    )


def _people(connection: Mapping[str, Any] | None) -> tuple[Actor, ...]:
    return tuple(person for person in map(actor, nodes(connection)) if person is not None)


def _open_sub_issues(summary: Mapping[str, Any] | None) -> int:
    """Sub-issues that are open; none where this GitHub does not tell."""
    return max(0, summary["total"] - summary["completed"]) if summary is not None else 0


def _references(connection: Mapping[str, Any] | None) -> tuple[ItemReference, ...]:
    return tuple(found for found in map(reference, nodes(connection)) if found is not None)


def subject(node: Node) -> ItemAfterWrite:
    """The item as a mutation's reply shows it."""
    timeline = nodes(node["timelineItems"])
    return ItemAfterWrite(
        id=node["id"],
        number=node["number"],
        state=state(node.get("issueState") or node["pullState"], unknown=State.CLOSED),
        state_reason=node.get("stateReason") or "",
        locked=node["locked"],
        lock_reason=node["activeLockReason"] or "",
        labels=tuple(label["name"] for label in nodes(node["labels"])),
        comments=tuple(map(comment, nodes(node["comments"]))),
        comments_total=node["comments"]["totalCount"],
        events=tuple(
            found
            for found in (event(entry, ("", node["number"])) for entry in timeline)
            if found is not None
        ),
        updated_at=time(node["updatedAt"]),
        closed_at=time_or_none(node["closedAt"]),
        edited_at=time_or_none(node["lastEditedAt"]),
        editor=actor(node["editor"]),
    )


def with_earlier(later: Item, comments: Iterable[Node], events: Iterable[Node]) -> Item:
    """``later`` with a page of comments and events put before its own; what both hold is kept
    once, as the page has it."""
    own = (later.repository, later.number)
    older = {entry.id: entry for entry in map(comment, comments)}
    past = {entry.id: entry for entry in (event(node, own) for node in events) if entry is not None}
    return msgspec.structs.replace(
        later,
        comments=(*older.values(), *(entry for entry in later.comments if entry.id not in older)),
        events=(*past.values(), *(entry for entry in later.events if entry.id not in past)),
    )
