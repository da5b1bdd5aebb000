"""Jobs as pages show them: what is at work, what waits, and what the latest came to."""

from __future__ import annotations

from typing import Final

from migrator.domain.items import Frozen
from migrator.errors import UsageError
from migrator.execution.context import Context
from migrator.services.jobs import summary
from migrator.store.jobs import JobKind, JobState, QueuedJob

LISTED: Final = 20
"""Jobs on a page."""


class JobView(Frozen, frozen=True, kw_only=True):
    """A job with what it came to in words (empty while it is unfinished); ``steps`` are all that it
    has to do, in their order; ``no_worker`` says that nobody is there to do it."""

    job: QueuedJob
    steps: tuple[JobKind, ...]
    says: str = ""
    no_worker: bool = False


class JobsView(Frozen, frozen=True, kw_only=True):
    """The unfinished job, if there is one, and the latest ``jobs``, newest first."""

    unfinished: JobView | None
    jobs: tuple[JobView, ...]
    no_worker: bool = False


def job_view(context: Context, job_id: str) -> JobView:
    """One job. Raises :class:`UsageError` if this migration has none of that id."""
    job = context.store.jobs.get(job_id)
    if job is None:
        raise UsageError(f"there is no job {job_id}", cure="see the list of jobs")
    return _view(job, no_worker=_no_worker(context))


def jobs_view(context: Context) -> JobsView:
    """The latest jobs."""
    no_worker = _no_worker(context)
    jobs = tuple(_view(job, no_worker=no_worker) for job in context.store.jobs.newest(LISTED))
    unfinished = next((each for each in jobs if each.job.unfinished), None)
    return JobsView(unfinished=unfinished, jobs=jobs, no_worker=no_worker)


def _view(job: QueuedJob, *, no_worker: bool) -> JobView:
    said = {JobState.DONE: summary(job.progress), JobState.FAILED: job.progress.cause}
    return JobView(
        job=job,
        steps=job.kind.steps,
        says=said.get(job.state, ""),
        no_worker=no_worker and job.unfinished,
    )


def _no_worker(context: Context) -> bool:
    return not context.store.leases.alive(context.silence)
