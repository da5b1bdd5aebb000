"""``migrator probe``."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, out, print_json, print_table
from migrator.errors import ChecksFailed
from migrator.services.probe import probe

EXAMPLE = "migrator probe my-name/scratch --migration moved.toml"


def command(
    repository: Annotated[
        str, typer.Argument(metavar="OWNER/SCRATCH", help="An empty repository of your own.")
    ],
    migration: MigrationOption,
    by: Annotated[
        str, typer.Option("--by", help="Who asks; by default the account logged in here.")
    ] = "",
    json: JsonOption = False,
) -> None:
    """Find out on a scratch repository whether GitHub behaves as we assume, and record it. Opens
    two issues, and closes them.

    Exit code 6 if something is not as believed. docs/unverified.md has the list, and what has to be
    looked at by hand.
    """
    probed = asyncio.run(probe(bootstrap.build(migration), repository, by=by or getpass.getuser()))
    if json:
        print_json({"ok": not probed.broken, "probed": probed})
    else:
        rows = [("holds" if one.holds else "BROKEN", one.code, one.what) for one in probed.seen]
        print_table(("", "belief", "seen"), rows)
        out.print(
            f"recorded; issues {', '.join(f'#{number}' for number in probed.issues)} of "
            f"{repository} are closed again"
        )
    if probed.broken:
        raise ChecksFailed(
            f"{len(probed.broken)} beliefs do not hold",
            cure="do not migrate before you know why; see docs/unverified.md",
        )
