"""Files with what others on the machine must not read: databases, reports, worlds, exports."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

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


def write_private(path: Path, content: str) -> None:
    """Write a text file; a new one is :func:`private`."""
    with open(path, "w", encoding="utf-8", opener=private) as file:
        file.write(content)


def create_private(path: Path) -> None:
    """Create an empty file that is :func:`private`; one that exists is not even opened.

    If it is a database that this process uses, closing it here would drop every lock that SQLite
    holds on it (https://www.sqlite.org/howtocorrupt.html, section 2.2).
    """
    if not os.path.lexists(path):
        with suppress(FileExistsError), open(path, "xb", opener=private):
            pass
