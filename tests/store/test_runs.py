"""A plan has one unfinished run at most."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from migrator.store import Store
from migrator.store.models import RunRow
from migrator.store.runs import Run, RunOptions, RunState
from tests.store.conftest import NOW
from tests.support.databases import run_together


def test_a_run_is_read_back_as_it_was_written(store: Store, run: Run) -> None:
    """With how it was asked to run."""
    store.runs.change(run.id, RunState.FINISHED, "", at=NOW, only_from=(RunState.RUNNING,))
    asked = replace(run, id="second", options=RunOptions(concurrency=4))
    assert store.runs.start(asked) == asked
    assert store.runs.get("second") == asked
    assert store.runs.get("nothing") is None


def test_a_second_start_finds_the_unfinished_run(store: Store, run: Run) -> None:
    """Also while it is paused or stopped."""
    for state in (RunState.RUNNING, RunState.PAUSED, RunState.STOPPED):
        store.runs.change(run.id, state, "", at=NOW, only_from=tuple(RunState))
        assert store.runs.start(replace(run, id="second")).id == run.id


def test_an_ended_plan_may_be_run_again(store: Store, run: Run) -> None:
    """A cancelled one, for what was left of it."""
    store.runs.change(run.id, RunState.CANCELLED, "", at=NOW, only_from=(RunState.RUNNING,))
    assert store.runs.start(replace(run, id="second")).id == "second"


def test_a_state_changes_only_from_where_it_may(store: Store, run: Run) -> None:
    """And the one who asked is told whether it did."""
    assert store.runs.change(
        run.id, RunState.PAUSED, "lunch", at=NOW, only_from=(RunState.RUNNING,)
    )
    assert not store.runs.change(
        run.id, RunState.FINISHED, "", at=NOW, only_from=(RunState.RUNNING,)
    )
    paused = store.runs.get(run.id)
    assert paused is not None
    assert (paused.state, paused.reason, paused.finished_at) == (RunState.PAUSED, "lunch", None)
    assert store.runs.change(run.id, RunState.FINISHED, "", at=NOW, only_from=(RunState.PAUSED,))
    finished = store.runs.get(run.id)
    assert finished is not None
    assert finished.finished_at == NOW


def test_the_newest_runs_come_first(store: Store, run: Run) -> None:
    """As people look at them."""
    store.runs.change(run.id, RunState.FINISHED, "", at=NOW, only_from=(RunState.RUNNING,))
    store.runs.start(replace(run, id="later", started_at=NOW + timedelta(hours=1)))
    assert [each.id for each in store.runs.newest()] == ["later", "run"]
    store.runs.set_wave("later", 3)
    assert store.runs.newest(1)[0].wave == 3


def test_the_database_itself_refuses_a_second_unfinished_run(
    engine: Engine, store: Store, run: Run
) -> None:
    """Whoever writes it."""
    row = RunRow(
        id="second",
        migration="garden",
        plan_hash=run.plan_hash,
        kind="migrate",
        state="paused",
        reason="",
        wave=0,
        options=b"{}",
        started_at=NOW,
    )
    with Session(engine) as session:
        session.add(row)
        with pytest.raises(IntegrityError):
            session.flush()


RACE = """
import sys
from datetime import UTC, datetime
from migrator.store import open_store
from migrator.store.database import open_engine
from migrator.store.runs import Run, RunState
me, address = sys.argv[1:]
runs = open_store(open_engine(address), "garden").runs
runs.newest()
print("ready", flush=True)
input()
for number in range(20):
    run = Run(id=f"{me}-{number}", plan_hash="a" * 64, kind="migrate", state=RunState.RUNNING, started_at=datetime.now(UTC))
    print(runs.start(run).id)
"""


def test_of_several_processes_one_starts_the_run(store: Store, run: Run, address: str) -> None:
    """All of them get the same run."""
    store.runs.change(run.id, RunState.FINISHED, "", at=NOW, only_from=(RunState.RUNNING,))
    outputs = run_together(3, RACE, [address])
    assert len({line for output in outputs for line in output.split()}) == 1
    assert len(store.runs.newest()) == 2
