"""Backups: everything, as of one moment, restored into either kind of database, or refused
whole."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, update

from migrator.errors import DatabaseError, InputFileError
from migrator.store import revisions
from migrator.store.backups import backup, one_moment, restore, rows_of
from migrator.store.models import ReviewRow, RunRow
from tests.support.databases import BACKENDS, Databases, opened
from tests.support.filled_database import BASE, contents, fill

NOW = datetime(2022, 3, 2, tzinfo=UTC)


@pytest.fixture
def saved(engine: Engine, tmp_path: Path) -> Path:
    """A backup of a database with rows in every table."""
    fill(engine)
    backup(engine, tmp_path / "backup", made_at=NOW)
    return tmp_path / "backup"


@pytest.mark.parametrize("kind", BACKENDS)
def test_a_backup_restores_into_either_kind_of_database(
    engine: Engine, saved: Path, kind: str, postgresql_server: str, tmp_path: Path
) -> None:
    """Every row of every table is back, to the byte and to the microsecond."""
    with opened(Databases(kind, tmp_path, postgresql_server).empty()) as fresh:
        header, counts = restore(fresh, saved)
        assert contents(fresh) == contents(engine)
    assert header.made_at == NOW
    assert set(counts.values()) == {3}


def test_a_backup_sees_one_moment_while_others_write(engine: Engine) -> None:
    """What is written after the first row was read is not in it, in no table."""
    fill(engine)
    late = {"id": 99, "migration": "m", "item_key": "k", "document": b"{}", "answered_at": BASE}
    with one_moment(engine) as connection:
        chunks = rows_of(connection)
        seen = [next(chunks)]
        with engine.begin() as other:
            other.execute(insert(ReviewRow), late)
        seen += chunks
    assert {table: len(rows) for table, rows in seen}["mig_review"] == 3


def test_a_run_that_was_at_work_waits_for_a_person(
    engine: Engine, databases: Databases, tmp_path: Path
) -> None:
    """What was done after the backup is not in its ledger, so nothing goes on by itself."""
    fill(engine)
    with engine.begin() as connection:
        connection.execute(update(RunRow).where(RunRow.id == "id 1").values(state="running"))
    backup(engine, tmp_path / "backup", made_at=NOW)
    with opened(databases.empty()) as fresh:
        restore(fresh, tmp_path / "backup")
        with fresh.connect() as connection:
            state, reason = connection.execute(
                select(RunRow.state, RunRow.reason).where(RunRow.id == "id 1")
            ).one()
    assert state == "stopped"
    assert "2022-03-02" in reason


def test_a_backup_is_for_its_owner_only(saved: Path) -> None:
    """It holds what people wrote."""
    assert saved.stat().st_mode & 0o077 == 0


def test_a_file_is_never_overwritten(engine: Engine, saved: Path) -> None:
    """The last good backup is not the price of a new one."""
    with pytest.raises(FileExistsError):
        backup(engine, saved, made_at=NOW)


def test_a_damaged_backup_is_refused_whole(saved: Path, databases: Databases) -> None:
    """Cut off in the middle, at a frame's border, or not a backup at all: the database stays
    without a row."""
    whole = gzip.decompress(saved.read_bytes())
    first = 4 + int.from_bytes(whole[:4], "big")
    for damaged in (
        saved.read_bytes()[:-200],
        gzip.compress(whole[:first]),
        gzip.compress(b"hello"),
        b"hello",
    ):
        saved.write_bytes(damaged)
        with opened(databases.empty()) as fresh:
            with pytest.raises(InputFileError):
                restore(fresh, saved)
            if revisions.current(fresh) is not None:
                assert not any(contents(fresh).values())


def test_a_database_with_rows_is_not_restored_over(engine: Engine, saved: Path) -> None:
    """Nothing is mixed."""
    with pytest.raises(DatabaseError, match="not empty"):
        restore(engine, saved)
