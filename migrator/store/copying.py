"""Rows of all our tables out of one database and into another, whatever kind each of them is.

The durable engine's own tables are left out on purpose: it only knows what to run next, and that follows from the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select, text

from migrator.errors import DatabaseError
from migrator.store import revisions
from migrator.store.models import Base

CHUNK = 200
"""Rows in memory at a time: a row can hold a thread of several hundred kilobytes."""

Rows = tuple[str, Sequence[Mapping[str, Any]]]
"""Name of a table, and some of its rows by column name."""


def tables() -> Sequence[Table]:
    """Our tables, each after those that it refers to."""
    return Base.metadata.sorted_tables


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever others write meanwhile."""
    repeatable = engine.dialect.name == "postgresql"
    with engine.connect() as plain:
        connection = plain.execution_options(isolation_level="REPEATABLE READ") if repeatable else plain
        if not repeatable:
            connection.exec_driver_sql("BEGIN")
        yield connection
        connection.rollback()


def rows_of(connection: Connection) -> Iterator[Rows]:
    """Every row of every table, in chunks, parents before their children."""
    for table in tables():
        query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=CHUNK)
        names = [str(column.name) for column in table.columns]  # plain text, without SQLAlchemy's quoting
        for chunk in connection.execute(query).partitions():
            yield str(table.name), [dict(zip(names, row, strict=True)) for row in chunk]


def write_rows(connection: Connection, chunks: Iterable[Rows]) -> dict[str, int]:
    """Insert rows inside the caller's transaction; returns how many went into each table.

    Raises :class:`DatabaseError` for a table that we do not have.
    """
    known = {table.name: table for table in tables()}
    counts = dict.fromkeys(known, 0)
    for name, rows in chunks:
        if name not in known:
            raise DatabaseError(f"there is no table {name} in this program", cure="use the version that wrote it")
        connection.execute(known[name].insert(), list(rows))
        counts[name] += len(rows)
    _count_on(connection)
    return counts


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL's own counting go on behind the highest number that was copied."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables():
        column = table.autoincrement_column
        if column is not None and (highest := connection.scalar(select(func.max(column)))) is not None:
            names = {"table": table.name, "column": column.name, "highest": highest}
            connection.execute(text("select setval(pg_get_serial_sequence(:table, :column), :highest)"), names)


def counts_of(connection: Connection) -> dict[str, int]:
    """Table -> how many rows it has."""
    return {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables()}


def prepare_empty(engine: Engine) -> None:
    """Bring an empty database to our revision. Raises :class:`DatabaseError` if it holds anything of ours already."""
    if revisions.current(engine) is not None:
        with engine.connect() as connection:
            filled = [name for name, count in counts_of(connection).items() if count]
        if filled:
            raise DatabaseError(f"the database is not empty: it has rows in {filled[0]}", cure="give an empty one")
    revisions.upgrade(engine)
