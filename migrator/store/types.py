"""Column types, clock, lock and upsert that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    String,
    Table,
    inspect,
    text,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

BigId = BigInteger().with_variant(Integer, "sqlite")
"""Auto-incrementing key: SQLite only counts up plain INTEGER."""

Text = String().with_variant(String(collation="C"), "postgresql")
"""Text that both databases, and Python, put in the same order whatever the server's language:
plans are hashed in it."""

Document = LargeBinary
"""A JSON document in UTF-8 bytes, written and read by msgspec."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. Refuses naive times; SQLite, which knows no zones, stores it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Python -> database. Raises ``ValueError`` for a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Database -> Python, always in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Seconds = Callable[[Session], float]
"""Gives the present moment in seconds since 1970 (UTC); called inside the transaction that uses
it, after its lock was got."""


def database_seconds(session: Session) -> float:
    """PostgreSQL's own clock; with SQLite everybody is on one machine."""
    if session.get_bind().dialect.name == "postgresql":
        return float(session.scalar(text("select extract(epoch from clock_timestamp())")) or 0.0)
    return time.time()


def scaled(factor: float) -> Seconds:
    """A clock that runs ``factor`` times as fast as the real one, the same in every process."""
    return lambda session: database_seconds(session) * factor


def lock(session: Session, kind: str, *names: str) -> None:
    """Let no other transaction pass this line for one of the same names before ours ends. Once in a
    transaction.

    On SQLite every transaction of ours begins as the only writer (see ``engine``); PostgreSQL needs
    a lock of its own
    (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS).
    """
    if session.get_bind().dialect.name == "postgresql":
        for name in sorted(names):  # in one order everywhere, so that nobody waits in a circle
            session.execute(
                text("select pg_advisory_xact_lock(hashtext(:kind), hashtext(:name))"),
                {"kind": kind, "name": name},
            )
    elif not session.info.get("begun"):
        session.connection().exec_driver_sql("BEGIN IMMEDIATE")
        session.info["begun"] = True


def upsert(
    session: Session | Connection, table: type[Any], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write rows by primary key: new ones are inserted, known ones overwritten whole."""
    if not rows:
        return
    if isinstance(session, Session):
        session.flush()
        session = session.connection()
    session.execute(
        _upsert(inspect(table).local_table, session.dialect.name, tuple(rows[0])), list(rows)
    )


@cache
def _upsert(table: Table, dialect: str, names: tuple[str, ...]) -> Any:
    """The statement, built once: building it takes longer than running it."""
    # that of PostgreSQL takes 50 ms to import, which SQLite does without
    insert: Any = import_module(f"sqlalchemy.dialects.{dialect}").insert
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {name: statement.excluded[name] for name in names if name not in keys}
    if changed:
        return statement.on_conflict_do_update(index_elements=keys, set_=changed)
    return statement.on_conflict_do_nothing(index_elements=keys)
