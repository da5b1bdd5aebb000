"""Puts an :class:`ItemExecutor` together for some items of a run: client, account, labels, texts,
re-check, pace.

A wave may hold items of several owners, and an App has an installation for each, with tokens and
limits of its own: so each has an actor of its own, and together they are the wave's
:class:`ExecutorGroup`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TypeVar

from msgspec.structs import replace

from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.next_step import Finish, Wait
from migrator.execution.context import Context
from migrator.execution.executor import ItemExecutor
from migrator.execution.lease import HeldLease
from migrator.execution.notices import open_notices
from migrator.execution.own_account import bot_identity
from migrator.execution.recheck import Recheck
from migrator.github.client import GitHubClient
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run

Kind = TypeVar("Kind", bound=ItemExecutor)
LABEL_DESCRIPTION = "Continues in its new repository"


class ExecutorGroup:
    """The actors of one wave, by the account that acts; ``account_of`` says whose a repository
    is."""

    def __init__(
        self, actors: Mapping[str, ItemExecutor], account_of: Callable[[str], str]
    ) -> None:
        self._actors = actors
        self._account_of = account_of

    async def run(self, planned: PlanItem) -> Finish | Wait:
        """Do everything that can be done for one item now (see :meth:`Actor.work_on`)."""
        return await self._actor_for(planned).run(planned)

    async def read_ahead(self, planned: Sequence[PlanItem]) -> None:
        """Read some items together that are worked on at once (see :meth:`Actor.read_ahead`)."""
        for account, actor in self._actors.items():
            if theirs := [item for item in planned if self._account_of(item.repository) == account]:
                await actor.read_ahead(theirs)

    def park(self, planned: PlanItem, until: datetime) -> None:
        """Note that nothing more can be done for an item before ``until``."""
        self._actor_for(planned).park(planned, until)

    def _actor_for(self, planned: PlanItem) -> ItemExecutor:
        return self._actors[self._account_of(planned.repository)]


@asynccontextmanager
async def open_executors(
    context: Context, run: Run, plan: StoredPlan, items: Sequence[PlanItem], held: HeldLease
) -> AsyncIterator[ExecutorGroup]:
    """Actors for these items, under a lease. Creates missing labels first, which the plan
    announced."""
    account_of = context.clients.account
    async with AsyncExitStack() as opened:
        actors: dict[str, ItemExecutor] = {}
        for account, places in context.clients.by_account(
            item.repository for item in items
        ).items():
            theirs = [item for item in items if account_of(item.repository) == account]
            actor = open_executor(ItemExecutor, context, run, plan, places[0], theirs, held)
            actors[account] = await opened.enter_async_context(actor)
        yield ExecutorGroup(actors, account_of)


@asynccontextmanager
async def open_executor(
    kind: type[Kind],
    context: Context,
    run: Run,
    plan: StoredPlan,
    repository: str,
    items: Sequence[PlanItem] = (),
    held: HeldLease | None = None,
) -> AsyncIterator[Kind]:
    """One actor, of any kind, as the account that acts in ``repository``, where all its items
    are (or its owner's others)."""
    async with context.open_github(repository) as github:
        viewer = await github.viewer()
        github.trust_clock()
        account = replace(bot_identity(context), login=viewer.login, account_id=viewer.id)
        answers = context.store.verdicts.answers()
        recheck = Recheck(
            file=context.migration.file,
            notices=open_notices(context, commands_served=bool(run.options.get("commands_served"))),
            ledger=context.store.ledger,
            account=account,
            answer_of=answers.get,
            since=plan.header.as_of,
        )
        yield kind(
            github=github,
            ledger=context.store.ledger,
            recheck=recheck,
            run_id=run.id,
            plan_hash=plan.hash,
            plan_kind=plan.header.kind,
            clock=context.clock,
            timing=context.timing,
            labels=await _labels(github, items),
            pace=context.pacer(repository).of(run),
            changing=context.migration.file.budget.close_costs,
            on_rate_limit=context.pacer(repository).on_rate_limit,
            fencing=held.fencing if held else 0,
            guard=held.guard if held else _free,
        )


def _free() -> None:
    """Nobody stands by, so nothing has to be held."""


async def _labels(github: GitHubClient, items: Sequence[PlanItem]) -> dict[tuple[str, str], str]:
    """Node ids of the labels that these items need, by (repository, name)."""
    needed = sorted({(item.repository, item.label) for item in items if item.label})
    found = [
        await github.ensure_label(place, name, description=LABEL_DESCRIPTION)
        for place, name in needed
    ]
    return {key: label.id for key, label in zip(needed, found, strict=True)}
