"""What a run has done so far today, and how GitHub answered: what its brakes are held against."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import takewhile

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from migrator.domain.ledger import LIMITED, ActKind, Phase
from migrator.domain.planning import PlanItem
from migrator.store import documents
from migrator.store.models import AttemptRow, EntryRow, OutcomeRow, PlanItemRow

WRITTEN = (ActKind.NOTICE, ActKind.CLOSE, ActKind.EDIT, ActKind.REOPEN)


class Tempo:
    """Counts over one migration's ledger and plans."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def sent_since(self, since: datetime) -> Counter[str]:
        """Login -> notices that the person got since then, over all runs."""
        query = (
            select(PlanItemRow.document)
            .join(EntryRow, (EntryRow.plan_hash == PlanItemRow.plan_hash) & (EntryRow.item_key == PlanItemRow.item_key))
            .join(AttemptRow, AttemptRow.entry_id == EntryRow.id)
            .where(EntryRow.migration == self._migration, AttemptRow.at >= since)
            .where(AttemptRow.act == ActKind.NOTICE.value, AttemptRow.phase == Phase.DONE.value)
        )
        sent: Counter[str] = Counter()
        with Session(self._engine) as session:
            for document in session.scalars(query):
                sent.update(documents.read(document, PlanItem).recipients)
        return sent

    def waves_since(self, run_id: str, since: datetime) -> set[int]:
        """Waves of a run of which the first entry was opened at ``since`` or later."""
        query = (
            select(PlanItemRow.wave)
            .join(EntryRow, (EntryRow.plan_hash == PlanItemRow.plan_hash) & (EntryRow.item_key == PlanItemRow.item_key))
            .where(EntryRow.run_id == run_id)
            .group_by(PlanItemRow.wave)
            .having(func.min(EntryRow.created_at) >= since)
        )
        with Session(self._engine) as session:
            return set(session.scalars(query))

    def refused_in_a_row(self, run_id: str, most: int, since: datetime) -> int:
        """How many of the latest writes of one kind since then were refused, one after the other; counts up to ``most``.

        By kind: where notices are welcome and every close is refused, the two alternate.
        """
        with Session(self._engine) as session:
            return max(_refused_in_a_row(session, run_id, kind, most, since) for kind in WRITTEN)

    def limit_errors(self, since: datetime) -> int:
        """Writes of all runs that GitHub refused since then because of a limit."""
        query = (
            select(AttemptRow.data)
            .join(EntryRow, EntryRow.id == AttemptRow.entry_id)
            .where(EntryRow.migration == self._migration, AttemptRow.at >= since, AttemptRow.phase == Phase.ABSENT.value)
        )
        with Session(self._engine) as session:
            return sum(bool(documents.read(data, dict).get(LIMITED)) for data in session.scalars(query))

    def repeated_acts(self, run_id: str, since: datetime) -> int:
        """Items of a run on which one act of ours was seen twice since then."""
        query = (
            select(func.count())
            .select_from(OutcomeRow)
            .join(EntryRow, EntryRow.id == OutcomeRow.entry_id)
            .where(EntryRow.run_id == run_id, OutcomeRow.code == "notice_twice", OutcomeRow.at >= since)
        )
        with Session(self._engine) as session:
            return session.scalar(query) or 0


def _refused_in_a_row(session: Session, run_id: str, kind: ActKind, most: int, since: datetime) -> int:
    answered = (AttemptRow.act == kind.value, AttemptRow.phase.in_((Phase.DONE.value, Phase.REFUSED.value)))
    query = (
        select(AttemptRow.phase)
        .join(EntryRow, EntryRow.id == AttemptRow.entry_id)
        .where(EntryRow.run_id == run_id, AttemptRow.at >= since, *answered)
        .order_by(AttemptRow.at.desc(), AttemptRow.seq.desc())
        .limit(most)
    )
    return sum(1 for _ in takewhile(lambda phase: phase == Phase.REFUSED.value, session.scalars(query)))
