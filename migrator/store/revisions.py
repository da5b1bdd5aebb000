"""Database revisions: bringing a database up to date while an older program works on it, and
refusing one that is not."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, String, column, inspect, select, table, text
from sqlalchemy.exc import OperationalError

from migrator.errors import DatabaseError
from migrator.store.database import opened
from migrator.store.leases import Leases

# Alembic is loaded where a database is revised: every verb asks whether it has to be, and most only
# ask
if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "mig_revision"
MOVED = "moved:"
"""With this in front, a revision says that everything lives in another database now."""

LOCK_PATIENCE = "2s"
"""Of a revision that wants a table to itself on PostgreSQL. Whoever asks for that table meanwhile
queues up behind it, so it has to be well below what the others' statements wait for
(https://www.postgresql.org/docs/current/explicit-locking.html).
"""
NEED_A_STOP = ("0006",)
"""Revisions after which an older program would write rows that mean something else."""
LOCK_TRIES = 60
LOCK_PAUSE = 0.5
"""Seconds between two tries, in which those who queued up are served."""


def _scripts() -> Path:
    """Folder of the revisions: inside the package when installed from a wheel, beside it in a
    checkout."""
    with as_file(files("migrator")) as package:
        packed = package / "store" / "alembic"
        return packed if packed.is_dir() else package.parent / "alembic"


def config(engine: Engine | None = None, *, scripts: Path | None = None) -> Config:
    """Alembic configuration that needs no ini file and prints nothing. ``scripts`` is a folder
    of other revisions than ours."""
    from alembic.config import Config

    settings = Config(stdout=io.StringIO())
    settings.set_main_option("script_location", str(scripts or _scripts()))
    settings.attributes["engine"] = engine
    return settings


def known(scripts: Path | None = None) -> list[str]:
    """Every revision that this program carries, oldest first: a revision's file is named after
    it."""
    return sorted(
        path.name.partition("_")[0]
        for path in ((scripts or _scripts()) / "versions").glob("[0-9]*_*.py")
    )


def newest() -> str:
    """The revision that this program needs."""
    carried = known()
    if not carried:
        raise DatabaseError(
            "this installation carries no database revisions", cure="install the migrator again"
        )
    return carried[-1]


def current(engine: Engine) -> str | None:
    """The revision of the database; ``None`` for an empty one. Raises :class:`DatabaseError` if
    it cannot be opened."""
    with opened(engine) as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        found = connection.scalar(
            select(column("version_num", String)).select_from(table(VERSION_TABLE))
        )
        return found or None


def _is_in_use(error: OperationalError) -> bool:
    """Whether PostgreSQL said that somebody holds the table (``55P03``)."""
    return getattr(error.orig, "sqlstate", "") == "55P03"


def upgrade(
    engine: Engine, revision: str = "head", *, scripts: Path | None = None, tries: int = LOCK_TRIES
) -> None:
    """Bring the database to a revision, whole or not at all. Running it again changes nothing.

    Others may work on the database meanwhile: a table that is in use is asked for again and again,
    never for long. Raises :class:`DatabaseError` for a database of a newer program, and when a
    table was in use at every one of the ``tries``.
    """
    from alembic import command

    _refuse_newer(engine, scripts)
    for left in reversed(range(tries)):
        try:
            command.upgrade(config(engine, scripts=scripts), revision)
            return
        except OperationalError as error:
            if not _is_in_use(error):
                raise
            if not left:
                raise DatabaseError(
                    "a table that has to change was in use all the time; nothing was changed",
                    cure=(
                        "find the long transaction (`select * from pg_stat_activity`), or stop "
                        "what works, and run it again"
                    ),
                ) from error
        time.sleep(LOCK_PAUSE)


def refuse_at_work(engine: Engine, silence: timedelta) -> None:
    """Raise :class:`DatabaseError` if a revision that needs a stop is due while somebody works on
    this database: a heartbeat within ``silence``, or a lease that is held."""
    have = current(engine)
    if have is None or not any(have < revision for revision in NEED_A_STOP):
        return
    leases = Leases(engine)
    at_work = sorted({*leases.alive(silence), *leases.holders()})
    if at_work:
        raise DatabaseError(
            f"this upgrade needs a stop, and {', '.join(at_work)} works on the database",
            cure=(
                "stop every `migrator serve`, `worker` and `apply` on it, wait "
                f"{silence.total_seconds():.0f} seconds, then run `migrator db upgrade` again"
            ),
        )


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to an older revision; what only newer tables hold is lost."""
    from alembic import command

    command.downgrade(config(engine), revision)


def alone(connection: Connection) -> None:
    """Let no other process revise before this transaction ends; whoever waited then finds
    nothing left to do."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("set local lock_timeout = 0"))
        connection.execute(text("set local statement_timeout = 0"))  # a large table takes its time
        connection.execute(text("select pg_advisory_xact_lock(hashtext('migrator revisions'))"))
        connection.execute(text(f"set local lock_timeout = '{LOCK_PATIENCE}'"))
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def without_foreign_keys(engine: Engine) -> Iterator[Connection]:
    """A connection for revisions. SQLite changes a table by making a new one and dropping the old
    one, which must not delete the rows that refer to it
    (https://www.sqlite.org/lang_altertable.html#otheralter).
    """
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            yield connection
            return
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.commit()  # or the revisions would count as part of a transaction of ours
        try:
            yield connection
        finally:
            connection.rollback()
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


def require_current(engine: Engine) -> None:
    """Raise :class:`DatabaseError` unless the database has exactly the revision that this
    program needs."""
    _refuse_newer(engine)
    have = current(engine)
    if have != newest():
        raise DatabaseError(
            f"the database has revision {have or 'none'}, this version needs {newest()}",
            cure="run `migrator db upgrade`",
        )


def _refuse_newer(engine: Engine, scripts: Path | None = None) -> None:
    have = current(engine)
    if have is not None and have.startswith(MOVED):
        raise DatabaseError(
            "this database was moved to another one; two that go on would post every notice twice",
            cure=(
                "set MIGRATOR_DATABASE_URL to the new one, or finish a move that was cut off "
                "with `migrator db move`"
            ),
        )
    if have is not None and have not in known(scripts):
        raise DatabaseError(
            f"the database has revision {have}, which this version does not know: a newer "
            "migrator wrote it",
            cure="install that newer version, or restore a backup made before it",
        )
