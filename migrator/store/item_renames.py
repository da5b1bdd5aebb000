"""What is stored of an item, or of a whole repository, when it gets another name."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from migrator.domain.classification.activity import ActivityFacts
from migrator.domain.items import Item, ItemRef
from migrator.store import json_columns
from migrator.store.item_names import add_name
from migrator.store.models import (
    CursorRow,
    ItemAliasRow,
    ItemTextRow,
    LabelRow,
    LandingRow,
    RepositoryRow,
    ReviewClaimRow,
    SetAsideRow,
    SnapshotRow,
    VerdictRow,
)
from migrator.store.run_changes import note_items, note_migration

CHUNK = 500
_Named = TypeVar("_Named", SnapshotRow, VerdictRow)


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
            move_rows(session, migration, old, new)
    known = session.execute(
        select(ItemAliasRow.item_id, ItemAliasRow.node_id).where(
            ItemAliasRow.migration == migration,
            ItemAliasRow.node_id.in_(ids),
            ItemAliasRow.seen_until.is_(None),
        )
    ).all()
    for item_id, node_id in known:
        add_name(session, migration, item_id, now[node_id], node_id, at)


def move_rows(session: Session, migration: str, old: ItemRef, new: ItemRef) -> None:
    """Keep what is stored of one item by name under its new name: verdict and landings. What is
    read again with the item goes."""
    for table in (SnapshotRow, LabelRow, SetAsideRow, ItemTextRow):
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


def rename_rows(session: Session, migration: str, old: str, new: str, at: datetime) -> None:
    """Call everything that is stored of a repository by its new name."""
    _rename_keyed(session, migration, old, new)
    _rename_landings(session, migration, old, new)
    _rename_claims(session, migration, old, new)
    _rename_items(session, migration, old, new, at)
    note_migration(session, migration)


def _rename_keyed(session: Session, migration: str, old: str, new: str) -> None:
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
    for table in (LabelRow, SetAsideRow, CursorRow, ItemTextRow):
        where = (table.migration == migration, table.repository == old)
        session.execute(update(table).where(*where).values(repository=new))
    facts = (RepositoryRow.migration == migration, RepositoryRow.name == old)
    session.execute(delete(RepositoryRow).where(*facts))


_BY_NAME: Final[dict[type[Any], tuple[str, ...]]] = {
    SnapshotRow: ("number",),
    LabelRow: ("number", "label"),
    VerdictRow: ("number",),
    SetAsideRow: ("number", "stage"),
    ItemTextRow: ("number",),
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
        add_name(session, migration, row.item_id, ItemRef(new, row.number), row.node_id, at)
