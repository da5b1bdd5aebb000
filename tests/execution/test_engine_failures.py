"""A worker that cannot look for work says so, and does not pass for one that is at work."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from migrator.errors import DatabaseError
from migrator.execution.engine import Engine
from migrator.execution.engine_failures import FEW, FailedLooks
from tests.execution.conftest import Stage

SILENCE = 4.0
"""Seconds after which a worker is taken for dead."""


def until(reached: Callable[[], object]) -> None:
    """Wait for something; an AssertionError after 60 s."""
    end = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.1)


def failed(thread: str, words: str) -> logging.LogRecord:
    """A warning of the engine's."""
    record = logging.LogRecord("dbos", logging.WARNING, __file__, 1, words, (), None)
    record.threadName = thread
    return record


def test_a_worker_whose_looks_fail_names_the_cause_and_is_not_alive_until_they_work_again(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """Everything else of the database answers it: only the look for runs misses a table."""
    settings = stage.context.settings.model_copy(update={"worker_silence_seconds": SILENCE})
    context = replace(stage.context, settings=settings)

    def alive() -> bool:
        return context.executor_id in context.store.leases.alive(context.silence)

    def rename(before: str, after: str) -> None:
        with context.store.engine.begin() as connection:
            connection.execute(text(f"alter table {before} rename to {after}"))

    engine = Engine(context)
    engine.launch()
    try:
        assert alive()
        rename("application_versions", "application_versions_away")
        until(lambda: not alive())
        said = [line for line in caplog.messages if "can begin no run" in line]
        assert said
        assert "application_versions" in said[0]
        assert "restart the worker" in said[0]
        rename("application_versions_away", "application_versions")
        until(alive)
    finally:
        engine.close()


def test_a_worker_is_not_alive_while_it_cannot_take_over_from_others(stage: Stage) -> None:
    """Its heartbeat follows what it is for, and is not given where that fails."""
    settings = stage.context.settings.model_copy(update={"worker_silence_seconds": SILENCE})
    context = replace(stage.context, settings=settings)
    engine = Engine(context)
    engine.launch()
    try:
        with context.store.engine.begin() as connection:
            connection.execute(text("alter table workflow_status rename to workflow_status_away"))
        until(lambda: not context.store.leases.alive(context.silence))
        with context.store.engine.begin() as connection:
            connection.execute(text("alter table workflow_status_away rename to workflow_status"))
        until(lambda: context.store.leases.alive(context.silence))
    finally:
        engine.close()


def test_a_few_failed_looks_are_a_database_that_restarts() -> None:
    """Nor do those count that are long ago, or that other threads report."""
    now = [0.0]
    looks = FailedLooks("ours", lambda: now[0])
    for _ in range(FEW):
        looks.handle(failed("another", "Exception encountered in queue thread for apply: away"))
        looks.handle(failed("ours", "Contention detected in queue thread for apply"))
    for _ in range(FEW - 1):
        looks.handle(failed("ours", "Exception encountered in queue thread for apply: away"))
    looks.refuse_many(within=10)
    looks.handle(
        failed("ours", "Exception encountered in queue thread for apply: it\nis away\n[SQL: x]")
    )
    with pytest.raises(DatabaseError, match=r"it is away$"):
        looks.refuse_many(within=10)
    now[0] = 11.0
    looks.refuse_many(within=10)
