"""``port``: a pull request's patch, carried over to the new repository. Reads files, writes one,
asks GitHub nothing."""

from __future__ import annotations

from pathlib import Path

from migrator.domain.porting import Ported, ReadFile
from migrator.domain.porting import port as port_text
from migrator.domain.rules import MigrationFile
from migrator.errors import InputFileError, UsageError
from migrator.store.private_files import output_file

MOST_BYTES = 100_000_000
"""A patch larger than this is no pull request's."""


def port(patch: Path, file: MigrationFile, *, part: str = "", into: Path | None = None) -> Ported:
    """Carry the patch in that file over. ``into`` is a clone of the new repository, on whose files
    every hunk is tried.

    Raises :class:`InputFileError` if the patch cannot be read or is none, and :class:`UsageError`
    for an unknown part or clone.
    """
    if part and part not in {one.name for one in file.parts}:
        raise UsageError(
            f"no part is named {part!r}",
            cure=f"use one of {', '.join(one.name for one in file.parts)}",
        )
    if into is not None and not into.is_dir():
        raise UsageError(f"{into} is not a folder", cure="name a clone of the new repository")
    return port_text(_read(patch), file, part=part, read=files_of(into) if into else None)


def write(ported: Ported, path: Path) -> None:
    """Write the ported patch, byte for byte as it was read where nothing was rewritten."""
    with output_file(path) as file:
        file.buffer.write(ported.text.encode("utf-8", "surrogateescape"))


def files_of(folder: Path) -> ReadFile:
    """Reads text files below ``folder`` by their path; a path that leads out of it, also by a
    link, reads as absent."""
    root = folder.resolve()

    def read(path: str) -> str | None:
        place = (root / path).resolve()
        if not place.is_relative_to(root) or not place.is_file():
            return None
        return place.read_bytes().decode("utf-8", "surrogateescape")

    return read


def _read(patch: Path) -> str:
    try:
        if patch.stat().st_size > MOST_BYTES:
            raise InputFileError(
                f"{patch} is larger than {MOST_BYTES // 1_000_000} MB",
                cure="port its commits one by one",
            )
        return patch.read_bytes().decode("utf-8", "surrogateescape")
    except (OSError, ValueError) as error:
        raise InputFileError(
            f"{patch} cannot be read: {error}", cure="name the file that you downloaded"
        ) from error
