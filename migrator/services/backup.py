"""Backing up, restoring and moving the database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from migrator.domain.items import Frozen
from migrator.errors import UsageError
from migrator.store import backups, database_move
from migrator.store.database import engine_at


class BackupResult(Frozen, frozen=True, kw_only=True):
    """What was written where: the number of rows by table, and for a restored backup when it was
    made."""

    rows: dict[str, int]
    made_at: datetime | None = None

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def back_up(address: str, to: Path, *, now: datetime) -> BackupResult:
    """Write a backup of the database at ``address`` into a new file. Raises :class:`UsageError`
    if the file exists."""
    if to.exists():
        raise UsageError(f"{to} exists", cure="give the name of a new file")
    with engine_at(address) as engine:
        return BackupResult(rows=backups.backup(engine, to, made_at=now), made_at=now)


def restore(address: str, source: Path) -> BackupResult:
    """Fill the empty database at ``address`` from a backup. Raises :class:`UsageError` if there
    is no such file."""
    if not source.is_file():
        raise UsageError(
            f"there is no file {source}", cure="give a file made by `migrator db backup`"
        )
    with engine_at(address) as engine:
        header, rows = backups.restore(engine, source)
    return BackupResult(rows=rows, made_at=header.made_at)


def move(address: str, to: str) -> BackupResult:
    """Move the database at ``address`` to the empty one at ``to``, for good. Raises
    :class:`UsageError` if they are the same."""
    if address == to:
        raise UsageError("both URLs are the same", cure="give the URL of the new database")
    with engine_at(address) as old, engine_at(to) as new:
        return BackupResult(rows=database_move.move(old, new))
