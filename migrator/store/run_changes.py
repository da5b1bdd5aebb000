"""Counts the changes of each run, so that sums over a run are read again only when it changed.

Whatever the sums are made of counts up in its own transaction: entries and their lines, dates of
the next acts, and readings of items (they show that an item was opened again).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, func, select, update
from sqlalchemy.orm import Session

from migrator.domain.protocol.ledger import Entry, EntryKind, undone_decision
from migrator.store.models import EntryRow, RunRow, SetAsideRow
from migrator.store.set_aside import APPLY

CHUNK = 500


def note_entries(connection: Connection, entries: Iterable[Entry]) -> None:
    """Count a change of the runs of these entries, and of the runs whose entries they undo. Comes
    last in a transaction, so that the run's row is held for a short time only."""
    changed = set[str]()
    for entry in entries:
        changed.add(entry.run_id)
        if entry.kind is EntryKind.UNDO:
            undone = select(EntryRow.run_id).where(
                EntryRow.migration == entry.migration,
                EntryRow.item_key == entry.item_key,
                EntryRow.decision == undone_decision(entry.decision),
                EntryRow.generation == entry.generation,
            )
            changed.update(connection.scalars(undone))
    note_runs(connection, changed)


def note_items(session: Session, migration: str, keys: Iterable[str]) -> None:
    """Count a change of every run that has an entry for one of these items."""
    some, changed = sorted(keys), set[str]()
    for at in range(0, len(some), CHUNK):
        acted = (
            select(EntryRow.run_id)
            .distinct()
            .where(EntryRow.migration == migration, EntryRow.item_key.in_(some[at : at + CHUNK]))
        )
        changed.update(session.scalars(acted))
    note_runs(session, changed)


def note_migration(session: Session, migration: str) -> None:
    """Count a change of every run of a migration."""
    note_runs(session, session.scalars(select(RunRow.id).where(RunRow.migration == migration)))


def note_runs(session: Session | Connection, run_ids: Iterable[str]) -> None:
    """Count a change of these runs; one by one in one order, so that two processes do not wait
    for each other."""
    for run_id in sorted(run_ids):
        counted = update(RunRow).where(RunRow.id == run_id).values(changes=RunRow.changes + 1)
        session.execute(counted)


def changes_of(
    session: Session | Connection, migration: str, *, run_id: str = "", plan_hash: str = ""
) -> str:
    """A word that is another one after each change of a run, or of the runs of a plan; also after
    an item was set aside half way, or read again, as such items are counted apart."""
    where = RunRow.id == run_id if run_id else RunRow.plan_hash == plan_hash
    runs = select(func.count(), func.sum(RunRow.changes)).where(where)
    row = SetAsideRow
    aside = select(
        func.count(), func.max(row.last_at), func.sum(row.attempts), func.sum(row.number)
    ).where(row.migration == migration, row.stage == APPLY)
    return "|".join(str(part) for query in (runs, aside) for part in session.execute(query).one())
