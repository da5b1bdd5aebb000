"""Every act of a person that moves an item's clock.

Comments, edits, reviews, pushes, dated reactions, reopening, and references from other open items
count. Labels, assignments, milestones, locks, closes and ``updated_at`` do not: they are how a
repository is tidied. What programs do never counts, and of our own account only what the ledger
does not know.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from migrator.domain.classification.activity.facts import Act, ActName
from migrator.domain.classification.activity.speakers import (
    AttributedComment,
    Speaker,
    same_account,
)
from migrator.domain.items import Comment, Event, EventKind, Item, Reaction, State
from migrator.domain.people import BotIdentity, People, login_of

OBJECTIONS = frozenset({"THUMBS_DOWN", "CONFUSED"})
"""Reactions to one of our own notices that speak up; a thumbs-up under a notice agrees with it
and changes nothing."""

_EVENTS = {
    EventKind.REOPENED: ActName.REOPENED,
    EventKind.RENAMED: ActName.RENAMED,
    EventKind.REVIEWED: ActName.REVIEWED,
    EventKind.REVIEW_REQUESTED: ActName.REVIEW_REQUESTED,
    EventKind.COMMITTED: ActName.PUSHED,
    EventKind.FORCE_PUSHED: ActName.PUSHED,
    EventKind.READY_FOR_REVIEW: ActName.READY_FOR_REVIEW,
    EventKind.CONVERTED_TO_DRAFT: ActName.CONVERTED_TO_DRAFT,
    EventKind.CROSS_REFERENCED: ActName.REFERENCED,
    EventKind.CONNECTED: ActName.CONNECTED,
}
"""The timeline events that move the clock
(https://docs.github.com/graphql/reference/unions#issuetimelineitems)."""

_ROUTINE = frozenset({EventKind.RENAMED, EventKind.REVIEW_REQUESTED})
"""What triagers do to tidy up; by anybody else it is an act."""

_REFERENCES = frozenset({EventKind.CROSS_REFERENCED, EventKind.CONNECTED})


def acts_of(
    item: Item, thread: list[AttributedComment], people: People, own: BotIdentity
) -> Iterator[Act]:
    """Yield every act of a person on the item that we can see, in no particular order; the
    opening is one of them."""
    yield from _opening(item, people)
    yield from _reactions(item.reactions, item.url, people, own)
    for spoken in thread:
        yield from comment_acts(spoken, people, own)
    for event in item.events:
        act = event_act(event, item, people, own)
        if act is not None:
            yield act
    yield from _last_push(item, people)


def comment_acts(spoken: AttributedComment, people: People, own: BotIdentity) -> Iterator[Act]:
    """Yield a comment, its last edit and its reactions, as far as they are acts of people."""
    comment, voice = spoken
    reactions = comment.reactions
    if voice is Speaker.PERSON:
        yield comment_act(comment)
    if voice is Speaker.OWN:
        reactions = tuple(each for each in reactions if each.content in OBJECTIONS)
    if comment.edited_at is not None and _edited_by_person(spoken, people):
        yield Act(
            name=ActName.EDITED,
            at=comment.edited_at,
            actor=login_of(comment.editor or comment.author),
            url=comment.url,
        )
    yield from _reactions(reactions, comment.url, people, own)


def comment_act(comment: Comment) -> Act:
    """The writing of a comment as an act."""
    return Act(
        name=ActName.COMMENTED,
        at=comment.created_at,
        actor=login_of(comment.author),
        url=comment.url,
    )


def _edited_by_person(spoken: AttributedComment, people: People) -> bool:
    """Whether a comment's last edit is an act of a person. An unknown editor is the comment's
    author.

    A program's words, a routine question and our own notice move the clock only when somebody else
    edits them.
    """
    comment, voice = spoken
    if voice is Speaker.PERSON:
        return people.is_person(comment.editor or comment.author)
    if comment.editor is None or same_account(comment.editor, comment.author):
        return False
    return people.is_person(comment.editor)


def event_act(event: Event, item: Item, people: People, own: BotIdentity) -> Act | None:
    """The act that a timeline event is, ``None`` if it does not move the clock."""
    name = _EVENTS.get(event.kind)
    if name is None or not people.is_person(event.actor):
        return None
    if event.kind is EventKind.REOPENED and own.reopened(item.key, event):
        return None
    if event.kind in _ROUTINE and people.is_triager(event.actor):
        return None
    actor, value = event.actor, event.detail
    if event.kind in _REFERENCES:
        if not _is_open_reference(event, item, people):
            return None
        assert event.reference is not None
        actor, value = (
            actor or event.reference.author,
            f"{event.reference.repository}#{event.reference.number}",
        )
    return Act(name=name, at=event.at, actor=login_of(actor), url=event.url, value=value)


def opening_of(item: Item) -> Act:
    """The opening of the item, whoever did it: no clock starts earlier."""
    return Act(name=ActName.OPENED, at=item.created_at, actor=login_of(item.author), url=item.url)


def unread_of(item: Item) -> Act | None:
    """The moment up to which somebody may have acted unseen: where what we read of the thread
    begins. ``None`` if it is whole.

    GitHub gives the newest comments and events first, so a thread that programs flood can hide what
    people said before. What we did not read is held against nobody.
    """
    began = [
        (at, what)
        for at, what in (
            (comments_from(item), "earlier comments"),
            (_events_from(item), "earlier events"),
        )
        if at
    ]
    if not began:
        return None
    at, what = max(began)
    return Act(name=ActName.UNREAD, at=at, actor="", url=item.url, value=what)


def comments_from(item: Item) -> datetime | None:
    """The first moment from which on every comment was read; ``None`` if there are no others."""
    if item.comments_total <= len(item.comments):
        return None
    return min((comment.created_at for comment in item.comments), default=item.updated_at)


def _events_from(item: Item) -> datetime | None:
    if item.events_total <= len(item.events):
        return None
    return min((event.at for event in item.events), default=item.updated_at)


def _opening(item: Item, people: People) -> Iterator[Act]:
    if people.is_person(item.author):
        yield opening_of(item)
    editor = item.editor or item.author
    if item.edited_at is not None and people.is_person(editor):
        yield Act(name=ActName.EDITED, at=item.edited_at, actor=login_of(editor), url=item.url)


def _reactions(
    reactions: tuple[Reaction, ...], url: str, people: People, own: BotIdentity
) -> Iterator[Act]:
    """Our account's reactions answer commands. They carry no mark, so what a person reacts with
    that account does not count.

    GraphQL's ``Reaction.user`` is a ``User``: it names neither deleted accounts nor Apps, and an
    unnamed reaction counts as a person's. Our own App's answers follow a person's command by
    seconds, so they change no verdict.
    """
    for each in reactions:
        if people.is_person(each.author) and not own.is_account(each.author):
            yield Act(
                name=ActName.REACTED,
                at=each.created_at,
                actor=login_of(each.author),
                url=url,
                value=each.content,
            )


def _is_open_reference(event: Event, item: Item, people: People) -> bool:
    """Whether an event names another open item that a person wrote."""
    reference = event.reference
    if reference is None or reference.state is not State.OPEN:
        return False
    if (reference.repository.casefold(), reference.number) == (
        item.repository.casefold(),
        item.number,
    ):
        return False
    return reference.author is None or people.is_person(reference.author)


def _last_push(item: Item, people: People) -> Iterator[Act]:
    """Yield the newest commit of a pull request whose commits were not read as events.

    Its author's machine wrote that date. One that lies in the future keeps the item open until it
    has passed.
    """
    pull = item.pull
    if pull is None or pull.last_commit_at is None or not people.is_person(item.author):
        return
    if not any(event.kind is EventKind.COMMITTED for event in item.events):
        yield Act(
            name=ActName.PUSHED, at=pull.last_commit_at, actor=login_of(item.author), url=item.url
        )
