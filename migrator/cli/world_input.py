"""Where a sandbox's world comes from: generated, or a file of real items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from migrator.cli.output import err
from migrator.errors import InputFileError, UsageError
from migrator.sandbox.worlds import BadRow, generate, read_items, synthesise_threads


def records_of(*, items: int, seed: int, source: Path | None, thread_seed: int, now: str) -> Iterator[dict[str, Any]]:
    """Records of the world file to rehearse on. Raises :class:`UsageError` for a wrong date, ``InputFileError`` for a wrong file."""
    moment = _moment(now)
    if source is None:
        return generate(items=items, seed=seed, now=moment)
    return _told(source, thread_seed, moment)


def _told(source: Path, thread_seed: int, moment: datetime | None) -> Iterator[dict[str, Any]]:
    """Records of a file, with its errors as ours."""
    try:
        read = read_items(source)
        if read.ignored:
            err.print(f"{source.name}: ignored columns: {', '.join(read.ignored)}")
        yield from synthesise_threads(read, seed=thread_seed, now=moment)
    except BadRow as error:
        raise InputFileError(f"{source}: {error}", cure="mend the row; nothing was done", line=error.line) from error
    except OSError as error:
        raise InputFileError(f"{source} cannot be read: {error.strerror}", cure="check the path") from error


def _moment(now: str) -> datetime | None:
    if not now:
        return None
    try:
        moment = datetime.fromisoformat(now)
    except ValueError as error:
        raise UsageError(f"--now {now} is no time", cure="give ISO 8601 with a zone: 2021-09-01T12:00:00+00:00") from error
    if moment.tzinfo is None:
        raise UsageError(f"--now {now} has no zone", cure="add one: 2021-09-01T12:00:00+00:00")
    return moment
