"""What waits for its hour: entries whose next act may happen now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from migrator.domain.planning import PlanKind
from migrator.store.models import DueRow, EntryRow, OutcomeRow, RunRow


def due_runs(engine: Engine, migration: str, now: datetime) -> list[str]:
    """Ids of the running runs that have an entry whose time has come, in the order of their start."""
    query = (
        select(RunRow.id)
        .join(EntryRow, EntryRow.run_id == RunRow.id)
        .join(DueRow, DueRow.entry_id == EntryRow.id)
        .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
        .where(RunRow.migration == migration, RunRow.state == "running", DueRow.due_at <= now, OutcomeRow.entry_id.is_(None))
        .group_by(RunRow.id, RunRow.started_at)
        .order_by(RunRow.started_at, RunRow.id)
    )
    with Session(engine) as session:
        return list(session.scalars(query))


def left_unfinished(engine: Engine, migration: str) -> list[tuple[str, int]]:
    """``(owner/name, number)`` of items on which the listener began something that has no outcome and waits for no hour."""
    query = (
        select(EntryRow.item_key)
        .join(RunRow, RunRow.id == EntryRow.run_id)
        .outerjoin(DueRow, DueRow.entry_id == EntryRow.id)
        .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
        .where(EntryRow.migration == migration, RunRow.kind == PlanKind.FOLLOW.value)
        .where(OutcomeRow.entry_id.is_(None), DueRow.entry_id.is_(None))
        .distinct()
        .order_by(EntryRow.item_key)
    )
    with Session(engine) as session:
        keys = [key.rpartition("#") for key in session.scalars(query)]
    return [(repository, int(number)) for repository, _, number in keys]
