"""Reads labelled items: a CSV file with one item a row and the owner that a person gave it."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from migrator.domain.items import Item
from migrator.errors import InputFileError

REQUIRED = ("id", "title", "body", "owner")
SURE = 3  # confidence of rows whose file does not tell
_LONGEST_FIELD = 10_000_000  # characters; a body is at most 65,536, its quoting can double that


@dataclass(frozen=True, slots=True)
class LabelledItem:
    """One row. ``owner`` is the label as written, empty where no one gave one; ``confidence`` is
    1 (a close call) to 3 (sure)."""

    id: str
    item: Item
    owner: str
    confidence: int


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """All rows of a file in its order, with the SHA-256 of its bytes."""

    rows: tuple[LabelledItem, ...]
    digest: str


def read_labelled(path: Path, source: str) -> LabelledFile:
    """Read a CSV file with the columns ``id,title,body,owner`` and, if there,
    ``created_at,confidence``; others are passed over.

    ``source`` is the repository that the items are said to be from. Raises ``InputFileError`` with
    the line.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputFileError(
            f"{path} cannot be read: {error.strerror}", cure="give a CSV file"
        ) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputFileError(f"{path} is not UTF-8 text", cure="save it as UTF-8") from None
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
    if missing:
        raise InputFileError(
            f"{path} has no column {missing[0]!r}",
            cure=f"the first line names {', '.join(REQUIRED)}",
            line=1,
        )
    try:
        rows = tuple(_row(record, reader.line_num, source) for record in reader)
    except csv.Error as error:
        raise InputFileError(
            f"{path} is not a CSV file: {error}",
            cure="quote fields as RFC 4180 says",
            line=reader.line_num,
        ) from None
    if len({row.id for row in rows}) != len(rows):
        raise InputFileError(
            f"{path} has two rows of the same id", cure="give each row an id of its own"
        )
    return LabelledFile(rows=rows, digest=hashlib.sha256(content).hexdigest())


def _row(record: dict[str, str | None], line: int, source: str) -> LabelledItem:
    if any(record.get(name) is None for name in REQUIRED):
        raise InputFileError(
            "a row has too few fields",
            cure="quote bodies that contain commas or line breaks",
            line=line,
        )
    created = _created(record.get("created_at"), line)
    number = (record["id"] or "").rpartition("#")[2]
    item = Item(
        repository=source,
        number=int(number) if number.isascii() and number.isdigit() else 0,
        title=record["title"] or "",
        body=record["body"] or "",
        created_at=created,
        updated_at=created,
    )
    return LabelledItem(
        id=record["id"] or "",
        item=item,
        owner=(record["owner"] or "").strip(),
        confidence=_confidence(record.get("confidence"), line),
    )


def _created(text: str | None, line: int) -> datetime:
    if not text:
        return datetime(1970, 1, 1, tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputFileError(
            f"{text!r} is not a date", cure="write dates as 2023-08-17T09:30:00", line=line
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _confidence(text: str | None, line: int) -> int:
    if not text:
        return SURE
    if text not in ("1", "2", "3"):
        raise InputFileError(f"confidence is {text!r}", cure="write 1, 2 or 3", line=line)
    return int(text)
