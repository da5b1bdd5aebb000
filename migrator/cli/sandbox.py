"""``migrator sandbox``."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from migrator.config.migration_file import load
from migrator.rehearsal.sandbox import (
    WorldInput,
    write_world,
)
from migrator.rehearsal.theme import theme_of

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
"""Options that say where a world comes from; `rehearse` takes them, too."""

EXAMPLE = "migrator sandbox --port 4010 --items 400 --seed 7"


PortOption = Annotated[
    int,
    typer.Option("--port", min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one."),
]
MigrationOption = Annotated[
    str,
    typer.Option(
        "--migration",
        "-m",
        "--preset",
        help="Make the items up from this migration file.",
        show_default=False,
    ),
]
StateOption = Annotated[
    Path | None,
    typer.Option(
        "--state",
        file_okay=False,
        help="Folder that keeps the world between runs.",
        show_default=False,
    ),
]
LimitsOption = Annotated[
    str, typer.Option("--limits", help="off, real, or scaled:N (N times as fast).")
]
LatencyOption = Annotated[
    float, typer.Option("--latency", min=0, help="Milliseconds added to every answer.")
]


def command(
    port: PortOption = 4010,
    items: ItemsOption = 400,
    seed: SeedOption = 7,
    share: ShareOption = None,
    migration: MigrationOption = "",
    source: FromOption = None,
    thread_seed: ThreadSeedOption = 7,
    now: NowOption = "",
    state: StateOption = None,
    limits: LimitsOption = "off",
    latency: LatencyOption = 0.0,
) -> None:
    """Serve a GitHub on this machine. Any client works with it: the token `sandbox-LOGIN` signs in
    as that account.

    When it is ready, one line of JSON on standard output names its URL, tokens and time.
    """
    from migrator.sandbox.__main__ import main

    options = ["--port", str(port), "--limits", limits, "--latency", str(latency)]
    options += [*(["--now", now] if now else []), *(["--state", str(state)] if state else [])]
    with tempfile.TemporaryDirectory(prefix="migrator-") as scratch:
        if state is None or not any(state.glob("*")):
            world = Path(scratch) / "world.jsonl"
            chosen = WorldInput(
                items=items, seed=seed, file=source, thread_seed=thread_seed, now=now, share=share
            )
            chosen = replace(chosen, **_about(migration)) if migration else chosen
            write_world(chosen.records(), world)
            options += ["--world", str(world)]
        sys.exit(main(options))


def _about(migration: str) -> dict[str, Any]:
    """What a migration file says of the world."""
    file = load(migration).file
    return {"theme": theme_of(file), "repositories": (file.migration.source, file.targets)}
