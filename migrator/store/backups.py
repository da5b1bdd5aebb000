"""Backups: all our rows, as of one point in time, in one compressed file that either kind of
database can be restored from.

The file is a gzip stream of frames, each four bytes of length (big-endian) and a MessagePack value:
first a header, then ``[table, rows]`` again and again, last the number of rows of each table, by
which a cut-off file is known.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import msgspec
from sqlalchemy import Connection, Engine, Table, func, select, text, update

from migrator.domain.items import Frozen
from migrator.errors import DatabaseError, InputFileError
from migrator.store import revisions
from migrator.store.models import Base, RunRow

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
        connection = (
            plain.execution_options(isolation_level="REPEATABLE READ") if repeatable else plain
        )
        if not repeatable:
            connection.exec_driver_sql("BEGIN")
        yield connection
        connection.rollback()


def rows_of(connection: Connection) -> Iterator[Rows]:
    """Every row of every table, in chunks, parents before their children."""
    for table in tables():
        query = (
            select(table).order_by(*table.primary_key.columns).execution_options(yield_per=CHUNK)
        )
        names = [
            str(column.name) for column in table.columns
        ]  # plain text, without SQLAlchemy's quoting
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
            raise DatabaseError(
                f"there is no table {name} in this program", cure="use the version that wrote it"
            )
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
        if (
            column is not None
            and (highest := connection.scalar(select(func.max(column)))) is not None
        ):
            names = {"table": table.name, "column": column.name, "highest": highest}
            connection.execute(
                text("select setval(pg_get_serial_sequence(:table, :column), :highest)"), names
            )


def counts_of(connection: Connection) -> dict[str, int]:
    """Table -> how many rows it has."""
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in tables()
    }


def prepare_empty(engine: Engine) -> None:
    """Bring an empty database to our revision. Raises :class:`DatabaseError` if it holds
    anything of ours already."""
    if revisions.current(engine) is not None:
        with engine.connect() as connection:
            filled = [name for name, count in counts_of(connection).items() if count]
        if filled:
            raise DatabaseError(
                f"the database is not empty: it has rows in {filled[0]}", cure="give an empty one"
            )
    revisions.upgrade(engine)


FORMAT = 1
LENGTH = 4


class BackupHeader(Frozen, frozen=True, kw_only=True):
    """What stands at a backup's beginning."""

    format: int
    revision: str
    made_at: datetime


def backup(engine: Engine, to: Path, *, made_at: datetime) -> dict[str, int]:
    """Write everything into a new file that only its owner may read; returns the number of rows by
    table.

    The database may be in use. Raises :class:`DatabaseError` for a database of another revision,
    ``FileExistsError``.
    """
    revisions.require_current(engine)
    counts: dict[str, int] = {}
    with (
        _new_file(to) as plain,
        gzip.GzipFile(fileobj=plain, mode="wb", compresslevel=6, mtime=0) as file,
    ):
        _write(file, BackupHeader(format=FORMAT, revision=revisions.newest(), made_at=made_at))
        with one_moment(engine) as connection:
            for table, rows in rows_of(connection):
                _write(file, (table, rows))
                counts[table] = counts.get(table, 0) + len(rows)
        _write(file, counts)
    return counts


def _new_file(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _write(file: gzip.GzipFile, value: object) -> None:
    frame = msgspec.msgpack.encode(value)
    file.write(len(frame).to_bytes(LENGTH, "big") + frame)


def restore(engine: Engine, source: Path) -> tuple[BackupHeader, dict[str, int]]:
    """Fill an empty database from a backup, in one transaction; returns its header and the number
    of rows by table.

    Runs that were at work are stopped: what was done after the backup is not in its ledger, so a
    person looks first. Raises :class:`InputFileError` for a file that is no whole backup,
    :class:`DatabaseError` for one of another revision and for a database that is not empty.
    """
    with gzip.open(source, "rb") as file:
        frames = _frames(file, source)
        header = _header(next(frames, b""), source)
        prepare_empty(engine)
        with engine.begin() as connection:
            ends: list[dict[str, int]] = []
            counts = write_rows(connection, _rows(frames, ends))
            if not ends or ends[0] != {table: count for table, count in counts.items() if count}:
                raise InputFileError(f"{source} is cut off", cure="use another backup")
            reason = (
                f"restored from a backup of {header.made_at:%Y-%m-%d %H:%M} UTC: scan and verify "
                "before going on"
            )
            connection.execute(
                update(RunRow)
                .where(RunRow.state == "running")
                .values(state="stopped", reason=reason)
            )
    return header, counts


def _frames(file: gzip.GzipFile, source: Path) -> Iterator[bytes]:
    try:
        while size := file.read(LENGTH):
            yield file.read(int.from_bytes(size, "big"))
    except (EOFError, OSError) as error:
        raise InputFileError(
            f"{source} is damaged or no backup: {error}", cure="use another backup"
        ) from error


def _header(frame: bytes, source: Path) -> BackupHeader:
    try:
        header = msgspec.msgpack.decode(frame, type=BackupHeader)
    except msgspec.MsgspecError as error:
        raise InputFileError(
            f"{source} is not a backup of the migrator",
            cure="give a file made by `migrator db backup`",
        ) from error
    if header.format != FORMAT or header.revision != revisions.newest():
        raise DatabaseError(
            f"the backup has revision {header.revision}, this version needs {revisions.newest()}",
            cure=(
                "restore it with the version that wrote it, then run `migrator db upgrade` with "
                "this one"
            ),
        )
    return header


def _rows(frames: Iterator[bytes], ends: list[dict[str, int]]) -> Iterator[Rows]:
    """Chunks of rows; the last frame, the counts, goes into ``ends``."""
    for frame in frames:
        value: Any = msgspec.msgpack.decode(frame)
        if isinstance(value, dict):
            ends.append(value)
        else:
            yield value[0], value[1]
