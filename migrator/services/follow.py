"""``follow --once``: the listener's work from a scheduler, for those who run no web service.
Webhooks are not needed for it."""

from __future__ import annotations

import asyncio
import math
import time
from datetime import datetime, timedelta
from typing import Final, Protocol

from migrator.domain.items import Frozen
from migrator.execution.context import Context
from migrator.execution.run import leave, run_step
from migrator.listener.dispatcher import Dispatcher
from migrator.listener.item_handler import ItemHandler
from migrator.listener.reconciler import Reconciled, reconcile
from migrator.services.runs import LEAVING_PATIENCE

ROUNDS: Final = 10
"""Sweeps at most: what has to wait (the outcome of a write is unknown) is met again by the next
one."""


UNKNOWN_OUTCOME: Final = "the outcome of a write is not known yet"


class Followed(Frozen, frozen=True, kw_only=True):
    """What one round of following came to. ``due_runs`` are the runs that were taken up because
    a grace or a wait has ended."""

    swept: Reconciled
    due_runs: tuple[str, ...]


class FollowProgress(Protocol):
    """Told what is at work and how far it is; ``total`` is 0 where nobody knows it."""

    def __call__(
        self, what: str, done: int, total: int, /, *, until: datetime | None = None, why: str = ""
    ) -> None:
        """``until`` and ``why``: what has to wait."""


def _silent(_what: str, _done: int, _total: int, **_waits: object) -> None:
    """Progress that is shown to nobody."""


async def follow_once(
    context: Context, progress: FollowProgress = _silent, *, stop_after: float = math.inf
) -> Followed:
    """Sweep, work on what is stored, and take up what is due. Raises the typed errors of the
    client.

    After ``stop_after`` seconds a run begins no new item; the sweep is always finished.
    """
    context.store.leases.beat(context.executor_id)
    try:
        return await _follow_once(context, progress, time.monotonic() + stop_after)
    finally:
        context.store.leases.forget(context.executor_id)


async def _follow_once(context: Context, progress: FollowProgress, leave_at: float) -> Followed:
    progress("stored deliveries", 0, context.store.deliveries.backlog().unfinished)
    follower = ItemHandler(context)
    await Dispatcher(context.store.deliveries, follower, context.clock).drain()
    progress("sweep", 0, 0)
    swept = await reconcile(context, follower)
    for _ in range(ROUNDS):
        if not swept.waiting or swept.again_at is None:
            break
        total = swept.looked_after + swept.waiting
        progress("sweep", swept.looked_after, total, until=swept.again_at, why=UNKNOWN_OUTCOME)
        await asyncio.sleep(max(0.1, (swept.again_at - context.clock()).total_seconds()))
        swept = await reconcile(context, follower)
    return Followed(swept=swept, due_runs=await _take_up(context, progress, leave_at))


async def _take_up(context: Context, progress: FollowProgress, leave_at: float) -> tuple[str, ...]:
    """Work on the runs that are due, each until nothing more happens by itself or the time is
    over."""
    runs = due_runs(context)
    for place, run_id in enumerate(runs):
        progress("due runs", place, len(runs))
        work = asyncio.create_task(_work_on(context, run_id, progress, (place, len(runs))))
        await _until_done(context, work, leave_at)
        if context.leaving.is_set():
            leave(context, run_id)
            return tuple(runs[: place + 1])
    return tuple(runs)


async def _work_on(
    context: Context, run_id: str, progress: FollowProgress, place: tuple[int, int]
) -> None:
    while not (result := await run_step(context, run_id)).ended:
        until = context.clock() + timedelta(seconds=result.sleep)
        progress("due runs", *place, until=until, why=f"the run {run_id} waits")
        await asyncio.sleep(result.sleep)


async def _until_done(context: Context, work: asyncio.Task[None], leave_at: float) -> None:
    """Wait for the work; when the time is over, only for the item that it is at."""
    left = leave_at - time.monotonic()
    await asyncio.wait({work}, timeout=None if math.isinf(left) else max(0.0, left))
    if not work.done():
        context.leaving.set()
        await asyncio.wait({work}, timeout=LEAVING_PATIENCE)
    if not work.done():
        work.cancel()  # it waits for its pace: nothing is under way
        await asyncio.wait({work})
    if not work.cancelled():
        work.result()


def due_runs(context: Context) -> list[str]:
    """Ids of the runs to take up now: a grace has ended, what held them up is over, or a person
    resumed them."""
    now = context.clock()
    found = context.store.progress.due_runs(now)
    return list(dict.fromkeys([*found, *context.store.runs.held_until(now)]))
