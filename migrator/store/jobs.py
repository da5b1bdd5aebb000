"""Jobs: scans, classifications and plans that people ask for on the dashboard, and a worker does.

A job is a row. Whoever asks inserts it; of one migration only one is unfinished at a time. The
worker that takes it writes how far it is, and how it ended. What lies between when a process dies
is taken up by the next worker, with the steps that were done.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from msgspec.structs import asdict
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen
from migrator.store import json_columns
from migrator.store.audit import AuditEvent
from migrator.store.models import AuditRow, JobRow
from migrator.store.types import lock
from migrator.store.wake_ups import notify

PREFIX: Final = "job-"
"""How the id of a job begins; a run's id has no dash."""


class JobKind(StrEnum):
    """What is asked for. ``refresh`` is the first three, one after the other; ``resume`` has what a
    run left in doubt looked at again."""

    SCAN = "scan"
    CLASSIFY = "classify"
    PLAN = "plan"
    REFRESH = "refresh"
    RESUME = "resume"

    @property
    def steps(self) -> tuple[JobKind, ...]:
        """The verbs of the command line that it comes to, in their order."""
        everything = (JobKind.SCAN, JobKind.CLASSIFY, JobKind.PLAN)
        return everything if self is JobKind.REFRESH else (self,)


class JobState(StrEnum):
    """Waiting for a worker, at work, or how it ended."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED: Final = (JobState.WAITING, JobState.RUNNING)


class JobOptions(Frozen, frozen=True, kw_only=True):
    """What the verbs of the command line take: ``full`` of a scan, ``commands_served`` of a
    plan, ``run_id`` of what is to be resumed."""

    full: bool = False
    commands_served: bool = False
    run_id: str = ""


class JobProgress(Frozen, frozen=True, kw_only=True):
    """How far a job is: ``ended`` steps are done, ``step`` says in words what is at work, with
    ``done`` of ``total``.

    ``items`` were read by repository, ``set_aside`` could not be, ``missing`` are counted by GitHub
    and were not met; ``classified`` were judged, ``not_judged`` of them could not be; ``plan_hash``
    is the plan that was made. ``cause`` and ``cure`` say why it failed and what to do.
    """

    ended: tuple[JobKind, ...] = ()
    step: str = ""
    done: int = 0
    total: int = 0
    items: dict[str, int] = {}
    set_aside: int = 0
    missing: dict[str, int] = {}
    classified: int = 0
    not_judged: int = 0
    plan_hash: str = ""
    notices: int = 0
    closes: int = 0
    cause: str = ""
    cure: str = ""


class QueuedJob(Frozen, frozen=True, kw_only=True):
    """One job. ``rules_digest`` names the rules that whoever asked had before them."""

    id: str
    kind: JobKind
    state: JobState
    requested_by: str
    requested_at: datetime
    rules_digest: str = ""
    options: JobOptions = JobOptions()
    worker: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    progress: JobProgress = JobProgress()

    @property
    def unfinished(self) -> bool:
        """Whether it waits or is at work."""
        return self.state in UNFINISHED


class JobQueue:
    """Job rows of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def enqueue(
        self, kind: JobKind, options: JobOptions, *, by: str, at: datetime, rules_digest: str
    ) -> tuple[QueuedJob, bool]:
        """Write a new job, or find the unfinished one; and whether it is new."""
        with Session(self._engine) as session, session.begin():
            lock(session, "job", self._migration)
            known = session.scalars(self._unfinished()).first()
            if known is not None:
                return _job(known), False
            row = JobRow(
                id=PREFIX + secrets.token_hex(6),
                migration=self._migration,
                kind=kind.value,
                state=JobState.WAITING.value,
                requested_by=by,
                requested_at=at,
                rules_digest=rules_digest,
                options=json_columns.write(options),
                worker="",
                started_at=None,
                finished_at=None,
                progress=json_columns.write(JobProgress()),
            )
            session.add(row)
            notify(session.connection())
            return _job(row), True

    def get(self, job_id: str) -> QueuedJob | None:
        """One job."""
        query = select(JobRow).where(JobRow.id == job_id, JobRow.migration == self._migration)
        with Session(self._engine) as session:
            row = session.scalars(query).first()
            return _job(row) if row else None

    def newest(self, limit: int = 20) -> list[QueuedJob]:
        """The latest jobs, newest first."""
        query = select(JobRow).where(JobRow.migration == self._migration)
        with Session(self._engine) as session:
            rows = session.scalars(
                query.order_by(JobRow.requested_at.desc(), JobRow.id).limit(limit)
            )
            return [_job(row) for row in rows]

    def unfinished(self) -> QueuedJob | None:
        """The job that waits or is at work, if there is one."""
        with Session(self._engine) as session:
            row = session.scalars(self._unfinished()).first()
            return _job(row) if row else None

    def take(self, worker: str, others: Collection[str], *, at: datetime) -> QueuedJob | None:
        """Give the unfinished job to a worker, unless one of the ``others`` is at work on it."""
        with Session(self._engine) as session, session.begin():
            lock(session, "job", self._migration)
            # Locked, or a cancel between reading and writing would be lost.
            row = session.scalars(self._unfinished().with_for_update()).first()
            if row is None or (row.state == JobState.RUNNING.value and row.worker in others):
                return None
            row.state, row.worker = JobState.RUNNING.value, worker
            row.started_at = row.started_at or at
            return _job(row)

    def advance(self, job_id: str, worker: str, progress: JobProgress) -> bool:
        """Note how far a worker is; ``False`` if the job is not its any more: cancelled, or taken
        by another one."""
        return self._change(job_id, worker, {"progress": json_columns.write(progress)})

    def finish(
        self, job_id: str, worker: str, state: JobState, progress: JobProgress, event: AuditEvent
    ) -> bool:
        """Note how a job ended, and append the event that says so to the audit log, both or
        neither; ``False`` if the job is not the worker's any more."""
        document = json_columns.write(progress)
        values = {"state": state.value, "finished_at": event.at, "progress": document}
        return self._change(job_id, worker, values, event)

    def _change(
        self,
        job_id: str,
        worker: str,
        values: Mapping[str, object],
        event: AuditEvent | None = None,
    ) -> bool:
        mine = (
            JobRow.id == job_id,
            JobRow.worker == worker,
            JobRow.state == JobState.RUNNING.value,
        )
        with Session(self._engine) as session, session.begin():
            changed = session.execute(
                update(JobRow).where(*mine).values(**values).returning(JobRow.id)
            )
            done = changed.first() is not None
            if done and event is not None:
                session.add(AuditRow(migration=self._migration, **asdict(event)))
            return done

    def cancel(self, job_id: str, *, at: datetime) -> bool:
        """End a job that has not ended; whether it was so. Its worker stops at its next look."""
        where = (
            JobRow.id == job_id,
            JobRow.migration == self._migration,
            JobRow.state.in_([state.value for state in UNFINISHED]),
        )
        values = {"state": JobState.CANCELLED.value, "finished_at": at}
        with Session(self._engine) as session, session.begin():
            changed = session.execute(
                update(JobRow).where(*where).values(**values).returning(JobRow.id)
            )
            return changed.first() is not None

    def stamp(self) -> str:
        """A word that changes whenever a job comes further."""
        query = (
            select(JobRow.id, JobRow.state, JobRow.progress)
            .where(JobRow.migration == self._migration)
            .order_by(JobRow.requested_at.desc(), JobRow.id)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query.limit(1)).first()
        return str(tuple(row)) if row else ""

    def _unfinished(self) -> Any:
        return select(JobRow).where(
            JobRow.migration == self._migration,
            JobRow.state.in_([state.value for state in UNFINISHED]),
        )


def _job(row: JobRow) -> QueuedJob:
    return QueuedJob(
        id=row.id,
        kind=JobKind(row.kind),
        state=JobState(row.state),
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        rules_digest=row.rules_digest,
        options=json_columns.read(row.options, JobOptions),
        worker=row.worker,
        started_at=row.started_at,
        finished_at=row.finished_at,
        progress=json_columns.read(row.progress, JobProgress),
    )
