"""What stands in the engine's rows is data: nobody who can write them runs code in a worker, and a
run whose row is lost goes on."""

from __future__ import annotations

import base64
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from migrator.domain.decisions import Decision
from migrator.domain.protocol.causes import HoldCause
from migrator.execution.context import Context
from migrator.execution.engine import Engine
from migrator.services import runs
from migrator.store.runs import Run, RunState
from tests.execution.conftest import Stage
from tests.support.runner import UNPACED


class WritesWhenUnpickled:
    """An object whose unpickling writes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.file,)


def payload(file: Path) -> str:
    """The row of somebody who wants to run code, as DBOS encodes rows."""
    return base64.b64encode(pickle.dumps(WritesWhenUnpickled(file))).decode()


def change_rows(context: Context, statement: str, **values: object) -> int:
    """Write to the engine's tables as whoever can write the database does; rows changed."""
    with context.store.engine.begin() as connection:
        return connection.execute(text(statement), values).rowcount


def pickle_arguments(context: Context, run: Run, file: Path) -> None:
    """Have the run's workflow be one whose arguments run code."""
    it, workflow = payload(file), f"{run.id}:1"
    inputs = "update workflow_input set inputs = :it where workflow_uuid = :id"
    assert change_rows(context, inputs, it=it, id=workflow) == 1
    status = "update workflow_status set serialization = 'py_pickle' where workflow_uuid = :id"
    assert change_rows(context, status, id=workflow) == 1


@contextmanager
def launched(context: Context) -> Iterator[Engine]:
    """An engine at work."""
    engine = Engine(context)
    engine.launch()
    try:
        yield engine
    finally:
        engine.close()


def begun(stage: Stage) -> Run:
    """A run that is enqueued, while no engine works."""
    with launched(stage.context):
        pass  # the engine's tables are there
    run = runs.start(stage.context, stage.plan(Decision.REDIRECT).hash, options=UNPACED)
    Engine(stage.context).enqueue(run.id)
    return run


def test_the_payload_of_these_tests_would_run(tmp_path: Path) -> None:
    """Unpickled, it writes its file."""
    pickle.loads(base64.b64decode(payload(tmp_path / "written")))
    assert (tmp_path / "written").exists()


def test_what_we_write_is_json(stage: Stage) -> None:
    """No row that a whole run leaves behind is written with pickle."""
    run = begun(stage)
    with launched(stage.context) as engine:
        runs.watch(stage.context, engine, run.id, lambda _: None)
    with stage.context.store.engine.connect() as connection:
        written = {
            row.serialization
            for table in ("workflow_status", "operation_outputs")
            for row in connection.execute(
                text(f"select serialization from {table} where workflow_uuid like :id"),
                {"id": f"{run.id}:%"},
            )
        }
    assert written == {"portable_json"}


def test_a_pickled_argument_is_not_read_and_the_run_goes_on(stage: Stage, tmp_path: Path) -> None:
    """The workflow fails, the code in its argument does not run, and another workflow does the
    work."""
    run = begun(stage)
    pickle_arguments(stage.context, run, tmp_path / "written")
    with launched(stage.context) as engine:
        ended = runs.watch(stage.context, engine, run.id, lambda _: None)
    assert ended.run.state is RunState.FINISHED
    assert not (tmp_path / "written").exists()


@pytest.mark.parametrize("column", ["output", "error"])
def test_a_pickled_step_is_not_read_and_the_run_goes_on(
    stage: Stage, tmp_path: Path, column: str
) -> None:
    """So it is with what a step is said to have come to."""
    run = begun(stage)
    change_rows(
        stage.context,
        f"insert into operation_outputs (workflow_uuid, function_id, function_name, {column}, "
        "serialization, retention_timestamp) values (:id, 1, 'work', :it, 'py_pickle', 0)",
        it=payload(tmp_path / "written"),
        id=f"{run.id}:1",
    )
    with launched(stage.context) as engine:
        ended = runs.watch(stage.context, engine, run.id, lambda _: None)
    assert ended.run.state is RunState.FINISHED
    assert not (tmp_path / "written").exists()


@pytest.mark.parametrize("status", ["ENQUEUED", "PENDING"])
def test_what_a_former_version_left_is_cancelled_and_its_run_begins_anew(
    stage: Stage, tmp_path: Path, status: str
) -> None:
    """A workflow that was enqueued, or at work, before rows were JSON: the worker finds its run
    with nobody at work on it."""
    run = begun(stage)
    pickle_arguments(stage.context, run, tmp_path / "written")
    change_rows(
        stage.context,
        "update workflow_status set status = :status, application_version = 'migrator-1', "
        "executor_id = :us where workflow_uuid = :id",
        status=status,
        us=stage.context.executor_id,
        id=f"{run.id}:1",
    )
    with launched(stage.context) as engine:
        assert engine.abandoned() == [run.id]
        engine.enqueue(run.id)
        assert engine.abandoned() == []
        assert runs.watch(stage.context, engine, run.id, lambda _: None).run.state is (
            RunState.FINISHED
        )
    assert not (tmp_path / "written").exists()


def test_a_run_that_waits_is_not_abandoned(stage: Stage) -> None:
    """Neither for closes whose grace runs, nor for its hour, nor for a person; one that nobody
    ever enqueued is."""
    context = stage.context
    with launched(context) as engine:
        graceful = runs.start(
            context, stage.plan(Decision.RETIRE, grace_days=7).hash, options=UNPACED
        )
        assert engine.abandoned() == [graceful.id]
        runs.watch(context, engine, graceful.id, lambda _: None)
        assert context.store.progress.waiting(graceful.id).count == 1
        held = runs.start(context, stage.plan(Decision.REDIRECT).hash, options=UNPACED)
        later = context.clock() + timedelta(hours=1)
        context.store.runs.hold(held.id, later, "waits", HoldCause.LIMIT)
        paused = runs.start(context, stage.plan(Decision.REDIRECT).hash, options=UNPACED)
        runs.pause(context, paused.id, by="test")
        assert engine.abandoned() == []
        for run in (graceful, held, paused):
            runs.cancel(context, run.id, by="test")
