"""``follow --once``: the listener's work from a scheduler, for those who run no web service.
Webhooks are not needed for it."""

from __future__ import annotations

import asyncio
from typing import Final

from migrator.domain.items import Frozen
from migrator.execution.context import Context
from migrator.execution.run import run_step
from migrator.listener.dispatcher import Dispatcher
from migrator.listener.item_handler import ItemHandler
from migrator.listener.reconciler import Reconciled, reconcile

ROUNDS: Final = 10
"""Sweeps at most: what has to wait (the outcome of a write is unknown) is met again by the next
one."""


class Followed(Frozen, frozen=True, kw_only=True):
    """What one round of following came to. ``due_runs`` are the runs that were taken up because
    a grace or a wait has ended."""

    swept: Reconciled
    due_runs: tuple[str, ...]


async def follow_once(context: Context) -> Followed:
    """Sweep, work on what is stored, and take up what is due. Raises the typed errors of the
    client."""
    context.store.leases.beat(context.executor_id)
    follower = ItemHandler(context)
    await Dispatcher(context.store.deliveries, follower, context.clock).drain()
    swept = await reconcile(context, follower)
    for _ in range(ROUNDS):
        if not swept.waiting or swept.again_at is None:
            break
        await asyncio.sleep(max(0.1, (swept.again_at - context.clock()).total_seconds()))
        swept = await reconcile(context, follower)
    return Followed(swept=swept, due_runs=await _take_up(context))


async def _take_up(context: Context) -> tuple[str, ...]:
    """Work on the runs that are due, each until nothing more happens by itself."""
    runs = due_runs(context)
    for run_id in runs:
        while not (result := await run_step(context, run_id)).ended:
            await asyncio.sleep(result.sleep)
    return tuple(runs)


def due_runs(context: Context) -> list[str]:
    """Ids of the runs to take up now: a grace has ended, what held them up is over, or a person
    resumed them."""
    now = context.clock()
    found = context.store.progress.due_runs(now)
    return list(dict.fromkeys([*found, *context.store.runs.held_until(now)]))
