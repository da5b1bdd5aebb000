"""A run half done moves from SQLite to PostgreSQL and ends there; PostgreSQL itself may restart
in the middle of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services import backup
from migrator.store import Store, open_store
from migrator.store.database import open_engine
from migrator.store.plans import StoredPlan
from migrator.store.runs import RunState
from tests.support.databases import Databases, control, postgresql
from tests.support.runner import Runner, apply_in_child, kill
from tests.support.verify_world import differences

pytestmark = pytest.mark.slow

MIGRATION = "keras"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A PostgreSQL server of this file's own: it is restarted."""
    with postgresql() as address:
        yield address


@pytest.fixture
def arena(tmp_path: Path) -> Iterator[Runner]:
    """A sandbox with 160 items, on SQLite at first."""
    write_world(generate(items=160, seed=5), tmp_path / "world.jsonl")
    with running_sandbox("--world", str(tmp_path / "world.jsonl"), "--latency", "5") as sandbox:
        yield Runner(folder=tmp_path, url=sandbox.url, sandbox=sandbox)


def until(reached: Callable[[], bool]) -> None:
    """Wait until something is so; the test's own time limit ends a wait in vain."""
    while not reached():
        time.sleep(0.02)


def store_at(address: str) -> Store:
    """The tables at an address."""
    return open_store(open_engine(address), MIGRATION)


def faults(arena: Runner, plan: StoredPlan, store: Store) -> dict[str, list[str]]:
    """How the world differs from the plan, for the items without a grace and those whose grace
    is over."""
    ended = {
        key
        for run in store.runs.newest(10)
        for key, outcome in store.ledger.outcome_of_items(run.id).items()
    }
    items = [item for item in store.plans.items(plan.hash, acting=True) if item.key in ended]
    return {item.key: found for item in items if (found := differences(arena.sandbox.url, item))}


def test_a_half_done_run_moves_to_postgresql_and_ends_there(
    arena: Runner, server: str, tmp_path: Path
) -> None:
    """Killed in the middle on SQLite, moved, finished by another worker: every act is done, and
    none twice."""
    plan = arena.plan()
    old = arena.settings().database_url.get_secret_value()
    child = apply_in_child(arena, plan.hash, executor_id="first")
    store = store_at(old)
    until(lambda: sum(len(store.ledger.ended(run.id)) for run in store.runs.newest()) >= 20)
    kill(child)
    done = len(store.ledger.ended(store.runs.newest()[0].id))
    store.engine.dispose()

    new = Databases("postgresql", tmp_path, server).empty()
    backup.move(old, new)
    moved = replace(arena, database=new)
    second = apply_in_child(moved, plan.hash, executor_id="second")
    second.join()

    store = store_at(new)
    run = store.runs.newest()[0]
    ended, parked = store.ledger.ended(run.id), store.ledger.parked(run.id)
    assert 20 <= done < plan.totals.notices
    assert second.exitcode == 0
    assert len(ended) + len(parked) == plan.totals.notices
    assert faults(moved, plan, store) == {}


def test_a_run_survives_that_postgresql_restarts(
    arena: Runner, server: str, tmp_path: Path
) -> None:
    """Connections break at any moment. The process waits until the server is back, and goes on:
    all is done, nothing twice."""
    timing = {**arena.timing, "worker_silence_seconds": 3.0}
    moved = replace(
        arena, database=Databases("postgresql", tmp_path, server).empty(), timing=timing
    )
    plan = moved.plan()
    store = store_at(moved.database)
    child = apply_in_child(moved, plan.hash, executor_id="first")
    until(lambda: sum(len(store.ledger.ended(run.id)) for run in store.runs.newest()) >= 20)
    store.engine.dispose()
    postgres = control(server)
    postgres("stop")
    postgres("start")
    child.join()
    run = store.runs.newest()[0]
    assert child.exitcode == 0
    assert run.state in (RunState.RUNNING, RunState.FINISHED)
    assert len(store.ledger.ended(run.id)) + len(store.ledger.parked(run.id)) == plan.totals.notices
    assert faults(moved, plan, store) == {}
    store.engine.dispose()
