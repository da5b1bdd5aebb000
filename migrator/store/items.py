"""Items under all their names: a rename or a transfer gives an item another name, not another
identity."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen, ItemRef
from migrator.domain.protocol.ledger import EntryKind
from migrator.store.item_names import add_name, ids_named, known_ids, present_names
from migrator.store.item_renames import move_rows, rename_rows
from migrator.store.models import EntryRow, ItemAliasRow


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
                add_name(session, self._migration, item_id, new, node_id, at)
            if known:
                move_rows(session, self._migration, old, new)
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
            rename_rows(session, self._migration, old, new, at)


def _alias(row: ItemAliasRow) -> ItemAlias:
    return ItemAlias(
        item_id=row.item_id,
        node_id=row.node_id,
        repository_id=row.repository_id,
        ref=ItemRef(row.repository, row.number),
        seen_from=row.seen_from,
        seen_until=row.seen_until,
    )
