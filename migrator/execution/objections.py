"""Who objects to our notices, by a command or by a thumbs-down, and how much it counts.

A stranger's objection changes nothing on the item, so it must not count towards stopping a run
either: a few accounts would be enough to stop every migration. Counted are people with triage
rights, each time; and those whom the notice concerns, each person once, however many items are
theirs: the item's author, and for a thumbs-down those who took part before us.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from migrator.domain.items import Actor, Association, Comment, Frozen, Item
from migrator.domain.people import BotIdentity, People
from migrator.domain.webhooks.commands import Command, CommandKind, asker_of, given, may
from migrator.errors import NotFound, PermissionDenied, RequestRefused
from migrator.github.client import GitHubClient
from migrator.github.models import Permission

APPEALS: Final = frozenset({CommandKind.REOPEN, CommandKind.STILL_HERE, CommandKind.NOT_OURS})
ANSWERABLE: Final = APPEALS - {CommandKind.STILL_HERE}
"""What is an appeal against a notice that asks."""
DISLIKE: Final = "THUMBS_DOWN"
MOST_ASKED: Final = 20
"""Accounts whose rights GitHub is asked for in one look: strangers must not use up our requests."""
_INSIDERS = frozenset({Association.OWNER, Association.MEMBER, Association.COLLABORATOR})


class Objections(Frozen, frozen=True, kw_only=True):
    """The objections to one notice that count: by somebody with a role, and the logins (case
    folded) of the people without one."""

    by_role: bool = False
    people: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.by_role or bool(self.people)


def count(objections: Iterable[Objections]) -> int:
    """How many notices were objected to. A person without a role counts for one notice only."""
    found = [each for each in objections if each]
    others = [each.people for each in found if not each.by_role]
    return len(found) - len(others) + min(len(others), len(frozenset().union(*others)))


class Objectors:
    """Recognises the objections of one look at a run's latest notices. Each account's rights are
    asked for once, and at most :data:`MOST_ASKED` accounts'."""

    def __init__(self, people: People, own: BotIdentity, words: tuple[Command, ...]) -> None:
        self._people, self._own, self._words = people, own, words
        self._rights: dict[tuple[str, str], bool | None] = {}

    async def appeals(
        self, github: GitHubClient, item: Item, since: datetime, *, asked: bool = False
    ) -> Objections:
        """The appeals that were made on the item since then. Where GitHub does not name an
        account's rights, its commands do not count. ``asked``: our notice asks whether it is still
        needed, so that it is, is an answer and no appeal."""
        # those whom GitHub calls insiders first, so that strangers cannot use up what is asked
        made = sorted(
            self._made(item, since, ANSWERABLE if asked else APPEALS),
            key=lambda each: each[0].association not in _INSIDERS,
        )
        people: set[str] = set()
        for comment, commands in made:
            asker = asker_of(comment, item)
            asks = comment.association in _INSIDERS or not asker.is_author
            rights = asks and await self._may_triage(github, item.repository, comment.author)
            if any(may(command, replace(asker, may_triage=rights)) for command in commands):
                if rights:
                    return Objections(by_role=True)
                people.add(asker.login.casefold())
        return Objections(people=frozenset(people))

    def _made(
        self, item: Item, since: datetime, verbs: Collection[CommandKind]
    ) -> Iterator[tuple[Comment, tuple[Command, ...]]]:
        """Comments of people that hold appeals, whoever wrote them."""
        for comment in item.comments:
            if comment.created_at < since or not self._people.is_person(comment.author):
                continue
            appeals = tuple(each for each in given(comment, self._words) if each.verb in verbs)
            if appeals and not self._own.wrote(comment):
                yield comment, appeals

    async def dislikes(
        self, github: GitHubClient, item: Item, notice: Comment, since: datetime
    ) -> Objections:
        """The thumbs-down that our notice on the item was given since then."""
        took_part, insiders = _took_part(item, notice), _insiders(item)
        given_by = {
            each.author.login.casefold(): each.author
            for each in notice.reactions
            if each.content == DISLIKE and each.created_at >= since and each.author is not None
            if self._people.is_person(each.author)
        }
        people: set[str] = set()
        for login in sorted(given_by, key=lambda one: one not in insiders):
            asks = login in insiders or login not in took_part
            if asks and await self._may_triage(github, item.repository, given_by[login]):
                return Objections(by_role=True)
            if login in took_part:
                people.add(login)
        return Objections(people=frozenset(people))

    async def _may_triage(
        self, github: GitHubClient, repository: str, actor: Actor | None
    ) -> bool | None:
        if actor is None:
            return None
        if self._people.is_triager(actor):
            return True
        key = (repository.casefold(), actor.login.casefold())
        if key not in self._rights and len(self._rights) < MOST_ASKED:
            self._rights[key] = await _ask(github, repository, actor.login)
        return self._rights.get(key)


def _took_part(item: Item, notice: Comment) -> frozenset[str]:
    """Logins of the author, the assignees and those who commented before our notice."""
    before = (one.author for one in item.comments if one.created_at < notice.created_at)
    return frozenset(
        actor.login.casefold()
        for actor in (item.author, *item.assignees, *before)
        if actor is not None
    )


def _insiders(item: Item) -> frozenset[str]:
    """Logins of those among the commenters whom GitHub calls insiders."""
    return frozenset(
        one.author.login.casefold()
        for one in item.comments
        if one.author is not None and one.association in _INSIDERS
    )


async def _ask(github: GitHubClient, repository: str, login: str) -> bool | None:
    try:
        permission = await github.permission(repository, login)
    except (PermissionDenied, NotFound, RequestRefused):
        return None
    return permission.allows(Permission.TRIAGE)
