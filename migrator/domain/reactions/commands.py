"""Somebody wrote a command. Which, and who, is read from the thread: a comment may have changed since its webhook left."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.domain.commands import Command, find
from migrator.domain.events import Happened
from migrator.domain.items import Comment, Item
from migrator.domain.reactions.base import Intent, Reaction, Scope

EVENTS = frozenset({"issue_comment.created", "issue_comment.edited"})


def of_event(happened: Happened, scope: Scope) -> bool:
    """Whether a webhook tells of a comment that is not our App's."""
    return happened.name in EVENTS and scope.knows(happened.repository) and not scope.is_our_bot(happened)


def of_item(item: Item, scope: Scope) -> bool:
    """Whether the thread holds a command that was written since the listener began."""
    return any(True for _ in given(item, scope))


def given(item: Item, scope: Scope) -> Iterator[tuple[Comment, tuple[Command, ...]]]:
    """Comments since the listener began that give commands, oldest first, whoever wrote them."""
    for comment in item.comments:
        if comment.created_at >= scope.since and (found := find(comment.body, scope.words)):
            yield comment, found


REACTION = Reaction(intent=Intent.COMMANDS, of_event=of_event, of_item=of_item)
