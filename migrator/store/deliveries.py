"""Webhooks as they arrived, and how far the work on each has come.

A delivery is *accepted* when its row is committed and *finished* when its work is done. Whatever
lies between the two when a process dies is worked on by the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import cast

from sqlalchemy import Connection, Engine, Table, bindparam, delete, func, select, update

from migrator.domain.items import Frozen
from migrator.store.database import committed_at_once
from migrator.store.models import DeliveryRow
from migrator.store.types import UtcDateTime
from migrator.store.wake_ups import notify

MOST_ATTEMPTS = 20
"""A delivery that failed so often is finished as failed; a person can have it worked on again."""

_COLUMNS = (
    DeliveryRow.id,
    DeliveryRow.event,
    DeliveryRow.action,
    DeliveryRow.received_at,
    DeliveryRow.finished_at,
    DeliveryRow.result,
    DeliveryRow.attempts,
)

_TABLE = cast(Table, DeliveryRow.__table__)
_FINISH = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("which"), _TABLE.c.finished_at.is_(None))
    .values(finished_at=bindparam("at"), result=bindparam("how"))
)


class Arrived(Frozen, frozen=True, kw_only=True):
    """A webhook to be stored. ``id`` is ``X-GitHub-Delivery``, ``payload`` the body byte for
    byte."""

    id: str
    event: str
    action: str
    received_at: datetime
    payload: bytes


class Delivery(Frozen, frozen=True, kw_only=True):
    """A stored webhook. ``result`` says how its work ended; ``attempts`` counts the tries that
    failed before."""

    id: str
    event: str
    action: str
    received_at: datetime
    finished_at: datetime | None = None
    result: str = ""
    attempts: int = 0
    payload: bytes = b""


class Backlog(Frozen, frozen=True, kw_only=True):
    """What is left to do: how many deliveries, and when the oldest of them arrived."""

    unfinished: int
    oldest: datetime | None


class Deliveries:
    """The deliveries of one App. They are not a migration's: an App has one address, however
    many migrations it serves."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._as_stored = UtcDateTime().dialect_impl(engine.dialect).bind_processor(engine.dialect)

    def accept(self, batch: Sequence[Arrived]) -> frozenset[str]:
        """Store deliveries by one statement, all of them or none, each id once and for good.
        Returns the ids whose work was finished before.

        When it returns, all of them are on disk. Safe to call again with the same ones.
        """
        statement = _insert(len(batch), self._engine.dialect.paramstyle)
        with self._engine.begin() as connection:
            with committed_at_once(connection):
                stored = connection.exec_driver_sql(statement, self._values(batch)).rowcount
                notify(connection)
            if stored == len(batch):
                return frozenset()
            return self._finished(connection, [each.id for each in batch])

    def _values(self, batch: Sequence[Arrived]) -> tuple[object, ...]:
        """The values of all rows, in order."""
        values: list[object] = []
        for each in batch:
            at = self._as_stored(each.received_at) if self._as_stored else each.received_at
            values += (each.id, each.event, each.action, at, each.payload)
        return tuple(values)

    def _finished(self, connection: Connection, ids: Sequence[str]) -> frozenset[str]:
        query = select(DeliveryRow.id).where(
            DeliveryRow.id.in_(ids), DeliveryRow.finished_at.is_not(None)
        )
        return frozenset(connection.scalars(query))

    def unfinished(self, limit: int, *, but: Iterable[str] = ()) -> list[Delivery]:
        """The longest waiting unfinished deliveries with their payloads, without those of the
        ids in ``but``."""
        query = (
            select(*_COLUMNS, DeliveryRow.payload)
            .where(DeliveryRow.finished_at.is_(None), DeliveryRow.id.not_in(list(but)))
            .order_by(DeliveryRow.received_at, DeliveryRow.id)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [Delivery(**row) for row in connection.execute(query).mappings()]

    def finish(self, results: Sequence[tuple[str, str]], at: datetime) -> None:
        """Note ``(id, result)`` of deliveries whose work is done, in one transaction. What was
        finished before stays so."""
        rows = [{"which": delivery_id, "at": at, "how": result} for delivery_id, result in results]
        with self._engine.begin() as connection:
            connection.execute(_FINISH, rows)

    def fail(self, delivery_id: str, reason: str, at: datetime) -> bool:
        """Count a failed try; after ``MOST_ATTEMPTS`` of them the delivery is finished as
        failed. Says whether it is."""
        attempts = DeliveryRow.attempts + 1
        with self._engine.begin() as connection:
            change = (
                update(DeliveryRow)
                .where(DeliveryRow.id == delivery_id)
                .values(attempts=attempts, result=f"failed: {reason}")
            )
            done = connection.execute(change.returning(DeliveryRow.attempts)).scalar_one_or_none()
            given_up = done is not None and done >= MOST_ATTEMPTS
            if given_up:
                connection.execute(
                    update(DeliveryRow).where(DeliveryRow.id == delivery_id).values(finished_at=at)
                )
            return given_up

    def replay(self, delivery_id: str) -> bool:
        """Have a delivery worked on once more; says whether there is one of that id."""
        change = (
            update(DeliveryRow)
            .where(DeliveryRow.id == delivery_id)
            .values(finished_at=None, attempts=0, result="")
        )
        with self._engine.begin() as connection:
            return connection.execute(change.returning(DeliveryRow.id)).first() is not None

    def get(self, delivery_id: str) -> Delivery | None:
        """One delivery with its payload."""
        query = select(*_COLUMNS, DeliveryRow.payload).where(DeliveryRow.id == delivery_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        return Delivery(**row) if row else None

    def newest(self, limit: int = 100, *, before: datetime | None = None) -> list[Delivery]:
        """The latest deliveries, newest first, without payloads."""
        query = (
            select(*_COLUMNS).order_by(DeliveryRow.received_at.desc(), DeliveryRow.id).limit(limit)
        )
        if before is not None:
            query = query.where(DeliveryRow.received_at < before)
        with self._engine.connect() as connection:
            return [Delivery(**row) for row in connection.execute(query).mappings()]

    def payloads(self, ids: Sequence[str], *, most: int) -> dict[str, bytes]:
        """The payloads of these deliveries, but for those of more than ``most`` bytes."""
        query = select(DeliveryRow.id, DeliveryRow.payload).where(
            DeliveryRow.id.in_(ids), func.length(DeliveryRow.payload) <= most
        )
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def known(self, ids: Sequence[str]) -> frozenset[str]:
        """Which of these ids are stored."""
        with self._engine.connect() as connection:
            return frozenset(
                connection.scalars(select(DeliveryRow.id).where(DeliveryRow.id.in_(list(ids))))
            )

    def backlog(self) -> Backlog:
        """What is left to do."""
        query = select(func.count(), func.min(DeliveryRow.received_at)).where(
            DeliveryRow.finished_at.is_(None)
        )
        with self._engine.connect() as connection:
            count, oldest = connection.execute(query).one()
        return Backlog(unfinished=count, oldest=oldest)

    def forget_before(self, moment: datetime) -> int:
        """Remove deliveries finished before ``moment``; returns how many.

        GitHub can redeliver for 3 days under the same id, so keep them longer than that.
        """
        change = delete(DeliveryRow).where(DeliveryRow.finished_at < moment)
        with self._engine.begin() as connection:
            return connection.execute(change).rowcount


@lru_cache(maxsize=1024)
def _insert(count: int, paramstyle: str) -> str:
    """One statement for ``count`` rows.

    Row by row, the driver would let go of the interpreter once a row and wait to get it back from
    the web server's thread, which takes far longer than the insert.
    """
    mark = "?" if paramstyle == "qmark" else "%s"
    row = f"({mark}, {mark}, {mark}, {mark}, NULL, '', 0, {mark})"
    columns = "id, event, action, received_at, finished_at, result, attempts, payload"
    rows = ", ".join([row] * count)
    insert = f"INSERT INTO mig_delivery ({columns}) VALUES {rows}"  # noqa: S608
    return f"{insert} ON CONFLICT (id) DO NOTHING"
