"""Opening the database: one SQLAlchemy engine for our tables and the durable engine's."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError

from migrator.errors import DatabaseError
from migrator.store.private_files import create_private

OLDEST_SQLITE = (3, 35, 0)
"""RETURNING and ALTER TABLE DROP COLUMN need it."""
OLDEST_SQLITE_FOR_312 = (3, 42, 0)
"""From Python 3.12 on the durable engine needs this libsqlite."""

ADDRESSES = "set MIGRATOR_DATABASE_URL to sqlite:///FILE or postgresql://USER@HOST/NAME"

WAL_TRIES = 100
WAL_PAUSE = 0.1
"""Seconds between two tries."""


WRITER = "IMMEDIATE"
"""How transactions begin on SQLite."""

PATIENCE = "-c statement_timeout=60s -c lock_timeout=15s -c idle_in_transaction_session_timeout=60s"
"""Of each PostgreSQL connection; revisions lift it.
https://www.postgresql.org/docs/current/runtime-config-client.html"""


READS_ONLY: Final = "migrator_reads_only"
"""Name of the engine's option that says so."""
READ_ONLY = "-c default_transaction_read_only=on"


def open_engine(url: str, *, through_power_cuts: bool = True, reads_only: bool = False) -> Engine:
    """Engine for ``sqlite:///FILE`` or ``postgresql://...``; with ``reads_only`` the database
    refuses every write on it.

    Without ``through_power_cuts`` SQLite does not wait for the disk: what is committed survives the
    death of any process, but not of the machine. Enough for a rehearsal, and twice as fast
    (https://sqlite.org/pragma.html#pragma_synchronous).

    Raises :class:`DatabaseError` for another address or a libsqlite that is too old.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(url, "FULL" if through_power_cuts else "NORMAL", reads_only)
    if parsed.get_backend_name() == "postgresql":
        return _open_postgresql(parsed.set(drivername="postgresql+psycopg"), reads_only)
    raise DatabaseError(
        f"the database address {parsed.render_as_string(hide_password=True)} is neither SQLite "
        "nor PostgreSQL",
        cure=ADDRESSES,
    )


def is_read_only(engine: Engine) -> bool:
    """Whether an engine was opened with ``reads_only``."""
    return bool(engine.get_execution_options().get(READS_ONLY))


@contextmanager
def engine_at(url: str) -> Iterator[Engine]:
    """An engine as :func:`open_engine` gives it, for the length of the block: then its
    connections are closed."""
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # its message may hold the password
        raise DatabaseError(
            "MIGRATOR_DATABASE_URL is no database address", cure=ADDRESSES
        ) from None


@contextmanager
def opened(engine: Engine) -> Iterator[Connection]:
    """The first connection of a program. Raises :class:`DatabaseError` with the cure if there is
    no way in."""
    address = engine.url.render_as_string(hide_password=True)
    try:
        connection = engine.connect()
    except DBAPIError as error:
        cause = " ".join(str(error.orig).split())
        file = engine.dialect.name == "sqlite"
        check = (
            "the path, its rights, and that it is a database of the migrator"
            if file
            else "that it runs and lets us in"
        )
        cure = f"check {check} (MIGRATOR_DATABASE_URL)"
        raise DatabaseError(
            f"the database {address} cannot be opened: {cause}", cure=cure
        ) from error
    with connection:
        yield connection


def _open_postgresql(url: URL, reads_only: bool) -> Engine:
    """Nobody waits for ever, neither we for the server nor the server for a process that hangs;
    the address may say otherwise."""
    patience: dict[str, Any] = {
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "options": PATIENCE,
        "application_name": "migrator",
    }
    ours = {name: value for name, value in patience.items() if name not in url.query}
    if reads_only:
        ours["options"] = f"{ours.get('options') or url.query.get('options', '')} {READ_ONLY}"
    return create_engine(
        url,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
        connect_args=ours,
        execution_options={READS_ONLY: reads_only},
    )


def _open_sqlite(url: str, synchronous: str, reads_only: bool) -> Engine:
    oldest = OLDEST_SQLITE if sys.version_info < (3, 12) else OLDEST_SQLITE_FOR_312
    if sqlite3.sqlite_version_info < oldest:
        raise DatabaseError(
            f"Python {sys.version_info.major}.{sys.version_info.minor} with SQLite "
            f"{sqlite3.sqlite_version} is too old for the migrator",
            cure="use Python 3.11, or one built with SQLite 3.42 or newer, or PostgreSQL",
        )
    file = make_url(url).database
    if file and file != ":memory:":
        _make_folder(Path(file).parent)
    engine = create_engine(
        url, pool_size=20, max_overflow=20, execution_options={READS_ONLY: reads_only}
    )
    if file and file != ":memory:" and not file.startswith("file:"):
        event.listen(engine, "do_connect", lambda *_: _make_file(Path(file)))
    prepare = _set_query_only if reads_only else partial(_set_pragmas, synchronous=synchronous)
    event.listen(engine, "connect", lambda connection, _record: prepare(connection))
    return engine


def _set_query_only(connection: DBAPIConnection) -> None:
    """A connection that can write nothing (https://sqlite.org/pragma.html#pragma_query_only)."""
    for pragma in ("busy_timeout=30000", "query_only=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"the folder {folder} of the database cannot be made: {error.strerror}",
            cure="set MIGRATOR_DATABASE_URL to another path",
        ) from error


def _make_file(file: Path) -> None:
    """A new database is for its owner alone; SQLite gives its other files the same mode."""
    with suppress(OSError):  # whoever connects gets the error, in words
        create_private(file)


def _set_pragmas(connection: DBAPIConnection, synchronous: str) -> None:
    """Every transaction that writes begins as a writer (no upgrade deadlocks); an intent is on
    disk before its request leaves."""
    connection.isolation_level = WRITER
    for pragma in ("busy_timeout=30000", "foreign_keys=ON", f"synchronous={synchronous}"):
        connection.execute(f"PRAGMA {pragma}")
    _use_write_ahead_log(connection)


@contextmanager
def committed_at_once(connection: Connection) -> Iterator[None]:
    """On SQLite, have each statement of the block be a transaction of its own. Elsewhere it is
    part of the connection's transaction.

    Around a single statement the driver's BEGIN and COMMIT are two more calls, after each of which
    a thread beside a busy event loop waits for the interpreter: a fifth of the time that a webhook
    takes (https://sqlite.org/lang_transaction.html#implicit_versus_explicit_transactions).
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.isolation_level = None
    try:
        yield
    finally:
        driver.isolation_level = WRITER


def _use_write_ahead_log(connection: DBAPIConnection) -> None:
    """Readers do not wait for writers. Only the first process changes the mode of a new file,
    for which SQLite does not wait."""
    for _ in range(WAL_TRIES):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            time.sleep(WAL_PAUSE)
    raise DatabaseError(
        "the database file is locked by another program", cure="close what uses it, then try again"
    )


Found = TypeVar("Found")

OUTAGES: Final = (OperationalError, InterfaceError)
"""What SQLAlchemy raises when the connection breaks or none can be had
(https://docs.sqlalchemy.org/errors.html)."""
OUTAGE_PATIENCE: Final = 300.0
"""Seconds after which a database that is away is taken for gone."""
PAUSE: Final = 1.0
"""Seconds between two tries."""


DISK_FULL = "disk is full"
"""In SQLite's message: https://sqlite.org/rescode.html#full. PostgreSQL says :data:`NO_SPACE`."""
NO_SPACE = "No space left on device"


def outage(error: DBAPIError) -> DatabaseError:
    """What an outage (:data:`OUTAGES`) means, and how to fix it."""
    words = " ".join(str(error.orig).split())
    if DISK_FULL in words or NO_SPACE in words:
        return DatabaseError(
            "the disk with the database is full",
            cure="make room there; what runs goes on by itself, else run the same command again",
        )
    return DatabaseError(
        f"the database is unavailable: {words}",
        cure="bring it back; what runs goes on by itself, and else run the same command again",
    )


def is_outage(error: BaseException) -> bool:
    """Whether an error means that the database is away or has no room. SQLite has the same class
    for a table or column that is missing, which no waiting brings."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return isinstance(error, OUTAGES) and not str(error.orig).startswith("no such ")


def retry_on_outage(ask: Callable[[], Found], *, patience: float = OUTAGE_PATIENCE) -> Found:
    """What ``ask`` returns, asked again while the database is away. Only for what may be asked
    twice.

    Raises what it last raised when ``patience`` (seconds) is over.
    """
    until = time.monotonic() + patience
    while True:
        try:
            return ask()
        except OUTAGES:
            if time.monotonic() >= until:
                raise
        time.sleep(PAUSE)
