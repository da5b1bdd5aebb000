"""Where a sandbox's world comes from: generated, or a file of real items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from migrator.cli.output import err
from migrator.errors import InputFileError, UsageError
from migrator.sandbox.worlds import BadRow, choose_world

ItemsOption = Annotated[int, typer.Option("--items", min=1, help="How many items to generate.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the generated items.")]
FromOption = Annotated[
    Path | None,
    typer.Option("--from", metavar="FILE", help="Items of this CSV, JSON lines or world file, not generated."),
]
ThreadSeedOption = Annotated[int, typer.Option("--thread-seed", help="Seed of the threads made up around bare texts.")]
NowOption = Annotated[str, typer.Option("--now", help="Where the clock starts (ISO 8601 with a zone).", show_default=False)]


@dataclass(frozen=True, slots=True)
class WorldInput:
    """What the options ask for. ``repositories``: the source, then the targets; empty for those of the data."""

    items: int = 400
    seed: int = 7
    file: Path | None = None
    thread_seed: int = 7
    now: str = ""
    repositories: tuple[str, Sequence[str]] | None = None

    def records(self) -> Iterator[dict[str, Any]]:
        """Records of the world file. Raises :class:`UsageError` for a wrong date, ``InputFileError`` for a wrong file.

        Columns that mean nothing are named once on standard error.
        """
        source, targets = self.repositories or (None, None)
        try:
            world = choose_world(
                items=self.items,
                seed=self.seed,
                file=self.file,
                thread_seed=self.thread_seed,
                now=moment_of(self.now),
                source=source,
                targets=targets,
            )
            if world.ignored:
                err.print(f"{self.file}: ignored columns: {', '.join(world.ignored)}", markup=False)
            yield from world.records
        except BadRow as error:
            cause = f"{self.file}, {str(error).removesuffix(f'; {error.cure}')}"
            raise InputFileError(cause, cure=f"{error.cure}; nothing was done", line=error.line) from error
        except OSError as error:
            raise InputFileError(f"{self.file} cannot be read: {error.strerror}", cure="check the path") from error
        except ValueError as error:
            raise UsageError(f"there is no such world: {error}", cure="give other options; nothing was done") from error


def moment_of(now: str) -> datetime | None:
    """The moment that ``--now`` names, ``None`` if it was not given. Raises :class:`UsageError` if it is none."""
    if not now:
        return None
    try:
        moment = datetime.fromisoformat(now)
    except ValueError as error:
        raise UsageError(f"--now {now} is no time", cure="give ISO 8601 with a zone: 2021-09-01T12:00:00+00:00") from error
    if moment.tzinfo is None:
        raise UsageError(f"--now {now} has no zone", cure="add one: 2021-09-01T12:00:00+00:00")
    return moment
