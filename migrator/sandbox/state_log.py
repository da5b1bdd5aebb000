"""Keeps a world in a folder: the world as it was at the start, and every record changed since.

Both are world files: of two records with one name the later wins, so reading them one after the
other gives the world. Each request's changes are handed to the operating system before its reply is
sent: a killed sandbox loses nothing it has answered. (Nothing is synced to disk: it is a sandbox.)
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import msgspec

from migrator.sandbox.entities import AnyRecord
from migrator.sandbox.world import World
from migrator.sandbox.world_reader import build_world, read_records
from migrator.sandbox.world_writer import header, world_lines

_ENCODER = msgspec.json.Encoder()


class StateLog:
    """Writes what changed in a world to ``folder``."""

    def __init__(self, folder: Path, world: World) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._world = world
        self._keep_whole(folder)
        self._file: BinaryIO = (folder / "journal.jsonl").open("ab")

    def _keep_whole(self, folder: Path) -> None:
        """Write the whole world anew and begin an empty journal; at no moment is the old state
        gone and the new not there."""
        fresh = folder / "world.jsonl.new"
        with fresh.open("wb") as file:
            file.writelines(line + b"\n" for line in world_lines(self._world))
        fresh.replace(folder / "world.jsonl")
        (folder / "journal.jsonl").unlink(missing_ok=True)
        self._world.dirty.clear()

    def write(self) -> None:
        """Append every record changed since the last call."""
        if not self._world.dirty:
            return
        records: list[AnyRecord] = [header(self._world), *self._world.dirty.values()]  # type: ignore[list-item]
        self._world.dirty.clear()
        self._file.write(b"".join(_ENCODER.encode(record) + b"\n" for record in records))
        self._file.flush()

    def close(self) -> None:
        """Write what is left and close the file."""
        self.write()
        self._file.close()


def kept_world(folder: Path, *, now: str | None = None) -> World | None:
    """Return the world that a folder keeps, or None if it keeps none.

    Raises:
        WorldFileError: the files are damaged (a last line that was cut off is passed over).
    """
    whole = folder / "world.jsonl"
    if not whole.exists():
        return None
    with whole.open("rb") as lines:
        records = read_records(lines, str(whole))
    journal = folder / "journal.jsonl"
    if journal.exists():
        records += _journal_records(journal)
    return build_world(records, now=now)


def _journal_records(path: Path) -> list[AnyRecord]:
    lines = path.read_bytes().split(b"\n")
    lines.pop()  # empty after the last newline, or the part of a line that a kill cut off
    return read_records(lines, str(path)) if lines else []
