"""Snapshots of items, scan cursors and repository facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Engine, Row, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen, Item, ItemRef
from migrator.store import json_columns
from migrator.store.item_names import id_of_facts
from migrator.store.item_renames import note_names
from migrator.store.item_texts import note_texts
from migrator.store.models import CursorRow, LabelRow, RepositoryRow, SnapshotRow
from migrator.store.run_changes import note_items
from migrator.store.set_aside import SetAsideItem, is_set_aside, put_aside, take_back
from migrator.store.types import upsert
from migrator.store.unreadable import RowReader

CHUNK = 500


class Cursor(Frozen, frozen=True, kw_only=True):
    """How far one scan (of one repository and kind) has come.

    Everything updated before ``complete_until`` was read; ``started_at`` and ``cursor`` belong to
    an unfinished scan. ``missing`` is how many items the last walk over everything did not meet,
    though GitHub counts them.
    """

    complete_until: datetime | None = None
    started_at: datetime | None = None
    cursor: str = ""
    missing: int | None = None


class Snapshots:
    """Snapshot rows of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration
        self._rows = RowReader(engine, migration)

    def save_page(
        self,
        items: Sequence[Item],
        *,
        read_at: datetime,
        kind: str,
        repository: str,
        cursor: Cursor,
        aside: Sequence[SetAsideItem] = (),
    ) -> None:
        """Store a page of items, those that are set aside, and the cursor behind both in one
        transaction.

        So a crash never skips a page, and an item is either known or named.
        """
        with Session(self._engine) as session, session.begin():
            self._write(session, items, read_at)
            put_aside(session, self._migration, aside)
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
        take_back(session, self._migration, places)
        place = tuple_(LabelRow.repository, LabelRow.number)
        session.execute(
            delete(LabelRow).where(LabelRow.migration == self._migration, place.in_(places))
        )
        upsert(
            session,
            LabelRow,
            [self._label(item, label) for item in items for label in dict.fromkeys(item.labels)],
        )
        note_texts(session, self._migration, ((item.ref, item.title, item.body) for item in items))
        note_items(session, self._migration, (item.key for item in items))

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
            complete_until=row.complete_until,
            started_at=row.started_at,
            cursor=row.cursor,
            missing=row.missing,
        )

    def get(self, repository: str, number: int) -> Item | None:
        """One item as last read; ``None`` also for a row that cannot be read."""
        with Session(self._engine) as session:
            row = session.get(SnapshotRow, (self._migration, repository, number))
        return next(self._rows.read([row] if row else [], _place, _item), None)

    def read_at(self, repository: str, number: int) -> datetime:
        """When an item was last read. Raises ``LookupError`` if it never was."""
        with Session(self._engine) as session:
            row = session.get(SnapshotRow, (self._migration, repository, number))
            if row is None:
                raise LookupError(f"{repository}#{number}")
            return row.read_at

    def places(self, *, state: str) -> list[ItemRef]:
        """Where the items of that state are, in the order of :meth:`stream`."""
        place = SnapshotRow.repository, SnapshotRow.number
        query = select(*place).where(
            SnapshotRow.migration == self._migration,
            SnapshotRow.gone_at.is_(None),
            SnapshotRow.state == state,
            ~is_set_aside(SnapshotRow),
        )
        with self._engine.connect() as connection:
            return [ItemRef(*row) for row in connection.execute(query.order_by(*place))]

    def at(self, places: Sequence[ItemRef]) -> list[Item]:
        """The items at these places, as last read, in order; none that is gone by now."""
        place = tuple_(SnapshotRow.repository, SnapshotRow.number)
        columns = SnapshotRow.repository, SnapshotRow.number, SnapshotRow.document
        query = select(*columns).where(
            SnapshotRow.migration == self._migration,
            SnapshotRow.gone_at.is_(None),
            place.in_(places),
        )
        with self._engine.connect() as connection:
            found = connection.execute(query.order_by(*columns[:2])).all()
        return list(self._rows.read(found, _place, _item))

    def stream(self, *, state: str | None = None) -> Iterator[Item]:
        """All items in the order of repository and number, a chunk in memory at a time; none
        that is set aside."""
        last = ("", 0)
        while chunk := self._chunk(last, state):
            yield from self._rows.read(chunk, _place, _item)
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
            .where(~is_set_aside(SnapshotRow))
            .order_by(SnapshotRow.repository, SnapshotRow.number)
            .limit(CHUNK)
        )
        if state is not None:
            query = query.where(SnapshotRow.state == state)
        with Session(self._engine) as session:
            return session.scalars(query).all()

    def count(self, *, state: str | None = None) -> int:
        """How many items are known, not gone and not set aside (and in that state)."""
        where = [
            SnapshotRow.migration == self._migration,
            SnapshotRow.gone_at.is_(None),
            ~is_set_aside(SnapshotRow),
        ]
        if state is not None:
            where.append(SnapshotRow.state == state)
        with Session(self._engine) as session:
            return session.scalar(select(func.count()).select_from(SnapshotRow).where(*where)) or 0

    def count_read(
        self, repository: str, kind: str, since: datetime, *, states: Sequence[str]
    ) -> int:
        """How many items of a kind, in these states, were read in a repository since then."""
        where = (
            SnapshotRow.migration == self._migration,
            SnapshotRow.repository == repository,
            SnapshotRow.kind == kind,
            SnapshotRow.read_at >= since,
            SnapshotRow.state.in_(states),
        )
        with Session(self._engine) as session:
            return session.scalar(select(func.count()).select_from(SnapshotRow).where(*where)) or 0

    def not_read_since(self, repository: str, kind: str, since: datetime) -> list[tuple[int, str]]:
        """Number and node id of the items that are open by what we know, and were not read since
        then."""
        query = select(SnapshotRow.number, SnapshotRow.node_id).where(
            SnapshotRow.migration == self._migration,
            SnapshotRow.repository == repository,
            SnapshotRow.kind == kind,
            SnapshotRow.state == "open",
            SnapshotRow.gone_at.is_(None),
            SnapshotRow.read_at < since,
            ~is_set_aside(SnapshotRow),
        )
        with Session(self._engine) as session:
            return [(row[0], row[1]) for row in session.execute(query.order_by(SnapshotRow.number))]

    def open_ids(self, repository: str, kind: str) -> list[str]:
        """Node ids of a repository's items that are open by what we know, by number."""
        query = select(SnapshotRow.node_id).where(
            SnapshotRow.migration == self._migration,
            SnapshotRow.repository == repository,
            SnapshotRow.kind == kind,
            SnapshotRow.state == "open",
            SnapshotRow.gone_at.is_(None),
        )
        with Session(self._engine) as session:
            return list(session.scalars(query.order_by(SnapshotRow.number)))

    def mark_gone(self, repository: str, number: int, at: datetime) -> None:
        """Note that an item was deleted or transferred away."""
        where = (
            SnapshotRow.migration == self._migration,
            SnapshotRow.repository == repository,
            SnapshotRow.number == number,
        )
        with Session(self._engine) as session, session.begin():
            session.execute(update(SnapshotRow).where(*where).values(gone_at=at))
            take_back(session, self._migration, [(repository, number)])

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

    def named_by_id(self, repository_id: str) -> set[str]:
        """Names under which facts of the repository with that id (GitHub's) are stored."""
        query = select(RepositoryRow.name, RepositoryRow.facts).where(
            RepositoryRow.migration == self._migration
        )
        with Session(self._engine) as session:
            rows = session.execute(query).all()
        return {
            name for name, facts in rows if repository_id and id_of_facts(facts) == repository_id
        }

    def forget_cursors(self, *, but: str = "") -> None:
        """Make the next scan read everything again. Cursors whose name begins with ``but`` stay."""
        where = [CursorRow.migration == self._migration]
        where += [~CursorRow.kind.startswith(but, autoescape=True)] if but else []
        with Session(self._engine) as session, session.begin():
            session.execute(delete(CursorRow).where(*where))

    def missing(self) -> dict[str, int]:
        """How many items the last walks over everything did not meet, by repository and kind;
        without those that met all."""
        query = select(CursorRow.repository, CursorRow.kind, CursorRow.missing).where(
            CursorRow.migration == self._migration, CursorRow.missing > 0
        )
        with Session(self._engine) as session:
            return {
                f"{row[0]} {row[1]}": row[2] or 0
                for row in session.execute(query.order_by(CursorRow.repository, CursorRow.kind))
            }


def _place(row: SnapshotRow | Row[str, int, bytes]) -> ItemRef:
    return ItemRef(row.repository, row.number)


def _item(row: SnapshotRow | Row[str, int, bytes]) -> Item:
    return json_columns.read(row.document, Item)
