"""``migrator verify``."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import (
    JsonOption,
    MigrationOption,
    out,
    print_json,
    print_table,
    progress_bar,
)
from migrator.errors import ChecksFailed, ItemsSetAside
from migrator.execution.verify import verify

EXAMPLE = "migrator verify --migration moved.toml"


def command(
    migration: MigrationOption,
    run: Annotated[str, typer.Option("--run", help="Only this run's entries.")] = "",
    json: JsonOption = False,
) -> None:
    """Compare GitHub with the ledger, item by item. Exit code 6 if something is not as it must
    be, 8 if some cannot be read."""
    context = bootstrap.build(migration)
    with progress_bar(quiet=json) as report:
        verified = asyncio.run(
            verify(context, run_id=run or None, progress=lambda done: report("verify", done, 0))
        )
    if json:
        document = {
            "entries": verified.entries,
            "verified": verified.is_verified,
            "not_read": len(verified.not_read),
        }
        print_json(document | {"findings": verified.findings})
    else:
        if verified.findings:
            rows = [(one.item_key, one.code, one.message) for one in verified.findings]
            print_table(("item", "finding", "what"), rows)
        out.print(f"{verified.entries} entries compared, {len(verified.faults)} faults")
    if verified.faults:
        raise ChecksFailed(
            f"{len(verified.faults)} entries differ from GitHub",
            cure="look at each item before going on",
        )
    if verified.not_read:
        first = verified.not_read[0]
        cause = (
            f"{len(verified.not_read)} entries could not be compared, first {first.item_key}: "
            f"{first.message}"
        )
        raise ItemsSetAside(cause, cure="run `migrator verify` again later")
