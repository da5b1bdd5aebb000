"""Verdicts on items, and maintainers' answers that beat them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Engine, Row, delete, func, select, tuple_
from sqlalchemy.orm import Session

from migrator.domain.classification.activity import ActivityFacts
from migrator.domain.decisions import ReviewAnswer, together
from migrator.domain.evidence import ActivityVerdict, OwnershipVerdict
from migrator.domain.items import Frozen, Item, ItemRef
from migrator.store import json_columns
from migrator.store.item_names import item_id_named, present_names
from migrator.store.models import ItemAliasRow, ReviewRow, SnapshotRow, VerdictRow
from migrator.store.set_aside import is_set_aside
from migrator.store.types import upsert
from migrator.store.unreadable import RowReader

CHUNK = 500
SHORT_READ = 2_000
"""Verdicts that are read at a time, without their threads: a read that lasts keeps SQLite's log
from being written back."""


VerdictData = dict[str, object]
"""The columns of one verdict's row."""


class ClassifiedItem(Frozen, frozen=True, kw_only=True):
    """An item with both verdicts on it."""

    item: Item
    ownership: OwnershipVerdict
    activity: ActivityVerdict


class Stored(Frozen, frozen=True, kw_only=True):
    """What the verdicts on an item rest on, without its thread."""

    facts: ActivityFacts
    ownership: OwnershipVerdict


class Verdicts:
    """Verdict and review rows of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration
        self._rows = RowReader(engine, migration)

    def save(
        self,
        judged: Sequence[tuple[ClassifiedItem, ActivityFacts]],
        *,
        rules_digest: str,
        as_of: datetime,
    ) -> None:
        """Store verdicts with the facts of activity that they rest on, replacing older ones on
        the same items."""
        self.save_rows(self.rows(judged, rules_digest=rules_digest, as_of=as_of))

    def rows(
        self,
        judged: Sequence[tuple[ClassifiedItem, ActivityFacts]],
        *,
        rules_digest: str,
        as_of: datetime,
    ) -> list[VerdictData]:
        """What :meth:`save_rows` stores: made where the items were judged, which may be another
        process."""
        return [self._row(one, facts, rules_digest, as_of) for one, facts in judged]

    def save_rows(self, rows: Sequence[VerdictData]) -> None:
        """Store what :meth:`rows` made, replacing older verdicts on the same items."""
        with Session(self._engine) as session, session.begin():
            upsert(session, VerdictRow, rows)

    def get(self, repository: str, number: int) -> ClassifiedItem | None:
        """One item with the verdicts that it got last; ``None`` if it was not judged."""
        place = (self._migration, repository, number)
        with Session(self._engine) as session:
            snapshot, verdict = session.get(SnapshotRow, place), session.get(VerdictRow, place)
        pairs = [(snapshot, verdict)] if snapshot is not None and verdict is not None else []
        return next(self._rows.read(pairs, _place, _classified), None)

    def forget(self) -> None:
        """Remove all verdicts: what was not judged again must not be planned from."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(VerdictRow).where(VerdictRow.migration == self._migration))

    def count(self, *, rules_digest: str) -> int:
        """How many items were judged under these rules."""
        where = (
            VerdictRow.migration == self._migration,
            VerdictRow.rules_digest == rules_digest,
            ~is_set_aside(VerdictRow),
        )
        with Session(self._engine) as session:
            return session.scalar(select(func.count()).select_from(VerdictRow).where(*where)) or 0

    def _row(
        self, one: ClassifiedItem, facts: ActivityFacts, rules_digest: str, as_of: datetime
    ) -> VerdictData:
        return {
            "migration": self._migration,
            "repository": one.item.repository,
            "number": one.item.number,
            "rules_digest": rules_digest,
            "as_of": as_of,
            "answer": one.ownership.answer.value,
            "probability": one.ownership.probability,
            "activity": one.activity.answer.value,
            "ownership_document": json_columns.write(one.ownership),
            "activity_document": json_columns.write(one.activity),
            "facts_document": json_columns.write(facts),
        }

    def stream(self, *, rules_digest: str) -> Iterator[ClassifiedItem]:
        """Every item that was judged under these rules, by repository and number, a chunk in
        memory at a time."""
        last = ("", 0)
        while chunk := self._chunk(last, rules_digest):
            yield from self._rows.read(chunk, _place, _classified)
            last = (chunk[-1][0].repository, chunk[-1][0].number)

    def _chunk(
        self, after: tuple[str, int], rules_digest: str
    ) -> list[tuple[SnapshotRow, VerdictRow]]:
        place = tuple_(SnapshotRow.repository, SnapshotRow.number)
        same = (VerdictRow.repository == SnapshotRow.repository) & (
            VerdictRow.number == SnapshotRow.number
        )
        query = (
            select(SnapshotRow, VerdictRow)
            .join(VerdictRow, same & (VerdictRow.migration == SnapshotRow.migration))
            .where(
                SnapshotRow.migration == self._migration,
                SnapshotRow.gone_at.is_(None),
                place > after,
            )
            .where(VerdictRow.rules_digest == rules_digest, ~is_set_aside(SnapshotRow))
            .order_by(SnapshotRow.repository, SnapshotRow.number)
            .limit(CHUNK)
        )
        with Session(self._engine) as session:
            return [(snapshot, verdict) for snapshot, verdict in session.execute(query)]

    def stored(self, *, rules_digest: str) -> Iterator[Stored]:
        """What the verdicts under these rules rest on, by repository and number; a tenth of the
        time that :meth:`stream` takes."""
        place = VerdictRow.repository, VerdictRow.number
        columns = VerdictRow.facts_document, VerdictRow.ownership_document
        query = (
            select(*place, *columns)
            .where(VerdictRow.migration == self._migration, VerdictRow.rules_digest == rules_digest)
            .order_by(*place)
            .limit(SHORT_READ)
        )
        last = ("", 0)
        while True:
            with self._engine.connect() as connection:
                rows = connection.execute(query.where(tuple_(*place) > last)).all()
            yield from self._rows.read(rows, lambda row: ItemRef(row[0], row[1]), _stored)
            if len(rows) < SHORT_READ:
                return
            last = (rows[-1][0], rows[-1][1])

    def as_of(self, *, rules_digest: str) -> datetime | None:
        """The moment at which the items were last judged under these rules; ``None`` if they
        never were."""
        where = (VerdictRow.migration == self._migration, VerdictRow.rules_digest == rules_digest)
        with Session(self._engine) as session:
            return session.scalar(select(func.max(VerdictRow.as_of)).where(*where))

    def record_answer(self, item_key: str, answer: ReviewAnswer) -> None:
        """Append a maintainer's answer; it counts from now on."""
        with Session(self._engine) as session, session.begin():
            add_answer(session, self._migration, item_key, answer)

    def answers(self) -> dict[str, ReviewAnswer]:
        """What the answers on each item say together, by the name that the item has now. An item is
        set aside if one of its answers cannot be read: nothing may be done against it."""
        query = (
            select(ReviewRow).where(ReviewRow.migration == self._migration).order_by(ReviewRow.id)
        )
        given: dict[str, list[ReviewAnswer]] = {}
        unreadable: dict[ItemRef, str] = {}
        with Session(self._engine) as session:
            names = answered_names(session, self._migration)
            for row in session.scalars(query):
                key = names.get(row.item_id or 0, row.item_key)
                try:
                    answer = json_columns.read(row.document, ReviewAnswer)
                except json_columns.UNREADABLE as error:
                    unreadable[ItemRef.parse(key)] = f"an answer cannot be read: {error}"
                else:
                    given.setdefault(key, []).append(answer)
        self._rows.set_aside(unreadable)
        return {key: together(answers) for key, answers in given.items()}


def _place(pair: tuple[SnapshotRow, VerdictRow]) -> ItemRef:
    return ItemRef(pair[0].repository, pair[0].number)


def _classified(pair: tuple[SnapshotRow, VerdictRow]) -> ClassifiedItem:
    snapshot, verdict = pair
    return ClassifiedItem(
        item=json_columns.read(snapshot.document, Item),
        ownership=json_columns.read(verdict.ownership_document, OwnershipVerdict),
        activity=json_columns.read(verdict.activity_document, ActivityVerdict),
    )


def _stored(row: Row[str, int, bytes, bytes]) -> Stored:
    return Stored(
        facts=json_columns.read(row[2], ActivityFacts),
        ownership=json_columns.read(row[3], OwnershipVerdict),
    )


def add_answer(session: Session, migration: str, item_key: str, answer: ReviewAnswer) -> None:
    """Append a maintainer's answer to an item, within a transaction."""
    session.add(
        ReviewRow(
            migration=migration,
            item_key=item_key,
            document=json_columns.write(answer),
            answered_at=answer.at,
            item_id=item_id_named(session, migration, item_key, answer.at),
        )
    )


def answered_names(session: Session, migration: str) -> dict[int, str]:
    """Item id -> present name, of the items that got an answer."""
    answered = select(ReviewRow.item_id).where(
        ReviewRow.migration == migration, ReviewRow.item_id.is_not(None)
    )
    return present_names(session, ItemAliasRow.item_id.in_(answered))
