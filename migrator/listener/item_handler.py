"""Looks after items: reads one, and does what its state and the ledger call for. Webhooks and
sweeps both end here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from migrator.domain.classification.classifier import Classifier
from migrator.domain.items import Frozen, Item, ItemRef, State
from migrator.domain.people import BotIdentity, People
from migrator.domain.webhooks.commands import vocabulary
from migrator.domain.webhooks.triggers import Trigger, TriggerScope
from migrator.errors import NotFound
from migrator.execution.context import Context
from migrator.execution.judging import JudgingRules
from migrator.execution.migration_state import calibration_in_force
from migrator.execution.notices import open_notices
from migrator.execution.own_account import signed_in_as
from migrator.execution.repository_names import RepositoryNames, refuse_replaced, repository_ids
from migrator.github.client import GitHubClient
from migrator.github.threads import is_deep
from migrator.listener.handlers import arrivals, commands, human_activity, landings
from migrator.listener.item_context import Deferred, ItemContext
from migrator.store import json_columns


async def handle_departure(context: Context, github: GitHubClient, ref: ItemRef) -> str:
    """Note that an item was deleted or transferred away. One that was acted on or answered about
    keeps its identity under its new name; where it went, GitHub's redirect tells."""
    context.store.snapshots.mark_gone(*ref, context.clock())
    if context.store.items.knows(ref):
        now = await github.whereabouts(*ref)
        if now is not None and now.id:
            new = ItemRef(now.repository, now.number)
            context.store.items.alias(ref, new, node_id=now.id, at=context.clock())
            return f"transferred to {new}"
    return "gone"


BEGAN = "(follow)"
"""Under this name the listener's beginning stands among the repository facts; no repository can
be called so."""

WORK: Final[dict[Trigger, Callable[[ItemContext], Awaitable[str | Deferred]]]] = {
    Trigger.COMMANDS: commands.handle,
    Trigger.SPEECH: human_activity.handle,
    Trigger.ARRIVAL: arrivals.handle,
    Trigger.LANDING: landings.handle,
}
"""What each intent does, in the order in which they are done: answers may change what an arrival
is judged as."""


class ListenerStart(Frozen, frozen=True, kw_only=True):
    """When the listener of a migration first began: what is older belongs to the batch."""

    at: datetime


def listener_started_at(context: Context) -> datetime:
    """When the listener first began; now, if this is the first time."""
    stored = context.store.snapshots.facts(BEGAN)
    if stored is not None:
        return json_columns.read(stored, ListenerStart).at
    now = context.clock().replace(microsecond=0)  # as GitHub dates items
    context.store.snapshots.save_facts(BEGAN, json_columns.write(ListenerStart(at=now)), now)
    return now


def has_listened(context: Context) -> bool:
    """Whether a listener of the migration has ever begun."""
    return context.store.snapshots.facts(BEGAN) is not None


def listener_lease(context: Context) -> str:
    """Names the right to listen for a migration, which one worker holds at a time."""
    return f"listener of {context.migration.file.migration.name}"


class ItemHandler:
    """Looks after the items of one migration. One item at a time; keep it for as long as the
    migration file holds."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._file = context.migration.file
        self._since = listener_started_at(context)
        self._people = People(self._file.migration)
        self._words = vocabulary(self._file)
        self._account = ""
        self._ids, self._looked_up = set[str](), set[str]()
        self._same: dict[tuple[str, str], bool] = {}
        self._one_at_a_time = asyncio.Lock()
        self.guard: Callable[[], None] = lambda: None
        """Called before each look; raises if another worker has taken over."""

    @property
    def scope(self) -> TriggerScope:
        """What reactions need to know of this migration."""
        migration = self._file.migration
        return TriggerScope(
            source=migration.source,
            targets=self._file.targets,
            since=self._since,
            account=self._account,
            words=self._words,
            ids=repository_ids(
                self._context.store.snapshots, (migration.source, *self._file.targets)
            ),
        )

    async def handle(
        self, repository: str, number: int, triggers: frozenset[Trigger], item: Item | None = None
    ) -> str | Deferred:
        """Read an item (unless it was ``item`` a moment ago) and do what the intents ask for.
        Returns what came of it, in words.

        Raises the typed errors of the client; everything done until then is in the ledger, and
        looking again is safe. Commands that were given on an item just before its transfer are
        answered at its new place.
        """
        result, new = await self._handle(repository, number, triggers, item)
        if new is None or Trigger.COMMANDS not in triggers or not self.scope.knows(new.repository):
            return result
        there, _ = await self._handle(*new, frozenset({Trigger.COMMANDS}))
        return there if isinstance(there, Deferred) else f"{result}; there: {there}"

    def note_closed(self, item: Item) -> None:
        """Store that an item of ours is closed, which calls for nothing to be done: what is counted
        and shown of it follows the newest reading."""
        snapshots = self._context.store.snapshots
        known = snapshots.get(*item.ref) if item.state is not State.OPEN else None
        if known is not None and known.state is State.OPEN:
            snapshots.save([item], read_at=self._context.clock())

    async def _handle(
        self, repository: str, number: int, triggers: frozenset[Trigger], item: Item | None = None
    ) -> tuple[str | Deferred, ItemRef | None]:
        """As :meth:`handle`, of this place alone; with the new one of an item that was transferred
        away."""
        async with self._one_at_a_time, self._context.open_github(repository) as github:
            self.guard()
            own = await self._own(github)
            try:
                item = item or await self._read(github, repository, number)
                item = await self._as_far_as_a_scan(github, own, item)
                self._context.store.snapshots.save([item], read_at=self._context.clock())
                return await self._work(self._look(github, own, item), triggers), None
            except NotFound:
                ref = ItemRef(repository, number)
                left = await handle_departure(self._context, github, ref)
                names = self._context.store.items.names_of(ref)
                moved = bool(names) and names[-1].ref != ref
                return left, names[-1].ref if moved else None

    async def _as_far_as_a_scan(self, github: GitHubClient, own: BotIdentity, item: Item) -> Item:
        """A long thread read back as far as a scan reads it: what is stored here is planned by,
        too."""
        if item.comments_total <= len(item.comments):
            return item
        judge = Classifier(self._file, own)
        (item,) = await github.complete_threads(
            [item], lambda one: is_deep(one) and judge.knows_the_clock(one)
        )
        return item

    def note_repository(self, repository: str, repository_id: str) -> None:
        """Take in under which id a webhook names a repository: one that is not known yet has what
        the name means looked up before anything is done there."""
        if repository_id not in self._ids:
            self._ids.add(repository_id)
            self._looked_up.discard(repository)

    async def _read(self, github: GitHubClient, repository: str, number: int) -> Item:
        """An item under the migration file's name of its repository.

        Raises ``NotFound`` for one that is in another repository now, and ``RepositoryReplaced``
        where the name means another repository.
        """
        snapshots = self._context.store.snapshots
        if repository not in self._looked_up:
            refuse_replaced(snapshots, repository, await github.repository(repository))
            self._looked_up.add(repository)
        item = await github.item_by_number(repository, number)
        if not await RepositoryNames(github, snapshots, self._same).is_same(
            repository, item.repository
        ):
            raise NotFound(f"{repository}#{number} was transferred to {item.key}")
        return item.called(repository)

    async def _own(self, github: GitHubClient) -> BotIdentity:
        viewer = await github.viewer()
        self._account = viewer.login
        return signed_in_as(self._context, viewer, for_one_item=True)

    def _look(self, github: GitHubClient, own: BotIdentity, item: Item) -> ItemContext:
        calibration = calibration_in_force(self._context)
        return ItemContext(
            context=self._context,
            github=github,
            scope=self.scope,
            item=item,
            judge=Classifier(self._file, own, calibration),
            rules=JudgingRules(self._file, calibration),
            own=own,
            people=self._people,
            notices=open_notices(self._context, commands_served=True),
        )

    async def _work(self, ctx: ItemContext, triggers: frozenset[Trigger]) -> str | Deferred:
        results: dict[str, str] = {}
        for intent, work in WORK.items():
            if intent not in triggers | ctx.follow_up:
                continue
            result = await work(ctx)
            if isinstance(result, Deferred):
                return result
            results[intent.value] = result
        return "; ".join(f"{name}: {result}" for name, result in results.items()) or "there"
