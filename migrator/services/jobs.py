"""Does the jobs that people ask for on the dashboard, with the functions that the command line
calls: scan, classify, plan, resume.

1. The web stores a job; it has no key, and reads nothing from GitHub.
2. One worker at a time holds the lease of the migration's jobs, and takes the unfinished one.
3. It refuses a job whose rules are not those that it was started with: whoever asked saw others.
4. After each step and each part of one it notes how far it is. If the job was cancelled meanwhile,
   it stops there.
5. How it ended is noted in the job and in the audit log, in the name of whoever asked.
6. If the process ends in between, the next worker goes on with the step that was at work. A scan
   goes on where it stopped; the other two begin anew and give the same.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Final

import structlog
from msgspec.structs import replace

from migrator.config.migration_file import load
from migrator.errors import ConfigError, MigratorError, PlanRefused
from migrator.execution.context import Context
from migrator.execution.lease import hold_lease
from migrator.execution.own_account import bot_identity
from migrator.execution.scan import scan
from migrator.services import runs
from migrator.services.classify import classify
from migrator.services.plan import make_plan
from migrator.store.audit import AuditEvent
from migrator.store.database import OUTAGES
from migrator.store.jobs import JobKind, JobProgress, JobState, QueuedJob

log = structlog.get_logger(__name__)

NOTED_EVERY: Final = 0.5
"""Seconds between two notes of how far a job is."""
BY_WORKER: Final = "worker"
"""How the audit log says that a job ended; people sign in by other ways."""


class JobEnded(Exception):
    """The job is not this worker's any more: it was cancelled, or another worker has it."""


class Leaving(Exception):
    """This process ends; the next worker goes on."""


class JobRunner:
    """Does the jobs of one migration, one after the other."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._leaving = threading.Event()

    def leave(self) -> None:
        """Have the job at work stop at its next note; it stays unfinished."""
        self._leaving.set()

    async def work(self) -> QueuedJob | None:
        """Do the job that waits, if there is one and no other worker does jobs; returns it as it
        ended."""
        context = self._context
        if context.store.jobs.unfinished() is None:
            return None
        async with hold_lease(
            context.store.leases,
            f"jobs of {context.migration.file.migration.name}",
            context.executor_id,
            holds=context.silence,
        ) as held:
            return await asyncio.to_thread(self._work) if held is not None else None

    def _work(self) -> QueuedJob | None:
        context = self._context
        others = set(context.store.leases.alive(context.silence)) - {context.executor_id}
        job = context.store.jobs.take(context.executor_id, others, at=context.clock())
        if job is None:
            return None
        log.info("a job begins", job=job.id, kind=job.kind.value, by=job.requested_by)
        notes = _Notes(context, job, self._leaving)
        try:
            self._refuse_other_rules(job)
            for step in job.kind.steps:
                if step not in notes.progress.ended:
                    _STEPS[step](context, job, notes)
                    notes.end(step)
        except (JobEnded, Leaving) as why:
            log.info("a job is left", job=job.id, why=type(why).__name__)
            return context.store.jobs.get(job.id)
        except OUTAGES:
            raise  # taken up again when the database is back
        except Exception as error:
            notes.fail(error)
        self._finish(job, notes)
        return context.store.jobs.get(job.id)

    def _refuse_other_rules(self, job: QueuedJob) -> None:
        """Raise ``ConfigError`` if the rules are not those that this process was started with, be
        it on disk or before the person who asked."""
        ours = self._context.migration
        if job.rules_digest != ours.digest:
            raise ConfigError(
                "the web and this worker were started with different migration files",
                cure="give both the same file, restart both, and ask again",
            )
        if load(ours.path.removeprefix("preset:")).digest != ours.digest:
            raise ConfigError(
                "the migration file has changed since the worker was started",
                cure="restart the web and the worker, and ask again",
            )

    def _finish(self, job: QueuedJob, notes: _Notes) -> None:
        state = JobState.FAILED if notes.progress.cause else JobState.DONE
        said = notes.progress.cause or summary(notes.progress)
        event = AuditEvent(
            at=self._context.clock(),
            who=job.requested_by,
            door=BY_WORKER,
            verb="finish job" if state is JobState.DONE else "fail job",
            subject=job.id,
            detail=": ".join(filter(None, (job.kind.value, said)))[:500],
        )
        if self._context.store.jobs.finish(job.id, job.worker, state, notes.progress, event):
            log.info("a job ended", job=job.id, state=state.value, says=said)


class _Notes:
    """What a job's row says of how far it is."""

    def __init__(self, context: Context, job: QueuedJob, leaving: threading.Event) -> None:
        self.progress = job.progress
        self._context = context
        self._job = job
        self._leaving = leaving
        self._noted = 0.0

    def at(self, step: str, done: int, total: int) -> None:
        """Note what is at work, now and then. Raises :class:`JobEnded` and :class:`Leaving`."""
        self.progress = replace(self.progress, step=step, done=done, total=total)
        if time.monotonic() - self._noted >= NOTED_EVERY:
            self._note()

    def found(self, **values: object) -> None:
        """Keep what a step found."""
        self.progress = replace(self.progress, **values)

    def end(self, step: JobKind) -> None:
        """Note that a step is done."""
        ended = (*self.progress.ended, step)
        self.progress = replace(self.progress, ended=ended, step="", done=0, total=0)
        self._note()

    def fail(self, error: Exception) -> None:
        """Keep why the job cannot go on."""
        if isinstance(error, MigratorError):
            cause, cure = error.cause, error.cure
        else:
            log.exception("a job failed", job=self._job.id)
            cause = f"a fault of the migrator: {type(error).__name__}: {error}"
            cure = "read why in the worker's log, and report it"
        self.found(cause=cause, cure=cure)

    def _note(self) -> None:
        self._noted = time.monotonic()
        if self._leaving.is_set():
            raise Leaving
        if not self._context.store.jobs.advance(self._job.id, self._job.worker, self.progress):
            raise JobEnded


def summary(progress: JobProgress) -> str:
    """What a job came to, in words."""
    parts = [f"{sum(progress.items.values())} items read"] if progress.items else []
    if progress.set_aside:
        parts.append(f"{progress.set_aside} set aside")
    if progress.missing:
        parts.append(f"{sum(progress.missing.values())} that GitHub counts were not met")
    if progress.classified:
        parts.append(f"{progress.classified} items classified")
    if progress.not_judged:
        parts.append(f"{progress.not_judged} could not be judged")
    if progress.plan_hash:
        parts.append(f"plan {progress.plan_hash[:12]}, {progress.notices} notices")
        parts.append(f"{progress.closes} closes")
    return ", ".join(parts)


def _scan(context: Context, job: QueuedJob, notes: _Notes) -> None:
    scanned = asyncio.run(
        scan(
            context,
            lambda what, done, total: notes.at(f"scan {what}", done, total),
            full=job.options.full and not job.progress.step,  # else it goes on where it stopped
        )
    )
    notes.found(
        items=scanned.items, set_aside=len(scanned.set_aside), missing=dict(scanned.missing)
    )


def _classify(context: Context, _job: QueuedJob, notes: _Notes) -> None:
    if not context.store.snapshots.count():
        raise PlanRefused("nothing was scanned yet", cure="scan first")
    classified = classify(
        context,
        as_of=context.clock(),
        own=bot_identity(context),
        progress=lambda done, total: notes.at("classify", done, total),
    )
    notes.found(classified=classified.items, not_judged=classified.not_judged)


def _plan(context: Context, job: QueuedJob, notes: _Notes) -> None:
    plan = make_plan(
        context,
        as_of=context.clock(),
        own=bot_identity(context),
        commands_served=job.options.commands_served,
        progress=lambda done, total: notes.at("plan", done, total),
    )
    notes.found(plan_hash=plan.hash, notices=plan.totals.notices, closes=plan.totals.closes)


def _resume(context: Context, job: QueuedJob, _notes: _Notes) -> None:
    """Writes the ledger, which the web must not. The worker takes the run up by itself then."""
    runs.resume(context, job.options.run_id)


_STEPS: Final[dict[JobKind, Callable[[Context, QueuedJob, _Notes], None]]] = {
    JobKind.SCAN: _scan,
    JobKind.CLASSIFY: _classify,
    JobKind.PLAN: _plan,
    JobKind.RESUME: _resume,
}
