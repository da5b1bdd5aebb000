"""``migrator scan``."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, print_facts, print_json, progress_bar
from migrator.errors import ItemsSetAside
from migrator.execution.scan import Scanned, scan

EXAMPLE = "migrator scan --migration moved.toml"
NAMED = 5
"""Items that a message names at most."""


def command(
    migration: MigrationOption,
    full: Annotated[
        bool,
        typer.Option("--full", help="Read everything again, and find out what became of the rest."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Read the items of the source and target repositories; a second scan reads only what changed.
    Writes nothing to GitHub.

    Items that GitHub does not show are set aside by name, retried by each scan, and reported by
    exit code 8.
    """
    context = bootstrap.build(migration)
    with progress_bar(quiet=json) as report:
        scanned = asyncio.run(scan(context, report, full=full))
    if json:
        print_json(_document(scanned))
    else:
        print_facts(
            {repository: f"{count} items read" for repository, count in scanned.items.items()}
            | _rest(scanned)
        )
    if not scanned.is_whole:
        raise ItemsSetAside(
            _message(scanned),
            cure="run `migrator scan` again later; `migrator scan --full` reads everything",
        )


def _document(scanned: Scanned) -> dict[str, object]:
    return {
        "items": scanned.items,
        "first": scanned.first,
        "set_aside": len(scanned.set_aside),
        "set_aside_items": scanned.set_aside,
        "missing": scanned.missing,
    }


def _rest(scanned: Scanned) -> dict[str, object]:
    """What was not read, in words; nothing if all was."""
    aside: dict[str, object] = {
        f"set aside: {item.key}": f"{item.cause}: {item.words}" for item in scanned.set_aside
    }
    return aside | {
        f"missing: {walk}": f"{count} items that GitHub counts"
        for walk, count in scanned.missing.items()
    }


def _message(scanned: Scanned) -> str:
    count = len(scanned.set_aside)
    named = [f"{item.key} ({item.cause}: {item.words})" for item in scanned.set_aside[:NAMED]]
    named += [f"and {count - NAMED} more"] if count > NAMED else []
    one = (
        "1 item could not be read and is"
        if count == 1
        else f"{count} items could not be read and are"
    )
    parts = [f"{one} set aside: {'; '.join(named)}"] if named else []
    parts += [
        f"{missing} items of {walk} that GitHub counts were not met"
        for walk, missing in scanned.missing.items()
    ]
    return "; ".join(parts)
