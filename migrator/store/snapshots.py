"""Snapshots of items, scan cursors and repository facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Engine, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen, Item
from migrator.store import json_columns
from migrator.store.items import note_names
from migrator.store.models import CursorRow, LabelRow, RepositoryRow, SnapshotRow
from migrator.store.upserts import upsert

CHUNK = 500


class Cursor(Frozen, frozen=True, kw_only=True):
    """How far one scan (of one repository and kind) has come.

    Everything updated before ``complete_until`` was read; ``started_at`` and ``cursor`` belong to
    an unfinished scan.
    """

    complete_until: datetime | None = None
    started_at: datetime | None = None
    cursor: str = ""


class Snapshots:
    """Snapshot rows of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def save_page(
        self,
        items: Sequence[Item],
        *,
        read_at: datetime,
        kind: str,
        repository: str,
        cursor: Cursor,
    ) -> None:
        """Store a page of items and the cursor behind it in one transaction, so that a crash
        never skips a page."""
        with Session(self._engine) as session, session.begin():
            self._write(session, items, read_at)
            place = {"migration": self._migration, "repository": repository, "kind": kind}
            upsert(session, CursorRow, [{**place, **msgspec.structs.asdict(cursor)}])

    def save(self, items: Sequence[Item], *, read_at: datetime) -> None:
        """Store items that were read one by one."""
        with Session(self._engine) as session, session.begin():
            self._write(session, items, read_at)

    def _write(self, session: Session, items: Sequence[Item], read_at: datetime) -> None:
        note_names(session, self._migration, items, read_at)
        upsert(session, SnapshotRow, [self._row(item, read_at) for item in items])
        places = [(item.repository, item.number) for item in items]
        place = tuple_(LabelRow.repository, LabelRow.number)
        session.execute(
            delete(LabelRow).where(LabelRow.migration == self._migration, place.in_(places))
        )
        upsert(
            session,
            LabelRow,
            [self._label(item, label) for item in items for label in dict.fromkeys(item.labels)],
        )

    def _label(self, item: Item, label: str) -> dict[str, object]:
        return {
            "migration": self._migration,
            "repository": item.repository,
            "number": item.number,
            "label": label,
        }

    def _row(self, item: Item, read_at: datetime) -> dict[str, object]:
        return {
            "migration": self._migration,
            "repository": item.repository,
            "number": item.number,
            "kind": item.kind.value,
            "node_id": item.id,
            "state": item.state.value,
            "title": item.title,
            "author": item.author.login if item.author else "",
            "created_at": item.created_at,
            "updated_at": item.updated_at,
            "read_at": read_at,
            "gone_at": None,
            "document": json_columns.write(item),
        }

    def cursor(self, repository: str, kind: str) -> Cursor:
        """The cursor of one scan; an empty one if there never was a scan."""
        with Session(self._engine) as session:
            row = session.get(CursorRow, (self._migration, repository, kind))
        if row is None:
            return Cursor()
        return Cursor(
            complete_until=row.complete_until, started_at=row.started_at, cursor=row.cursor
        )

    def get(self, repository: str, number: int) -> Item | None:
        """One item as last read."""
        with Session(self._engine) as session:
            row = session.get(SnapshotRow, (self._migration, repository, number))
            return json_columns.read(row.document, Item) if row else None

    def stream(self, *, state: str | None = None) -> Iterator[Item]:
        """All items in the order of repository and number, a chunk in memory at a time."""
        last = ("", 0)
        while chunk := self._chunk(last, state):
            for row in chunk:
                yield json_columns.read(row.document, Item)
            last = (chunk[-1].repository, chunk[-1].number)

    def _chunk(self, after: tuple[str, int], state: str | None) -> Sequence[SnapshotRow]:
        place = tuple_(SnapshotRow.repository, SnapshotRow.number)
        query = (
            select(SnapshotRow)
            .where(
                SnapshotRow.migration == self._migration,
                SnapshotRow.gone_at.is_(None),
                place > after,
            )
            .order_by(SnapshotRow.repository, SnapshotRow.number)
            .limit(CHUNK)
        )
        if state is not None:
            query = query.where(SnapshotRow.state == state)
        with Session(self._engine) as session:
            return session.scalars(query).all()

    def count(self, *, state: str | None = None) -> int:
        """How many items are known and not gone (and in that state)."""
        where = [SnapshotRow.migration == self._migration, SnapshotRow.gone_at.is_(None)]
        if state is not None:
            where.append(SnapshotRow.state == state)
        with Session(self._engine) as session:
            return session.scalar(select(func.count()).select_from(SnapshotRow).where(*where)) or 0

    def mark_gone(self, repository: str, number: int, at: datetime) -> None:
        """Note that an item was deleted or transferred away."""
        where = (
            SnapshotRow.migration == self._migration,
            SnapshotRow.repository == repository,
            SnapshotRow.number == number,
        )
        with Session(self._engine) as session, session.begin():
            session.execute(update(SnapshotRow).where(*where).values(gone_at=at))

    def save_facts(self, name: str, facts: bytes, at: datetime) -> None:
        """Store what is known of a repository, as a JSON document."""
        row = {"migration": self._migration, "name": name, "facts": facts, "read_at": at}
        with Session(self._engine) as session, session.begin():
            upsert(session, RepositoryRow, [row])

    def facts(self, name: str) -> bytes | None:
        """The stored JSON document about a repository."""
        with Session(self._engine) as session:
            row = session.get(RepositoryRow, (self._migration, name))
            return row.facts if row else None

    def forget_cursors(self) -> None:
        """Make the next scan read everything again."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(CursorRow).where(CursorRow.migration == self._migration))
