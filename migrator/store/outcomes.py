"""What stands of our acts now, counted from the ledger, its undo entries and the later readings of
the items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Engine,
    ScalarSelect,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from migrator.domain.decisions import Decision
from migrator.domain.items import State
from migrator.domain.planning.plan import PlanKind
from migrator.domain.planning.undo import CLOSED_LATER
from migrator.domain.protocol.ledger import (
    ActKind,
    EntryKind,
    Outcome,
    Phase,
    entry_kind,
    reply_decision,
    undo_decision,
)
from migrator.domain.protocol.next_step import EDITED
from migrator.store.models import (
    AttemptRow,
    EntryRow,
    OutcomeRow,
    PlanItemRow,
    RunRow,
    SnapshotRow,
)

BEGUN_NOT = "planned"
"""Where an item of a plan stands on which something is to be done and nothing was begun."""
REVERTED = "reverted"
"""Where an entry stands whose notice was taken back by an undo that is done."""
WAITING = "waiting"
"""Where an entry stands that has begun and has no outcome: its close waits for its grace."""
_KEY = PlanItemRow.repository + "#" + cast(PlanItemRow.number, String)
_AFTER = len(undo_decision("")) + 1


def stands(outcome: type[OutcomeRow] = OutcomeRow) -> ColumnElement[str]:
    """Where an entry stands (outer-joined): its outcome, :data:`EDITED` where it edited the notice
    that stood and did no more, or :data:`WAITING`."""
    edited = and_(outcome.outcome == Outcome.DONE.value, outcome.code == EDITED)
    return case((edited, EDITED), else_=func.coalesce(outcome.outcome, WAITING))


def keys_that_stand(plan_hash: str, outcome: str) -> Select[str]:
    """Keys of the items of a plan whose entry stands so (see :func:`stands`), or that have an
    entry at all (:data:`BEGUN_NOT` is for those without)."""
    runs = select(RunRow.id).where(RunRow.plan_hash == plan_hash)
    keys = select(EntryRow.item_key)
    query = keys.where(EntryRow.run_id.in_(runs))
    if outcome == BEGUN_NOT:
        return query
    if outcome == REVERTED:
        return query.where(is_undone())
    if outcome == WAITING:
        query = query.outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
        return query.where(stands() == outcome, ~is_undone())
    ended = OutcomeRow.outcome == (Outcome.DONE.value if outcome == EDITED else outcome)
    # begins at the outcomes of the run, as few entries have one of the rare ones
    query = keys.join(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
    query = query.where(OutcomeRow.run_id.in_(runs), ended)
    return query.where(stands() == outcome, ~is_undone())


def is_undone() -> ColumnElement[bool]:
    """Whether an undo of the entry is done. Begins at the undo by its name: by the index of
    outcomes SQLite would look at every item that is done."""
    undo, ended = aliased(EntryRow), aliased(OutcomeRow)
    return exists().where(
        undo.migration == EntryRow.migration,
        undo.item_key == EntryRow.item_key,
        undo.decision == undo_decision("") + EntryRow.decision,
        undo.generation == EntryRow.generation,
        ended.entry_id == undo.id,
        ended.outcome + "" == Outcome.DONE.value,
    )


class OutcomeTotals:
    """Sums over the notices of one migration, or of one run of it."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def standing(self, run_id: str | None = None) -> dict[str, Counter[str]]:
        """Decision -> where its entries stand now -> how many: an :class:`Outcome`,
        :data:`EDITED`, :data:`WAITING` or :data:`REVERTED`. Each entry counts once.
        Replies to commands are left out, as they act on nothing."""
        stands_now = stands()
        query = (
            select(EntryRow.decision, stands_now, func.count())
            .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(EntryRow.migration == self._migration, *_of_run(EntryRow.run_id, run_id))
            .group_by(EntryRow.decision, stands_now)
        )
        found: dict[str, Counter[str]] = {}
        with self._engine.connect() as connection:
            for decision, stood, count in connection.execute(query).all():
                if entry_kind(decision) is not EntryKind.REPLY:
                    found.setdefault(decision, Counter())[stood] += count
            for decision, stood, count in connection.execute(self._reverted(run_id)):
                found[decision][stood] -= count
                found[decision][REVERTED] += count
        return {decision: +counts for decision, counts in found.items()}

    def _reverted(self, run_id: str | None) -> Select[str, str, int]:
        """Entries whose undo is done, by decision and by how they had ended."""
        undo, undone, ended = aliased(EntryRow), aliased(OutcomeRow), aliased(OutcomeRow)
        stood = stands(ended)
        undo_runs = select(RunRow.id).where(
            RunRow.migration == self._migration, RunRow.kind == PlanKind.UNDO.value
        )
        return (
            select(EntryRow.decision, stood, func.count(EntryRow.id.distinct()))
            .select_from(undone)
            .join(undo, undo.id == undone.entry_id)
            .join(
                EntryRow,
                and_(
                    EntryRow.migration == undo.migration,
                    EntryRow.item_key == undo.item_key,
                    EntryRow.decision == func.substr(undo.decision, _AFTER),
                    EntryRow.generation == undo.generation,
                ),
            )
            .outerjoin(ended, ended.entry_id == EntryRow.id)
            # by the index of outcomes SQLite would look at every item that is done
            .where(undone.run_id.in_(undo_runs), undone.outcome + "" == Outcome.DONE.value)
            .where(*_of_run(EntryRow.run_id, run_id))
            .group_by(EntryRow.decision, stood)
        )

    def asked(self, run_id: str) -> Counter[tuple[str, str]]:
        """Where the entries of a run stand whose notice asks a question, as :meth:`standing` says
        it, with the code of their outcome, and how many there are of each."""
        stood = case((is_undone(), REVERTED), else_=stands()).label("stood")
        code = func.coalesce(OutcomeRow.code, "").label("code")
        query = (
            select(stood, code, func.count())
            .select_from(EntryRow)
            .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(EntryRow.migration == self._migration, EntryRow.run_id == run_id)
            .where(EntryRow.decision == Decision.ASK.value, _has(ActKind.NOTICE, EntryRow.id))
            .group_by(stood, code)
        )
        with self._engine.connect() as connection:
            return Counter({(row[0], row[1]): row[2] for row in connection.execute(query)})

    def closed_in_grace(self, run_id: str, plan_hash: str) -> int:
        """Entries of a run that wait for the grace of their question, and whose item the last
        reading saw closed. Begins at the plan's questions, as only those have an index by item."""
        seen_closed = exists().where(
            SnapshotRow.migration == EntryRow.migration,
            SnapshotRow.repository == PlanItemRow.repository,
            SnapshotRow.number == PlanItemRow.number,
            SnapshotRow.state != State.OPEN.value,
        )
        query = (
            select(func.count())
            .select_from(PlanItemRow)
            .join(EntryRow, EntryRow.item_key == _KEY)
            .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(PlanItemRow.plan_hash == plan_hash, PlanItemRow.wave > 0)
            .where(EntryRow.migration == self._migration, EntryRow.run_id == run_id)
            .where(EntryRow.decision == Decision.ASK.value, _has(ActKind.NOTICE, EntryRow.id))
            .where(OutcomeRow.entry_id.is_(None), ~is_undone(), seen_closed)
        )
        with self._engine.connect() as connection:
            return connection.scalar(query) or 0

    def by_wave(self, plan_hash: str, waves: Collection[int]) -> dict[int, Counter[str]]:
        """Wave -> where its items stand now -> how many, of some waves of a plan. Begins at the
        plan's items, as a wave has few."""
        entry = and_(
            EntryRow.migration == self._migration,
            EntryRow.item_key == _KEY,
            EntryRow.plan_hash == PlanItemRow.plan_hash,
        )
        stood = case(
            (EntryRow.id.is_(None), BEGUN_NOT), (is_undone(), REVERTED), else_=stands()
        ).label("stood")
        query = (
            select(PlanItemRow.wave, stood, func.count())
            .outerjoin(EntryRow, entry)
            .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(PlanItemRow.plan_hash == plan_hash, PlanItemRow.wave.in_(waves))
            .group_by(PlanItemRow.wave, stood)
        )
        found: dict[int, Counter[str]] = {}
        with self._engine.connect() as connection:
            for wave, name, count in connection.execute(query):
                found.setdefault(wave, Counter())[name] += count
        return found

    def noticed(self, run_id: str | None = None) -> int:
        """Entries whose notice is known to stand on GitHub, whatever it says by now."""
        query = select(func.count()).select_from(EntryRow).where(*self._ours(run_id))
        with self._engine.connect() as connection:
            return connection.scalar(query.where(_has(ActKind.NOTICE, EntryRow.id))) or 0

    def closed(self, run_id: str, plan_hash: str) -> int:
        """Entries of a run that closed their item, were not opened again by us, and were not seen
        open in a later reading.

        A close and a label are one act in the ledger: the plan, or the entry's reason, says that it
        closed. Begins at the plan's acting items, as only their entries have an index by key.
        """
        undo = aliased(EntryRow)
        opened = exists().where(
            undo.migration == EntryRow.migration,
            undo.item_key == EntryRow.item_key,
            undo.decision == undo_decision("") + EntryRow.decision,
            undo.generation == EntryRow.generation,
            _has(ActKind.REOPEN, undo.id),
        )
        seen_open = exists().where(
            SnapshotRow.migration == EntryRow.migration,
            SnapshotRow.repository == PlanItemRow.repository,
            SnapshotRow.number == PlanItemRow.number,
            SnapshotRow.state == State.OPEN.value,
            SnapshotRow.read_at > _last_close(),
        )
        later = exists().where(
            OutcomeRow.entry_id == EntryRow.id, OutcomeRow.code.in_(sorted(CLOSED_LATER))
        )
        query = (
            select(func.count())
            .select_from(PlanItemRow)
            .join(EntryRow, EntryRow.item_key == _KEY)
            .where(PlanItemRow.plan_hash == plan_hash, PlanItemRow.wave > 0)
            .where(*self._ours(run_id), or_(PlanItemRow.closes, later))
            .where(_has(ActKind.CLOSE, EntryRow.id), ~_has(ActKind.REOPEN, EntryRow.id))
            .where(~opened, ~seen_open)
        )
        with self._engine.connect() as connection:
            return connection.scalar(query) or 0

    def _ours(self, run_id: str | None) -> tuple[ColumnElement[bool], ...]:
        """Entries that notify: an undo posts nothing, and closes nothing."""
        undo = EntryRow.decision.startswith(undo_decision(""))
        reply = EntryRow.decision.startswith(reply_decision(""))
        where = (EntryRow.migration == self._migration, ~undo, ~reply)
        return (*where, *_of_run(EntryRow.run_id, run_id))


def _of_run(
    column: InstrumentedAttribute[str], run_id: str | None
) -> tuple[ColumnElement[bool], ...]:
    return () if run_id is None else (column == run_id,)


def _has(act: ActKind, entry_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether an entry has that act confirmed."""
    line = aliased(AttemptRow)
    return exists().where(
        line.entry_id == entry_id, line.act == act.value, line.phase == Phase.DONE.value
    )


def _last_close() -> ScalarSelect[datetime]:
    line = aliased(AttemptRow)
    return (
        select(func.max(line.at))
        .where(line.entry_id == EntryRow.id, line.act == ActKind.CLOSE.value)
        .where(line.phase == Phase.DONE.value)
        .correlate(EntryRow)
        .scalar_subquery()
    )
