"""Puts a :class:`StepExecutor` together for some items of a run: client, account, labels, texts,
re-check, pace.

A wave may hold items of several owners, and an App has an installation for each, with tokens and
limits of its own: so each has an executor of its own, and together they are the wave's
:class:`ExecutorGroup`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TypeVar

from migrator.domain.people import BotIdentity
from migrator.domain.planning.plan import PlanItem, PlanKind
from migrator.domain.protocol.next_step import Finish, Wait
from migrator.errors import PermissionDenied
from migrator.execution.acting_account import ActingAccount, ActingRun
from migrator.execution.context import Context
from migrator.execution.item_executor import ItemExecutor
from migrator.execution.kept_labels import KeptLabels
from migrator.execution.lease import HeldLease
from migrator.execution.notices import open_notices
from migrator.execution.own_account import signed_in_as
from migrator.execution.recheck import Recheck
from migrator.execution.repository_names import RepositoryNames, repository_ids
from migrator.execution.step_executor import StepExecutor
from migrator.github.client import GitHubClient
from migrator.github.models import Label
from migrator.github.refusals import account_wide
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run

Kind = TypeVar("Kind")
LABEL_DESCRIPTION = "Continues in its new repository"


class ExecutorGroup:
    """The executors of one wave, by the account that acts; ``account_of`` says whose a repository
    is."""

    def __init__(
        self, executors: Mapping[str, ItemExecutor], account_of: Callable[[str], str]
    ) -> None:
        self._executors = executors
        self._account_of = account_of

    async def run(self, planned: PlanItem) -> Finish | Wait:
        """Do everything that can be done for one item now (see :meth:`ItemExecutor.run`)."""
        return await self._executor_for(planned).run(planned)

    @property
    def elsewhere(self) -> dict[str, str]:
        """Items that another run has dealt with, and which (see :class:`ItemExecutor`)."""
        return {key: run for one in self._executors.values() for key, run in one.elsewhere.items()}

    async def read_ahead(self, planned: Sequence[PlanItem]) -> None:
        """Read some items together that are worked on at once (see
        :meth:`ItemExecutor.read_ahead`)."""
        for account, executor in self._executors.items():
            if theirs := [item for item in planned if self._account_of(item.repository) == account]:
                await executor.read_ahead(theirs)

    def park(self, planned: PlanItem, until: datetime) -> None:
        """Note that nothing more can be done for an item before ``until``."""
        self._executor_for(planned).park(planned, until)

    def _executor_for(self, planned: PlanItem) -> ItemExecutor:
        return self._executors[self._account_of(planned.repository)]


async def ensure_labels(context: Context, plan: StoredPlan) -> None:
    """Create what is missing of the labels that any item of the plan needs.

    Done before the first notice: where the account may not create them, what GitHub says is raised
    while nothing has been posted.
    """
    needed = {
        (item.repository, item.label): item
        for item in context.store.plans.items(plan.hash, acting=True)
        if item.label
    }
    if plan.header.kind is PlanKind.UNDO:  # it takes labels off, and puts none on
        return
    by_account = context.clients.by_account(repository for repository, _ in needed)
    for places in by_account.values():
        async with context.open_github(places[0]) as github:
            await github.viewer()
            github.trust_clock()
            theirs = [one for one in needed.values() if one.repository in places]
            await _labels(context, github, theirs)


@asynccontextmanager
async def open_executors(
    context: Context, run: Run, plan: StoredPlan, items: Sequence[PlanItem], held: HeldLease
) -> AsyncIterator[ExecutorGroup]:
    """Executors for these items, under a lease. Creates missing labels first, which the plan
    announced."""
    account_of = context.clients.account
    async with AsyncExitStack() as opened:
        executors: dict[str, ItemExecutor] = {}
        for account, places in context.clients.by_account(
            item.repository for item in items
        ).items():
            theirs = [item for item in items if account_of(item.repository) == account]
            opening = open_executor(ItemExecutor, context, run, plan, places[0], theirs, held)
            executors[account] = await opened.enter_async_context(opening)
        yield ExecutorGroup(executors, account_of)


@asynccontextmanager
async def open_executor(
    kind: Callable[[StepExecutor], Kind],
    context: Context,
    run: Run,
    plan: StoredPlan,
    repository: str,
    items: Sequence[PlanItem] = (),
    held: HeldLease | None = None,
) -> AsyncIterator[Kind]:
    """One executor, of any kind, as the account that acts in ``repository``, where all its items
    are (or its owner's others)."""
    async with context.open_github(repository) as github:
        viewer = await github.viewer()
        github.trust_clock()
        pacer = context.pacer(repository)
        account = ActingAccount(
            github=github,
            pace=pacer.of(run),
            change_cost=context.migration.file.budget.close_costs,
            on_rate_limit=pacer.on_rate_limit,
            labels=await _labels(
                context, github, items, create=plan.header.kind is not PlanKind.UNDO
            ),
            paced=run.options.paced,
        )
        own = signed_in_as(context, viewer)
        steps = StepExecutor(
            account=account,
            run=_acting_run(run, plan, held),
            ledger=context.store.ledger,
            recheck=_recheck(context, run, plan, own),
            names=RepositoryNames(github, context.store.snapshots),
            items=context.store.items,
            plans=context.store.plans,
            set_aside=context.store.set_aside,
            clock=context.clock,
            timing=context.timing,
        )
        yield kind(steps)


def _acting_run(run: Run, plan: StoredPlan, held: HeldLease | None) -> ActingRun:
    if held is None:
        return ActingRun(run.id, plan.hash, plan.header.kind)
    return ActingRun(run.id, plan.hash, plan.header.kind, held.fencing, held.guard)


def _recheck(context: Context, run: Run, plan: StoredPlan, own: BotIdentity) -> Recheck:
    return Recheck(
        file=context.migration.file,
        notices=open_notices(context, commands_served=run.options.commands_served),
        ledger=context.store.ledger,
        histories=context.store.histories,
        account=own,
        answer_of=context.store.verdicts.answers().get,
        since=plan.header.as_of,
        calibration=plan.header.calibration,
    )


async def _labels(
    context: Context, github: GitHubClient, items: Sequence[PlanItem], *, create: bool = True
) -> dict[tuple[str, str], str]:
    """Node ids of the labels that these items need, by (repository, name): created if need be, or
    (not ``create``) empty for one that is not there any more.

    One that was renamed since it was first used stays the same label. Raises ``AccountRefused``
    where the account may not create one: no item is at fault; and
    ``RepositoryReplaced`` where a name means another repository than the one that was scanned.
    """
    needed = sorted({(item.repository, item.label) for item in items if item.label})
    ids = repository_ids(context.store.snapshots, sorted({place for place, _ in needed}))
    known = {name: its_id for its_id, name in ids.items()}
    found: list[Label | None] = []
    kept = KeptLabels(context.store.snapshots)
    try:
        for place, name in needed:
            its_id = known.get(place, "")
            if create:
                before = kept.find(place, name)
                label = await github.ensure_label(
                    place,
                    name,
                    description=LABEL_DESCRIPTION,
                    repository_id=its_id,
                    known_id=before,
                )
                if label.id != before:
                    kept.keep(place, name, label.id, context.clock())
                found.append(label)
            else:
                found.append(await github.find_label(place, name, repository_id=its_id))
    except PermissionDenied as error:
        raise account_wide(error) from error
    return {key: label.id if label else "" for key, label in zip(needed, found, strict=True)}
