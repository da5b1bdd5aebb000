"""``follow --once``: the listener's work from a scheduler, for those who run no web service. Webhooks are not needed for it."""

from __future__ import annotations

import asyncio
from typing import Final

from migrator.domain.items import Frozen
from migrator.store import due
from migrator.store.deliveries import Deliveries
from migrator.workflows.apply import work
from migrator.workflows.context import Context
from migrator.workflows.deliveries import Dispatcher
from migrator.workflows.following.follower import Follower
from migrator.workflows.sweep import Swept, sweep

ROUNDS: Final = 10
"""Sweeps at most: what has to wait (the outcome of a write is unknown) is met again by the next one."""


class Followed(Frozen, frozen=True, kw_only=True):
    """What one round of following came to. ``due_runs`` are the runs that were taken up because a grace or a wait has ended."""

    swept: Swept
    due_runs: tuple[str, ...]


async def follow_once(context: Context) -> Followed:
    """Sweep, work on what is stored, and take up what is due. Raises the typed errors of the client."""
    context.leases.beat(context.executor_id)
    follower = Follower(context)
    await Dispatcher(Deliveries(context.store.engine), follower, context.clock).drain()
    swept = await sweep(context, follower)
    for _ in range(ROUNDS):
        if not swept.waiting or swept.again_at is None:
            break
        await asyncio.sleep(max(0.1, (swept.again_at - context.clock()).total_seconds()))
        swept = await sweep(context, follower)
    return Followed(swept=swept, due_runs=await _take_up(context))


async def _take_up(context: Context) -> tuple[str, ...]:
    """Work on the runs that are due, each until nothing more happens by itself."""
    runs = due_runs(context)
    for run_id in runs:
        while not (result := await work(context, run_id)).ended:
            await asyncio.sleep(result.sleep)
    return tuple(runs)


def due_runs(context: Context) -> list[str]:
    """Ids of the runs to take up now: a grace has ended, what held them up is over, or a person resumed them."""
    now = context.clock()
    found = due.due_runs(context.store.engine, context.migration.file.migration.name, now)
    return list(dict.fromkeys([*found, *context.store.runs.held_until(now)]))
