"""``migrator recover``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, out, print_json, progress_bar
from migrator.services.recover import recover

EXAMPLE = "migrator recover --migration moved.toml"


def command(
    migration: MigrationOption,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            formats=["%Y-%m-%d"],
            help="Read only items that changed since this day (UTC), such as that of the first "
            "run.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Rebuild the ledger of a lost database from our account's marked comments. Reads GitHub and
    writes nothing there."""
    context = bootstrap.build(migration)
    day = since.replace(tzinfo=UTC) if since else None
    with progress_bar(quiet=json) as report:
        found = asyncio.run(recover(context, since=day, progress=report))
    if json:
        print_json(found)
    else:
        out.print(
            f"{found.notices} notices and {found.replies} replies on {found.items} items are in "
            f"the ledger again ({found.known} were known); next: migrator scan, then migrator "
            "verify"
        )
