"""The one call of the command line: a world from its options."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from migrator.sandbox.worlds.file_reader import read_items
from migrator.sandbox.worlds.generator import generate
from migrator.sandbox.worlds.item_builder import Record
from migrator.sandbox.worlds.themes import Theme
from migrator.sandbox.worlds.theming import book_of
from migrator.sandbox.worlds.thread_generator import synthesise_threads, without_threads
from migrator.sandbox.worlds.vocabulary import written


@dataclass(frozen=True)
class ChosenWorld:
    """``records`` of a world file, to be read once, and ``ignored``: columns of the file that
    mean nothing here."""

    records: Iterator[Record]
    ignored: tuple[str, ...] = ()


def choose_world(
    *,
    items: int = 400,
    seed: int = 7,
    file: Path | str | None = None,
    thread_seed: int | None = None,
    now: datetime | None = None,
    source: str | None = None,
    targets: Sequence[str] | None = None,
    theme: Theme | None = None,
    share: float | None = None,
) -> ChosenWorld:
    """What ``--items N --seed S``, or ``--from FILE`` with or without ``--thread-seed S``, asks
    for.

    ``theme`` says what moves, for a world unlike the default one. ``share`` (0 to 1) is how many of
    the generated items of the source are about what moves.

    Raises ``OSError`` for a file that cannot be read,
    :class:`~migrator.sandbox.worlds.file_reader.BadRow` for one with a bad row (items are read
    whole here, a world file while its records are used), ``ValueError`` for options that make no
    world.
    """
    book = book_of(theme) if theme else written()
    if file is None:
        return ChosenWorld(
            generate(
                items=items,
                seed=seed,
                now=now,
                source=source,
                targets=targets,
                book=book,
                share=share,
            )
        )
    read = read_items(file)
    if thread_seed is None:
        return ChosenWorld(
            without_threads(read, now=now, source=source, targets=targets, book=book), read.ignored
        )
    return ChosenWorld(
        synthesise_threads(
            read, seed=thread_seed, now=now, source=source, targets=targets, book=book
        ),
        read.ignored,
    )
