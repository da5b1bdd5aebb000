"""Fills in what an item of a world file leaves out, so that the rest of the sandbox meets only
whole items."""

from __future__ import annotations

from migrator.sandbox.clock import moment
from migrator.sandbox.entities import Comment, Commit, Event, Item, Pull, Reaction, Review
from migrator.sandbox.errors import WorldFileError
from migrator.sandbox.ids import commit_oid

DEFAULT_CREATED = "2020-01-01T00:00:00Z"
EVENT_KINDS = frozenset(
    [
        "closed",
        "reopened",
        "labeled",
        "unlabeled",
        "assigned",
        "unassigned",
        "milestoned",
        "demilestoned",
        "locked",
        "unlocked",
        "renamed",
        "cross-referenced",
        "connected",
        "disconnected",
        "marked_as_duplicate",
        "unmarked_as_duplicate",
        "transferred",
        "pinned",
        "unpinned",
        "head_ref_force_pushed",
        "review_requested",
        "review_request_removed",
        "ready_for_review",
        "convert_to_draft",
        "merged",
        "referenced",
        "subscribed",
        "unsubscribed",
        "mentioned",
        "head_ref_deleted",
        "head_ref_restored",
        "comment_deleted",
        "review_dismissed",
        "base_ref_changed",
    ]
)


def complete_item(item: Item) -> None:
    """Bring moments into GitHub's form, sort the parts by time, and add the events that the item's
    state implies.

    Raises:
        WorldFileError: a time cannot be read, or an event's kind is unknown.
    """
    try:
        _complete(item)
    except ValueError as error:
        raise WorldFileError(f"{item.key}: {error}") from error


def newest_moment(item: Item) -> str:
    """Return the newest moment in an item: what ``updated_at`` is when the file does not say."""
    moments = [item.created_at, item.edited_at or "", item.closed_at or ""]
    moments += [max(comment.created_at, comment.edited_at or "") for comment in item.comments]
    moments += [event.created_at for event in item.events]
    if item.pull is not None:
        moments += [
            item.pull.merged_at or "",
            *(review.submitted_at for review in item.pull.reviews),
        ]
        moments += [commit.committed_at for commit in item.pull.commits]
    return max(moments)


def _complete(item: Item) -> None:
    item.created_at = moment(item.created_at or DEFAULT_CREATED)
    item.edited_at = item.edited_at and moment(item.edited_at)
    item.closed_at = item.closed_at and moment(item.closed_at)
    if item.is_pull and item.pull is None:
        item.pull = Pull()
    _complete_comments(item)
    _complete_events(item)
    if item.pull is not None:
        _complete_pull(item, item.pull)
    _complete_reactions(item.reactions, item.created_at)
    _complete_state(item)
    item.labels = list(dict.fromkeys(item.labels))
    item.updated_at = moment(item.updated_at) if item.updated_at else newest_moment(item)


def _complete_comments(item: Item) -> None:
    for comment in item.comments:
        comment.created_at = moment(comment.created_at or item.created_at)
        comment.edited_at = comment.edited_at and moment(comment.edited_at)
        comment.updated_at = moment(comment.updated_at or comment.edited_at or comment.created_at)
        _complete_reactions(comment.reactions, comment.created_at)
    item.comments.sort(key=_created)


def _complete_reactions(reactions: list[Reaction], default: str) -> None:
    for reaction in reactions:
        reaction.content = reaction.content.upper()
        reaction.created_at = moment(reaction.created_at or default)


def _complete_events(item: Item) -> None:
    kept: list[Event] = []
    for event in item.events:
        event.created_at = moment(event.created_at or item.created_at)
        event.kind = "cross-referenced" if event.kind == "cross_referenced" else event.kind
        if event.kind in ("reviewed", "committed"):
            _move_to_pull(item, event)
        elif event.kind in EVENT_KINDS:
            kept.append(event)
        else:
            raise ValueError(f"unknown event kind {event.kind!r}")
    kept.sort(key=_created)
    item.events = kept


def _move_to_pull(item: Item, event: Event) -> None:
    """Reviews and commits stand in the timeline, but belong to the pull request."""
    if item.pull is None:
        raise ValueError(f"{event.kind!r} happens to pull requests only")
    if event.kind == "reviewed":
        review = Review(
            author=event.actor, state=event.detail or "COMMENTED", submitted_at=event.created_at
        )
        if all(
            (known.author, known.submitted_at) != (review.author, review.submitted_at)
            for known in item.pull.reviews
        ):
            item.pull.reviews.append(review)
    elif all(commit.committed_at != event.created_at for commit in item.pull.commits):
        item.pull.commits.append(
            Commit(author=event.actor, committed_at=event.created_at, message=event.detail)
        )


def _complete_pull(item: Item, pull: Pull) -> None:
    pull.base_ref = pull.base_ref or "master"
    pull.head_ref = pull.head_ref or f"patch-{item.number}"
    pull.merged_at = pull.merged_at and moment(pull.merged_at)
    for review in pull.reviews:
        review.submitted_at = moment(review.submitted_at or item.created_at)
        review.state = review.state.upper()
    for index, commit in enumerate(pull.commits):
        commit.committed_at = moment(commit.committed_at or item.created_at)
        commit.oid = commit.oid or commit_oid(item.key, index, commit.committed_at)
    if not pull.commits:
        oid = commit_oid(item.key)
        pull.commits.append(
            Commit(author=item.author, committed_at=item.created_at, message=item.title, oid=oid)
        )
    pull.reviews.sort(key=lambda review: review.submitted_at)
    if pull.merged_at:
        item.state = "merged"


def _complete_state(item: Item) -> None:
    """A closed item has a date and an event that says so."""
    if item.state == "open":
        item.closed_at = item.closed_by = None
        return
    closing = next((event for event in reversed(item.events) if event.kind == "closed"), None)
    if closing is None:
        at = item.closed_at or (item.pull.merged_at if item.pull else None) or newest_moment(item)
        item.events.append(
            Event(
                kind="closed", actor=item.closed_by, created_at=at, detail=item.state_reason or ""
            )
        )
        item.events.sort(key=_created)
        closing = next(event for event in item.events if event.kind == "closed")
    item.closed_at = item.closed_at or closing.created_at
    item.closed_by = item.closed_by or closing.actor
    if item.state == "merged":
        _complete_merge(item)
    elif not item.is_pull:
        item.state_reason = (item.state_reason or closing.detail or "completed").lower()


def _complete_merge(item: Item) -> None:
    """A merged pull request has a date, an event and somebody who merged it."""
    pull = item.pull
    if pull is None:
        raise ValueError("only a pull request can be merged")
    pull.merged_at = pull.merged_at or item.closed_at
    pull.merged_by = pull.merged_by or item.closed_by
    if all(event.kind != "merged" for event in item.events):
        item.events.append(
            Event(kind="merged", actor=pull.merged_by, created_at=pull.merged_at or item.created_at)
        )
        item.events.sort(key=_created)


def _created(part: Comment | Event) -> str:
    return part.created_at
