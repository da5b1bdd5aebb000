"""Items under all their names: a rename or a transfer gives an item another name, not another
identity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Engine, and_, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen, Item, ItemRef
from migrator.domain.protocol.ledger import Entry, EntryKind
from migrator.store.models import (
    EntryRow,
    ItemAliasRow,
    ItemRow,
    LabelRow,
    LandingRow,
    ReviewClaimRow,
    ReviewRow,
    SnapshotRow,
    VerdictRow,
)

_ITEM = insert(ItemRow.__table__).returning(ItemRow.id)  # type: ignore[arg-type]
_ALIAS = insert(ItemAliasRow.__table__)  # type: ignore[arg-type]


class ItemAlias(Frozen, frozen=True, kw_only=True):
    """One name of an item. ``seen_until`` is empty for the name that it has now."""

    item_id: int
    node_id: str
    ref: ItemRef
    seen_from: datetime | None = None
    seen_until: datetime | None = None


class Items:
    """Item rows of one migration, with their names."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def alias(self, old: ItemRef, new: ItemRef, *, node_id: str, at: datetime) -> None:
        """Note that an item is called otherwise now: it was transferred, or its repository was
        renamed. Nothing happens for one that the ledger does not know."""
        with Session(self._engine) as session, session.begin():
            for item_id in known_ids(session, self._migration, old, ""):
                _add(session, self._migration, item_id, new, node_id, at)

    def names(self, item_id: int) -> list[ItemAlias]:
        """Every name of an item, oldest first."""
        query = select(ItemAliasRow).where(ItemAliasRow.item_id == item_id)
        with Session(self._engine) as session:
            return [_alias(row) for row in session.scalars(query.order_by(ItemAliasRow.id))]

    def present_names(self) -> dict[int, str]:
        """Item id -> ``owner/name#number`` as it was seen last."""
        query = select(ItemAliasRow.item_id, ItemAliasRow.repository, ItemAliasRow.number)
        query = query.where(ItemAliasRow.migration == self._migration).order_by(ItemAliasRow.id)
        with Session(self._engine) as session:
            return {row[0]: str(ItemRef(row[1], row[2])) for row in session.execute(query)}

    def unmatched(self) -> list[str]:
        """Names in the ledger of which it is not known which item they meant."""
        query = select(EntryRow.item_key).where(
            EntryRow.migration == self._migration,
            EntryRow.item_id.is_(None),
            EntryRow.kind == EntryKind.NOTICE.value,
        )
        with Session(self._engine) as session:
            return sorted(set(session.scalars(query)))


def known_ids(session: Session, migration: str, ref: ItemRef, node_id: str) -> list[int]:
    """Items that were seen under a node id, else under a name; none for what the ledger does not
    know."""
    of_migration = ItemAliasRow.migration == migration
    query = select(ItemAliasRow.item_id).where(of_migration)
    if node_id:
        found = session.scalars(query.where(ItemAliasRow.node_id == node_id).distinct()).all()
        if found:
            return sorted(found)
    query = query.where(
        ItemAliasRow.repository == ref.repository, ItemAliasRow.number == ref.number
    )
    if node_id:  # another item of that name is not this one
        query = query.where(ItemAliasRow.node_id == "")
    return sorted(session.scalars(query.distinct()).all())


def item_id_of(session: Session, migration: str, ref: ItemRef, node_id: str, at: datetime) -> int:
    """The item of that node id, else of that name; a new one if there is none."""
    known = known_ids(session, migration, ref, node_id)
    if known:
        _add(session, migration, known[0], ref, node_id, at)
        return known[0]
    row = ItemRow(migration=migration)
    session.add(row)
    session.flush()
    _add(session, migration, row.id, ref, node_id, at)
    return row.id


def item_ids_of(session: Session, migration: str, entries: Sequence[Entry]) -> dict[str, int]:
    """The item of each of these entries, by the entry's id: as :func:`item_id_of`, in three
    statements for all items that were never seen before."""
    seen = _seen_before(session, migration, entries)
    fresh = [entry for entry, known in zip(entries, seen, strict=True) if not known]
    found = _new_ids(session, migration, fresh) if fresh else {}
    for entry in entries:
        if entry.id not in found:
            found[entry.id] = item_id_of(
                session, migration, entry.ref, entry.node_id, entry.created_at
            )
    return found


def _new_ids(session: Session, migration: str, entries: Sequence[Entry]) -> dict[str, int]:
    """Items of their own for entries whose items nobody has seen, with the names of now."""
    connection = session.connection()
    found = {
        entry.id: connection.execute(_ITEM, {"migration": migration}).scalar_one()
        for entry in entries
    }
    names = [
        _alias_row(found[entry.id], migration, entry.ref, entry.node_id, entry.created_at)
        for entry in entries
    ]
    connection.execute(_ALIAS, names)
    return found


def _seen_before(session: Session, migration: str, entries: Sequence[Entry]) -> list[bool]:
    """Whether the item of each entry may be known, by its node id or by its name; of two entries
    for one item the second one is."""
    of_migration = ItemAliasRow.migration == migration
    named: dict[str, list[int]] = {}
    for entry in entries:
        named.setdefault(entry.ref.repository, []).append(entry.ref.number)
    alike = or_(
        ItemAliasRow.node_id.in_([entry.node_id for entry in entries if entry.node_id]),
        *(
            and_(ItemAliasRow.repository == repository, ItemAliasRow.number.in_(numbers))
            for repository, numbers in named.items()
        ),
    )
    rows = session.execute(
        select(ItemAliasRow.node_id, ItemAliasRow.repository, ItemAliasRow.number).where(
            of_migration, alike
        )
    ).all()
    nodes = {row[0] for row in rows} - {""}
    names = {ItemRef(row[1], row[2]) for row in rows}
    seen = []
    for entry in entries:
        seen.append(entry.node_id in nodes or entry.ref in names)
        nodes |= {entry.node_id} - {""}
        names.add(entry.ref)
    return seen


def _add(
    session: Session, migration: str, item_id: int, ref: ItemRef, node_id: str, at: datetime
) -> None:
    """Note the name that an item has now, unless it is known."""
    rows = session.scalars(
        select(ItemAliasRow).where(
            ItemAliasRow.item_id == item_id, ItemAliasRow.seen_until.is_(None)
        )
    ).all()
    if any((row.repository, row.number, row.node_id) == (*ref, node_id) for row in rows):
        return
    for row in rows:
        row.seen_until = at
    session.add(ItemAliasRow(**_alias_row(item_id, migration, ref, node_id, at)))


def _alias_row(
    item_id: int, migration: str, ref: ItemRef, node_id: str, at: datetime
) -> dict[str, object]:
    return {
        "item_id": item_id,
        "migration": migration,
        "node_id": node_id,
        "repository_id": "",
        "repository": ref.repository,
        "number": ref.number,
        "seen_from": at,
        "seen_until": None,
    }


def note_names(session: Session, migration: str, items: Sequence[Item], at: datetime) -> None:
    """Take in the names under which items were just read. What was stored of one under another
    name is kept under the new one: its answers and landings."""
    ids = [item.id for item in items if item.id]
    stored = session.execute(
        select(SnapshotRow.node_id, SnapshotRow.repository, SnapshotRow.number).where(
            SnapshotRow.migration == migration, SnapshotRow.node_id.in_(ids)
        )
    ).all()
    now = {item.id: item.ref for item in items}
    for node_id, repository, number in stored:
        old, new = ItemRef(repository, number), now[node_id]
        if old != new:
            _rename(session, migration, old, new)
    known = session.execute(
        select(ItemAliasRow.item_id, ItemAliasRow.node_id).where(
            ItemAliasRow.migration == migration,
            ItemAliasRow.node_id.in_(ids),
            ItemAliasRow.seen_until.is_(None),
        )
    ).all()
    for item_id, node_id in known:
        _add(session, migration, item_id, now[node_id], node_id, at)


def _rename(session: Session, migration: str, old: ItemRef, new: ItemRef) -> None:
    for table in (SnapshotRow, LabelRow, VerdictRow):
        place = (table.migration == migration, table.repository == old.repository)
        session.execute(delete(table).where(*place, table.number == old.number))
    claims = (ReviewClaimRow.migration == migration, ReviewClaimRow.item_key == str(old))
    session.execute(delete(ReviewClaimRow).where(*claims))
    session.execute(
        update(ReviewRow)
        .where(ReviewRow.migration == migration, ReviewRow.item_key == str(old))
        .values(item_key=str(new))
    )
    session.execute(
        update(LandingRow)
        .where(LandingRow.migration == migration, LandingRow.old_key == str(old))
        .values(old_key=str(new))
    )


def _alias(row: ItemAliasRow) -> ItemAlias:
    return ItemAlias(
        item_id=row.item_id,
        node_id=row.node_id,
        ref=ItemRef(row.repository, row.number),
        seen_from=row.seen_from,
        seen_until=row.seen_until,
    )
