"""Moving to another database, a run half done included.

Two databases that both believe to be the ledger would post every notice twice, so the old one is
closed *before* a row is copied: its revision becomes ``moved:...``, which every command refuses.
All rows arrive in one transaction. If the process dies in between, the same command finishes the
move, or finds it finished.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from migrator.errors import DatabaseError
from migrator.store import revisions
from migrator.store.backups import counts_of, one_moment, prepare_empty, rows_of, write_rows
from migrator.store.revisions import MOVED, VERSION_TABLE


def move(source: Engine, target: Engine) -> dict[str, int]:
    """Move everything; returns the number of rows by table. The source cannot be used any more
    afterwards.

    Raises :class:`DatabaseError` if someone else uses the source, or the target is not empty.
    """
    begun = _is_marked(source)
    if not begun:
        revisions.require_current(source)
    refuse_company(source)
    if begun and (there := _already_there(source, target)) is not None:
        return there
    prepare_empty(target)
    _mark(source, MOVED + revisions.newest())
    try:
        with one_moment(source) as old, target.begin() as new:
            counts = write_rows(new, rows_of(old))
            _refuse_difference(counts_of(old), counts)
    except Exception:
        if not any(
            _counts(target).values()
        ):  # nothing has arrived: the old one is still the only one
            _mark(source, revisions.newest())
        raise
    return counts


def _counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return counts_of(connection)


def _already_there(source: Engine, target: Engine) -> dict[str, int] | None:
    """What a move that was cut off after its last step has copied; ``None`` if it had not come
    so far."""
    if revisions.current(target) != revisions.newest():
        return None
    arrived = _counts(target)
    return arrived if arrived == _counts(source) and any(arrived.values()) else None


def _refuse_difference(there: dict[str, int], here: dict[str, int]) -> None:
    if there != here:
        raise DatabaseError(
            "not every row arrived", cure="report this; the old database is unharmed"
        )


def _is_marked(engine: Engine) -> bool:
    return (revisions.current(engine) or "").startswith(MOVED)


def _mark(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        update = text(f"update {VERSION_TABLE} set version_num = :revision")  # noqa: S608
        connection.execute(update, {"revision": revision})


def refuse_company(engine: Engine) -> None:
    """Raise :class:`DatabaseError` if another process has the database open: what it writes now
    would be lost."""
    engine.dispose()
    with engine.connect() as connection:
        others = (
            _others_on_postgresql(connection)
            if engine.dialect.name == "postgresql"
            else _others_on_sqlite(connection)
        )
    if others:
        raise DatabaseError(
            "another process has the database open",
            cure="stop `migrator serve`, `migrator worker` and every other command first",
        )


def _others_on_postgresql(connection: Connection) -> bool:
    """Whether another client is there. The server's own processes, such as autovacuum, are no
    company; what a client of another role is we may not see
    (https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW).
    """
    query = (
        "select count(*) from pg_stat_activity where datname = current_database() and pid <> "
        "pg_backend_pid()"
    )
    client = (
        " and (backend_type = 'client backend' or (backend_type is null and usesysid is not null))"
    )
    return bool(connection.scalar(text(query + client)))


def _others_on_sqlite(connection: Connection) -> bool:
    """SQLite leaves WAL mode only for a connection that is alone
    (https://www.sqlite.org/pragma.html#pragma_journal_mode)."""
    try:
        connection.exec_driver_sql("PRAGMA busy_timeout=1000")
        return connection.exec_driver_sql("PRAGMA journal_mode=DELETE").scalar() != "delete"
    except OperationalError:
        return True
