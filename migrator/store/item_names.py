"""Which item a name or a node id means: an item has one row, and a row for every name that it was
seen under."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, and_, insert, or_, select
from sqlalchemy.orm import Session

from migrator.domain.items import ItemRef
from migrator.domain.node_ids import same_node
from migrator.domain.protocol.ledger import Entry
from migrator.store import json_columns
from migrator.store.models import (
    ItemAliasRow,
    ItemRow,
    LandingRow,
    RepositoryRow,
    ReviewRow,
    SnapshotRow,
)
from migrator.store.types import lock

_ITEM = insert(ItemRow.__table__).returning(ItemRow.id)  # type: ignore[arg-type]
_ALIAS = insert(ItemAliasRow.__table__)  # type: ignore[arg-type]


def present_names(session: Session, *where: ColumnElement[bool]) -> dict[int, str]:
    """Item id -> the name that it was seen under last."""
    query = select(ItemAliasRow.item_id, ItemAliasRow.repository, ItemAliasRow.number)
    rows = session.execute(query.where(*where).order_by(ItemAliasRow.id))
    return {row[0]: str(ItemRef(row[1], row[2])) for row in rows}


def known_ids(session: Session, migration: str, ref: ItemRef, node_id: str) -> list[int]:
    """Items that were seen under a node id, else under a name, else under the node id's other form
    in a repository that has another name now; none for what is not known."""
    of_migration = ItemAliasRow.migration == migration
    query = select(ItemAliasRow.item_id).where(of_migration)
    if node_id:
        found = session.scalars(query.where(ItemAliasRow.node_id == node_id).distinct()).all()
        if found:
            return sorted(found)
    named = select(ItemAliasRow.item_id, ItemAliasRow.node_id).where(
        of_migration,
        ItemAliasRow.repository == ref.repository,
        ItemAliasRow.number == ref.number,
    )
    # another item of that name is not this one
    alike = {
        item_id
        for item_id, its_node in session.execute(named)
        if not node_id or not its_node or same_node(its_node, node_id)
    }
    if alike or not node_id:
        return sorted(alike)
    numbered = select(ItemAliasRow.item_id, ItemAliasRow.node_id).where(
        of_migration, ItemAliasRow.number == ref.number
    )
    return sorted(
        {
            item_id
            for item_id, its_node in session.execute(numbered)
            if its_node and same_node(its_node, node_id)
        }
    )


def ids_named(session: Session, migration: str, ref: ItemRef) -> list[int]:
    """Items that bear a name now; if there are none, those that bore it once."""
    query = select(ItemAliasRow.item_id, ItemAliasRow.seen_until).where(
        ItemAliasRow.migration == migration,
        ItemAliasRow.repository == ref.repository,
        ItemAliasRow.number == ref.number,
    )
    rows = session.execute(query).all()
    now = {item_id for item_id, until in rows if until is None}
    return sorted(now or {item_id for item_id, _ in rows})


def of_item(
    session: Session, migration: str, key: str, row: type[ReviewRow | LandingRow]
) -> ColumnElement[bool]:
    """Whether a row is about the item that is, or was, called ``owner/name#number``."""
    name = row.item_key if issubclass(row, ReviewRow) else row.old_key
    ids = ids_named(session, migration, ItemRef.parse(key))
    return or_(row.item_id.in_(ids), and_(row.item_id.is_(None), name == key))


def item_id_of(session: Session, migration: str, ref: ItemRef, node_id: str, at: datetime) -> int:
    """The item of that node id, else of that name; a new one if there is none."""
    known = known_ids(session, migration, ref, node_id)
    if known:
        add_name(session, migration, known[0], ref, node_id, at)
        return known[0]
    row = ItemRow(migration=migration)
    session.add(row)
    session.flush()
    add_name(session, migration, row.id, ref, node_id, at)
    return row.id


def item_id_named(session: Session, migration: str, key: str, at: datetime) -> int:
    """The item that is called ``owner/name#number``; a new one, by the node id that was scanned, if
    it is not known."""
    ref = ItemRef.parse(key)
    named = ids_named(session, migration, ref)
    if named:
        return named[-1]
    snapshot = session.get(SnapshotRow, (migration, *ref))
    node_id = snapshot.node_id if snapshot else ""
    lock_item(session, migration, node_id or key)
    return item_id_of(session, migration, ref, node_id, at)


def lock_item(session: Session, migration: str, *names: str) -> None:
    """Let no other transaction give the items of these node ids (or names) a row before ours ends:
    one would get two."""
    lock(session, "item", *{f"{migration} {name}" for name in names})


def names_of(session: Session, migration: str, item_ids: Iterable[int]) -> dict[int, set[str]]:
    """Item id -> every name that it was seen under."""
    query = select(ItemAliasRow.item_id, ItemAliasRow.repository, ItemAliasRow.number).where(
        ItemAliasRow.migration == migration, ItemAliasRow.item_id.in_(set(item_ids))
    )
    names: dict[int, set[str]] = {}
    for item_id, repository, number in session.execute(query):
        names.setdefault(item_id, set()).add(str(ItemRef(repository, number)))
    return names


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
        _alias_row(session, found[entry.id], migration, entry.ref, entry.node_id, entry.created_at)
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


def add_name(
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
    session.add(ItemAliasRow(**_alias_row(session, item_id, migration, ref, node_id, at)))


def _alias_row(
    session: Session, item_id: int, migration: str, ref: ItemRef, node_id: str, at: datetime
) -> dict[str, object]:
    return {
        "item_id": item_id,
        "migration": migration,
        "node_id": node_id,
        "repository_id": _repository_id(session, migration, ref.repository),
        "repository": ref.repository,
        "number": ref.number,
        "seen_from": at,
        "seen_until": None,
    }


class _StoredRepository(msgspec.Struct):
    id: str = ""


def _repository_id(session: Session, migration: str, name: str) -> str:
    """GitHub's id of a repository, as the last scan read it; empty for one that none read."""
    row = session.get(RepositoryRow, (migration, name))
    return id_of_facts(row.facts) if row is not None else ""


def id_of_facts(facts: bytes) -> str:
    """GitHub's id in the stored facts of a repository; empty if they say none."""
    return json_columns.read_or(facts, _StoredRepository, _StoredRepository()).id
