"""``migrator probe``."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, out, print_json, print_table
from migrator.errors import ChecksFailed
from migrator.services.probe import Seen, probe

EXAMPLE = "migrator probe my-name/scratch --migration moved.toml"


def command(
    repository: Annotated[
        str, typer.Argument(metavar="OWNER/SCRATCH", help="An empty repository of your own.")
    ],
    migration: MigrationOption,
    by: Annotated[
        str, typer.Option("--by", help="Who asks; by default the account logged in here.")
    ] = "",
    transfer_to: Annotated[
        str,
        typer.Option(
            "--transfer-to",
            metavar="OWNER/SCRATCH-2",
            help="A second empty repository of the same owner: transfers are probed, too.",
        ),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Find out on a scratch repository whether GitHub behaves as we assume, and record it. Opens
    two issues, and closes them; for transfers three more.

    Exit code 6 if something is not as assumed. docs/unverified.md has the list, and what has to be
    looked at by hand.
    """
    context = bootstrap.build(migration)
    probed = asyncio.run(
        probe(context, repository, by=by or getpass.getuser(), transfer_to=transfer_to)
    )
    if json:
        print_json({"ok": not probed.broken, "probed": probed})
    else:
        rows = [(_word(one), one.code, one.what) for one in probed.seen]
        print_table(("", "assumption", "seen"), rows)
        out.print(
            f"recorded; issues {', '.join(f'#{number}' for number in probed.issues)} of "
            f"{repository} are closed again"
        )
        if probed.transferred:
            out.print(f"so are {', '.join(probed.transferred)}")
    if probed.broken:
        raise ChecksFailed(
            f"{len(probed.broken)} assumptions do not hold",
            cure="do not migrate before you know why; see docs/unverified.md",
        )


def _word(seen: Seen) -> str:
    if seen.question:
        return "answer"
    return "holds" if seen.holds else "BROKEN"
