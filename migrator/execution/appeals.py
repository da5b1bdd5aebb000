"""Whose commands count as appeals against a notice: those of the item's author and of people with
triage rights, read as the listener reads commands.

A stranger's command changes nothing on the item, so it must not count towards stopping a run
either: a few accounts would be enough to stop every migration.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from migrator.domain.items import Association, Comment, Item
from migrator.domain.people import BotIdentity, People
from migrator.domain.webhooks.commands import Command, CommandKind, asker_of, given, may
from migrator.errors import NotFound, PermissionDenied, RequestRefused
from migrator.github.client import GitHubClient
from migrator.github.models import Permission

APPEALS: Final = frozenset({CommandKind.REOPEN, CommandKind.STILL_HERE, CommandKind.NOT_OURS})
MOST_ASKED: Final = 20
"""Accounts whose rights GitHub is asked for in one look: strangers must not use up our requests."""
_INSIDERS = frozenset({Association.OWNER, Association.MEMBER, Association.COLLABORATOR})


class Appeals:
    """Recognises the appeals of one look at a run's latest notices. Each account's rights are
    asked for once, and at most :data:`MOST_ASKED` accounts'."""

    def __init__(self, people: People, own: BotIdentity, words: tuple[Command, ...]) -> None:
        self._people, self._own, self._words = people, own, words
        self._rights: dict[tuple[str, str], bool | None] = {}

    async def has_appeal(self, github: GitHubClient, item: Item, since: datetime) -> bool:
        """Whether an appeal that counts was made on the item since then. Where GitHub does not
        name an account's rights, its commands do not count."""
        # those whom GitHub calls insiders first, so that strangers cannot use up what is asked
        made = sorted(
            self._made(item, since), key=lambda each: each[0].association not in _INSIDERS
        )
        for comment, commands in made:
            asker = asker_of(comment, item)
            if not asker.is_author:
                rights = await self._may_triage(github, item.repository, comment)
                asker = replace(asker, may_triage=rights)
            if any(may(command, asker) for command in commands):
                return True
        return False

    def _made(self, item: Item, since: datetime) -> Iterator[tuple[Comment, tuple[Command, ...]]]:
        """Comments of people that hold appeals, whoever wrote them."""
        for comment in item.comments:
            if comment.created_at < since or not self._people.is_person(comment.author):
                continue
            appeals = tuple(each for each in given(comment, self._words) if each.verb in APPEALS)
            if appeals and not self._own.wrote(comment):
                yield comment, appeals

    async def _may_triage(
        self, github: GitHubClient, repository: str, comment: Comment
    ) -> bool | None:
        if comment.author is None:
            return None
        if self._people.is_triager(comment.author):
            return True
        key = (repository.casefold(), comment.author.login.casefold())
        if key not in self._rights and len(self._rights) < MOST_ASKED:
            self._rights[key] = await _ask(github, repository, comment.author.login)
        return self._rights.get(key)


async def _ask(github: GitHubClient, repository: str, login: str) -> bool | None:
    try:
        permission = await github.permission(repository, login)
    except (PermissionDenied, NotFound, RequestRefused):
        return None
    return permission.allows(Permission.TRIAGE)
