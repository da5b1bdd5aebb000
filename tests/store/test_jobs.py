"""A migration has one unfinished job at most, and one worker at a time does it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import update

from migrator.store import Store, open_store
from migrator.store.audit import AuditEvent
from migrator.store.jobs import JobKind, JobOptions, JobProgress, JobState, QueuedJob
from migrator.store.models import JobRow
from tests.store.conftest import NOW

ENDED = AuditEvent(at=NOW, who="mia", door="worker", verb="finish job")


def ask(store: Store, kind: JobKind = JobKind.SCAN) -> tuple[QueuedJob, bool]:
    """Ask for a job."""
    return store.jobs.enqueue(kind, JobOptions(), by="mia", at=NOW, rules_digest="rules")


def test_a_job_is_read_back_as_it_was_written(store: Store) -> None:
    """With who asked, and what for."""
    options = JobOptions(full=True)
    job, is_new = store.jobs.enqueue(
        JobKind.REFRESH, options, by="mia", at=NOW, rules_digest="rules"
    )
    assert is_new
    assert store.jobs.get(job.id) == job
    assert (job.state, job.options, job.requested_by) == (JobState.WAITING, options, "mia")
    assert store.jobs.get("job-none") is None


def test_two_clicks_never_make_two_jobs(store: Store) -> None:
    """Nor do ten at the same moment, nor one while a worker is at it."""
    with ThreadPoolExecutor(10) as people:
        found = list(people.map(lambda _: ask(store), range(10)))
    assert sum(is_new for _, is_new in found) == 1
    assert len({job.id for job, _ in found}) == 1
    store.jobs.take("w", (), at=NOW)
    again, is_new = ask(store, JobKind.PLAN)
    assert (again.id, is_new) == (found[0][0].id, False)


def test_the_next_job_can_be_asked_for_once_the_first_has_ended(store: Store) -> None:
    """However it ended."""
    for state in (JobState.DONE, JobState.FAILED):
        first, _ = ask(store)
        store.jobs.take("w", (), at=NOW)
        assert store.jobs.finish(first.id, "w", state, JobProgress(), ENDED)
    third, is_new = ask(store)
    assert is_new
    assert store.jobs.cancel(third.id, at=NOW)
    assert ask(store)[1]
    assert [job.state for job in store.jobs.newest()].count(JobState.CANCELLED) == 1


def test_a_job_that_is_cancelled_while_a_worker_takes_it_stays_cancelled(store: Store) -> None:
    """The cancel is written and not yet committed when the worker looks. SQLite has one writer."""
    job, _ = ask(store)
    with ThreadPoolExecutor(1) as worker, store.engine.begin() as cancelling:
        if cancelling.dialect.name == "sqlite":
            cancelling.exec_driver_sql("BEGIN IMMEDIATE")
        cancelling.execute(update(JobRow).values(state=JobState.CANCELLED.value))
        taken = worker.submit(store.jobs.take, "w", (), at=NOW)
        with suppress(TimeoutError):
            taken.result(timeout=1)
        cancelling.commit()
        assert taken.result(timeout=20) is None
    ended = store.jobs.get(job.id)
    assert ended is not None
    assert ended.state is JobState.CANCELLED


def test_a_job_at_work_is_taken_over_only_from_a_dead_worker(store: Store) -> None:
    """What it had done stays noted, and the dead one's notes are refused from then on."""
    job, _ = ask(store)
    assert store.jobs.take("first", (), at=NOW)
    assert store.jobs.take("second", ("first",), at=NOW) is None
    so_far = JobProgress(ended=(JobKind.SCAN,), items={"a/b": 3})
    assert store.jobs.advance(job.id, "first", so_far)
    later = NOW + timedelta(minutes=5)
    taken = store.jobs.take("second", (), at=later)
    assert taken is not None
    assert (taken.worker, taken.progress, taken.started_at) == ("second", so_far, NOW)
    assert not store.jobs.advance(job.id, "first", JobProgress())
    assert not store.jobs.finish(job.id, "first", JobState.DONE, JobProgress(), ENDED)
    assert store.audit.newest() == []
    assert store.jobs.finish(job.id, "second", JobState.DONE, so_far, ENDED)
    assert store.audit.newest() == [ENDED]


def test_a_cancelled_job_takes_no_more_notes(store: Store) -> None:
    """Its worker is told so, and it cannot be cancelled twice."""
    job, _ = ask(store)
    store.jobs.take("w", (), at=NOW)
    assert store.jobs.cancel(job.id, at=NOW)
    assert not store.jobs.advance(job.id, "w", JobProgress())
    assert not store.jobs.cancel(job.id, at=NOW)
    assert store.jobs.unfinished() is None


def test_the_jobs_of_another_migration_are_its_own(store: Store) -> None:
    """Neither seen, nor taken, nor in the way."""
    other = open_store(store.engine, "another")
    job, _ = ask(store)
    assert other.jobs.get(job.id) is None
    assert other.jobs.take("w", (), at=NOW) is None
    assert not other.jobs.cancel(job.id, at=NOW)
    assert ask(other)[1]


def test_the_stamp_changes_with_each_note(store: Store) -> None:
    """Pages that follow a job live ask for it."""
    stamps = [store.jobs.stamp()]
    job, _ = ask(store)
    stamps.append(store.jobs.stamp())
    store.jobs.take("w", (), at=NOW)
    stamps.append(store.jobs.stamp())
    store.jobs.advance(job.id, "w", JobProgress(step="scan", done=1, total=2))
    stamps.append(store.jobs.stamp())
    store.jobs.advance(job.id, "w", JobProgress(step="scan", done=2, total=2))
    stamps.append(store.jobs.stamp())
    assert len(set(stamps)) == len(stamps)
