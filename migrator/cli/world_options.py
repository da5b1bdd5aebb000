"""Options of the verbs that fill a sandbox: where its world comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ItemsOption = Annotated[int, typer.Option("--items", min=1, help="How many items to generate.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the generated items.")]
FromOption = Annotated[
    Path | None,
    typer.Option(
        "--from", metavar="FILE", help="Items of this CSV, JSON lines or world file, not generated."
    ),
]
ThreadSeedOption = Annotated[
    int, typer.Option("--thread-seed", help="Seed of the threads made up around bare texts.")
]
NowOption = Annotated[
    str,
    typer.Option(
        "--now", help="Where the clock starts (ISO 8601 with a zone).", show_default=False
    ),
]
