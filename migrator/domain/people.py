"""Who is a person, who is a program, and which acts are our own.

Programs are known by their account type or by a login that the migration file lists, never by how a
login ends: ``robotics-fan`` and ``abbot`` are people. Logins are compared without regard to case,
as GitHub does (https://docs.github.com/graphql/reference/interfaces#actor has the account types).
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime, timedelta

from migrator.domain.items import AccountType, Actor, Comment, Event, Frozen, Item
from migrator.domain.marker import find_nonces
from migrator.domain.rules import Migration

GHOST = "ghost"
"""How GitHub shows people whose account is deleted (https://github.com/ghost)."""


ABOUT_THEN = timedelta(minutes=2)
"""How far GitHub's date of our act may be from our own: the ten seconds that a request may take,
and two clocks."""


class BotIdentity(Frozen, frozen=True, kw_only=True):
    """How our own acts are told from what people do with the same account.

    ``login`` and ``account_id`` (GraphQL node id) name the account that we write with; either may
    be empty if unknown. ``former`` are the ids of accounts that this migration wrote with before: a
    personal token for the first plan, say, and an App for the next. ``nonces`` are those of the
    ledger; ``reopens`` says when the ledger intended to reopen which item (by
    ``owner/name#number``). An act is ours only if account and
    ledger agree.
    """

    login: str = ""
    account_id: str = ""
    former: Set[str] = frozenset()
    nonces: Set[str] = frozenset()
    reopens: Mapping[str, tuple[datetime, ...]] = {}

    @property
    def is_shared(self) -> bool:
        """Whether others write with this account, too: every workflow of a repository does with
        ``GITHUB_TOKEN`` (https://docs.github.com/actions/concepts/security/github_token)."""
        return plain_login(self.login) == "github-actions"

    def is_account(self, actor: Actor | None) -> bool:
        """Whether ``actor`` is the account that we write with, or wrote with before. Ids decide
        where both are known, logins may change."""
        if actor is None:
            return False
        if self.account_id and actor.id:
            return actor.id == self.account_id or actor.id in self.former
        return bool(self.login) and actor.login.casefold() == plain_login(self.login)

    def wrote(self, comment: Comment) -> bool:
        """Whether a comment is one of our notices: our account wrote it and its marker is in the
        ledger."""
        found = find_nonces(comment.body)  # first, as hardly any comment holds one
        return bool(found) and self.is_account(comment.author) and not self.nonces.isdisjoint(found)

    def reopened(self, key: str, event: Event) -> bool:
        """Whether the reopening of the item ``key`` is ours: by our account, and about when the
        ledger intended one."""
        return self.is_account(event.actor) and any(
            abs(event.at - at) <= ABOUT_THEN for at in self.reopens.get(key, ())
        )


NO_BOT = BotIdentity()
"""For a repository in which we have not acted yet."""


class People:
    """The accounts of one migration: tells persons, triagers and programs apart. Compiled once,
    then asked often."""

    def __init__(self, migration: Migration) -> None:
        self._bots = frozenset(map(plain_login, migration.bots))
        self._triagers = frozenset(map(plain_login, migration.triagers))

    def is_person(self, actor: Actor | None) -> bool:
        """Whether a person acted. A deleted account (``None``) counts as one: being wrong here
        keeps an item open."""
        if actor is None:
            return True
        return actor.type is not AccountType.BOT and actor.login.casefold() not in self._bots

    def is_triager(self, actor: Actor | None) -> bool:
        """Whether the account is listed under ``migration.triagers``."""
        return actor is not None and actor.login.casefold() in self._triagers

    def is_bot_login(self, login: str) -> bool:
        """Whether a bare login, whose type we do not know, is listed under ``migration.bots``."""
        return login.casefold() in self._bots


def recipients_of(item: Item, people: People, own: BotIdentity) -> frozenset[str]:
    """Logins of the people whom a comment mails because they take part: author, commenters,
    assignees, participants.

    GitHub mails nobody about their own acts, so our account is none of them. Watchers are not known
    here.
    """
    actors = (item.author, *(comment.author for comment in item.comments), *item.assignees)
    named = {actor.login for actor in actors if actor is not None and people.is_person(actor)}
    named.update(login for login in item.participants if not people.is_bot_login(login))
    us = plain_login(own.login)
    return frozenset(login for login in named if login.casefold() != us)


def plain_login(login: str) -> str:
    """A listed login as GraphQL gives it: case folded, without the ``[bot]`` that REST appends
    and ``@``."""
    return login.strip().removeprefix("@").removesuffix("[bot]").casefold()


def login_of(actor: Actor | None) -> str:
    """The login to show; deleted accounts are shown as ``ghost``."""
    return actor.login if actor else GHOST
