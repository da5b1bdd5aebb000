"""``migrator export``."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import MigrationOption, err
from migrator.services.export import world_records

EXAMPLE = "migrator export --migration moved.toml --to items.jsonl"


def command(
    migration: MigrationOption,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write to this file instead of standard output.")
    ] = None,
) -> None:
    """Write the scanned items as a world file: an archive, and what `rehearse --from` and
    `sandbox --from` read."""
    records = bootstrap.open_records(migration)
    count = 0
    with to.open("wb") if to else nullcontext(sys.stdout.buffer) as stream:
        for line in world_records(records):
            stream.write(line + b"\n")
            count += 1
    err.print(f"{count} records written")
