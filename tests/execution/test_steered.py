"""A person steers a run: pause, resume and cancel hold through restarts, a stop says why, and
two workers never act at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from migrator.errors import UsageError
from migrator.execution.context import Context
from migrator.execution.run import run_step
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services import runs
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run, RunState
from tests.cli.conftest import Desk
from tests.execution.conftest import staged
from tests.support.databases import Databases, postgresql
from tests.support.runner import UNPACED, Runner, apply_in_child, kill
from tests.support.verify_world import differences


@dataclass
class Steered:
    """An approved plan of some 40 items, and processes that work on it."""

    arena: Runner
    plan: StoredPlan
    context: Context

    @property
    def run(self) -> Run:
        """The plan's newest run."""
        return next(
            run for run in self.context.store.runs.newest() if run.plan_hash == self.plan.hash
        )

    @property
    def ended(self) -> int:
        """Items with an outcome, whichever run of the plan gave it."""
        runs = [run for run in self.context.store.runs.newest() if run.plan_hash == self.plan.hash]
        return sum(len(self.context.store.ledger.ended(run.id)) for run in runs)

    @property
    def writes(self) -> int:
        """Writes that the sandbox has seen."""
        return int(self.arena.sandbox.stats()["requests"]["mutation"])

    def faults(self) -> dict[str, list[str]]:
        """How the world differs from the whole plan carried out once."""
        items = self.context.store.plans.items(self.plan.hash, acting=True)
        return {
            item.key: found
            for item in items
            if (found := differences(self.arena.sandbox.url, item))
        }

    def restarted(self) -> Context:
        """The migration as a new process builds it."""
        return self.arena.context()


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Runner]:
    """A sandbox that takes its time, so that something happens between two looks at it."""
    write_world(generate(items=100, seed=7), tmp_path / "world.jsonl")
    with running_sandbox("--world", str(tmp_path / "world.jsonl"), "--latency", "20") as sandbox:
        yield Runner(folder=tmp_path, url=sandbox.url, sandbox=sandbox)


def steered(arena: Runner) -> Steered:
    """Planned and approved."""
    return Steered(arena, arena.plan(grace=False), arena.context())


def until(reached: Callable[[], bool]) -> None:
    """Wait until something is so; the test's own time limit ends a wait in vain."""
    while not reached():
        time.sleep(0.02)


@pytest.mark.slow
def test_a_pause_outlives_the_process_and_resume_goes_on(arena: Runner) -> None:
    """Paused at work, killed, started again: nothing is written until a person resumes, then
    everything else, once."""
    desk = steered(arena)
    child = apply_in_child(arena, desk.plan.hash)
    until(lambda: desk.ended >= 5)
    runs.pause(desk.context, desk.run.id, by="ann")
    kill(child)
    before, ended = desk.writes, desk.ended
    assert 5 <= ended < desk.plan.totals.notices
    assert asyncio.run(run_step(desk.restarted(), desk.run.id)).ended
    assert (desk.run.state, desk.run.reason) == (RunState.PAUSED, "paused by ann")
    again = apply_in_child(arena, desk.plan.hash)
    until(lambda: bool(desk.context.store.leases.alive(desk.context.silence)))
    time.sleep(1.0)
    assert desk.writes == before
    runs.resume(desk.context, desk.run.id)
    again.join()
    assert desk.run.state is RunState.FINISHED
    assert desk.faults() == {}


def test_a_pause_lets_what_is_under_way_finish(arena: Runner) -> None:
    """Without a death every item is either done or untouched when the run rests."""
    desk = steered(arena)
    child = apply_in_child(arena, desk.plan.hash)
    until(lambda: desk.ended >= 3)
    runs.pause(desk.context, desk.run.id, by="ann")
    then = desk.ended
    until(lambda: desk.context.store.leases.current(desk.context.installation) is None)
    assert desk.ended <= then + 1 < desk.plan.totals.notices
    entries = list(desk.context.store.ledger.stream(run_id=desk.run.id))
    assert {each.state.outcome for each in entries if each.state.acts} == {"done"}
    assert (
        desk.faults().keys() & {each.entry.item_key for each in entries if each.state.acts} == set()
    )
    kill(child)


def test_a_cancelled_run_ends_for_good(arena: Runner) -> None:
    """The process ends by itself after what is under way, the rest stays untouched, and the run
    cannot be resumed."""
    desk = steered(arena)
    child = apply_in_child(arena, desk.plan.hash)
    until(lambda: desk.ended >= 3)
    runs.cancel(desk.context, desk.run.id, by="ann")
    then = desk.ended
    child.join()
    assert child.exitcode == 0
    assert (desk.run.state, desk.run.reason) == (RunState.CANCELLED, "cancelled by ann")
    assert desk.ended <= then + 1 < desk.plan.totals.notices
    before = desk.writes
    assert asyncio.run(run_step(desk.restarted(), desk.run.id)).ended
    assert desk.writes == before
    with pytest.raises(UsageError, match="is cancelled"):
        runs.resume(desk.context, desk.run.id)


def test_a_refused_run_says_why_and_goes_on_by_the_same_command(tmp_path: Path) -> None:
    """Our account is gone: the run stops with GitHub's refusal as its reason, as often as it is
    tried; once the account is back, the same command finishes it."""
    with staged(tmp_path, items=60) as stage:
        kind = next(kind for kind, items in stage.items.items() if len(items) >= 1)
        plan, item = stage.one(kind, grace_days=0)
        account = stage.arena.sandbox.account
        stage.control("account", {"login": account, "deleted": True})
        for _ in range(2):
            stopped = stage.apply(plan).run
            assert (stopped.state, stopped.options.refused) == (RunState.STOPPED, "credentials")
            assert "credentials" in stopped.reason
            assert stage.notices(item) == []
        stage.control("account", {"login": account, "deleted": False})
        assert stage.apply(plan).run.state is RunState.FINISHED
        assert differences(stage.arena.sandbox.url, item) == []


@pytest.mark.slow
def test_a_second_process_on_sqlite_is_refused(arena: Runner) -> None:
    """It names the database and the cure, ends with 3, and the first one is not disturbed."""
    desk = steered(arena)
    child = apply_in_child(arena, desk.plan.hash)
    until(lambda: desk.ended >= 2)
    assert child.is_alive()
    second = Desk(arena.folder, arena.sandbox).run(
        "apply", desk.plan.hash, "--unpaced", "--json", code=3
    )
    assert "already works on" in second.error["cause"]
    assert second.error["cure"]
    child.join()
    assert desk.run.state is RunState.FINISHED
    assert desk.faults() == {}


@pytest.mark.slow
def test_a_second_process_on_postgresql_stands_by_and_takes_over(
    arena: Runner, tmp_path: Path
) -> None:
    """While one acts no line of the ledger is another's; killed, it is replaced, under a higher
    fencing number."""
    with postgresql() as server:
        timing = {**arena.timing, "worker_silence_seconds": 2.0}
        desk = steered(
            replace(
                arena, database=Databases("postgresql", tmp_path, server).empty(), timing=timing
            )
        )
        run = runs.start(desk.context, desk.plan.hash, options=UNPACED)
        children = {
            name: apply_in_child(desk.arena, desk.plan.hash, executor_id=name)
            for name in ("first", "second")
        }
        until(
            lambda: (
                desk.ended >= 5 and len(desk.context.store.leases.alive(desk.context.silence)) == 2
            )
        )
        lease = desk.context.store.leases.current(desk.context.installation)
        assert lease is not None
        kill(children.pop(lease.holder))
        for other in children.values():
            other.join()
        lines = [
            line
            for each in desk.context.store.ledger.stream(run_id=run.id)
            for line in each.attempts
        ]
        assert desk.run.state is RunState.FINISHED
        assert desk.faults() == {}
        assert max(line.fencing for line in lines) > lease.fencing
        desk.context.store.engine.dispose()
