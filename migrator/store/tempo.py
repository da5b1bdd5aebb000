"""What a run has done so far today, and how GitHub answered: what its brakes are held against."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from migrator.domain.ledger import ActKind, Phase
from migrator.domain.planning import PlanItem
from migrator.store import documents
from migrator.store.models import AttemptRow, EntryRow, OutcomeRow, PlanItemRow


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

    def refused_in_a_row(self, run_id: str, most: int) -> int:
        """How many of the latest writes of a run were refused, one after the other; counts up to ``most``."""
        query = (
            select(AttemptRow.phase)
            .join(EntryRow, EntryRow.id == AttemptRow.entry_id)
            .where(EntryRow.run_id == run_id, AttemptRow.phase.in_((Phase.DONE.value, Phase.REFUSED.value)))
            .order_by(AttemptRow.at.desc(), AttemptRow.seq.desc())
            .limit(most)
        )
        count = 0
        with Session(self._engine) as session:
            for phase in session.scalars(query):
                if phase != Phase.REFUSED.value:
                    break
                count += 1
        return count

    def repeated_acts(self, run_id: str) -> int:
        """Items of a run on which one act of ours was seen twice."""
        query = (
            select(func.count())
            .select_from(OutcomeRow)
            .join(EntryRow, EntryRow.id == OutcomeRow.entry_id)
            .where(EntryRow.run_id == run_id, OutcomeRow.code == "notice_twice")
        )
        with Session(self._engine) as session:
            return session.scalar(query) or 0
