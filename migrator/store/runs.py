"""Runs: one application of one plan, its state and how far it has come."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen
from migrator.domain.planning.plan import STEERED, PlanKind
from migrator.domain.protocol.causes import HoldCause
from migrator.domain.protocol.rate_limit import Priority
from migrator.store import json_columns
from migrator.store.models import RunRow
from migrator.store.run_changes import changes_of
from migrator.store.types import lock


class RunState(StrEnum):
    """Running, or why not. ``stopped`` was by the migrator itself (the reason says why); a
    person resumes it."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FINISHED = "finished"


class RunOptions(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """How a run was asked to run, and what was noted of it since.

    ``paced``: at GitHub's pace, or (sandboxes only) as fast as possible. ``considerate``: within
    its gates; as ``paced`` says if not given. ``concurrency``: items at work at once.
    ``first_wave``: the wave to do first after the canary (0: none). ``commands_served``: texts may
    promise commands. ``priority``: whom the budget lets go first, where it is the listener's.
    ``judged_at``: when a maintainer last resumed it after it had stopped by itself. ``held_until``:
    until when it waits, with nobody at work on it. ``refused``: why GitHub refuses the account, if
    the run stopped for that (a word of :mod:`migrator.github.refusals`). ``cause``: why it waits or
    stopped, in one word.
    """

    paced: bool = True
    considerate: bool | None = None
    concurrency: int = 1
    first_wave: int = 0
    commands_served: bool = False
    priority: str = Priority.WELCOME.name
    judged_at: datetime | None = None
    held_until: datetime | None = None
    refused: str = ""
    cause: HoldCause = HoldCause.NONE


class Run(Frozen, frozen=True, kw_only=True):
    """One run. ``wave`` is the wave at work; ``options`` how it was asked to run."""

    id: str
    plan_hash: str
    kind: str
    state: RunState
    reason: str = ""
    wave: int = 0
    options: RunOptions = RunOptions()
    started_at: datetime
    finished_at: datetime | None = None

    @property
    def judged_at(self) -> datetime:
        """Since when its brakes count: what came before it was last resumed after a stop is
        judged by the person who did."""
        return self.options.judged_at or self.started_at

    @property
    def held_until(self) -> datetime | None:
        """From when on somebody has to take it up again; ``None`` while it is not held. Its
        reason says what holds it."""
        return self.options.held_until


class Runs:
    """Run rows of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def start(self, run: Run) -> Run:
        """Write a new run, or return the unfinished one of the same plan: a plan is never run
        twice at a time."""
        with Session(self._engine) as session, session.begin():
            lock(session, "run", run.plan_hash)
            known = session.scalars(self._unfinished(run.plan_hash)).first()
            if known is not None:
                return _run(known)
            session.add(
                RunRow(
                    id=run.id,
                    migration=self._migration,
                    plan_hash=run.plan_hash,
                    kind=run.kind,
                    state=run.state.value,
                    reason=run.reason,
                    wave=run.wave,
                    options=json_columns.write(run.options),
                    started_at=run.started_at,
                    finished_at=None,
                )
            )
        return run

    def _unfinished(self, plan_hash: str) -> Any:
        where = (RunRow.migration == self._migration, RunRow.plan_hash == plan_hash)
        ended = (RunState.CANCELLED.value, RunState.FINISHED.value)
        return select(RunRow).where(*where, RunRow.state.not_in(ended))

    def get(self, run_id: str) -> Run | None:
        """One run."""
        with Session(self._engine) as session:
            row = session.get(RunRow, run_id)
            return _run(row) if row else None

    def newest(
        self, limit: int = 20, *, kinds: Collection[PlanKind] = (), plan_hash: str = ""
    ) -> list[Run]:
        """The latest runs (of these kinds, of this plan), newest first. The listener has one for
        each item that it acts on."""
        where = [RunRow.migration == self._migration]
        if kinds:
            where.append(RunRow.kind.in_([kind.value for kind in kinds]))
        if plan_hash:
            where.append(RunRow.plan_hash == plan_hash)
        query = (
            select(RunRow).where(*where).order_by(RunRow.started_at.desc(), RunRow.id).limit(limit)
        )
        with Session(self._engine) as session:
            return [_run(row) for row in session.scalars(query)]

    def changes(self, run_id: str) -> str:
        """A word that is another one after whatever may alter the sums over a run's items."""
        with Session(self._engine) as session:
            return changes_of(session, self._migration, run_id=run_id)

    def plan_changes(self, plan_hash: str) -> str:
        """The same for all runs of a plan."""
        with Session(self._engine) as session:
            return changes_of(session, self._migration, plan_hash=plan_hash)

    def unfinished(self) -> list[Run]:
        """Runs that maintainers started and that have not ended, in the order of their start."""
        ended = (RunState.CANCELLED.value, RunState.FINISHED.value)
        query = select(RunRow).where(
            RunRow.migration == self._migration,
            RunRow.kind.in_([kind.value for kind in STEERED]),
            RunRow.state.not_in(ended),
        )
        with Session(self._engine) as session:
            rows = session.scalars(query.order_by(RunRow.started_at, RunRow.id))
            return [_run(row) for row in rows]

    def set_wave(self, run_id: str, wave: int) -> None:
        """Note which wave is at work."""
        with Session(self._engine) as session, session.begin():
            session.execute(update(RunRow).where(RunRow.id == run_id).values(wave=wave))

    def change(
        self,
        run_id: str,
        state: RunState,
        reason: str,
        *,
        at: datetime,
        only_from: tuple[RunState, ...],
    ) -> bool:
        """Move a run to another state if it is in one of ``only_from``; says whether it did."""
        ended = state in (RunState.CANCELLED, RunState.FINISHED)
        values = {"state": state.value, "reason": reason, "finished_at": at if ended else None}
        where = (RunRow.id == run_id, RunRow.state.in_([one.value for one in only_from]))
        with Session(self._engine) as session, session.begin():
            result = session.execute(
                update(RunRow).where(*where).values(**values).returning(RunRow.id)
            )
            return result.first() is not None

    def resume(self, run_id: str, *, at: datetime) -> bool:
        """Let a paused or stopped run go on; says whether it did. After a stop its brakes count
        anew: else it stopped at once."""
        with Session(self._engine) as session, session.begin():
            row = session.get(RunRow, run_id, with_for_update=True)
            if row is None or row.state not in (RunState.PAUSED.value, RunState.STOPPED.value):
                return False
            options = json_columns.read(row.options, RunOptions)
            judged_at = at if row.state == RunState.STOPPED.value else options.judged_at
            row.options = json_columns.write(
                replace(
                    options, judged_at=judged_at, held_until=at, refused="", cause=HoldCause.NONE
                )
            )
            row.state, row.reason, row.finished_at = RunState.RUNNING.value, "", None
            return True

    def take_up_finished(self, run_id: str, *, at: datetime) -> bool:
        """Let a finished run go on, for entries that are looked at again; says whether it did."""
        with Session(self._engine) as session, session.begin():
            row = session.get(RunRow, run_id, with_for_update=True)
            if row is None or row.state != RunState.FINISHED.value:
                return False
            options = json_columns.read(row.options, RunOptions)
            row.options = json_columns.write(replace(options, held_until=at, cause=HoldCause.NONE))
            row.state, row.reason, row.finished_at = RunState.RUNNING.value, "", None
            return True

    def stop(self, run_id: str, reason: str, cause: HoldCause, *, refused: str = "") -> None:
        """Stop a running run, with its reason. ``refused``: why GitHub refuses the account, if that
        is why; nothing is counted against the run then."""
        with Session(self._engine) as session, session.begin():
            row = session.get(RunRow, run_id, with_for_update=True)
            if row is None or row.state != RunState.RUNNING.value:
                return
            options = replace(
                json_columns.read(row.options, RunOptions), refused=refused, cause=cause
            )
            row.options = json_columns.write(options)
            row.state, row.reason = RunState.STOPPED.value, reason

    def hold(self, run_id: str, until: datetime, reason: str, cause: HoldCause) -> None:
        """Note that a running run waits, and for what. Whoever works takes it up then."""
        self._note_hold(run_id, until, reason, cause)

    def take_up(self, run_id: str) -> None:
        """Note that somebody is at work on a running run again."""
        self._note_hold(run_id, None, "", HoldCause.NONE)

    def _note_hold(
        self, run_id: str, until: datetime | None, reason: str, cause: HoldCause
    ) -> None:
        with Session(self._engine) as session, session.begin():
            row = session.get(RunRow, run_id, with_for_update=True)
            if row is None or row.state != RunState.RUNNING.value:
                return
            options = replace(
                json_columns.read(row.options, RunOptions), held_until=until, cause=cause
            )
            row.options, row.reason = json_columns.write(options), reason

    def held_until(self, moment: datetime) -> list[str]:
        """Ids of the running runs whose wait is over by that moment, in the order of their
        start."""
        where = (RunRow.migration == self._migration, RunRow.state == RunState.RUNNING.value)
        query = select(RunRow).where(*where).order_by(RunRow.started_at, RunRow.id)
        with Session(self._engine) as session:
            runs = [_run(row) for row in session.scalars(query)]
        return [run.id for run in runs if run.held_until is not None and run.held_until <= moment]


def _run(row: RunRow) -> Run:
    return Run(
        id=row.id,
        plan_hash=row.plan_hash,
        kind=row.kind,
        state=RunState(row.state),
        reason=row.reason,
        wave=row.wave,
        options=json_columns.read(row.options, RunOptions),
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
