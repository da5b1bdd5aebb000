"""Options of the verbs that fill a sandbox: where its world comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ItemsOption = Annotated[int, typer.Option("--items", min=1, help="How many items to generate.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Seed of the generated items.")]
ShareOption = Annotated[
    float | None,
    typer.Option(
        "--share",
        min=0.0,
        max=1.0,
        help="Share of the source's generated items that are about what moves.",
        show_default="about 0.4",
    ),
]
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
