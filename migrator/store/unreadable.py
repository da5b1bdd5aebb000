"""Rows whose JSON cannot be read: an older version wrote them otherwise, or they were damaged.

Each such item is set aside by name, and the others go on. The next scan reads the item again, and
so replaces the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from migrator.domain.items import ItemKind, ItemRef
from migrator.store.database import is_read_only
from migrator.store.json_columns import UNREADABLE
from migrator.store.models import SnapshotRow
from migrator.store.set_aside import STORE, SetAsideItem, put_aside

Row = TypeVar("Row")
Found = TypeVar("Found")
CAUSE = "unreadable_row"


def unreadable(items: Iterable[SetAsideItem]) -> list[SetAsideItem]:
    """Those that are set aside because of their rows."""
    return [item for item in items if item.cause == CAUSE]


class RowReader:
    """Reads rows of one migration. ``stage`` is where items are set aside whose rows are not
    readable."""

    def __init__(self, engine: Engine, migration: str, stage: str = STORE) -> None:
        self._engine = engine
        self._migration = migration
        self._stage = stage

    def read(
        self, rows: Iterable[Row], place: Callable[[Row], ItemRef], decode: Callable[[Row], Found]
    ) -> Iterator[Found]:
        """What ``decode`` makes of the rows that it can read, in order. A process that may only
        read leaves the others out; one that may write sets them aside, too."""
        unreadable: dict[ItemRef, str] = {}
        try:
            for row in rows:
                try:
                    found = decode(row)
                except UNREADABLE as error:
                    unreadable[place(row)] = f"what is stored of it cannot be read: {error}"
                    continue
                yield found
        finally:
            self.set_aside(unreadable)

    def set_aside(self, words: dict[ItemRef, str]) -> None:
        """Set items aside, each with the reason."""
        if not words or is_read_only(self._engine):
            return
        now = datetime.now(UTC)
        with Session(self._engine) as session, session.begin():
            put_aside(
                session,
                self._migration,
                [self._item(session, ref, why, now) for ref, why in words.items()],
            )

    def _item(self, session: Session, ref: ItemRef, why: str, now: datetime) -> SetAsideItem:
        row = session.get(SnapshotRow, (self._migration, *ref))
        return SetAsideItem(
            repository=ref.repository,
            number=ref.number,
            kind=row.kind if row is not None else ItemKind.ISSUE.value,
            node_id=row.node_id if row is not None else "",
            stage=self._stage,
            cause=CAUSE,
            words=why,
            first_at=now,
            last_at=now,
        )
