"""The durable engine, and nothing of it outside this file: DBOS on our own database.

Its queue holds one workflow per run, which calls :func:`migrator.execution.run.run_step` step by
step and sleeps durably in between. A process that died is replaced by the next one that starts with
the same executor id; what was pending goes on there.

The engine's rows are JSON. Rows in ``pickle`` are never read: by them, whoever can write the
database could run code here.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Never, TypeVar

from migrator.errors import DatabaseError
from migrator.execution.context import Context
from migrator.execution.engine_failures import FEW, FailedLooks, is_noted_outage
from migrator.execution.run import run_step
from migrator.execution.run import stop as stop_run
from migrator.store.database import OUTAGES, is_outage, outage
from migrator.store.runs import Run, RunState

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from dbos import DBOS, DBOSClient, EnqueueOptions

Found = TypeVar("Found")

APPLY_QUEUE = "apply"
VERSION = "migrator-2"
"""Pinned by us: with a version made from the code, a deployment would strand what is pending. Of
``migrator-1`` rows were written with ``pickle``: they are cancelled, and their runs begin anew."""
NAME = "migrator"
SOON = 0.1
AT_REST = 1.0
"""Seconds between two looks for a run to begin."""
NEVER = 3600.0
"""The same for a queue that we do not use."""
BEATS = 4
"""Heartbeats within the time after which a worker is taken for dead."""
FORGOTTEN_AFTER = 20
"""Times that time after which a silent worker is forgotten: 10 minutes, so that its alert is seen
and ends by itself."""
UNFINISHED = frozenset({"PENDING", "ENQUEUED", "DELAYED"})
"""States of a workflow that is at work or waiting."""


LONGEST_PAUSE = 5.0
"""Seconds between two tries while the database is away: a process that ends waits no longer."""


async def _through_outages(
    context: Context, run_id: str, act: Callable[[], Awaitable[Found]]
) -> Found:
    """Do a step of a run. While the database is away, or has no room, wait and begin anew, for as
    long as it takes: every step begins with what the ledger holds.

    The engine's own tries of a step end after eight minutes, and would stop the run for a fault of
    ours. Where it cannot note what a step came to, it tries again only if the server is away.
    """
    pause = 1.0
    while True:
        try:
            return await act()
        except Exception as error:
            if context.leaving.is_set() or not (is_outage(error) or is_noted_outage(error)):
                raise
            _log_outage(run_id, error)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _log_outage(run_id: str, error: BaseException) -> None:
    """Say why a run waits, if the database is why."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, OUTAGES):
        found = outage(error)
        log.warning("the run %s waits: %s; %s", run_id, found.cause, found.cure)


class PickleRefused(Exception):
    """A row of the engine says that it is written with ``pickle``. We write none, so it is not
    read."""


class Engine:
    """Starts and watches durable runs inside this process. ``look_every``: seconds between two
    looks for a run to begin; a command that waits for its run looks often, a service that rests
    does not."""

    def __init__(self, context: Context, *, look_every: float = SOON) -> None:
        self._context = context
        self._look_every = look_every
        self._dbos: type[DBOS] | None = None
        self._opened: DBOSClient | None = None
        self._closing = threading.Event()
        self._keeper: threading.Thread | None = None
        self._looks = FailedLooks(f"queue-worker-{APPLY_QUEUE}")
        self._working: Counter[str] = Counter()
        """How often this process is at work on a workflow, by id. Twice where it lost one to
        another process, has it again, and has not noticed the first yet."""
        self._left_lying: frozenset[str] = frozenset()
        """Those that were ours in the database at the last look, and that nobody was at work on."""

    def launch(self) -> None:
        """Start working: registers the workflows, then takes up what a former process left."""
        from dbos import DBOS  # its import takes a second: only those who run something pay for it

        logging.getLogger("dbos").setLevel(logging.ERROR)  # until it reads `_config`
        _never_unpickle()
        self._dbos = DBOS
        config = _config(self._context)
        DBOS.migrate(config["system_database_url"])
        self._client().register_queue(  # a queue that is new after the launch waits for a second
            APPLY_QUEUE, worker_concurrency=1, polling_interval_sec=self._look_every
        )
        ours = DBOS(config=config)
        logging.getLogger("dbos").addHandler(self._looks)
        self._register(DBOS)
        DBOS.listen_queues([APPLY_QUEUE])
        DBOS.launch()  # takes up rows of this version only
        _rest(ours)
        self._cancel_former()
        self._beat()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._keeper.start()

    def _beat(self) -> None:
        self._context.store.leases.beat(self._context.executor_id)

    def _keep(self) -> None:
        """Take over what dead workers left, and say that we are alive, until the engine closes.

        A worker that cannot look for work is not alive: others take over, and pages show it. It
        opens its connections anew, as one that broke for good would fail for ever.
        """
        pause = self._context.silence.total_seconds() / BEATS
        while not self._closing.wait(pause):
            try:
                self.take_over()
                self._looks.refuse_many(within=max(pause, 2 * FEW * self._look_every))
                self._beat()
            except OUTAGES as error:  # the next round tries again
                found = outage(error)
                log.warning("no heartbeat is given: %s; %s", found.cause, found.cure)
            except Exception as error:
                if isinstance(error, DatabaseError):
                    log.error("no heartbeat is given: %s; %s", error.cause, error.cure)
                else:
                    log.exception("no heartbeat is given, connections are opened anew")
                self._context.store.engine.dispose()

    def take_over(self) -> int:
        """Put the workflows of workers that fell silent back into their queue, and those of ours
        that two looks found nobody at work on; returns how many.

        The engine claims a workflow before it begins it, and notes its end after it. If either
        fails, it says so in its log only: the workflow stays ours for as long as this process
        lives.
        """
        if self._dbos is None:
            return 0
        self._cancel_former()
        leases, silence = self._context.store.leases, self._context.silence
        leases.forget_silent(silence * FORGOTTEN_AFTER)
        us, alive = self._context.executor_id, set(leases.alive(silence))
        pending = self._dbos.list_workflows(status="PENDING", load_input=False, load_output=False)
        queued = {each.workflow_id: each.executor_id for each in pending if each.queue_name}
        working = {each for each, count in list(self._working.items()) if count}
        lying = {each for each, whose in queued.items() if whose == us} - working
        stranded = {each for each, whose in queued.items() if whose not in {us, *alive}}
        stranded |= lying & self._left_lying
        self._left_lying = frozenset(lying - stranded)
        for each in sorted(stranded):
            self._dbos.resume_workflow(each, queue_name=APPLY_QUEUE)
        return len(stranded)

    def _cancel_former(self) -> None:
        """Cancel unfinished workflows of another version; nobody of this version could work on
        them. :meth:`abandoned` names their runs then."""
        unfinished = self._client().list_workflows(
            status=sorted(UNFINISHED),
            queue_name=APPLY_QUEUE,
            application_name=NAME,
            load_input=False,
            load_output=False,
        )
        former = [each.workflow_id for each in unfinished if each.app_version != VERSION]
        if former:
            self._client().cancel_workflows(former)

    def abandoned(self) -> list[str]:
        """Ids of running runs that nobody works on, and that wait for nothing: their workflow
        failed, was cancelled, or was never enqueued."""
        running = (
            run
            for run in self._context.store.runs.unfinished()
            if run.state is RunState.RUNNING and run.held_until is None
        )
        return [run.id for run in running if self._is_abandoned(run)]

    def _is_abandoned(self, run: Run) -> bool:
        states = [each.status for each in self._workflows(run.id)]
        if UNFINISHED.intersection(states):
            return False
        # a workflow that came to its end left the run waiting for closes, if anything
        waiting = self._context.store.progress.waiting(run.id)
        return not ((waiting.count or waiting.set_aside) and states and states[-1] == "SUCCESS")

    def _register(self, dbos: type[DBOS]) -> None:
        context = self._context

        @dbos.step(name="work", retries_allowed=True, max_attempts=10, interval_seconds=1)
        async def work(run_id: str) -> list[float]:  # JSON has no tuples
            result = await _through_outages(context, run_id, lambda: run_step(context, run_id))
            return [result.ended, result.sleep]

        @dbos.step(name="stop")
        async def stop(run_id: str, reason: str) -> None:
            stop_run(context, run_id, reason)

        @dbos.workflow(name="run")
        async def run(run_id: str) -> None:
            async def lasting(act: Callable[[], Awaitable[Found]]) -> Found:
                return await _through_outages(context, run_id, act)

            workflow = str(dbos.workflow_id)
            self._working[workflow] += 1
            try:
                ended, sleep = await lasting(lambda: work(run_id))
                while not ended:
                    await lasting(partial(dbos.sleep_async, sleep))  # at once where it is 0
                    ended, sleep = await lasting(lambda: work(run_id))
            except PickleRefused:
                raise  # the run goes on in another workflow, see `abandoned`
            except Exception as error:  # no silent end: the reason stands in the run
                # we leave during an outage, and the next process goes on
                if not (is_outage(error) or is_noted_outage(error)):
                    await stop(run_id, f"a fault of the migrator: {type(error).__name__}: {error}")
                raise
            finally:
                self._working[workflow] -= 1

    def enqueue(self, run_id: str) -> None:
        """Have a run worked on, unless a workflow for it is at work or waiting already."""
        known = self._workflows(run_id)
        if any(each.status in UNFINISHED for each in known):
            return
        options: EnqueueOptions = {
            "workflow_name": "run",
            "queue_name": APPLY_QUEUE,
            "workflow_id": f"{run_id}:{len(known) + 1}",
            "app_version": VERSION,
        }
        self._client().enqueue(options, run_id)

    def is_busy(self, run_id: str) -> bool:
        """Whether a workflow is at work on a run, or waiting to be."""
        return any(each.status in UNFINISHED for each in self._workflows(run_id))

    def _workflows(self, run_id: str) -> list[Any]:
        return self._client().list_workflows(
            workflow_id_prefix=f"{run_id}:", load_input=False, load_output=False
        )

    def _client(self) -> DBOSClient:
        if self._opened is None:
            from dbos import DBOSClient, DBOSPortableJSONSerializer

            _never_unpickle()
            self._opened = DBOSClient(
                system_database_engine=self._context.store.engine,
                application_name=NAME,
                serializer=DBOSPortableJSONSerializer(),
            )
        return self._opened

    def close(self) -> None:
        """Stop working; what is pending goes on in the next process."""
        self._closing.set()
        if self._keeper is not None:
            self._keeper.join()
        try:
            self._context.store.leases.forget(self._context.executor_id)
        except OUTAGES as error:  # others will see that our signs of life have ended
            log.warning("could not sign off, the database is unavailable: %s", type(error).__name__)
        if self._dbos is not None:
            self._dbos.destroy(destroy_registry=True)
        logging.getLogger("dbos").removeHandler(self._looks)


def _rest(dbos: DBOS) -> None:
    """Have DBOS leave alone what we do not use: its own queue, delays and deadlines of workflows.
    It would ask for them every second, two of three statements of a worker at rest, of which two
    lock the database; it has no option for that (3.4.0)."""
    dbos._registry.get_internal_queue()._polling_interval_sec = NEVER
    dbos._background_jobs_stop_event.set()


def _never_unpickle() -> None:
    """Have DBOS refuse rows that are written with ``pickle``.

    Its JSON serializer is not enough: each row names the serializer that it was written with, and
    DBOS (3.4.0, ``_serialization.deserialize_value``) uses that one whatever it was set to.
    """
    from dbos import _serialization

    _serialization.DefaultSerializer.deserialize = _refuse  # type: ignore[assignment,method-assign]


def _refuse(_serializer: Any, _serialized_data: str) -> Never:
    raise PickleRefused("a row of the engine is written with pickle and was not read")


def _config(context: Context) -> Any:
    from dbos import DBOSPortableJSONSerializer

    engine = context.store.engine
    return {
        "name": NAME,
        "system_database_url": engine.url.render_as_string(hide_password=False),
        "system_database_engine": engine,
        "executor_id": context.executor_id,
        "application_version": VERSION,
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "WARNING",  # for `FailedLooks`
        "console_log_level": "ERROR",
        # what these are for we do not use
        "notification_listener_polling_interval_sec": AT_REST,
        "scheduler_polling_interval_sec": NEVER,
    }


@contextmanager
def only_worker(context: Context) -> Iterator[None]:
    """On SQLite one process works at a time: hold a lock file, which the system lets go of if the
    process dies.

    Raises :class:`DatabaseError` if another process works on this database. On PostgreSQL any
    number may.
    """
    file = context.store.engine.url.database
    if context.store.engine.dialect.name != "sqlite" or not file:
        yield
        return
    with Path(f"{file}.worker").open("w") as lock:
        _lock(lock, file)
        yield


def _lock(lock: IO[str], database: str) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise DatabaseError(
            f"another migrator process already works on {database}",
            cure="let it finish, or stop it first",
        ) from error
