"""Triggers: what a webhook, or an item that a reconciliation met, asks to be handled on an item.

A trigger never says what to do. What is done follows from the item as it is when it is read, and
from the ledger. So the order and the number of webhooks do not matter, nor whether the reconciler
was first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from migrator.domain.items import AccountType, Comment, Frozen, Item, State
from migrator.domain.node_ids import same_node
from migrator.domain.webhooks import Happened
from migrator.domain.webhooks.commands import Command, given
from migrator.domain.webhooks.landings import Finder


class Trigger(StrEnum):
    """What to look after on one item, in the order in which it is done."""

    DEPARTURE = "departure"
    COMMANDS = "commands"
    SPEECH = "speech"
    ARRIVAL = "arrival"
    LANDING = "landing"


class TriggerScope(Frozen, frozen=True, kw_only=True):
    """What reactions need to know. ``since`` is when the listener of this migration first began:
    older things are the batch's.

    ``account`` is the login that we write with, empty if unknown. ``words`` are the migration's
    commands. ``ids`` are the repositories' own ids with the names that they have in the migration
    file.
    """

    source: str
    targets: tuple[str, ...]
    since: datetime
    account: str = ""
    words: tuple[Command, ...] = ()
    ids: dict[str, str] = {}

    def by_known_name(self, happened: Happened) -> Happened:
        """The same under the migration file's name: a renamed repository keeps its id."""
        known = self.ids.get(happened.repository_id) or next(
            (name for its, name in self.ids.items() if same_node(its, happened.repository_id)), None
        )
        return happened if known is None else replace(happened, repository=known)

    def in_source(self, repository: str) -> bool:
        """Whether this is the repository that the parts leave."""
        return repository.casefold() == self.source.casefold()

    def in_target(self, repository: str) -> bool:
        """Whether this is a repository that a part moves to."""
        return repository.casefold() in {target.casefold() for target in self.targets}

    def knows(self, repository: str) -> bool:
        """Whether this is a repository of the migration."""
        return self.in_source(repository) or self.in_target(repository)

    def is_our_bot(self, happened: Happened) -> bool:
        """Whether our App did it. What a person's token writes may be the person's own hand, so
        it is looked at."""
        by = happened.by
        return (
            by is not None
            and by.type is AccountType.BOT
            and by.login.casefold() == self.account.casefold()
        )


class TriggerRule(Frozen, frozen=True, kw_only=True):
    """One capability: which webhooks call for it, and by what a sweep recognises an item that
    needs it."""

    trigger: Trigger
    of_event: Callable[[Happened, TriggerScope], bool]
    of_item: Callable[[Item, TriggerScope], bool]


ARRIVAL_EVENTS = frozenset(
    {
        "issues.opened",
        "issues.edited",
        "issues.labeled",
        "issues.unlabeled",
        "issues.reopened",
        "pull_request.opened",
        "pull_request.edited",
        "pull_request.labeled",
        "pull_request.unlabeled",
        "pull_request.reopened",
        "pull_request.synchronize",
        "pull_request.ready_for_review",
    }
)


def _arrival_of_event(happened: Happened, scope: TriggerScope) -> bool:
    """Whether a webhook may tell of an arrival."""
    return happened.name in ARRIVAL_EVENTS and scope.in_source(happened.repository)


def _arrival_of_item(item: Item, scope: TriggerScope) -> bool:
    """Whether an item has arrived since the listener began, and is open."""
    return (
        scope.in_source(item.repository)
        and item.state is State.OPEN
        and item.created_at >= scope.since
    )


ARRIVAL = TriggerRule(trigger=Trigger.ARRIVAL, of_event=_arrival_of_event, of_item=_arrival_of_item)


COMMAND_EVENTS = frozenset({"issue_comment.created"})


def _command_of_event(happened: Happened, scope: TriggerScope) -> bool:
    """Whether a webhook tells of a comment that is not our App's."""
    return (
        happened.name in COMMAND_EVENTS
        and scope.knows(happened.repository)
        and not scope.is_our_bot(happened)
    )


def _command_of_item(item: Item, scope: TriggerScope) -> bool:
    """Whether the thread holds a command that was written since the listener began."""
    return any(True for _ in has_command(item, scope))


def has_command(item: Item, scope: TriggerScope) -> Iterator[tuple[Comment, tuple[Command, ...]]]:
    """Comments since the listener began that give commands, oldest first, whoever wrote them."""
    for comment in item.comments:
        if comment.created_at >= scope.since and (found := given(comment, scope.words)):
            yield comment, found


COMMAND = TriggerRule(
    trigger=Trigger.COMMANDS, of_event=_command_of_event, of_item=_command_of_item
)


DEPARTURE_EVENTS = frozenset({"issues.deleted", "issues.transferred"})


def _departure_of_event(happened: Happened, scope: TriggerScope) -> bool:
    """Whether a webhook may tell of a departure."""
    return happened.name in DEPARTURE_EVENTS and scope.knows(happened.repository)


def _departure_of_item(_item: Item, _scope: TriggerScope) -> bool:
    """An item that can be read is there."""
    return False


DEPARTURE = TriggerRule(
    trigger=Trigger.DEPARTURE, of_event=_departure_of_event, of_item=_departure_of_item
)


LANDING_EVENTS = frozenset(
    {
        "issues.opened",
        "issues.edited",
        "issues.reopened",
        "pull_request.opened",
        "pull_request.edited",
        "pull_request.reopened",
        "pull_request.synchronize",
        "pull_request.closed",
    }
)


def _landing_of_event(happened: Happened, scope: TriggerScope) -> bool:
    """Whether a webhook may tell of a landing; of closed pull requests only merged ones are."""
    if happened.name == "pull_request.closed" and not happened.merged:
        return False
    return happened.name in LANDING_EVENTS and scope.in_target(happened.repository)


def _landing_of_item(item: Item, scope: TriggerScope) -> bool:
    """Whether an item of a target repository names an old one."""
    return scope.in_target(item.repository) and bool(Finder(scope.source).find(item))


LANDING = TriggerRule(trigger=Trigger.LANDING, of_event=_landing_of_event, of_item=_landing_of_item)


HUMAN_ACTIVITY_EVENTS = frozenset(
    {
        "issues.edited",
        "issues.reopened",
        "issue_comment.created",
        "issue_comment.edited",
        "issue_comment.deleted",
        "pull_request.edited",
        "pull_request.reopened",
        "pull_request.synchronize",
        "pull_request.ready_for_review",
        "pull_request.converted_to_draft",
        "pull_request.review_requested",
        "pull_request_review.submitted",
        "pull_request_review.edited",
        "pull_request_review_comment.created",
        "pull_request_review_comment.edited",
    }
)


def _human_activity_of_event(happened: Happened, scope: TriggerScope) -> bool:
    """Whether a webhook may tell of somebody who spoke. Whether it was a person is for the
    thread to say."""
    return (
        happened.name in HUMAN_ACTIVITY_EVENTS
        and scope.knows(happened.repository)
        and not scope.is_our_bot(happened)
    )


def _human_activity_of_item(item: Item, scope: TriggerScope) -> bool:
    """An open item that changed; in a target repository clearing may be pending."""
    return item.state is State.OPEN and scope.knows(item.repository)


HUMAN_ACTIVITY = TriggerRule(
    trigger=Trigger.SPEECH, of_event=_human_activity_of_event, of_item=_human_activity_of_item
)


RULES: Final[tuple[TriggerRule, ...]] = (
    DEPARTURE,
    COMMAND,
    HUMAN_ACTIVITY,
    ARRIVAL,
    LANDING,
)


def triggers_of_event(happened: Happened, scope: TriggerScope) -> frozenset[Trigger]:
    """What to look after on the item that a webhook tells of; nothing for repositories of other
    migrations."""
    return frozenset(each.trigger for each in RULES if each.of_event(happened, scope))


def triggers_of_item(item: Item, scope: TriggerScope) -> frozenset[Trigger]:
    """What to look after on an item that changed, however it did."""
    return frozenset(each.trigger for each in RULES if each.of_item(item, scope))
