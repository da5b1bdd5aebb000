"""Names that a Python package exports, read from its files without importing or running any.

A wheel is a zip file from elsewhere: nothing is unpacked to disk, member names are only compared,
and how much is read of it is limited whatever its headers say.
"""

from __future__ import annotations

import ast
import os
import stat
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from migrator.errors import InputFileError

MOST_FILES: Final = 20_000
"""Python files that are read of one package."""
LARGEST_FILE: Final = 2_000_000
"""Bytes of one file; larger ones are tables, not code, and are passed over."""
LARGEST_PACKAGE: Final = 100_000_000
"""Bytes of all Python files together, and of a wheel itself: its list of members is read as a
whole."""
_ENDING = ".py"
_SHORTEST = 4
"""Letters of a name; shorter ones (`add`, `Adam` has four) are words of every text."""


def exported_names(path: Path) -> tuple[str, ...]:
    """Public classes, functions, methods and ``__all__`` of a wheel or an installed directory,
    sorted.

    Files that are no Python are passed over. Raises ``InputFileError`` for what is neither a wheel
    nor a directory, and for one with more in it than a package has.
    """
    names: set[str] = set()
    files = _of_directory(path) if path.is_dir() else _of_wheel(path)
    for source in files:
        names.update(_names_in(source))
    if not names:
        raise InputFileError(
            f"{path} exports no names",
            cure="give a wheel (`pip download --no-deps PACKAGE`) or the package's own folder",
        )
    return tuple(sorted(names))


def _of_directory(root: Path) -> Iterator[bytes]:
    """The Python files below a folder; links are not followed."""
    limit = _ReadingLimit(root)
    for folder, folders, files in os.walk(root, followlinks=False):
        folders.sort()
        for name in sorted(files):
            place = Path(folder, name)
            if not name.endswith(_ENDING):
                continue
            facts = place.lstat()
            if stat.S_ISREG(facts.st_mode) and facts.st_size <= LARGEST_FILE:
                limit.spend(facts.st_size)
                yield place.read_bytes()


def _of_wheel(path: Path) -> Iterator[bytes]:
    limit = _ReadingLimit(path)
    try:
        limit.spend(path.stat().st_size)
        with zipfile.ZipFile(path) as wheel:
            yield from _members(wheel, path)
    except OSError as error:
        raise InputFileError(
            f"{path} cannot be read: {error.strerror or error}", cure="give a wheel or a directory"
        ) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputFileError(
            f"{path} is not a wheel: {error}",
            cure="download it anew: `pip download --no-deps PACKAGE`",
        ) from None


def _members(wheel: zipfile.ZipFile, path: Path) -> Iterator[bytes]:
    """The Python files of a wheel. What a member unpacks to is counted as it is read: a header
    may lie."""
    limit = _ReadingLimit(path)
    for member in wheel.infolist():
        if member.is_dir() or not member.filename.endswith(_ENDING):
            continue
        with wheel.open(member) as stream:
            source = stream.read(LARGEST_FILE + 1)
        limit.spend(len(source))
        if len(source) <= LARGEST_FILE:
            yield source


class _ReadingLimit:
    """How much may still be read of a package."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files = 0
        self._bytes = 0

    def spend(self, size: int) -> None:
        """Count a file. Raises ``InputFileError`` when it is too much."""
        self._files += 1
        self._bytes += size
        if self._files > MOST_FILES or self._bytes > LARGEST_PACKAGE:
            raise InputFileError(
                f"{self._path} holds more than {MOST_FILES:,} Python files or "
                f"{LARGEST_PACKAGE // 1_000_000} MB of them",
                cure="give the package that moved, without what it depends on",
            )


def _names_in(source: bytes) -> set[str]:
    """Public names of one file; none if it cannot be read as Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            warnings.simplefilter("ignore", DeprecationWarning)
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    names: set[str] = set()
    for node in tree.body:
        names.update(_defined(node))
    return {name for name in names if len(name) >= _SHORTEST and not name.startswith("_")}


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.ClassDef):
        yield node.name
        if not node.name.startswith("_"):
            yield from (
                inner.name
                for inner in node.body
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)
            )
    elif isinstance(node, ast.Assign):
        yield from _listed_as_public(node)


def _listed_as_public(node: ast.Assign) -> Iterator[str]:
    """The texts of ``__all__``."""
    names = {target.id for target in node.targets if isinstance(target, ast.Name)}
    if "__all__" in names and isinstance(node.value, ast.List | ast.Tuple):
        for element in node.value.elts:
            if isinstance(element, ast.Constant) and isinstance(element.value, str):
                yield element.value
