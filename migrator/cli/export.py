"""``migrator export``."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, err, output_place
from migrator.execution.migration_state import MigrationState
from migrator.services.export import world_records
from migrator.services.moved_items import moved_csv, moved_items
from migrator.store.private_files import output_file

EXAMPLE = "migrator export --migration moved.toml --to items.jsonl"


def command(
    migration: MigrationOption,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", callback=output_place, help="Write to this file instead of standard output."
        ),
    ] = None,
    moved: Annotated[
        bool,
        typer.Option(
            "--moved",
            help="Instead write where each item that moved was and is now, as CSV (with --json: "
            "as JSON).",
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Write the scanned items as a world file: an archive, and what `rehearse --from` and
    `sandbox --from` read."""
    records = bootstrap.open_records(migration)
    if moved:
        _write_moved(records, to, json=json)
        return
    count = 0
    with output_file(to) if to else nullcontext(sys.stdout) as stream:
        for line in world_records(records):
            stream.buffer.write(line + b"\n")
            count += 1
    err.print(f"{count} records written")


def _write_moved(records: MigrationState, to: Path | None, *, json: bool) -> None:
    """The map from old names to new ones."""
    items = moved_items(records)
    text = msgspec.json.encode({"moved": items}) + b"\n" if json else moved_csv(items).encode()
    with output_file(to) if to else nullcontext(sys.stdout) as stream:
        stream.buffer.write(text)
    err.print(f"{len(items)} old names written")
