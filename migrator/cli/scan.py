"""``migrator scan``."""

from __future__ import annotations

import asyncio

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, print_facts, print_json, progress_bar
from migrator.execution.scan import scan

EXAMPLE = "migrator scan --migration moved.toml"


def command(migration: MigrationOption, json: JsonOption = False) -> None:
    """Read the items of the source and target repositories; a second scan reads only what
    changed. Writes nothing to GitHub."""
    context = bootstrap.build(migration)
    with progress_bar(quiet=json) as report:
        scanned = asyncio.run(scan(context, report))
    if json:
        print_json(scanned)
    else:
        print_facts(
            {repository: f"{count} items read" for repository, count in scanned.items.items()}
        )
