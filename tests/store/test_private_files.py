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
