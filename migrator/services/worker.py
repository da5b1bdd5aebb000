"""``serve`` and ``worker``: everything that goes on beside the web, in one thread with an event
loop of its own.

Deliveries are worked on as they come, a sweep looks for what webhooks missed, and runs whose grace
has ended are taken up again. Of several workers on one database one listens at a time; the others
stand by and take over when it falls silent.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from migrator.errors import MigratorError
from migrator.execution.context import Context
from migrator.execution.engine import AT_REST, Engine
from migrator.execution.lease import HeldLease, hold_lease
from migrator.listener.dispatcher import SELDOM, Dispatcher, Ended, Held
from migrator.listener.item_handler import ItemHandler, listener_lease
from migrator.listener.reconciler import reconcile
from migrator.services.approved_plans import ApprovedPlans
from migrator.services.follow import due_runs
from migrator.services.jobs import JobRunner
from migrator.services.known_repositories import learn_numbers
from migrator.services.missed_deliveries import redeliver_missed
from migrator.store.database import OUTAGES, outage
from migrator.store.leases import LeaseLost
from migrator.store.wake_ups import WakeUps

log = structlog.get_logger(__name__)

SWEEP_EVERY: Final = 300.0
DUE_EVERY: Final = 5.0
JOBS_EVERY: Final = 15.0
TIDY_EVERY: Final = 3600.0
LEARN_EVERY: Final = 60.0
"""Seconds between two rounds. A job is seen at once, unless the wake-up was missed."""
KEEP_DELIVERIES: Final = timedelta(days=30)
"""GitHub can redeliver for 3 days; the rest is for people who ask what happened."""
STANDBY: Final = 2.0
"""Seconds between two tries to become the one who listens."""


class Worker:
    """Works on one migration until it is stopped."""

    def __init__(
        self,
        context: Context,
        *,
        ended: Ended = lambda _outcome, _lag: None,
        held: Held = lambda _why, _until: None,
        sweep_every: float = SWEEP_EVERY,
        start_approved: bool = False,
    ) -> None:
        self._context = context
        self._sweep_every = sweep_every
        self._deliveries = context.store.deliveries
        self._follower = ItemHandler(context)
        self._dispatcher = Dispatcher(
            self._deliveries, self._follower, context.clock, ended=ended, held=held, poll=SELDOM
        )
        self._jobs = JobRunner(context)
        self._changed: asyncio.Event | None = None
        self._wake_ups = WakeUps(context.store.engine, self._woken)
        self._engine = Engine(context, look_every=AT_REST)
        self._approved = ApprovedPlans(context) if start_approved else None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._ready = threading.Event()
        self._all_known = False

    def start(self) -> None:
        """Begin to work, in a thread. Returns once it does. Raises what kept it from beginning."""
        self._engine.launch()
        self._thread = threading.Thread(target=self._run, name="worker")
        self._thread.start()
        self._ready.wait()
        self._wake_ups.start()

    @property
    def alive(self) -> bool:
        """Whether it works. An unexpected error ends it before :meth:`stop` is called; the
        log then tells it."""
        return self._thread is not None and self._thread.is_alive()

    def wake(self) -> None:
        """Say that a delivery was stored."""
        self._dispatcher.wake()

    def stop(self) -> None:
        """Finish the item at work, and end. What is left is in the database."""
        self._jobs.leave()
        self._in_the_loop(self._stopping, self._changed)
        self._wake_ups.stop()
        self._dispatcher.stop()
        if self._thread is not None:
            self._thread.join()
        self._engine.close()

    def _woken(self) -> None:
        """The database has changed: a delivery, or a job that somebody asked for."""
        self._dispatcher.wake()
        self._in_the_loop(self._changed)

    def _in_the_loop(self, *events: asyncio.Event | None) -> None:
        """Set events of the worker's loop, from another thread."""
        for event in events:
            if self._loop is not None and event is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(event.set)

    def _run(self) -> None:
        """The thread's whole life. An error that ends it early is logged."""
        try:
            asyncio.run(self._work())
        except Exception:
            log.exception("the work ended by itself")

    async def _work(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        self._changed = asyncio.Event()
        self._ready.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen(self._stopping))
            tasks.create_task(self._every(DUE_EVERY, "taking up due runs", self._take_up))
            tasks.create_task(self._every(JOBS_EVERY, "a job", self._do_jobs, until=self._changed))
            tasks.create_task(self._every(TIDY_EVERY, "tidying", self._tidy))
            tasks.create_task(
                self._every(LEARN_EVERY, "asking for the numbers of repositories", self._learn)
            )

    async def _listen(self, stopping: asyncio.Event) -> None:
        """Listen while no one else does. While the database is away there is nothing to work on,
        and nothing is lost."""
        context = self._context
        name = listener_lease(context)
        while not stopping.is_set():
            try:
                async with hold_lease(
                    context.store.leases, name, context.executor_id, holds=context.silence
                ) as held:
                    if held is not None:
                        await self._listen_while(held)
            except OUTAGES as error:
                log.warning("the database is unavailable", error=str(outage(error)))
            if not stopping.is_set():
                await _until(stopping, STANDBY)

    async def _listen_while(self, held: HeldLease) -> None:
        """Work on deliveries and sweep, until stopped or until the lease is lost."""
        self._follower.guard = held.guard
        sweeping = asyncio.create_task(self._every(self._sweep_every, "the sweep", self._sweep))
        try:
            await self._dispatcher.run()
        except LeaseLost as error:
            log.warning("another worker listens now", reason=str(error))
        finally:
            sweeping.cancel()
            await asyncio.gather(sweeping, return_exceptions=True)

    async def _every(
        self,
        seconds: float,
        what: str,
        act: Callable[[], Awaitable[None]],
        *,
        until: asyncio.Event | None = None,
    ) -> None:
        """Do something again and again, and at once when the event ``until`` is set. A failure is
        logged, and retried in the next round."""
        assert self._stopping is not None
        while not self._stopping.is_set():
            if until is not None:
                until.clear()
            try:
                await act()
            except MigratorError as error:
                log.warning(f"{what} failed", error=str(error), cure=error.cure)
            except OUTAGES as error:
                log.warning(f"{what} failed: the database is unavailable", error=str(outage(error)))
            except Exception:
                log.exception(f"{what} failed")
            await _until(until or self._stopping, seconds)

    async def _do_jobs(self) -> None:
        """Do the job that waits, if somebody asked for one."""
        await self._jobs.work()

    async def _sweep(self) -> None:
        """Look for what was never delivered, then have GitHub deliver again what never arrived."""
        swept = await reconcile(self._context, self._follower)
        if swept.looked_after or swept.waiting:
            log.info(
                "sweep",
                changed=swept.changed,
                looked_after=swept.looked_after,
                waiting=swept.waiting,
            )
        app = self._context.clients.app
        if app is not None:
            asked = await redeliver_missed(self._context, app, self._deliveries)
            if asked:
                log.info("asked GitHub to deliver again", deliveries=asked)

    async def _take_up(self) -> None:
        """Have runs worked on whose grace has ended, whose wait is over, whose plan was approved,
        or whose workflow was lost."""
        begun = await asyncio.to_thread(self._approved.begin) if self._approved else []
        due = await asyncio.to_thread(due_runs, self._context)
        abandoned = await asyncio.to_thread(self._engine.abandoned)
        for run_id in dict.fromkeys([*begun, *due, *abandoned]):
            await asyncio.to_thread(self._engine.enqueue, run_id)

    async def _learn(self) -> None:
        """Learn the numbers of the repositories, once, for whoever takes their webhooks."""
        self._all_known = self._all_known or await learn_numbers(self._context)

    async def _tidy(self) -> None:
        await asyncio.to_thread(
            self._deliveries.forget_before, self._context.clock() - KEEP_DELIVERIES
        )


async def _until(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


def obstacles(context: Context) -> list[str]:
    """What keeps this installation from working, in words; empty if nothing does."""
    try:
        alive = context.store.leases.alive(context.silence)
    except Exception as error:  # whatever the database's driver raises
        return [f"the database does not answer: {type(error).__name__}"]
    return (
        []
        if alive
        else ["no worker runs: start `migrator worker`, or `migrator serve` without --no-worker"]
    )
