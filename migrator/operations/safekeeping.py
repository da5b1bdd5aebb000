"""Backing up, restoring and moving the database."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from migrator.domain.items import Frozen
from migrator.errors import UsageError
from migrator.store import backups, moving
from migrator.store.engine import open_engine


class Kept(Frozen, frozen=True, kw_only=True):
    """What was written where: the number of rows by table, and for a restored backup when it was made."""

    rows: dict[str, int]
    made_at: datetime | None = None

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def back_up(address: str, to: Path, *, now: datetime) -> Kept:
    """Write a backup of the database at ``address`` into a new file. Raises :class:`UsageError` if the file exists."""
    if to.exists():
        raise UsageError(f"{to} exists", cure="give the name of a new file")
    return Kept(rows=backups.backup(open_engine(address), to, made_at=now), made_at=now)


def restore(address: str, source: Path) -> Kept:
    """Fill the empty database at ``address`` from a backup. Raises :class:`UsageError` if there is no such file."""
    if not source.is_file():
        raise UsageError(f"there is no file {source}", cure="give a file made by `migrator db backup`")
    header, rows = backups.restore(open_engine(address), source)
    return Kept(rows=rows, made_at=header.made_at)


def move(address: str, to: str) -> Kept:
    """Move the database at ``address`` to the empty one at ``to``, for good. Raises :class:`UsageError` if they are the same."""
    if address == to:
        raise UsageError("both addresses are the same", cure="give the new database's address")
    return Kept(rows=moving.move(open_engine(address), open_engine(to)))
