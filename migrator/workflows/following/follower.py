"""Looks after items: reads one, and does what its state and the ledger call for. Webhooks and sweeps both end here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from migrator.domain.commands import vocabulary
from migrator.domain.items import Frozen, Item
from migrator.domain.judging import Judge
from migrator.domain.people import OwnActs, People
from migrator.domain.reactions import Intent, Scope
from migrator.errors import NotFound
from migrator.github.client import GitHubClient
from migrator.store import documents
from migrator.workflows.context import Context
from migrator.workflows.following import arrivals, commands, landings, speech
from migrator.workflows.following.departures import depart
from migrator.workflows.following.look import Later, Look
from migrator.workflows.notices import open_notices
from migrator.workflows.own import own_acts

BEGAN = "(follow)"
"""Under this name the listener's beginning stands among the repository facts; no repository can be called so."""

WORK: Final[dict[Intent, Callable[[Look], Awaitable[str | Later]]]] = {
    Intent.COMMANDS: commands.answer_all,
    Intent.SPEECH: speech.heed,
    Intent.ARRIVAL: arrivals.welcome,
    Intent.LANDING: landings.land,
}
"""What each intent does, in the order in which they are done: answers may change what an arrival is judged as."""


class Began(Frozen, frozen=True, kw_only=True):
    """When the listener of a migration first began: what is older belongs to the batch."""

    at: datetime


def began(context: Context) -> datetime:
    """When the listener first began; now, if this is the first time."""
    stored = context.store.snapshots.facts(BEGAN)
    if stored is not None:
        return documents.read(stored, Began).at
    now = context.clock().replace(microsecond=0)  # as GitHub dates items
    context.store.snapshots.save_facts(BEGAN, documents.write(Began(at=now)), now)
    return now


class Follower:
    """Looks after the items of one migration. One item at a time; keep it for as long as the migration file holds."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._file = context.migration.file
        self._since = began(context)
        self._people = People(self._file.migration)
        self._words = vocabulary(self._file)
        self._account = ""
        self._one_at_a_time = asyncio.Lock()
        self.guard: Callable[[], None] = lambda: None
        """Called before each look; raises if another worker has taken over."""

    @property
    def scope(self) -> Scope:
        """What reactions need to know of this migration."""
        migration = self._file.migration
        return Scope(
            source=migration.source, targets=self._file.targets, since=self._since, account=self._account, words=self._words
        )

    async def look_after(self, repository: str, number: int, intents: frozenset[Intent], item: Item | None = None) -> str | Later:
        """Read an item (unless it was ``item`` a moment ago) and do what the intents ask for. Returns what came of it, in words.

        Raises the typed errors of the client; everything done until then is in the ledger, and looking again is safe.
        """
        async with self._one_at_a_time, self._context.open_github(repository) as github:
            self.guard()
            own = await self._own(github)
            try:
                item = item or await github.item_by_number(repository, number)
                self._context.store.snapshots.save([item], read_at=self._context.clock())
                return await self._work(self._look(github, own, item), intents)
            except NotFound:
                return depart(self._context, repository, number)

    async def _own(self, github: GitHubClient) -> OwnActs:
        viewer = await github.viewer()
        self._account = viewer.login
        return replace(own_acts(self._context), login=viewer.login, account_id=viewer.id)

    def _look(self, github: GitHubClient, own: OwnActs, item: Item) -> Look:
        return Look(
            context=self._context,
            github=github,
            scope=self.scope,
            item=item,
            judge=Judge(self._file, own),
            own=own,
            people=self._people,
            notices=open_notices(self._context, commands_served=True),
        )

    async def _work(self, look: Look, intents: frozenset[Intent]) -> str | Later:
        results: dict[str, str] = {}
        for intent, work in WORK.items():
            if intent not in intents | look.more:
                continue
            result = await work(look)
            if isinstance(result, Later):
                return result
            results[intent.value] = result
        return "; ".join(f"{name}: {result}" for name, result in results.items()) or "there"
