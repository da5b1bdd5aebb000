"""One look at one item: the item as it is now, what the ledger holds of it, and what everybody
who acts on it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from migrator.domain.classification.classifier import Classifier
from migrator.domain.items import EventKind, Frozen, Item
from migrator.domain.notices import Notices
from migrator.domain.people import BotIdentity, People
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import ActKind, EntryKind, undo_decision
from migrator.domain.protocol.rate_limit import Priority
from migrator.domain.webhooks.triggers import Trigger, TriggerScope
from migrator.errors import AccountRefused
from migrator.execution.context import Context
from migrator.execution.executor_group import open_executor
from migrator.execution.item_executor import ItemExecutor
from migrator.execution.judging import ItemVerdicts, JudgingRules, judge_apart
from migrator.execution.person_blocks import is_blocked_by_person
from migrator.execution.step_executor import StepExecutor
from migrator.github.client import GitHubClient
from migrator.listener import standing_plan
from migrator.store.ledger import Recorded
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run

Kind = TypeVar("Kind")
log = structlog.get_logger(__name__)

SHARE_WAIT = timedelta(minutes=1)
"""How long an item waits where the listener's share of the budget is used up, until it is looked at
again: people may have acted on it."""


class Deferred(Frozen, frozen=True, kw_only=True):
    """The work on an item cannot end before ``until``: an outcome is unknown, and looking again
    now would tell nothing."""

    until: datetime
    why: str = ""


@dataclass
class ItemContext:
    """What one look at an item works with."""

    context: Context
    github: GitHubClient
    scope: TriggerScope
    item: Item
    judge: Classifier
    """Decides; what takes time is done by :meth:`verdicts`."""
    rules: JudgingRules
    own: BotIdentity
    people: People
    notices: Notices
    follow_up: set[Trigger] = field(default_factory=set)
    """What else to look after, because of what was done."""

    @property
    def key(self) -> str:
        """``owner/name#number`` of the item."""
        return self.item.key

    def now(self) -> datetime:
        """The present moment."""
        return self.context.clock()

    async def verdicts(self, item: Item, now: datetime) -> ItemVerdicts:
        """Everything that is judged of an item at ``now``, in the compute pool."""
        return await judge_apart(self.rules, self.own, item, now)

    def admit(self, writes: int, *, part: float = 1.0) -> Deferred | None:
        """Charge the listener's share of the budget (see :meth:`Pacer.admit`); where it is used
        up, until when the item has to wait."""
        if self.context.pacer(self.item.repository).admit(writes, part=part):
            return None
        until = self.now() + SHARE_WAIT / self.context.settings.clock_scale
        return Deferred(until=until, why="the listener's share of the budget is used up")

    async def react(self, comment_id: str, content: str) -> None:
        """React to a comment at the account's pace; not where its author blocked us. Raises
        ``OutcomeUnknown`` if no reply came."""
        pacer = self.context.pacer(self.item.repository)
        await pacer.at(Priority.COMMAND)(self.context.migration.file.budget.close_costs)
        try:
            await self.github.add_reaction(comment_id, content)
        except AccountRefused as error:
            if not await is_blocked_by_person(self.github, self.item.repository, error):
                raise
            log.info("not reacted: a person blocked our account", item=self.key)

    async def read_again(self) -> None:
        """Have the item as it is now, after something was done to it. Raises ``NotFound`` if it
        is gone."""
        self.item = (await self.github.item(self.item.id)).called(self.item.repository)

    def entries(self, key: str = "") -> list[Recorded]:
        """The ledger's entries of notices on an item (this one by default), oldest first; no
        undoings, no answers."""
        found = self.context.store.ledger.of_item(key or self.key, "" if key else self.item.id)
        return [each for each in found if each.entry.kind is EntryKind.NOTICE]

    def standing_notice(self, key: str) -> Recorded | None:
        """The newest entry whose notice stands on an item and was not taken back."""
        ledger = self.context.store.ledger
        for each in reversed(self.entries(key)):
            entry = each.entry
            undo = undo_decision(entry.decision)
            undone = ledger.find(entry.item_key, undo, entry.generation)
            if each.state.is_done(ActKind.NOTICE) and undone is None:
                return each
        return None

    def transferred_at(self) -> datetime | None:
        """When the item came to its place by a transfer between repositories of this migration,
        ours or somebody else's; ``None`` if it did not. It is no arrival then, and continues
        nothing but itself.

        Its timeline tells, or else the ledger, which knows it under another name: webhooks of both
        ends come in any order, and may be faster than our own note.
        """
        here = self.item.repository.casefold()
        events = [
            event.at
            for event in self.item.events
            if event.kind is EventKind.TRANSFERRED
            and event.detail.casefold() != here
            and self.scope.knows(event.detail)
        ]
        names = self.context.store.items.names_of(self.item.ref)
        moved = [
            names[-1].seen_from or self.item.created_at
            for each in names[:-1]
            if each.ref.repository.casefold() != here and self.scope.knows(each.ref.repository)
        ]
        return max(events or moved, default=None)

    def planned(self, recorded: Recorded) -> PlanItem | None:
        """The plan item that an entry came from."""
        entry = recorded.entry
        return self.context.store.plans.item(entry.plan_hash, *entry.ref)

    def is_parked(self, recorded: Recorded) -> bool:
        """Whether an entry waits for its grace to end."""
        return recorded.entry.item_key in self.context.store.ledger.parked(recorded.entry.run_id)

    def closed_by_us(self) -> bool:
        """Whether the item's latest close is our account's."""
        closes = [event for event in self.item.events if event.kind is EventKind.CLOSED]
        last = max(closes, key=lambda event: event.at, default=None)
        return last is not None and self.own.is_account(last.actor)

    def closable(self) -> Iterator[tuple[Recorded, PlanItem]]:
        """Entries whose close is still to come, or has happened."""
        for recorded in self.entries():
            planned = self.planned(recorded)
            if planned is not None and planned.closes and recorded.state.is_done(ActKind.NOTICE):
                yield recorded, planned

    def executor_for(
        self, kind: Callable[[StepExecutor], Kind], recorded: Recorded, planned: PlanItem
    ) -> AbstractAsyncContextManager[Kind]:
        """An executor that goes on with an entry, within the entry's own run. Raises
        ``LookupError`` if the run is unknown."""
        run = self.context.store.runs.get(recorded.entry.run_id)
        if run is None:
            raise LookupError(
                f"the ledger names the run {recorded.entry.run_id}, which does not exist"
            )
        plan = self.context.store.plans.find(run.plan_hash)
        return open_executor(
            kind,
            self.context,
            standing_plan.taking_back(run) if kind is not ItemExecutor else run,
            plan,
            planned.repository,
            [planned],
        )

    def standing(self) -> tuple[Run, StoredPlan]:
        """The listener's own run: for acts that belong to no planned notice."""
        return standing_plan.standing_plan(self.context, self.scope.since)
