"""A place to run a migration in processes that can be killed, against a sandbox whose world is
judged afterwards.

Used by the fault benchmark and by the tests that kill. Nothing here is a stand-in: the migrator
runs in processes of its own, over HTTP, on a real database, and dies by SIGKILL.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec
from msgspec.structs import replace

from migrator import bootstrap
from migrator.config.settings import Settings
from migrator.execution.context import Context
from migrator.execution.engine import Engine, only_worker
from migrator.rehearsal.sandbox import Sandbox
from migrator.services import rehearse, runs
from migrator.services.plan import write_plan
from migrator.store.plans import Approval, StoredPlan
from migrator.store.runs import RunOptions

CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(
    ["migrator.bootstrap", "migrator.services.rehearse", "dbos", "tests.support.runner"]
)
UNPACED = RunOptions(paced=False, concurrency=1)


@dataclass(frozen=True)
class Runner:
    """Where one migration runs: its folder, the address that the migrator is given, its timing, and
    what is sabotaged.

    ``together`` is how many items an unpaced run acts on at once, unless a child is given other
    options.
    """

    folder: Path
    url: str
    sandbox: Sandbox
    preset: str = "keras"
    database: str = ""
    sabotage: str = ""
    together: int = 1
    timing: dict[str, float] = field(
        default_factory=lambda: {"cut_off_seconds": 0.4, "read_lag_seconds": 0.2}
    )

    def settings(self, url: str | None = None) -> Settings:
        """Settings of a process that works here."""
        database = self.database or f"sqlite:///{self.folder / 'migrator.sqlite'}"
        values = {
            "database_url": database,
            "github_url": url or self.url,
            **self.sandbox.credentials,
            **self.timing,
        }
        return Settings.model_validate(values)

    def context(self, *, executor_id: str = "", url: str | None = None) -> Context:
        """The migration, built anew as a starting process does it, on the sandbox's clock."""
        clock = bootstrap.ShiftedClock(sandbox_now(self.sandbox.url))
        settings = self.settings(url)
        return bootstrap.build(
            self.preset,
            settings=settings,
            clock=clock,
            executor_id=executor_id,
            require_revision=False,
        )

    def plan(self, *, grace: bool = True) -> StoredPlan:
        """Check, scan, classify, plan and approve, undisturbed. Without ``grace`` nothing waits
        for days."""
        context = self.context(url=self.sandbox.url)
        steps = rehearse.Rehearsal(
            context,
            as_of=self.sandbox.now,
            advance=lambda _: None,
            options=UNPACED,
            report=lambda *_: None,
        )
        try:
            steps.prepare()
            plan = steps.approved_plan()
            return plan if grace else without_grace(context, plan)
        finally:
            # who moves or restores the database next must find it closed
            context.store.engine.dispose()


def without_grace(context: Context, plan: StoredPlan) -> StoredPlan:
    """The same plan, approved, with closes that follow their notices at once."""
    items = [
        msgspec.structs.replace(item, grace_days=0, wave=0)
        for item in context.store.plans.items(plan.hash)
    ]
    header = msgspec.structs.replace(
        plan.header, as_of=plan.header.as_of + timedelta(microseconds=1)
    )
    hasty = write_plan(context, header, iter(items), total=len(items), progress=lambda *_: None)
    now = context.clock()
    context.store.plans.approve(
        hasty.hash, Approval(approved_by="bench", how="bench", approved_at=now)
    )
    return hasty


def sandbox_now(url: str) -> datetime:
    """The time in the sandbox's world."""
    with urllib.request.urlopen(f"{url}/_sandbox/health") as reply:
        return datetime.fromisoformat(json.loads(reply.read())["now"])


def apply_in_child(
    arena: Runner, plan_hash: str, *, options: RunOptions | None = None, executor_id: str = ""
) -> BaseProcess:
    """Start a process that applies the plan until the run rests. Join it, or kill it."""
    child = CHILDREN.Process(
        target=_apply,
        args=(
            arena,
            plan_hash,
            options or replace(UNPACED, concurrency=arena.together),
            executor_id,
        ),
        daemon=True,
    )
    child.start()
    return child


def _apply(arena: Runner, plan_hash: str, options: RunOptions, executor_id: str) -> None:
    if arena.sabotage:
        from tests.support.sabotage import SABOTAGES

        SABOTAGES[arena.sabotage].do()
    context = arena.context(executor_id=executor_id)
    run = runs.start(context, plan_hash, options=options)
    with only_worker(context):
        engine = Engine(context)
        engine.launch()
        runs.watch(context, engine, run.id, lambda _: None)
        engine.close()


def kill(child: BaseProcess) -> None:
    """SIGKILL a child that may have ended already, and wait for its end."""
    if child.is_alive():
        send(child.pid, signal.SIGKILL)
    child.join()


def send(pid: int | None, number: signal.Signals) -> None:
    """Send a signal to a process that may be ending just now."""
    if pid:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
