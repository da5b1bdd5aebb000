"""Reading what people have: a CSV of issues, JSON lines of issues, or a world file.

A file is read whole or refused: the first bad row raises :class:`BadRow`, which names line, column,
cause and cure.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

from migrator.sandbox.worlds.columns import COLUMNS, BadValue, item_from_cells, item_from_values
from migrator.sandbox.worlds.item_builder import Record

_WIDEST_CELL = 2**31 - 1
RECORDS = frozenset(
    {"world", "account", "repository", "item", "app", "installation", "token", "hook", "delivery"}
)


class BadRow(ValueError):
    """A row that cannot be read. ``line`` (1-based) is where the row begins; ``column`` is empty
    if all of it is at fault."""

    def __init__(self, line: int, column: str, cause: str, cure: str) -> None:
        place = f"line {line}, column {column!r}" if column else f"line {line}"
        super().__init__(f"{place}: {cause}; {cure}")
        self.line = line
        self.column = column
        self.cause = cause
        self.cure = cure


class ReadResult(Iterator[Record]):
    """The records of a file, read as they are asked for, and what was passed over.

    ``form`` is ``csv`` or ``jsonl``. ``ignored`` names the unknown columns (or keys) met so far,
    each once, in the file's order. ``is_world`` holds once a record of a world file was met.
    """

    def __init__(self, form: str) -> None:
        self.form = form
        self.is_world = False
        self._ignored: dict[str, None] = {}
        self._records: Iterator[Record] = iter(())

    @property
    def ignored(self) -> tuple[str, ...]:
        """Names of columns or keys that mean nothing here."""
        return tuple(self._ignored)

    def ignore(self, names: list[str]) -> None:
        """Note names that mean nothing."""
        self._ignored |= dict.fromkeys(names)

    def reads(self, records: Iterator[Record]) -> Self:
        """Give it what to read."""
        self._records = records
        return self

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Record:
        return next(self._records)


def read_items(path: Path | str) -> ReadResult:
    """Records of a file: items from a CSV or from JSON lines, all records from a world file.

    The form follows from the content, not from the name: JSON lines begin with ``{``. Of a CSV the
    header is read at once, so its errors and ignored columns are known before the first row. Raises
    ``OSError`` if the file cannot be read, and
    :class:`BadRow` at the first row that is wrong, also for bytes that are not UTF-8.
    """
    path = Path(path)
    with path.open("rb") as file:
        begin = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    if begin.startswith((b"{", b"[")):
        result = ReadResult("jsonl")
        return result.reads(_json_items(path, result))
    return _csv_items(path, ReadResult("csv"))


# ---------------------------------------------------------------- CSV


def _csv_items(path: Path, result: ReadResult) -> ReadResult:
    rows = _csv_rows(path)
    line, header = next(rows, (1, []))
    names = [name.strip().lower() for name in header]
    _check_header(line, names)
    result.ignore([name for name in names if name and name not in COLUMNS])
    return result.reads(_csv_records(rows, names))


def _check_header(line: int, names: list[str]) -> None:
    if "title" not in names:
        commas = (
            "separate the columns by commas"
            if re.search(r"[;\t|]", "".join(names))
            else "name the columns in the first line"
        )
        raise BadRow(
            line, "title", "the header names no such column", f"{commas}; only `title` is needed"
        )
    twice = sorted(name for name in set(names) & COLUMNS if names.count(name) > 1)
    if twice:
        raise BadRow(line, twice[0], "the header names it twice", "remove one of the two")


def _csv_records(rows: Iterator[tuple[int, list[str]]], names: list[str]) -> Iterator[Record]:
    for line, cells in rows:
        if not cells:
            continue
        if len(cells) != len(names):
            cause = f"the row has {len(cells)} cells, the header {len(names)}"
            raise BadRow(
                line, "", cause, "put quotes around texts that hold commas, quotes or line ends"
            )
        yield _located(line, item_from_cells, dict(zip(names, cells, strict=True)))


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line at which each begins. The csv module's limit on a cell is lifted for
    the time of one row only."""
    with path.open("rb") as file:
        reader = csv.reader(_text_lines(file), strict=True)
        while True:
            line = reader.line_num + 1
            limit = csv.field_size_limit(_WIDEST_CELL)
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise BadRow(
                    line,
                    "",
                    f"the row cannot be read ({error})",
                    "check its quotes: each one inside a text is doubled",
                ) from error
            finally:
                csv.field_size_limit(limit)
            if cells is None:
                return
            yield line, cells


def _text_lines(file: io.BufferedReader) -> Iterator[str]:
    """Lines as text, their ends kept; a byte order mark is dropped. Raises :class:`BadRow` for
    bytes that are not UTF-8."""
    for line, raw in enumerate(file, 1):
        content = raw.removeprefix(b"\xef\xbb\xbf") if line == 1 else raw
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            raise BadRow(
                line,
                "",
                f"byte {error.start + 1} of the line is not UTF-8",
                "save the file as UTF-8",
            ) from error
        if "\0" in text:
            raise BadRow(
                line, "", "it holds a NUL character", "remove it; GitHub does not store it either"
            )
        yield text


# ---------------------------------------------------------------- JSON lines


def _json_items(path: Path, result: ReadResult) -> Iterator[Record]:
    with path.open("rb") as file:
        for line, text in enumerate(_text_lines(file), 1):
            if text.strip():
                yield _json_record(line, text, result)


def _json_record(line: int, text: str, result: ReadResult) -> Record:
    values = _json_object(line, text)
    kind = values.get("record")
    if kind is None:
        result.ignore([name for name in values if name not in COLUMNS])
        return _located(line, item_from_values, values)
    if kind not in RECORDS:
        raise BadRow(
            line, "record", f"{kind!r} is no kind of record", f"one of {', '.join(sorted(RECORDS))}"
        )
    if kind == "item" and not (
        isinstance(values.get("title"), str) and isinstance(values.get("repository"), str)
    ):
        raise BadRow(
            line,
            "title",
            "an item of a world file needs a title and a repository",
            "add both, as text",
        )
    result.is_world = True
    return values


def _json_object(line: int, text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        cure = "write one JSON object a line, without a list around them"
        raise BadRow(line, "", f"it is not JSON ({error})", cure) from error
    if not isinstance(values, dict):
        raise BadRow(
            line,
            "",
            f"it is {type(values).__name__}, not an object",
            "write one JSON object a line, without a list around them",
        )
    return values


def _located(line: int, read: Callable[[dict[str, Any]], Record], values: dict[str, Any]) -> Record:
    try:
        return read(values)
    except BadValue as error:
        raise BadRow(line, error.column, error.cause, error.cure) from error
