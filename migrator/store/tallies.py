"""Sums over a migration's ledger, for those who watch it run."""

from __future__ import annotations

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from migrator.domain.ledger import ActKind, Phase
from migrator.store.models import AttemptRow, EntryRow, OutcomeRow


def outcomes(engine: Engine, migration: str) -> dict[tuple[str, str], int]:
    """(decision, outcome) -> how many entries ended so. Each comment with commands has an entry; they count as ``command``."""
    query = (
        select(EntryRow.decision, OutcomeRow.outcome, func.count())
        .join(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
        .where(EntryRow.migration == migration)
        .group_by(EntryRow.decision, OutcomeRow.outcome)
    )
    counts: dict[tuple[str, str], int] = {}
    with Session(engine) as session:
        for decision, outcome, count in session.execute(query):
            place = (decision.partition(":")[0], outcome)
            counts[place] = counts.get(place, 0) + count
    return counts


def notices(engine: Engine, migration: str) -> int:
    """How many notices were confirmed to stand on GitHub."""
    query = (
        select(func.count(func.distinct(AttemptRow.entry_id)))
        .join(EntryRow, EntryRow.id == AttemptRow.entry_id)
        .where(EntryRow.migration == migration, AttemptRow.act == ActKind.NOTICE.value, AttemptRow.phase == Phase.DONE.value)
    )
    with Session(engine) as session:
        return session.scalar(query) or 0
