"""Puts an :class:`Actor` together for some items of a run: client, account, labels, texts, re-check, pace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from msgspec.structs import replace

from migrator.domain.planning import PlanItem
from migrator.github.client import GitHubClient
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run
from migrator.workflows.acting import Actor
from migrator.workflows.context import Context
from migrator.workflows.holding import Holding
from migrator.workflows.notices import open_notices
from migrator.workflows.own import own_acts
from migrator.workflows.rechecking import Recheck

Kind = TypeVar("Kind", bound=Actor)
LABEL_DESCRIPTION = "Continues in its new repository"


@asynccontextmanager
async def open_actor(
    context: Context, run: Run, plan: StoredPlan, items: Sequence[PlanItem], held: Holding
) -> AsyncIterator[Actor]:
    """An actor for these items, under a lease. Creates missing labels first, which the plan announced."""
    async with open_kind(Actor, context, run, plan, items, held) as actor:
        yield actor


@asynccontextmanager
async def open_kind(
    kind: type[Kind], context: Context, run: Run, plan: StoredPlan, items: Sequence[PlanItem], held: Holding | None = None
) -> AsyncIterator[Kind]:
    """The same for a special kind of actor."""
    async with context.open_github() as github:
        viewer = await github.viewer()
        account = replace(own_acts(context), login=viewer.login, account_id=viewer.id)
        answers = context.store.verdicts.answers()
        recheck = Recheck(
            file=context.migration.file,
            notices=open_notices(context, commands_served=bool(run.options.get("commands_served"))),
            ledger=context.store.ledger,
            account=account,
            answer_of=answers.get,
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
            pace=context.pace(run),
            fencing=held.fencing if held else 0,
            guard=held.guard if held else _free,
        )


def _free() -> None:
    """Nobody stands by, so nothing has to be held."""


async def _labels(github: GitHubClient, items: Sequence[PlanItem]) -> dict[tuple[str, str], str]:
    """Node ids of the labels that these items need, by (repository, name)."""
    needed = sorted({(item.repository, item.label) for item in items if item.label})
    found = [await github.ensure_label(place, name, description=LABEL_DESCRIPTION) for place, name in needed]
    return {key: label.id for key, label in zip(needed, found, strict=True)}
