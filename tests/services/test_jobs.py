"""Jobs of the dashboard: what was asked for is done by the worker, once, and how it ended stands
in the job and in the audit log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from migrator.config.migration_file import load
from migrator.config.toml_patch import patched
from migrator.domain.rules.settings_override import with_settings
from migrator.errors import UsageError
from migrator.execution.lease import hold_lease
from migrator.services.audited_actions import Principal
from migrator.services.jobs import JobRunner
from migrator.store.jobs import JobKind, JobOptions, JobState, QueuedJob
from tests.support.dashboard import SOURCE, Hall, hall

MIA, ADA = (Principal(login=login, auth_method="github") for login in ("mia", "ada"))


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Hall]:
    """A migration whose plan waits for approval."""
    with hall(tmp_path, items=25, applies=False) as found:
        yield found


def ask(made: Hall, kind: JobKind, options: JobOptions | None = None) -> QueuedJob:
    """Ask for a job, as mia."""
    return made.dashboard.audited.request_job(MIA, kind, options or JobOptions())


def work(made: Hall) -> QueuedJob:
    """Do the job that waits."""
    done = asyncio.run(JobRunner(made.context).work())
    assert done is not None
    return done


def test_a_refresh_reads_judges_and_plans_what_is_new(made: Hall) -> None:
    """An issue that was opened since the last plan is in the new one; what each step found stands
    in the job, and its end in the audit log, in the name of whoever asked."""
    before = made.plan
    made.sandbox.act("rita", "open_issue", 0, SOURCE, title="tf.keras.Model fails", body="As said.")
    asked = ask(made, JobKind.REFRESH)
    done = work(made)
    found = done.progress
    assert (done.id, done.state, found.cause) == (asked.id, JobState.DONE, "")
    assert found.ended == (JobKind.SCAN, JobKind.CLASSIFY, JobKind.PLAN)
    assert found.items[SOURCE] == 1
    assert made.plan.hash == found.plan_hash != before.hash
    assert made.plan.totals.items == before.totals.items + 1
    assert found.classified == before.totals.items + 1
    log = made.context.store.audit.newest(2)
    assert [(each.verb, each.who, each.door, each.subject) for each in log] == [
        ("finish job", "mia", "worker", asked.id),
        ("request job", "mia", "github", asked.id),
    ]
    assert found.plan_hash[:12] in log[0].detail


def test_the_same_request_again_is_the_same_job(made: Hall) -> None:
    """And stands once in the audit log; another one waits for its turn."""
    first = ask(made, JobKind.PLAN)
    assert made.dashboard.audited.request_job(ADA, JobKind.PLAN, JobOptions()).id == first.id
    with pytest.raises(UsageError, match="mia has asked for another job"):
        made.dashboard.audited.request_job(ADA, JobKind.SCAN, JobOptions())
    log = made.context.store.audit.newest(50)
    assert [each.who for each in log if each.verb == "request job"] == ["mia"]


def test_what_github_refuses_ends_the_job_with_its_words_and_what_to_do(made: Hall) -> None:
    """The next request starts anew."""
    refused = {"status": 401, "body": {"message": "Bad credentials"}, "done": False}
    made.sandbox.control("POST", "rules", json=[refused])
    ask(made, JobKind.SCAN)
    failed = work(made)
    assert failed.state is JobState.FAILED
    assert "Bad credentials" in failed.progress.cause
    assert "token" in failed.progress.cure
    newest = made.context.store.audit.newest(1)[0]
    assert newest.verb == "fail job"
    assert "Bad credentials" in newest.detail
    made.sandbox.control("POST", "rules", json=[])
    ask(made, JobKind.SCAN)
    assert work(made).state is JobState.DONE


def test_a_job_goes_on_with_the_step_at_which_its_worker_died(made: Hall) -> None:
    """What was done is not done again: GitHub is not asked a second time."""
    asked = ask(made, JobKind.REFRESH)
    context, jobs = made.context, made.context.store.jobs
    taken = jobs.take("dead", (), at=context.clock())
    assert taken is not None
    jobs.advance(asked.id, "dead", replace(taken.progress, ended=(JobKind.SCAN,)))
    requests = context.clients.requests
    done = work(made)
    assert done.state is JobState.DONE
    assert done.worker == context.executor_id
    assert done.progress.ended == (JobKind.SCAN, JobKind.CLASSIFY, JobKind.PLAN)
    assert context.clients.requests == requests


def test_a_worker_that_leaves_keeps_the_job_for_the_next(made: Hall) -> None:
    """It is unfinished, and nothing stands in the audit log but the request."""
    ask(made, JobKind.REFRESH)
    leaving = JobRunner(made.context)
    leaving.leave()
    left = asyncio.run(leaving.work())
    assert left is not None
    assert left.unfinished
    assert work(made).state is JobState.DONE


def test_a_job_that_another_worker_is_at_is_left_to_it(made: Hall) -> None:
    """Be it noted in the job, or by the lease."""
    context = made.context
    ask(made, JobKind.CLASSIFY)
    context.store.leases.beat("other")
    assert context.store.jobs.take("other", (), at=context.clock())
    assert asyncio.run(JobRunner(context).work()) is None
    context.store.leases.forget("other")

    async def meanwhile() -> QueuedJob | None:
        name = f"jobs of {context.migration.file.migration.name}"
        async with hold_lease(context.store.leases, name, "other", holds=context.silence):
            return await JobRunner(context).work()

    assert asyncio.run(meanwhile()) is None
    assert work(made).state is JobState.DONE


def test_a_cancelled_job_stops_and_stays_cancelled(made: Hall) -> None:
    """Also if a worker was at it; the audit log says who did it."""
    asked = ask(made, JobKind.REFRESH)
    made.dashboard.audited.cancel_job(ADA, asked.id)
    assert asyncio.run(JobRunner(made.context).work()) is None
    cancelled = made.context.store.jobs.get(asked.id)
    assert cancelled is not None
    assert cancelled.state is JobState.CANCELLED
    with pytest.raises(UsageError):
        made.dashboard.audited.cancel_job(ADA, asked.id)
    assert made.context.store.audit.newest(1)[0].verb == "cancel job"


def test_a_job_under_other_rules_is_refused(made: Hall) -> None:
    """The web was started with another migration file than the worker."""
    digest = "another"
    made.context.store.jobs.enqueue(
        JobKind.PLAN, JobOptions(), by="mia", at=made.context.clock(), rules_digest=digest
    )
    refused = work(made)
    assert refused.state is JobState.FAILED
    assert "different migration files" in refused.progress.cause
    assert "restart" in refused.progress.cure


def test_a_file_that_changed_since_the_start_is_not_planned_by(tmp_path: Path) -> None:
    """Neither by the old rules, which are the file's no more, nor by new ones, which the web does
    not show."""
    rules = tmp_path / "moved.toml"
    rules.write_text(load("keras").text)
    with hall(tmp_path, items=15, applies=False, migration=str(rules)) as made:
        changed = with_settings(load("keras").file, ["activity.stale_after=60d"])
        text = patched(rules.read_text(), {"activity.stale_after": '"60d"'}, changed)
        assert text is not None
        rules.write_text(text)
        ask(made, JobKind.PLAN)
        refused = work(made)
        assert refused.state is JobState.FAILED
        assert "has changed since the worker was started" in refused.progress.cause
