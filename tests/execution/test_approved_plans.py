"""`worker --start-approved` begins what a maintainer approved, and nothing else."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from migrator.domain.decisions import Decision
from migrator.services import runs
from migrator.services.approved_plans import ApprovedPlans, waiting_plans
from migrator.services.plan import write_plan
from migrator.services.worker import Worker
from tests.execution.conftest import Stage, staged


def until(reached: Callable[[], bool]) -> None:
    """Wait for it; pytest's time limit ends a wait that is in vain."""
    while not reached():
        time.sleep(0.05)


def unapproved(stage: Stage) -> None:
    """A plan that nobody has approved."""
    header = replace(stage.whole.header, as_of=stage.whole.header.as_of - timedelta(hours=1))
    items = [stage.items[Decision.REDIRECT].pop()]
    write_plan(stage.context, header, iter(items), total=1, progress=lambda *_: None)


def test_an_approved_plan_is_begun_once(tmp_path: Path) -> None:
    """Only the last of two plans to migrate; not what nobody approved; not again after its run
    was cancelled, nor one that is expired."""
    with staged(tmp_path, items=90) as stage:
        store = stage.context.store
        older, newer = stage.plan(Decision.REDIRECT), stage.plan(Decision.REDIRECT)
        unapproved(stage)
        assert [plan.hash for plan in waiting_plans(stage.context)] == [newer.hash]
        approved = ApprovedPlans(stage.context)
        (run_id,) = approved.begin()
        run = store.runs.get(run_id)
        assert run is not None
        assert (run.plan_hash, run.options.paced) == (newer.hash, True)
        assert approved.begin() == []
        runs.cancel(stage.context, run_id, by="test")
        assert approved.begin() == []
        assert store.runs.newest(1, plan_hash=older.hash) == []
        last = stage.plan(Decision.REDIRECT)
        later = last.header.expires_at
        expired = dataclasses.replace(stage.context, clock=lambda: later)
        assert ApprovedPlans(expired).begin() == []
        assert [plan.hash for plan in waiting_plans(stage.context)] == [last.hash]


def test_a_worker_takes_up_what_is_approved_while_it_runs(tmp_path: Path) -> None:
    """Nobody runs `apply`: the run acts, or waits for the hours at which the file lets it send."""
    with staged(tmp_path, items=90) as stage:
        worker = Worker(stage.context, start_approved=True)
        worker.start()
        try:
            plan, item = stage.one(Decision.REDIRECT)

            def taken_up() -> bool:
                known = stage.context.store.runs.newest(1, plan_hash=plan.hash)
                return bool(known) and (
                    known[0].held_until is not None or len(stage.notices(item)) == 1
                )

            until(taken_up)
        finally:
            worker.stop()
