"""Backups: all our rows, as of one moment, in one compressed file that either kind of database can be restored from.

The file is a gzip stream of frames, each four bytes of length (big-endian) and a MessagePack value: first a header, then
``[table, rows]`` again and again, last the number of rows of each table, by which a cut-off file is known.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import msgspec
from sqlalchemy import Engine, update

from migrator.domain.items import Frozen
from migrator.errors import DatabaseError, InputFileError
from migrator.store import revisions
from migrator.store.copying import Rows, one_moment, prepare_empty, rows_of, write_rows
from migrator.store.models import RunRow

FORMAT = 1
LENGTH = 4


class Header(Frozen, frozen=True, kw_only=True):
    """What stands at a backup's beginning."""

    format: int
    revision: str
    made_at: datetime


def backup(engine: Engine, to: Path, *, made_at: datetime) -> dict[str, int]:
    """Write everything into a new file that only its owner may read; returns the number of rows by table.

    The database may be in use. Raises :class:`DatabaseError` for a database of another revision, ``FileExistsError``.
    """
    revisions.require_current(engine)
    counts: dict[str, int] = {}
    with _new_file(to) as plain, gzip.GzipFile(fileobj=plain, mode="wb", compresslevel=6, mtime=0) as file:
        _write(file, Header(format=FORMAT, revision=revisions.newest(), made_at=made_at))
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


def restore(engine: Engine, source: Path) -> tuple[Header, dict[str, int]]:
    """Fill an empty database from a backup, in one transaction; returns its header and the number of rows by table.

    Runs that were at work are stopped: what was done after the backup is not in its ledger, so a person looks first.
    Raises :class:`InputFileError` for a file that is no whole backup, :class:`DatabaseError` for one of another revision
    and for a database that is not empty.
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
            reason = f"restored from a backup of {header.made_at:%Y-%m-%d %H:%M} UTC: scan and verify before going on"
            connection.execute(update(RunRow).where(RunRow.state == "running").values(state="stopped", reason=reason))
    return header, counts


def _frames(file: gzip.GzipFile, source: Path) -> Iterator[bytes]:
    try:
        while size := file.read(LENGTH):
            yield file.read(int.from_bytes(size, "big"))
    except (EOFError, OSError) as error:
        raise InputFileError(f"{source} is damaged or no backup: {error}", cure="use another backup") from error


def _header(frame: bytes, source: Path) -> Header:
    try:
        header = msgspec.msgpack.decode(frame, type=Header)
    except msgspec.MsgspecError as error:
        raise InputFileError(
            f"{source} is not a backup of the migrator", cure="give a file made by `migrator db backup`"
        ) from error
    if header.format != FORMAT or header.revision != revisions.newest():
        raise DatabaseError(
            f"the backup has revision {header.revision}, this program needs {revisions.newest()}",
            cure="restore it with the version that wrote it, then run `migrator db upgrade` with this one",
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
