"""What issues and pull requests share, and what only issues have."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.entities import Account, Item, Reference, Repository
from migrator.sandbox.graphql.pages import ConnectionPage, paginate
from migrator.sandbox.graphql.resolvers.labels import label_page
from migrator.sandbox.graphql.resolvers.people import people
from migrator.sandbox.graphql.tables import ResolverTable
from migrator.sandbox.names import WEB, item_node_id, item_path, item_url
from migrator.sandbox.notifications import participants
from migrator.sandbox.rights import Level as Role
from migrator.sandbox.rights import association, level, may_reopen, may_triage, wrote
from migrator.sandbox.threads import (
    ISSUE_TIMELINE,
    PULL_TIMELINE,
    ThreadPart,
    timeline,
    word_to_type,
)

_item = ResolverTable("Issue", "PullRequest")
_item.attributes(
    title="title", body="body", number="number", createdAt="created_at", publishedAt="created_at", updatedAt="updated_at",
    closedAt="closed_at", lastEditedAt="edited_at", locked="locked", databaseId="id",
)  # fmt: skip
_item.put("fullDatabaseId", lambda item, info: str(item.id))
_item.constants(createdViaEmail=False, viewerCanSubscribe=True)
_item.put("id", lambda item, info: item_node_id(item))
_item.put("url", lambda item, info: item_url(item))
_item.put("resourcePath", lambda item, info: item_path(item))
_item.put("closed", lambda item, info: item.state != "open")
_item.put("state", lambda item, info: item.state.upper())
_item.put("author", lambda item, info: info.context.world.account(item.author))
_item.put(
    "editor", lambda item, info: info.context.world.account(item.editor) if item.edited_at else None
)
_item.put("includesCreatedEdit", lambda item, info: item.edited_at is not None)
_item.put("viewerDidAuthor", lambda item, info: wrote(info.context.agent, item))
_item.put("activeLockReason", lambda item, info: lock_word(item.lock_reason))
_item.put("viewerSubscription", lambda item, info: _subscription(item, info.context.agent.login))
_item.put(
    "viewerCanReact",
    lambda item, info: not item.locked or may_triage(info.context.agent, home(item, info)),
)
_item.put("viewerCanLabel", lambda item, info: may_triage(info.context.agent, home(item, info)))

_issue = ResolverTable("Issue")
_issue.attributes(isPinned="pinned")


def home(item: Item, info: Any) -> Repository:
    """Return the repository that an item is in."""
    found: Repository = info.context.world.repositories[item.repository.lower()]
    return found


def lock_word(reason: str | None) -> str | None:
    """Return GraphQL's ``LockReason``: ``too heated`` -> ``TOO_HEATED``."""
    return reason.replace("-", "_").replace(" ", "_").upper() if reason else None


def _subscription(item: Item, login: str) -> str:
    return (
        "SUBSCRIBED"
        if login in item.subscribers or login in (item.author, *item.assignees)
        else "UNSUBSCRIBED"
    )


@_item.field("repository")
def repository(item: Item, info: Any) -> Repository:
    """Where it is."""
    return home(item, info)


@_item.field("authorAssociation")
def author_association(item: Item, info: Any) -> str:
    """What the author is to the repository."""
    return association(info.context.world, item.author, home(item, info))


@_item.field("viewerCanClose")
def viewer_can_close(item: Item, info: Any) -> bool:
    """Open, and who asks is the author or has triage."""
    agent = info.context.agent
    return (
        item.state == "open"
        and not agent.read_only
        and (wrote(agent, item) or may_triage(agent, home(item, info)))
    )


@_item.field("viewerCanReopen")
def viewer_can_reopen(item: Item, info: Any) -> bool:
    """Closed, and who asks has triage or closed their own."""
    return item.state == "closed" and may_reopen(info.context.agent, home(item, info), item)


@_item.field("viewerCanUpdate")
def viewer_can_update(item: Item, info: Any) -> bool:
    """Whether who asks may edit it."""
    agent = info.context.agent
    return not agent.read_only and (
        wrote(agent, item) or level(agent, home(item, info)) >= Role.WRITE
    )


@_issue.field("viewerCanDelete")
def viewer_can_delete(item: Item, info: Any) -> bool:
    """Whether who asks is an admin."""
    return level(info.context.agent, home(item, info)) is Role.ADMIN


@_issue.field("stateReason")
def state_reason(item: Item, info: Any, enableDuplicate: bool = False) -> str | None:
    """Why it is closed (or ``REOPENED``); duplicates show as not planned unless asked for."""
    return reason_word(item.state_reason, enableDuplicate)


def reason_word(reason: str | None, duplicates: bool = True) -> str | None:
    """Return GraphQL's ``IssueStateReason``."""
    if not reason:
        return None
    return "NOT_PLANNED" if reason == "duplicate" and not duplicates else reason.upper()


@_item.field("labels")
def labels(
    item: Item, info: Any, orderBy: dict[str, str] | None = None, **paging: Any
) -> ConnectionPage | None:
    """Labels it carries."""
    place, world = home(item, info), info.context.world
    found = [label for name in item.labels if (label := world.label(place, name)) is not None]
    return label_page(place, found, orderBy, paging)


@_item.field("assignees")
def assignees(item: Item, info: Any, **paging: Any) -> ConnectionPage:
    """Who is to do it."""
    return people([info.context.world.account(login) for login in item.assignees], paging)


@_item.field("participants")
def item_participants(item: Item, info: Any, **paging: Any) -> ConnectionPage:
    """Who takes part in the conversation."""
    world = info.context.world
    return people([world.account(login) for login in participants(world, item)], paging)


@_item.field("milestone")
def milestone(item: Item, info: Any) -> ThreadPart | None:
    """The milestone it is in."""
    return ThreadPart(home(item, info), item.milestone, "Milestone") if item.milestone else None


@_item.field("comments")
def comments(
    item: Item, info: Any, orderBy: dict[str, str] | None = None, **paging: Any
) -> ConnectionPage:
    """Comments, oldest first."""
    found = item.comments
    if orderBy is not None:
        found = sorted(
            found, key=lambda comment: comment.updated_at, reverse=orderBy["direction"] == "DESC"
        )
    page = paginate(found, lambda comment: comment.id, **paging)
    page.nodes = [ThreadPart(item, comment, "IssueComment") for comment in page.nodes]
    page.key = lambda part: part.it.id
    return page


@_item.field("timelineItems")
def timeline_items(
    item: Item,
    info: Any,
    itemTypes: list[str] | None = None,
    since: str | None = None,
    skip: int | None = None,
    **paging: Any,
) -> ConnectionPage:
    """Events, comments, reviews and commits, oldest first. ``totalCount`` counts all,
    ``filteredCount`` those asked for."""
    known = PULL_TIMELINE if item.is_pull else ISSUE_TIMELINE
    types = known if itemTypes is None else frozenset(map(word_to_type, itemTypes))
    found = timeline(item, types)
    if since:
        found = [
            part
            for part in found
            if (part.it.created_at if hasattr(part.it, "created_at") else since) >= since
        ]
    page = paginate(found[skip or 0 :], part_key, **paging)
    page.extra = {
        "filteredCount": len(found),
        "pageCount": len(page.nodes),
        "updatedAt": item.updated_at,
    }
    page.count = lambda: len(timeline(item, known))
    return page


def part_key(part: ThreadPart) -> Any:
    """Return what names a part of a thread in a cursor."""
    return part.it.oid if part.typename == "PullRequestCommit" else part.it.id


@_issue.field("closedByPullRequestsReferences")
def closed_by_pulls(
    item: Item, info: Any, includeClosedPrs: bool = False, **paging: Any
) -> ConnectionPage:
    """Pull requests that say they close this issue; closed ones only if asked for."""
    for unused in ("orderByState", "userLinkedOnly"):
        paging.pop(unused, None)
    world = info.context.world
    found = []
    for number in dict.fromkeys(_closing_candidates(item)):
        other = world.peek(item.repository, number)
        if other is not None and other.pull is not None and item.number in other.pull.closes:
            found.append(other)
    open_ones = [other for other in found if includeClosedPrs or other.state != "closed"]
    return paginate(open_ones, lambda other: other.id, **paging)


def _closing_candidates(item: Item) -> list[int]:
    """Return the numbers of items in the same repository that have left a backlink or were
    connected."""
    return [
        event.source.number
        for event in item.events
        if event.kind in ("cross-referenced", "connected")
        and event.source is not None
        and event.source.repository.lower() == item.repository.lower()
    ]


def _related(info: Any, reference: Reference | None) -> Item | None:
    """Return another item as the call sees it; None if it is gone."""
    found = (
        info.context.world.peek(reference.repository, reference.number)
        if reference is not None
        else None
    )
    return None if found is None else info.context.see(found)


@_issue.field("parent")
def parent(item: Item, info: Any) -> Item | None:
    """The issue that this one is a part of."""
    return _related(info, item.parent)


def _all_related(info: Any, references: list[Reference]) -> list[Item]:
    return [other for one in references if (other := _related(info, one)) is not None]


@_issue.field("subIssues")
def sub_issues(item: Item, info: Any, **paging: Any) -> ConnectionPage:
    """The parts of this issue, in their order."""
    return paginate(_all_related(info, item.sub_issues), lambda part: part.id, **paging)


@_issue.field("subIssuesSummary")
def sub_issues_summary(item: Item, info: Any) -> dict[str, int]:
    """How many parts there are, and how many of them are done."""
    parts = _all_related(info, item.sub_issues)
    done = sum(part.state != "open" for part in parts)
    percent = 100 * done // len(parts) if parts else 0
    return {"total": len(parts), "completed": done, "percentCompleted": percent}


@_issue.field("blockedBy")
def blocked_by(item: Item, info: Any, **paging: Any) -> ConnectionPage:
    """The issues that this one waits for."""
    return paginate(_all_related(info, item.blocked_by), lambda other: other.id, **paging)


@_issue.field("blocking")
def blocking(item: Item, info: Any, **paging: Any) -> ConnectionPage:
    """The issues that wait for this one."""
    return paginate(_all_related(info, item.blocking), lambda other: other.id, **paging)


@_issue.field("issueDependenciesSummary")
def dependencies_summary(item: Item, info: Any) -> dict[str, int]:
    """How many issues it waits for and holds up: those that are open, and all."""
    before, behind = _all_related(info, item.blocked_by), _all_related(info, item.blocking)
    return {
        "blockedBy": sum(other.state == "open" for other in before),
        "blocking": sum(other.state == "open" for other in behind),
        "totalBlockedBy": len(before),
        "totalBlocking": len(behind),
    }


def actor(login: str | None, info: Any) -> Account | None:
    """Return the account of a login, or None (``null``) if it is deleted."""
    found: Account | None = info.context.world.account(login)
    return found


def url_of(item: Item, fragment: str) -> str:
    """Return the address of a place on an item's page."""
    return f"{WEB}{item_path(item)}#{fragment}"
