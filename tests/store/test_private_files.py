"""New files with private content are for their owner, or for a group that the umask names."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from migrator.rehearsal.sandbox import write_world
from migrator.store.database import open_engine
from migrator.store.private_files import write_private

UMASKS = [(0o022, 0o600), (0o077, 0o600), (0o000, 0o660), (0o007, 0o660)]


@contextmanager
def umask(value: int) -> Iterator[None]:
    """New files of this process are made with that umask."""
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    """Who may read and write the file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(("mask", "expected"), UMASKS)
def test_new_files_are_private(tmp_path: Path, mask: int, expected: int) -> None:
    """The database with its log, a report and a world; others never read them."""
    with umask(mask):
        engine = open_engine(f"sqlite:///{tmp_path / 'new.sqlite'}")
        with engine.begin() as connection:
            connection.execute(text("create table it (id integer)"))
            logs = [path for path in tmp_path.iterdir() if path.name.endswith("-wal")]
            assert [mode(path) for path in logs] == [expected] * len(logs)
        engine.dispose()
        write_private(tmp_path / "report.html", "x")
        write_world([{"record": "item"}], tmp_path / "world.jsonl")
    for name in ("new.sqlite", "report.html", "world.jsonl"):
        assert mode(tmp_path / name) == expected


def test_a_file_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    """An administrator may have shared it on purpose."""
    shared = tmp_path / "report.html"
    shared.touch()
    shared.chmod(0o644)
    write_private(shared, "x")
    assert (mode(shared), shared.read_text()) == (0o644, "x")


def test_a_new_connection_does_not_drop_the_locks_of_another(tmp_path: Path) -> None:
    """Whoever opens and closes a database's file drops all locks of its process on it
    (https://www.sqlite.org/howtocorrupt.html, section 2.2): then another process may write, or
    remove the log that this one reads."""
    file = tmp_path / "new.sqlite"
    engine = open_engine(f"sqlite:///{file}")
    with engine.begin() as writer:
        writer.execute(text("create table it (id integer)"))
        with engine.connect():
            assert locks_of(file)
    engine.dispose()


def locks_of(file: Path) -> list[str]:
    """The locks that this process holds on a file, as Linux lists them
    (https://man7.org/linux/man-pages/man5/proc_locks.5.html)."""
    lines = Path("/proc/locks").read_text(encoding="utf-8").splitlines()
    mark = (str(os.getpid()), str(file.stat().st_ino))
    return [
        line
        for line in lines
        for part in [line.split()]
        if (part[-4], part[-3].split(":")[-1]) == mark
    ]
