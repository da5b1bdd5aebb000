"""What the engine itself cannot note, or claims and does not begin, keeps no run from going on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from migrator.domain.decisions import Decision
from migrator.execution.context import Context
from migrator.execution.engine import NEVER, Engine
from migrator.services import runs
from migrator.store.runs import RunState
from tests.execution.conftest import Stage
from tests.execution.test_engine_rows import begun, change_rows, launched
from tests.support.runner import UNPACED

FULL = "database or disk is full"


@contextmanager
def no_room_for_notes(database: Database, times: int) -> Iterator[list[str]]:
    """The disk is full for so many notes of what a step came to, and only for those; the statements
    that failed."""
    refused: list[str] = []

    def refuse(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        is_note = "INSERT INTO" in statement and "operation_outputs" in statement
        if is_note and len(refused) < times:
            refused.append(statement)
            raise OperationalError(statement, None, sqlite3.OperationalError(FULL))

    event.listen(database, "before_cursor_execute", refuse)
    try:
        yield refused
    finally:
        event.remove(database, "before_cursor_execute", refuse)


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_run_whose_step_cannot_be_noted_waits_and_goes_on(
    stage: Stage, times: int, caplog: pytest.LogCaptureFixture
) -> None:
    """It says why it waits, and is not stopped for a fault of ours. Where the second note has room,
    it is that of a step that failed."""
    run = begun(stage)
    with (
        no_room_for_notes(stage.context.store.engine, times) as refused,
        launched(stage.context) as engine,
    ):
        ended = runs.watch(stage.context, engine, run.id, lambda _: None)
    assert len(refused) == times
    assert ended.run.state is RunState.FINISHED
    assert any("the disk with the database is full" in line for line in caplog.messages)
    assert not [record for record in caplog.records if record.exc_info]


def test_a_step_that_was_noted_as_an_outage_does_not_stop_the_run_of_the_next_process(
    stage: Stage,
) -> None:
    """That one reads the note, which stands where a result should."""
    run = begun(stage)
    noted = {"name": "OperationalError", "message": f"(sqlite3.OperationalError) {FULL}"}
    change_rows(
        stage.context,
        "insert into operation_outputs (workflow_uuid, function_id, function_name, error, "
        "serialization, retention_timestamp) values (:id, 1, 'work', :it, 'portable_json', 0)",
        it=json.dumps(noted),
        id=f"{run.id}:1",
    )
    with launched(stage.context) as engine:
        ended = runs.watch(stage.context, engine, run.id, lambda _: None)
    assert ended.run.state is RunState.FINISHED


def status(context: Context, workflow: str) -> str:
    """What the engine's row says of a workflow."""
    with context.store.engine.connect() as connection:
        query = text("select status from workflow_status where workflow_uuid = :id")
        return str(connection.execute(query, {"id": workflow}).scalar_one())


def test_a_workflow_that_was_claimed_and_not_begun_is_put_back(stage: Stage) -> None:
    """By the second look that finds it: the first may have come between its claim and its
    beginning. The run then goes on."""
    context = stage.context
    engine = Engine(context, look_every=NEVER)
    engine.launch()
    try:
        run = runs.start(context, stage.plan(Decision.REDIRECT).hash, options=UNPACED)
        engine.enqueue(run.id)
        change_rows(
            context,
            "update workflow_status set status = 'PENDING', executor_id = :us where workflow_uuid = :id",
            us=context.executor_id,
            id=f"{run.id}:1",
        )
        assert engine.take_over() == 0
        assert status(context, f"{run.id}:1") == "PENDING"
        assert engine.take_over() == 1
        assert status(context, f"{run.id}:1") == "ENQUEUED"
    finally:
        engine.close()
    with launched(context) as engine:
        assert runs.watch(context, engine, run.id, lambda _: None).run.state is RunState.FINISHED


def test_a_workflow_at_work_is_left_to_whoever_is_at_work_on_it(stage: Stage) -> None:
    """However often the engine looks."""
    context, looks = stage.context, []
    run = begun(stage)
    stage.control("faults", {"rates": {"slow": 1.0}, "slow": 1.0})
    with launched(context) as engine:

        def look(_: runs.RunProgress) -> None:
            if status(context, f"{run.id}:1") == "PENDING":
                looks.append(engine.take_over())

        assert runs.watch(context, engine, run.id, look).run.state is RunState.FINISHED
    stage.control("faults", {})
    assert len(looks) > 2
    assert not any(looks)
