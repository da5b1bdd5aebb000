"""What reactions are made of: an intent says what to look after on an item, never what to do to it.

What is done follows from the item as it is when somebody looks, and from the ledger. So it does not matter in which order
webhooks arrive, how often, or whether a sweep was first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from migrator.domain.commands import Command
from migrator.domain.events import Happened
from migrator.domain.items import AccountType, Frozen, Item


class Intent(StrEnum):
    """What to look after on one item, in the order in which it is done."""

    DEPARTURE = "departure"
    COMMANDS = "commands"
    SPEECH = "speech"
    ARRIVAL = "arrival"
    LANDING = "landing"


class Scope(Frozen, frozen=True, kw_only=True):
    """What reactions need to know. ``since`` is when the listener of this migration first began: older things are the batch's.

    ``account`` is the login that we write with, empty if unknown. ``words`` are the migration's commands.
    """

    source: str
    targets: tuple[str, ...]
    since: datetime
    account: str = ""
    words: tuple[Command, ...] = ()

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
        """Whether our App did it. What a person's token writes may be the person's own hand, so it is looked at."""
        by = happened.by
        return by is not None and by.type is AccountType.BOT and by.login.casefold() == self.account.casefold()


class Reaction(Frozen, frozen=True, kw_only=True):
    """One capability: which webhooks call for it, and by what a sweep recognises an item that needs it."""

    intent: Intent
    of_event: Callable[[Happened, Scope], bool]
    of_item: Callable[[Item, Scope], bool]
