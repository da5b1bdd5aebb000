"""Database revisions: bringing a database up to date, and refusing one that is not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from migrator.errors import DatabaseError
from migrator.store.engine import opened

VERSION_TABLE = "mig_revision"
MOVED = "moved:"
"""With this in front, a revision says that everything lives in another database now."""


def _scripts() -> Path:
    """Folder of the revisions: inside the package when installed from a wheel, beside it in a checkout."""
    with as_file(files("migrator")) as package:
        packed = package / "store" / "alembic"
        return packed if packed.is_dir() else package.parent / "alembic"


def config(engine: Engine | None = None) -> Config:
    """Alembic configuration that needs no ini file and prints nothing."""
    settings = Config(stdout=io.StringIO())
    settings.set_main_option("script_location", str(_scripts()))
    settings.attributes["engine"] = engine
    return settings


def newest() -> str:
    """The revision that this program needs."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    if head is None:
        raise DatabaseError("the program carries no database revisions", cure="install the migrator again")
    return head


def current(engine: Engine) -> str | None:
    """The revision of the database; ``None`` for an empty one. Raises :class:`DatabaseError` if it cannot be opened."""
    with opened(engine) as connection:
        return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision. Running it again changes nothing."""
    _refuse_newer(engine)
    command.upgrade(config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to an older revision; what only newer tables hold is lost."""
    command.downgrade(config(engine), revision)


def alone(connection: Connection) -> None:
    """Let no other process revise before this transaction ends; whoever waited then finds nothing left to do."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("set local lock_timeout = 0"))
        connection.execute(text("set local statement_timeout = 0"))  # a large table takes its time
        connection.execute(text("select pg_advisory_xact_lock(hashtext('migrator revisions'))"))
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def without_foreign_keys(engine: Engine) -> Iterator[Connection]:
    """A connection for revisions. SQLite changes a table by making a new one and dropping the old one, which must not
    delete the rows that refer to it (https://www.sqlite.org/lang_altertable.html#otheralter).
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
    """Raise :class:`DatabaseError` unless the database has exactly the revision that this program needs."""
    _refuse_newer(engine)
    have = current(engine)
    if have != newest():
        raise DatabaseError(
            f"the database has revision {have or 'none'}, this program needs {newest()}",
            cure="run `migrator db upgrade`",
        )


def _refuse_newer(engine: Engine) -> None:
    have = current(engine)
    if have is not None and have.startswith(MOVED):
        raise DatabaseError(
            "this database was moved to another one; two that go on would post every notice twice",
            cure="set MIGRATOR_DATABASE_URL to the new one, or finish a move that was cut off with `migrator db move`",
        )
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if have is not None and have not in known:
        raise DatabaseError(
            f"the database has revision {have}, which this program does not know: a newer migrator wrote it",
            cure="install that newer version, or restore a backup made before it",
        )
