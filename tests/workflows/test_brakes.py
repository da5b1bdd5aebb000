"""What holds a real run back: people's mail, quiet hours, and bounds that must not be passed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from migrator.config.migration_file import LoadedMigration
from migrator.domain.decisions import Decision
from migrator.domain.planning import PlanItem
from migrator.domain.rules.settings_override import with_settings
from migrator.operations import apply
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run, RunState
from migrator.workflows.apply import work
from migrator.workflows.brakes import look
from migrator.workflows.context import Context
from tests.workflows.conftest import Stage

CONSIDERATE = {"paced": False, "concurrency": 1, "considerate": True}


def under(stage: Stage, *settings: str) -> Context:
    """The stage's context with other rules, but the digest that its plans were made under."""
    from dataclasses import replace

    old = stage.context.migration
    file = with_settings(old.file, list(settings))
    return replace(stage.context, migration=LoadedMigration(file=file, text=old.text, digest=old.digest, path=old.path))


def started(context: Context, plan: StoredPlan) -> Run:
    """A considerate run of the plan."""
    return apply.start(context, plan.hash, options=CONSIDERATE)


def held(context: Context, run: Run, items: list[PlanItem]) -> Any:
    """What the brakes say."""
    return asyncio.run(look(context, run, items))


def test_nobody_gets_more_notices_a_day_than_the_file_allows(stage: Stage) -> None:
    """The second item of the same person waits until tomorrow, whoever else is on it."""
    plan = stage.plan(Decision.REDIRECT, Decision.REDIRECT, recipients=("busy-person",))
    context = under(stage, "sending.notices_per_person_per_day=1")
    items = list(context.store.plans.items(plan.hash))
    found = held(context, started(context, plan), items)
    assert len(found.go) == 1
    assert found.until is not None
    assert found.until > context.clock()


def test_what_was_sent_earlier_today_counts(stage: Stage) -> None:
    """A notice of an earlier run uses up the person's share of the day."""
    first, item = stage.one(Decision.REDIRECT, recipients=("other-person",))
    stage.apply(first)
    assert len(stage.notices(item)) == 1
    plan = stage.plan(Decision.REDIRECT, recipients=("other-person",))
    context = under(stage, "sending.notices_per_person_per_day=1")
    assert held(context, started(context, plan), list(context.store.plans.items(plan.hash))).go == ()


def test_nothing_is_sent_on_quiet_days(stage: Stage) -> None:
    """With every day but the one after tomorrow quiet, the run sleeps until then."""
    plan = stage.plan(Decision.REDIRECT)
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    now = stage.context.clock()
    loud = days[(now.weekday() + 2) % 7]
    quiet = ",".join(f'"{day}"' for day in days if day != loud)
    context = under(stage, f"sending.quiet_weekdays=[{quiet}]")
    result = asyncio.run(work(context, started(context, plan).id))
    assert not result.ended
    assert result.sleep > timedelta(hours=24).total_seconds() / 2


def test_a_run_stops_when_the_file_demands_reviewed_items_and_there_are_none(stage: Stage) -> None:
    """The gate is named as the reason, and nothing is written."""
    plan, item = stage.one(Decision.REDIRECT)
    context = under(stage, "review.needs_reviewed=20")
    run = started(context, plan)
    asyncio.run(work(context, run.id))
    stopped = context.store.runs.get(run.id)
    assert stopped is not None
    assert stopped.state is RunState.STOPPED
    assert "reviewed" in stopped.reason
    assert stage.notices(item) == []


@pytest.mark.parametrize("do", ["thumbs", "reopen", "appeal"])
def test_a_run_stops_when_people_object(stage: Stage, do: str) -> None:
    """Thumbs-down, reopenings and appeals each trip the breaker, which says why."""
    first, item = stage.one(Decision.RETIRE)
    run = started(stage.context, first)
    asyncio.run(work(under(stage, "breaker.least_notices=0"), run.id))
    object_to(stage, item, do)
    found = held(under(stage, "breaker.least_notices=1"), run, [item])
    assert found.stop


def object_to(stage: Stage, item: PlanItem, do: str) -> None:
    """A person says that we were wrong."""
    if do == "reopen":
        stage.act(item, "reopen")
    elif do == "appeal":
        stage.act(item, "comment", body="/reopen")
    else:
        ours = next(one for one in stage.record(item)["comments"] if "migrator:1" in one["body"])
        stage.act(item, "react", content="THUMBS_DOWN", comment=ours["id"])
