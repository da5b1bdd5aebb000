"""What the tour of a rehearsal remembers beside the database, in a file of its folder."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec.structs import replace

from migrator.domain.items import Frozen


class TourMemory(Frozen, frozen=True, kw_only=True):
    """``closed``: nobody wants to see the tour; ``dial``: one was turned."""

    closed: bool = False
    dial: bool = False


class TourNotes:
    """The tour's memory, kept in that file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> TourMemory:
        """What is remembered; nothing if the file is not there or cannot be read."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=TourMemory)
        except (OSError, msgspec.DecodeError):
            return TourMemory()

    def close(self, closed: bool = True) -> None:
        """Hide the tour, or show it again."""
        self._write(replace(self.read(), closed=closed))

    def turned(self) -> None:
        """Remember that a dial was turned. No table says so: a question is not stored."""
        if not self.read().dial:
            self._write(replace(self.read(), dial=True))

    def _write(self, memory: TourMemory) -> None:
        self._file.write_bytes(msgspec.json.encode(memory))
