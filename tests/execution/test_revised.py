"""The next version's revision arrives while this version works: what runs goes on, what starts
afterwards refuses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from migrator.errors import DatabaseError
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.store import open_store, revisions
from tests.store.test_revisions import with_one_more
from tests.support.databases import Databases, opened, postgresql
from tests.support.runner import Runner, apply_in_child
from tests.support.verify_world import differences

MIGRATION = "keras"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database of each kind."""
    if request.param == "sqlite":
        yield Databases("sqlite", tmp_path).empty()
    else:
        with postgresql() as server:
            yield Databases("postgresql", tmp_path, server).empty()


@pytest.fixture
def arena(tmp_path: Path, database: str) -> Iterator[Runner]:
    """A sandbox with 120 items."""
    write_world(generate(items=120, seed=5), tmp_path / "world.jsonl")
    with running_sandbox("--world", str(tmp_path / "world.jsonl"), "--latency", "5") as sandbox:
        yield Runner(folder=tmp_path, url=sandbox.url, sandbox=sandbox, database=database)


def until(reached: Callable[[], bool]) -> None:
    """Wait until something is so; the test's own time limit ends a wait in vain."""
    while not reached():
        time.sleep(0.02)


def test_a_run_goes_on_while_the_next_version_revises_the_tables(
    arena: Runner, tmp_path: Path
) -> None:
    """Not one act is lost, refused or done twice; an old program that starts afterwards says
    that a newer one was here."""
    plan = arena.plan()
    scripts = with_one_more(tmp_path)
    with opened(arena.database) as engine:
        store = open_store(engine, MIGRATION)
        child = apply_in_child(arena, plan.hash, executor_id="old")
        until(lambda: sum(len(store.ledger.ended(run.id)) for run in store.runs.newest()) >= 10)
        revisions.upgrade(engine, scripts=scripts)
        child.join()
        run = store.runs.newest()[0]
        ended = store.ledger.outcome_of_items(run.id)
        assert child.exitcode == 0
        assert (
            len(store.ledger.ended(run.id)) + len(store.ledger.parked(run.id))
            == plan.totals.notices
        )
        items = [item for item in store.plans.items(plan.hash, acting=True) if item.key in ended]
        assert {
            item.key: found for item in items if (found := differences(arena.sandbox.url, item))
        } == {}
        with pytest.raises(DatabaseError, match="a newer migrator wrote it"):
            revisions.require_current(engine)
