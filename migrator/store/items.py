"""Items under all their names: a rename or a transfer gives an item another name, not another
identity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import (
    ColumnElement,
    Engine,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from migrator.domain.classification.activity import ActivityFacts
from migrator.domain.items import Frozen, Item, ItemRef
from migrator.domain.node_ids import same_node
from migrator.domain.protocol.ledger import Entry, EntryKind
from migrator.store import json_columns
from migrator.store.models import (
    CursorRow,
    EntryRow,
    ItemAliasRow,
    ItemRow,
    LabelRow,
    LandingRow,
    RepositoryRow,
    ReviewClaimRow,
    ReviewRow,
    SetAsideRow,
    SnapshotRow,
    VerdictRow,
)
from migrator.store.run_changes import note_items, note_migration
from migrator.store.types import lock

CHUNK = 500
_Named = TypeVar("_Named", SnapshotRow, VerdictRow)

_ITEM = insert(ItemRow.__table__).returning(ItemRow.id)  # type: ignore[arg-type]
_ALIAS = insert(ItemAliasRow.__table__)  # type: ignore[arg-type]


class ItemAlias(Frozen, frozen=True, kw_only=True):
    """One name of an item. ``repository_id`` is GitHub's, empty where it was not known;
    ``seen_until`` is empty for the name that the item has now."""

    item_id: int
    node_id: str
    repository_id: str = ""
    ref: ItemRef
    seen_from: datetime | None = None
    seen_until: datetime | None = None


class Items:
    """Item rows of one migration, with their names."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def alias(self, old: ItemRef, new: ItemRef, *, node_id: str, at: datetime) -> bool:
        """Note that an item is called otherwise now: it was transferred, or its repository was
        renamed. Says whether anything is known of it beside what was read; else nothing happens."""
        with Session(self._engine) as session, session.begin():
            known = ids_named(session, self._migration, old)
            for item_id in known:
                _add(session, self._migration, item_id, new, node_id, at)
            if known:
                _move(session, self._migration, old, new)
        return bool(known)

    def knows(self, ref: ItemRef) -> bool:
        """Whether anything was done, answered or found on the item of that name."""
        with Session(self._engine) as session:
            return bool(ids_named(session, self._migration, ref))

    def names(self, item_id: int) -> list[ItemAlias]:
        """Every name of an item, oldest first."""
        query = select(ItemAliasRow).where(ItemAliasRow.item_id == item_id)
        with Session(self._engine) as session:
            return [_alias(row) for row in session.scalars(query.order_by(ItemAliasRow.id))]

    def names_of(self, ref: ItemRef) -> list[ItemAlias]:
        """Every name of the item that was ever called so, oldest first; none for one that the
        ledger does not know."""
        with Session(self._engine) as session:
            ids = known_ids(session, self._migration, ref, "")
            query = select(ItemAliasRow).where(ItemAliasRow.item_id.in_(ids))
            return [_alias(row) for row in session.scalars(query.order_by(ItemAliasRow.id))]

    def moved(self) -> list[tuple[ItemAlias, ...]]:
        """All names of each item that was seen in more than one place, oldest first. A renamed
        repository is another place, too: old URLs name it by its old name."""
        query = select(ItemAliasRow).where(ItemAliasRow.migration == self._migration)
        by_item: dict[int, list[ItemAlias]] = {}
        with Session(self._engine) as session:
            for row in session.scalars(query.order_by(ItemAliasRow.item_id, ItemAliasRow.id)):
                by_item.setdefault(row.item_id, []).append(_alias(row))
        return [tuple(names) for names in by_item.values() if len({name.ref for name in names}) > 1]

    def present_names(self) -> dict[int, str]:
        """Item id -> ``owner/name#number`` as it was seen last."""
        with Session(self._engine) as session:
            return present_names(session, ItemAliasRow.migration == self._migration)

    def unmatched(self) -> list[str]:
        """Names in the ledger of which it is not known which item they meant."""
        query = select(EntryRow.item_key).where(
            EntryRow.migration == self._migration,
            EntryRow.item_id.is_(None),
            EntryRow.kind == EntryKind.NOTICE.value,
        )
        with Session(self._engine) as session:
            return sorted(set(session.scalars(query)))

    def rename_repository(self, old: str, new: str, at: datetime) -> None:
        """Call everything of a repository by its new name: it was renamed, and nothing else has
        changed. Plans, ledger and answers keep the name that they were made under."""
        with Session(self._engine) as session, session.begin():
            _rename_rows(session, self._migration, old, new)
            _rename_landings(session, self._migration, old, new)
            _rename_claims(session, self._migration, old, new)
            _rename_items(session, self._migration, old, new, at)
            note_migration(session, self._migration)


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
        _add(session, migration, known[0], ref, node_id, at)
        return known[0]
    row = ItemRow(migration=migration)
    session.add(row)
    session.flush()
    _add(session, migration, row.id, ref, node_id, at)
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


def note_names(session: Session, migration: str, items: Sequence[Item], at: datetime) -> None:
    """Take in the names under which items were just read. What was stored of one under another
    name is kept under the new one."""
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
            _move(session, migration, old, new)
    known = session.execute(
        select(ItemAliasRow.item_id, ItemAliasRow.node_id).where(
            ItemAliasRow.migration == migration,
            ItemAliasRow.node_id.in_(ids),
            ItemAliasRow.seen_until.is_(None),
        )
    ).all()
    for item_id, node_id in known:
        _add(session, migration, item_id, now[node_id], node_id, at)


def _move(session: Session, migration: str, old: ItemRef, new: ItemRef) -> None:
    """Keep what is stored of one item by name under its new name: verdict and landings. What is
    read again with the item goes."""
    for table in (SnapshotRow, LabelRow, SetAsideRow):
        place = (table.migration == migration, table.repository == old.repository)
        session.execute(delete(table).where(*place, table.number == old.number))
    verdict = session.get(VerdictRow, (migration, *old))
    if verdict is not None and session.get(VerdictRow, (migration, *new)) is None:
        verdict.facts_document = _facts_of(verdict.facts_document, new)
        verdict.repository, verdict.number = new
    _claim_under(session, migration, str(old), str(new))
    where = (LandingRow.migration == migration, LandingRow.old_key == str(old))
    for landing in session.scalars(select(LandingRow).where(*where)).all():
        if session.get(LandingRow, (migration, str(new), landing.new_key)) is None:
            landing.old_key = str(new)
    session.flush()
    note_items(session, migration, (str(old), str(new)))


def _claim_under(session: Session, migration: str, old: str, new: str) -> None:
    """Let a claim on an item hold under its new name, too: a plan from before knows the old one,
    and nobody else is to be asked the same meanwhile. Both end with the claimer's next one."""
    claim = session.get(ReviewClaimRow, (migration, old))
    if claim is not None and session.get(ReviewClaimRow, (migration, new)) is None:
        held = {"by": claim.by, "until": claim.until}
        session.add(ReviewClaimRow(migration=migration, item_key=new, **held))


def _rename_rows(session: Session, migration: str, old: str, new: str) -> None:
    """Rows whose key has the repository's name. What stands under the new name already is newer."""
    for table, same in _BY_NAME.items():
        newer = aliased(table)
        known = (newer.migration == migration, newer.repository == new)
        alike = (getattr(newer, name) == getattr(table, name) for name in same)
        session.execute(
            delete(table)
            .where(table.migration == migration, table.repository == old)
            .where(exists().where(*known, *alike))
        )
    _rewrite(session, SnapshotRow, migration, old, new)
    _rewrite(session, VerdictRow, migration, old, new)
    for table in (LabelRow, SetAsideRow, CursorRow):
        where = (table.migration == migration, table.repository == old)
        session.execute(update(table).where(*where).values(repository=new))
    facts = (RepositoryRow.migration == migration, RepositoryRow.name == old)
    session.execute(delete(RepositoryRow).where(*facts))


_BY_NAME: Final[dict[type[Any], tuple[str, ...]]] = {
    SnapshotRow: ("number",),
    LabelRow: ("number", "label"),
    VerdictRow: ("number",),
    SetAsideRow: ("number", "stage"),
    CursorRow: ("kind",),
}
"""Tables whose key has a repository's name, and what else their keys have."""


def _rewrite(session: Session, table: type[_Named], migration: str, old: str, new: str) -> None:
    """Rows whose documents name the repository, too; some in memory at a time."""
    query = select(table).where(table.migration == migration, table.repository == old)
    while rows := session.scalars(query.limit(CHUNK)).all():
        for row in rows:
            if isinstance(row, SnapshotRow):
                with suppress(*json_columns.UNREADABLE):  # such a row is set aside by its name
                    item = json_columns.read(row.document, Item)
                    row.document = json_columns.write(item.called(new))
            elif isinstance(row, VerdictRow):
                row.facts_document = _facts_of(row.facts_document, ItemRef(new, row.number))
            row.repository = new
        session.flush()
        session.expunge_all()


def _facts_of(document: bytes, ref: ItemRef) -> bytes:
    """The facts of an item's activity, under that name."""
    try:
        facts = json_columns.read(document, ActivityFacts)
    except json_columns.UNREADABLE:  # the next `classify` writes it anew
        return document
    subject = msgspec.structs.replace(facts.subject, repository=ref[0], number=ref[1])
    return json_columns.write(msgspec.structs.replace(facts, subject=subject))


def _rename_landings(session: Session, migration: str, old: str, new: str) -> None:
    """Landings name an item of the source and one of a target: either may be renamed."""
    for row in session.scalars(select(LandingRow).where(LandingRow.migration == migration)).all():
        keys = [_key_called(key, old, new) for key in (row.old_key, row.new_key)]
        if [row.old_key, row.new_key] == keys:
            continue
        if session.get(LandingRow, (migration, *keys)) is None:
            row.old_key, row.new_key = keys
        else:
            session.delete(row)
        session.flush()


def _rename_claims(session: Session, migration: str, old: str, new: str) -> None:
    """Claims hold under both names (see :func:`_claim_under`)."""
    query = select(ReviewClaimRow.item_key).where(ReviewClaimRow.migration == migration)
    for key in session.scalars(query).all():
        _claim_under(session, migration, key, _key_called(key, old, new))


def _key_called(key: str, old: str, new: str) -> str:
    ref = ItemRef.parse(key)
    return str(ItemRef(new, ref.number)) if ref.repository == old else key


def _rename_items(session: Session, migration: str, old: str, new: str, at: datetime) -> None:
    """One more name for each item that is known in the repository."""
    rows = session.scalars(
        select(ItemAliasRow).where(
            ItemAliasRow.migration == migration,
            ItemAliasRow.repository == old,
            ItemAliasRow.seen_until.is_(None),
        )
    ).all()
    for row in rows:
        _add(session, migration, row.item_id, ItemRef(new, row.number), row.node_id, at)


def _alias(row: ItemAliasRow) -> ItemAlias:
    return ItemAlias(
        item_id=row.item_id,
        node_id=row.node_id,
        repository_id=row.repository_id,
        ref=ItemRef(row.repository, row.number),
        seen_from=row.seen_from,
        seen_until=row.seen_until,
    )
