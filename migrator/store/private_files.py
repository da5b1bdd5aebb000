"""Files with what others on the machine must not read: databases, reports, worlds, exports."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path

from migrator.errors import OutputFileError, UsageError

_GROUP_WRITES = stat.S_IWGRP


def private(path: str, flags: int) -> int:
    """An ``opener`` for :func:`open`: a new file is for its owner alone, whatever the umask.

    A umask that lets the group write, as the systemd units have (``UMask=0007``), shares it with
    the group; others never get it. A file that exists keeps its mode.
    """
    is_new = not os.path.lexists(path)
    descriptor = os.open(path, flags, 0o660)
    if is_new and not os.fstat(descriptor).st_mode & _GROUP_WRITES:
        os.fchmod(descriptor, 0o600)
    return descriptor


@contextmanager
def output_file(path: Path) -> Iterator[TextIOWrapper]:
    """A text file to write results to, in UTF-8 and with line ends as they are given; a new one is
    :func:`private`. Raises ``OutputFileError`` if it cannot be made, or cannot take all of it."""
    try:
        with open(path, "w", encoding="utf-8", newline="", opener=private) as file:
            yield file
    except OSError as error:
        raise OutputFileError(path, error.strerror or str(error)) from error


def write_private(path: Path, content: str) -> None:
    """Write a text file; see :func:`output_file`."""
    with output_file(path) as file:
        file.write(content)


def require_writable(path: Path) -> None:
    """Raise ``UsageError`` for a place where no file could be written: before the work whose
    results go there."""
    if reason := _obstacle(path, path.absolute().parent):
        raise UsageError(
            f"{path} cannot be written: {reason}", cure="name another file, or make its folder"
        )


def _obstacle(path: Path, folder: Path) -> str:
    if path.is_dir():
        return "it is a folder"
    if not folder.is_dir():
        return f"there is no such folder: {folder}"
    return "" if os.access(path if path.exists() else folder, os.W_OK) else "permission denied"


def create_private(path: Path) -> None:
    """Create an empty file that is :func:`private`; one that exists is not even opened.

    If it is a database that this process uses, closing it here would drop every lock that SQLite
    holds on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """
    if not os.path.lexists(path):
        with suppress(FileExistsError), open(path, "xb", opener=private):
            pass
