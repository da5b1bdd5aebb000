"""The state of the sandbox's GitHub, and the one way to change it.

Everything lives in memory in one thread, so a request sees and makes its changes whole. Each change
gets the next number of one sequence for the whole world; that order is what tests judge by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from migrator.sandbox.access import Access
from migrator.sandbox.actions import Actions
from migrator.sandbox.clock import Clock
from migrator.sandbox.entities import (
    Account,
    App,
    Comment,
    Delivery,
    Hook,
    Installation,
    Item,
    Label,
    Repository,
    Review,
    Token,
)
from migrator.sandbox.errors import Refused, not_found
from migrator.sandbox.events import ActRecord, Announcement, Mail
from migrator.sandbox.transfer_rules import IssueBot, TransferRules

FIRST_ID = 1_000_000


class World:
    """All entities, by every name they are asked for."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.sequence = 0
        self.next_id = FIRST_ID
        self.source = self.target = self.note = ""
        self.accounts: dict[str, Account] = {}
        self.accounts_by_id: dict[int, Account] = {}
        self.repositories: dict[str, Repository] = {}
        self.repositories_by_id: dict[int, Repository] = {}
        self.access = Access()
        self.actions = Actions()
        self._former: dict[str, Repository] = {}
        self.threads: dict[str, dict[int, Item]] = {}
        self.items_by_id: dict[int, Item] = {}
        self.comment_home: dict[int, Item] = {}
        self.review_home: dict[int, Item] = {}
        self.labels_by_id: dict[int, tuple[Repository, Label]] = {}
        self._labels: dict[str, dict[str, Label]] = {}
        self.contributors: dict[str, set[str]] = {}
        self.apps: dict[str, App] = {}
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Token] = {}
        self.hooks: dict[int, Hook] = {}
        self.deliveries: dict[int, Delivery] = {}
        self.codes: dict[str, str] = {}
        self.mails: list[Mail] = []
        self.acts: dict[str, int] = {}
        self.deeds: list[ActRecord] = []
        self.versions: dict[str, int] = {}
        self.transfers = TransferRules()
        self.bots: list[IssueBot] = []
        self.in_flight: dict[int, Item] = {}
        self.just_opened: list[Item] = []
        self.dirty: dict[tuple[str, Any], msgspec.Struct] = {}
        self.before_change: list[Callable[[Item], None]] = []
        self.on_announcement: list[Callable[[Announcement], None]] = []

    # -- numbers

    def tick(self) -> int:
        """Return the next number of the world's order of things."""
        self.sequence += 1
        return self.sequence

    def new_id(self) -> int:
        """Return a database id that nothing else has."""
        self.next_id += 1
        return self.next_id

    # -- look-ups

    def account(self, login: str | None) -> Account | None:
        """Return the account, or None for a deleted or unknown one (GitHub then shows ``null``)."""
        found = self.accounts.get(login.lower()) if login else None
        return None if found is None or found.deleted else found

    def repository(self, name: str) -> Repository:
        """Return the repository ``owner/name``, in any case.

        Raises:
            Refused: 404, there is none.
        """
        found = self.repositories.get(name.lower()) or self._former.get(name.lower())
        if found is None:
            raise Refused(404, f"Could not resolve to a Repository with the name '{name}'.")
        return found

    def renamed(self, name: str) -> Repository | None:
        """Return the repository that had this name once, if no other has it now."""
        return None if name.lower() in self.repositories else self._former.get(name.lower())

    def item(self, repository: str, number: int) -> Item:
        """Return an item that exists.

        Raises:
            Refused: 404 it never existed; 410 it was deleted; 301 it was transferred (``headers``
            name the new place).
        """
        found = self.threads.get(repository.lower(), {}).get(number)
        if found is None:
            raise not_found()
        if found.deleted:
            raise Refused(410, "This issue was deleted")
        if found.is_here:
            return found
        if found.moved_to is None:
            raise not_found()
        target = self.moved(found)
        if target.deleted:
            raise Refused(410, "This issue was deleted")
        raise Refused(
            301,
            "Moved Permanently",
            headers={"moved-to": f"{target.repository}/{target.number}"},
        )

    def moved(self, item: Item) -> Item:
        """Return what a transferred item has become, over all its transfers."""
        while item.moved_to is not None and not item.is_here:
            item = self.threads[item.moved_to.repository.lower()][item.moved_to.number]
        return item

    def peek(self, repository: str, number: int) -> Item | None:
        """Return an item if it is there and was neither deleted nor transferred."""
        found = self.threads.get(repository.lower(), {}).get(number)
        return found if found is not None and found.is_here else None

    def living(self, repository: str) -> Iterator[Item]:
        """Yield the items of a repository that exist, by number."""
        thread = self.threads.get(repository.lower(), {})
        return (item for _, item in sorted(thread.items()) if item.is_here)

    def label(self, repository: Repository, name: str) -> Label | None:
        """Return a label by name, in any case."""
        index = self._labels.get(repository.name)
        if index is None:
            index = self._labels[repository.name] = {
                label.name.lower(): label for label in repository.labels
            }
        return index.get(name.lower())

    def comment(self, number: int) -> tuple[Item, Comment]:
        """Return a comment and its item by database id.

        Raises:
            Refused: 404.
        """
        item = self.comment_home.get(number)
        for comment in item.comments if item else ():
            if comment.id == number and item is not None:
                return item, comment
        raise not_found()

    def review(self, number: int) -> tuple[Item, Review]:
        """Return a review and its pull request by database id.

        Raises:
            Refused: 404.
        """
        item = self.review_home.get(number)
        for review in item.pull.reviews if item and item.pull else ():
            if review.id == number and item is not None:
                return item, review
        raise not_found()

    # -- changes

    @contextmanager
    def change(self, item: Item, *, moves: bool = True) -> Iterator[int]:
        """Change an item: everything inside gets one sequence number, which is yielded.

        ``moves`` says whether GitHub moves ``updated_at`` for it (a comment does, a reaction does
        not).
        """
        for hook in self.before_change:
            hook(item)
        sequence = self.tick()
        yield sequence
        item.sequence = sequence
        if moves:
            item.updated_at = max(item.updated_at, self.clock.text())
        self.touch(item)

    def touch(self, record: msgspec.Struct) -> None:
        """Mark a record as changed, so that it is kept and lists are made anew."""
        self.dirty[_name(record)] = record
        if isinstance(record, Item):
            key = record.repository.lower()
            self.versions[key] = self.versions.get(key, 0) + 1
        elif isinstance(record, Repository):
            self._labels.pop(record.name, None)

    def count(self, act: str, item: Item | None, by: str | None) -> None:
        """Count one act of a kind, and put it into the order of things."""
        self.acts[act] = self.acts.get(act, 0) + 1
        sequence = item.sequence if item is not None else self.sequence
        self.deeds.append(
            ActRecord(
                sequence=sequence, act=act, item=item.key if item is not None else "", by=by or ""
            )
        )

    def announce(
        self,
        event: str,
        action: str,
        repository: str,
        sender: str | None,
        item: Item | None = None,
        *,
        delay: float = 0,
        **about: Any,
    ) -> None:
        """Tell whoever listens (webhooks) that something happened, ``delay`` seconds later."""
        if self.on_announcement:
            told = Announcement(
                event=event,
                action=action,
                repository=self.repository(repository),
                sender=self.account(sender),
                item=item,
                about=about,
                delay=delay,
            )
            for listener in self.on_announcement:
                listener(told)

    # -- adding

    def add_account(self, account: Account) -> Account:
        """Add or replace an account, giving it an id if it has none."""
        account.id = account.id or self.new_id()
        self.accounts[account.login.lower()] = account
        self.accounts_by_id[account.id] = account
        self.touch(account)
        return account

    def add_repository(self, repository: Repository) -> Repository:
        """Add or replace a repository and its labels."""
        repository.id = repository.id or self.new_id()
        self.repositories[repository.name.lower()] = repository
        self.repositories_by_id[repository.id] = repository
        self.threads.setdefault(repository.name.lower(), {})
        self._former |= dict.fromkeys(
            (name.lower() for name in repository.former_names), repository
        )
        for label in repository.labels:
            self.add_label(repository, label)
        self.touch(repository)
        return repository

    def rename(self, repository: Repository, name: str) -> None:
        """Give a repository and its items another name."""
        old, new = repository.name.lower(), name.lower()
        self._labels.pop(repository.name, None)
        repository.former_names = [*repository.former_names, repository.name]
        repository.name = name
        self.repositories[new] = self.repositories.pop(old)
        self.threads[new] = self.threads.pop(old)
        self.contributors[new] = self.contributors.pop(old, set())
        self._former |= dict.fromkeys(
            (former.lower() for former in repository.former_names), repository
        )
        self._former.pop(new, None)
        for item in self.threads[new].values():
            item.repository = name
            self.touch(item)
        self.touch(repository)

    def forget_former_names(self, repository: Repository) -> None:
        """Let no old name lead to a repository any more."""
        self._former = {
            name: found for name, found in self._former.items() if found is not repository
        }

    def add_label(self, repository: Repository, label: Label) -> Label:
        """Give a label of ``repository`` its id, and put it there if it is new."""
        label.id = label.id or self.new_id()
        self.labels_by_id[label.id] = (repository, label)
        if all(known is not label for known in repository.labels):
            repository.labels.append(label)
            self.touch(repository)
        return label

    def add_item(self, item: Item) -> Item:
        """Add or replace an item under its number, giving ids to it and to all its parts."""
        item.id = item.id or self.new_id()
        self.threads.setdefault(item.repository.lower(), {})[item.number] = item
        self.items_by_id[item.id] = item
        if item.transit is not None and item.came_from is not None:
            self.in_flight[item.id] = item
        for comment in item.comments:
            self.place_comment(item, comment)
        for reaction in item.reactions:
            reaction.id = reaction.id or self.new_id()
        for event in item.events:
            event.id = event.id or self.new_id()
        if item.pull is not None:
            self._place_pull(item)
        self.touch(item)
        return item

    def place_comment(self, item: Item, comment: Comment) -> None:
        """Give a comment and its reactions ids, and remember where it is."""
        comment.id = comment.id or self.new_id()
        self.comment_home[comment.id] = item
        for reaction in comment.reactions:
            reaction.id = reaction.id or self.new_id()

    def _place_pull(self, item: Item) -> None:
        """Do the same for reviews, and remember whose work was merged."""
        for review in item.pull.reviews if item.pull else ():
            review.id = review.id or self.new_id()
            self.review_home[review.id] = item
        if item.state == "merged" and item.author:
            self.contributors.setdefault(item.repository.lower(), set()).add(item.author.lower())

    def next_number(self, repository: str) -> int:
        """Return the number that the next issue or pull request of a repository gets."""
        return max(self.threads.get(repository.lower(), {}), default=0) + 1


def _name(record: msgspec.Struct) -> tuple[str, Any]:
    """Return what identifies a record: a later line of a world file with the same name replaces
    an earlier one."""
    match record:
        case Item():
            return "item", (record.repository.lower(), record.number)
        case Account():
            return "account", record.login.lower()
        case Repository():
            return "repository", record.name.lower()
        case App():
            return "app", record.slug
        case Token():
            return "token", record.secret
        case Installation() | Hook() | Delivery():
            return type(record).__name__.lower(), record.id
        case _:
            return "world", ""
