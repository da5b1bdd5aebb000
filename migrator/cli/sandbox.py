"""``migrator sandbox``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from migrator.cli.sandbox_process import write_world
from migrator.cli.world_input import records_of

EXAMPLE = "migrator sandbox --port 4010 --items 400 --seed 7"


def command(
    port: Annotated[int, typer.Option("--port", help="Port on 127.0.0.1; 0 takes a free one.")] = 4010,
    items: Annotated[int, typer.Option("--items", min=1, help="How many items to generate.")] = 400,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the generated items.")] = 7,
    source: Annotated[Path | None, typer.Option("--from", help="A CSV, JSON lines or world file to serve.")] = None,
    thread_seed: Annotated[int, typer.Option("--thread-seed", help="Seed of the threads made around bare texts.")] = 7,
    now: Annotated[str, typer.Option("--now", help="Where its clock starts (ISO 8601 with a zone).")] = "",
    state: Annotated[Path | None, typer.Option("--state", help="Folder that keeps the world between runs.")] = None,
    limits: Annotated[str, typer.Option("--limits", help="off, real, or scaled:N (N times as fast).")] = "off",
) -> None:
    """Serve a GitHub on this machine. Any client works with it: the token `sandbox-LOGIN` signs in as that account."""
    from migrator.sandbox.__main__ import main  # the server's imports are needed only here

    options = [
        "--port",
        str(port),
        "--limits",
        limits,
        *(["--now", now] if now else []),
        *(["--state", str(state)] if state else []),
    ]
    with tempfile.TemporaryDirectory(prefix="migrator-") as scratch:
        world = Path(scratch) / "world.jsonl"
        if state is None or not any(state.glob("*")):
            write_world(records_of(items=items, seed=seed, source=source, thread_seed=thread_seed, now=now), world)
            options += ["--world", str(world)]
        sys.exit(main(options))
