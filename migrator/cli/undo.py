"""``migrator undo``."""

from __future__ import annotations

from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, out, print_json, progress_bar
from migrator.errors import UsageError
from migrator.services.undo import NotUndone, make_undo_plan, report_not_undone

EXAMPLE = "migrator undo --migration moved.toml --run 8ef556cc00ba"


def command(
    migration: MigrationOption,
    run: Annotated[str, typer.Option("--run", help="Undo this whole run.")] = "",
    wave: Annotated[int | None, typer.Option("--wave", help="Only this wave of the run.")] = None,
    item: Annotated[
        str,
        typer.Option("--item", metavar="OWNER/NAME#N", help="Undo what was done to one item."),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Plan to take acts back: reopen, remove our label, say so in the notice. Approve and apply
    that plan like any other."""
    if bool(run) == bool(item):
        raise UsageError(
            "say what to undo",
            cure="give either --run ID (see `migrator runs`) or --item OWNER/NAME#N",
        )
    context, left = bootstrap.build(migration), list[NotUndone]()
    with progress_bar(quiet=json) as report:
        stored = make_undo_plan(
            context,
            as_of=context.clock(),
            run_id=run or None,
            wave=wave,
            item_key=item or None,
            progress=lambda done, total: report("undo plan", done, total),
            left_out=left.append,
        )
    if json:
        print_json({"hash": stored.hash, "totals": stored.totals})
    else:
        out.print(
            f"{stored.totals.notices} items would be undone; next: migrator approve "
            f"{stored.hash[:12]}"
        )
    report_not_undone(left)
