"""Where each key of a TOML text stands: ``tomllib`` parses but does not say on which line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]
"""Way to a value: keys, and positions in arrays from 0."""


class KeyLines(Mapping[Path, int]):
    """Lines (from 1) of the keys and tables of a valid TOML text, by their path."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._array_sizes: dict[Path, int] = {}
        table: Path = ()
        for line, statement in _statements(text):
            table = self._record(statement, table, line)

    def __getitem__(self, path: Path) -> int:
        return self._lines[path]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def nearest(self, path: Path) -> int | None:
        """Line of the key at ``path``, else of the innermost key or table around it; None if the
        text names none of them."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return None

    def _record(self, statement: str, table: Path, line: int) -> Path:
        """Note one statement that starts on ``line`` inside ``table``; the table that later
        statements belong to."""
        parsed = tomllib.loads(statement)
        if not statement.lstrip().startswith("["):
            self._note_keys(parsed, table, line)
            return table
        opened = self._open(parsed)
        self._lines.setdefault(opened, line)
        return opened

    def _open(self, header: dict[str, object]) -> Path:
        """Path of the table that a header opens. ``[[a.b]]`` opens a new element of the array
        ``b`` of the newest ``a``."""
        path: Path = ()
        value: object = header
        while isinstance(value, dict) and value:
            key, value = next(iter(value.items()))
            path = (*path, key)
            if isinstance(value, list):
                self._array_sizes[path] = self._array_sizes.get(path, 0) + 1
            if path in self._array_sizes:
                path = (*path, self._array_sizes[path] - 1)
        return path

    def _note_keys(self, value: object, path: Path, line: int) -> None:
        children: list[tuple[str | int, object]] = []
        if isinstance(value, dict):
            children = list(value.items())
        elif isinstance(value, list):
            children = list(enumerate(value))
        for key, child in children:
            self._lines.setdefault((*path, key), line)
            self._note_keys(child, (*path, key), line)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield ``(first line, statement)``: headers and assignments, however many lines they take.

    A statement of TOML ends with the first line after which it parses by itself, so the parser
    finds the ends for us.
    """
    pending: list[str] = []
    start = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if not pending and (not line.strip() or line.lstrip().startswith("#")):
            continue
        start = start if pending else number
        pending.append(line)
        if _parses("\n".join(pending)):
            yield start, "\n".join(pending)
            pending = []


def _parses(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True
