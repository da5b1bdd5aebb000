"""Events of a timeline, one table per type."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.entities import Item, Label, Repository
from migrator.sandbox.graphql.resolvers.items import home, lock_word, reason_word, url_of
from migrator.sandbox.graphql.tables import ResolverTable
from migrator.sandbox.ids import commit_oid, node_id
from migrator.sandbox.names import EVENT_TYPES, item_path
from migrator.sandbox.threads import ThreadPart

_every = ResolverTable(*EVENT_TYPES.values())
_every.attributes(createdAt="it.created_at")
_every.put(
    "id", lambda part, info: node_id("".join(filter(str.isupper, part.typename)), part.it.id)
)
_every.put("actor", lambda part, info: info.context.world.account(part.it.actor))

_with_page = ResolverTable(
    "ClosedEvent",
    "CrossReferencedEvent",
    "ReadyForReviewEvent",
    "ConvertToDraftEvent",
    "MergedEvent",
    "ReviewDismissedEvent",
)
_with_page.put("url", lambda part, info: url_of(part.home, f"event-{part.it.id}"))
_with_page.put("resourcePath", lambda part, info: f"{item_path(part.home)}#event-{part.it.id}")

for _type, _field in {
    "ClosedEvent": "closable",
    "ReopenedEvent": "closable",
    "LabeledEvent": "labelable",
    "UnlabeledEvent": "labelable",
    "AssignedEvent": "assignable",
    "UnassignedEvent": "assignable",
    "LockedEvent": "lockable",
    "UnlockedEvent": "lockable",
    "MilestonedEvent": "subject",
    "DemilestonedEvent": "subject",
    "RenamedTitleEvent": "subject",
    "ConnectedEvent": "subject",
    "DisconnectedEvent": "subject",
    "ReferencedEvent": "subject",
    "CrossReferencedEvent": "target",
    "TransferredEvent": "issue",
    "PinnedEvent": "issue",
    "UnpinnedEvent": "issue",
    "SubscribedEvent": "subscribable",
    "UnsubscribedEvent": "subscribable",
}.items():
    ResolverTable(_type).attributes(**{_field: "home"})

_of_pull = ResolverTable(
    "HeadRefForcePushedEvent", "ReviewRequestedEvent", "ReviewRequestRemovedEvent", "ReadyForReviewEvent", "ConvertToDraftEvent",
    "MergedEvent", "HeadRefDeletedEvent", "HeadRefRestoredEvent", "ReviewDismissedEvent", "BaseRefChangedEvent",
)  # fmt: skip
_of_pull.attributes(pullRequest="home")
ResolverTable(
    "MentionedEvent", "CommentDeletedEvent", "ReviewDismissedEvent", "BaseRefChangedEvent"
).attributes(databaseId="it.id")

ResolverTable("ClosedEvent").put("stateReason", lambda part, info: reason_word(part.it.detail))
ResolverTable("ReopenedEvent").constants(stateReason="REOPENED")
ResolverTable("MilestonedEvent", "DemilestonedEvent").attributes(milestoneTitle="it.detail")
ResolverTable("LockedEvent").put("lockReason", lambda part, info: lock_word(part.it.detail))
ResolverTable("RenamedTitleEvent").attributes(currentTitle="it.detail", previousTitle="it.before")


@ResolverTable("ClosedEvent").field("closer")
def closer(part: ThreadPart, info: Any) -> Item | None:
    """The pull request that closed it, where one did."""
    return _source(part, info)


@ResolverTable("LabeledEvent", "UnlabeledEvent").field("label")
def event_label(part: ThreadPart, info: Any) -> ThreadPart:
    """The label; one that the repository has no more is shown as it was."""
    repository = home(part.home, info)
    label = info.context.world.label(repository, part.it.label) or Label(
        name=part.it.label, id=part.it.id
    )
    return ThreadPart(repository, label, "Label")


_assigned = ResolverTable("AssignedEvent", "UnassignedEvent")


@_assigned.field("assignee")
def assignee(part: ThreadPart, info: Any) -> Any:
    """Who was assigned."""
    return info.context.world.account(part.it.detail)


@_assigned.field("user")
def assigned_user(part: ThreadPart, info: Any) -> Any:
    """Who was assigned, if that is a person."""
    account = info.context.world.account(part.it.detail)
    return account if account is not None and account.type == "User" else None


# -- other items


def _source(part: ThreadPart, info: Any) -> Item | None:
    """Return the item that an event names, wherever it has gone."""
    source = part.it.source
    if source is None:
        return None
    found: Item | None = info.context.world.threads.get(source.repository.lower(), {}).get(
        source.number
    )
    return found


def _subject(part: ThreadPart, info: Any) -> Item:
    """``source`` may not be null: what a file names but does not hold stands for itself as a
    bare item."""
    found = _source(part, info)
    if found is not None:
        return found
    source = part.it.source
    if source is None:
        subject: Item = part.home
        return subject
    bare = Item(
        repository=source.repository,
        number=source.number,
        title="",
        created_at=part.it.created_at,
        updated_at=part.it.created_at,
    )
    bare.id = part.it.id
    return bare


def _crosses(part: ThreadPart) -> bool:
    source = part.it.source
    return source is not None and source.repository.lower() != part.home.repository.lower()


_linked = ResolverTable("CrossReferencedEvent", "ConnectedEvent", "DisconnectedEvent")
_linked.put("source", _subject)
_linked.put("isCrossRepository", lambda part, info: _crosses(part))
_cross = ResolverTable("CrossReferencedEvent")
_cross.attributes(referencedAt="it.created_at")


@_cross.field("willCloseTarget")
def will_close(part: ThreadPart, info: Any) -> bool:
    """Whether the source says that it closes this issue."""
    source = _source(part, info)
    return source is not None and source.pull is not None and part.home.number in source.pull.closes


_duplicate = ResolverTable("MarkedAsDuplicateEvent", "UnmarkedAsDuplicateEvent")
_duplicate.attributes(duplicate="home")
_duplicate.put("canonical", _source)
_duplicate.put("isCrossRepository", lambda part, info: _crosses(part))


@ResolverTable("TransferredEvent").field("fromRepository")
def from_repository(part: ThreadPart, info: Any) -> Repository | None:
    """Where it came from."""
    found: Repository | None = info.context.world.repositories.get(part.it.detail.lower())
    return found


@ResolverTable("CommentDeletedEvent").field("deletedCommentAuthor")
def deleted_author(part: ThreadPart, info: Any) -> Any:
    """Whose comment was deleted."""
    return info.context.world.account(part.it.detail)


# -- pull requests


@ResolverTable("ReviewRequestedEvent", "ReviewRequestRemovedEvent").field("requestedReviewer")
def requested_reviewer(part: ThreadPart, info: Any) -> Any:
    """Who was asked."""
    return info.context.world.account(part.it.detail)


def _last_commit(part: ThreadPart, info: Any = None) -> ThreadPart:
    return ThreadPart(part.home, part.home.pull.commits[-1], "Commit")


_force = ResolverTable("HeadRefForcePushedEvent")
_force.put("afterCommit", _last_commit)
_force.constants(beforeCommit=None)
_force.put(
    "ref", lambda part, info: ThreadPart(home(part.home, info), part.home.pull.head_ref, "Ref")
)

_merged = ResolverTable("MergedEvent")
_merged.put("commit", _last_commit)
_merged.put(
    "mergeRef", lambda part, info: ThreadPart(home(part.home, info), part.home.pull.base_ref, "Ref")
)
_merged.attributes(mergeRefName="home.pull.base_ref")

_branch = ResolverTable("HeadRefDeletedEvent")
_branch.constants(headRef=None)
_branch.attributes(headRefName="home.pull.head_ref")

_dismissed = ResolverTable("ReviewDismissedEvent")
_dismissed.attributes(dismissalMessage="it.detail")
_dismissed.constants(previousReviewState="CHANGES_REQUESTED", review=None)

_base = ResolverTable("BaseRefChangedEvent")
_base.attributes(currentRefName="it.detail", previousRefName="it.before")

_referenced = ResolverTable("ReferencedEvent")
_referenced.constants(isCrossRepository=False, isDirectReference=True)
_referenced.put("commitRepository", lambda part, info: home(part.home, info))


@_referenced.field("commit")
def referencing_commit(part: ThreadPart, info: Any) -> ThreadPart:
    """The commit whose message names this item; ``detail`` is that message."""
    from migrator.sandbox.entities import Commit

    oid = commit_oid(part.home.key, part.it.id)
    commit = Commit(
        author=part.it.actor, committed_at=part.it.created_at, message=part.it.detail, oid=oid
    )
    return ThreadPart(home(part.home, info), commit, "Commit")
