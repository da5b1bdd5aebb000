"""What was done to all items so far, over every run: for the planner, the recheck and undo."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime

from sqlalchemy import Engine, or_, select
from sqlalchemy.orm import Session

from migrator.domain.items import ItemRef
from migrator.domain.protocol.history import NOTICE_DELETED, Histories, PastEntry
from migrator.domain.protocol.ledger import ActKind, EntryKind, Phase, undone_decision
from migrator.store.item_names import ids_named, names_of
from migrator.store.models import AttemptRow, EntryRow, ItemAliasRow, OutcomeRow


class ItemHistories:
    """Reads what :class:`~migrator.store.ledger.Ledger` wrote in one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def nonces(self) -> frozenset[str]:
        """Every nonce that was ever drawn for this migration."""
        query = select(EntryRow.nonce).where(EntryRow.migration == self._migration)
        with Session(self._engine) as session:
            return frozenset(session.scalars(query))

    def has_nonce(self, nonce: str) -> bool:
        """Whether this nonce was drawn for this migration."""
        query = select(EntryRow.id).where(
            EntryRow.migration == self._migration, EntryRow.nonce == nonce
        )
        with Session(self._engine) as session:
            return session.scalars(query.limit(1)).first() is not None

    def reopens(self) -> dict[str, tuple[datetime, ...]]:
        """Every name of an item -> when we intended to reopen it."""
        query = (
            select(EntryRow.item_key, EntryRow.item_id, AttemptRow.at)
            .join(EntryRow, EntryRow.id == AttemptRow.entry_id)
            .where(EntryRow.migration == self._migration)
            .where(AttemptRow.act == ActKind.REOPEN.value, AttemptRow.phase == Phase.INTENDED.value)
        )
        found: dict[str, tuple[datetime, ...]] = {}
        with Session(self._engine) as session:
            rows = session.execute(query).all()
            names = names_of(session, self._migration, {row[1] for row in rows if row[1]})
        for key, item_id, at in rows:
            for name in {key} | names.get(item_id or 0, set()):
                found[name] = (*found.get(name, ()), at)
        return found

    def notices_deleted(self) -> frozenset[str]:
        """Every name of the items on which a run saw that our notice had been deleted."""
        query = (
            select(EntryRow.item_key, EntryRow.item_id)
            .join(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(EntryRow.migration == self._migration, OutcomeRow.code == NOTICE_DELETED)
        )
        with Session(self._engine) as session:
            rows = session.execute(query).all()
            names = names_of(session, self._migration, {row[1] for row in rows if row[1]})
        return frozenset({row[0] for row in rows}.union(*names.values()))

    def closed_since(
        self, item_keys: Set[str], moment: datetime, *, plan_hash: str = ""
    ) -> frozenset[str]:
        """Which of these items we have closed, or meant to, since ``moment``, or by that plan: it
        may have been made by a clock that is ahead of ours."""
        if not item_keys:
            return frozenset()
        with Session(self._engine) as session:
            ids = {
                item_id: key
                for key in item_keys
                for item_id in ids_named(session, self._migration, ItemRef.parse(key))
            }
            about = or_(EntryRow.item_key.in_(item_keys), EntryRow.item_id.in_(ids))
            query = (
                select(EntryRow.item_key, EntryRow.item_id)
                .join(AttemptRow, AttemptRow.entry_id == EntryRow.id)
                .where(EntryRow.migration == self._migration, about)
                .where(
                    AttemptRow.act == ActKind.CLOSE.value,
                    AttemptRow.phase == Phase.INTENDED.value,
                    or_(AttemptRow.at >= moment, EntryRow.plan_hash == plan_hash),
                )
            )
            return frozenset(
                key if key in item_keys else ids[item_id or 0]
                for key, item_id in session.execute(query)
            )

    def undone(self) -> set[tuple[str, str, int]]:
        """(Item name, decision, generation) of the entries that were taken back."""
        query = (
            select(EntryRow.item_key, EntryRow.decision, EntryRow.generation)
            .join(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(EntryRow.migration == self._migration, EntryRow.kind == EntryKind.UNDO.value)
        )
        with Session(self._engine) as session:
            return {(row[0], undone_decision(row[1]), row[2]) for row in session.execute(query)}

    def all(self) -> Histories:
        """What was done to every item so far, for whoever decides what comes next."""
        closed = select(AttemptRow.entry_id).where(
            AttemptRow.act == ActKind.CLOSE.value, AttemptRow.phase == Phase.DONE.value
        )
        posted = select(AttemptRow.entry_id).where(
            AttemptRow.act == ActKind.NOTICE.value, AttemptRow.phase == Phase.DONE.value
        )
        query = (
            select(
                EntryRow.item_id,
                EntryRow.item_key,
                EntryRow.id,
                EntryRow.decision,
                EntryRow.generation,
                EntryRow.created_at,
                OutcomeRow.outcome,
                OutcomeRow.code,
                EntryRow.id.in_(posted),  # asked for once; an `exists` would be for every entry
                EntryRow.id.in_(closed),
                EntryRow.nonce,
            )
            .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(EntryRow.migration == self._migration, EntryRow.kind != EntryKind.REPLY.value)
            .order_by(EntryRow.created_at, EntryRow.id)
        )
        aliases = select(
            ItemAliasRow.item_id,
            ItemAliasRow.node_id,
            ItemAliasRow.repository,
            ItemAliasRow.number,
        ).where(ItemAliasRow.migration == self._migration)
        by_id: dict[int, list[PastEntry]] = {}
        unmatched: dict[str, list[PastEntry]] = {}
        with Session(self._engine) as session:
            for item_id, key, *past in session.execute(query):
                if item_id is None:
                    unmatched.setdefault(key, []).append(PastEntry(*past))
                else:
                    by_id.setdefault(item_id, []).append(PastEntry(*past))
            known = session.execute(aliases).all()
        nodes = {row[1]: row[0] for row in known}
        names = {str(ItemRef(row[2], row[3])): row[0] for row in known}
        return Histories(by_id, nodes, names, unmatched)
