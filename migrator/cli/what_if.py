"""``migrator what-if``."""

from __future__ import annotations

import gc
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, moment, out, print_json, print_table
from migrator.services.what_if import WhatIfAnswer, what_if

EXAMPLE = "migrator what-if --migration moved.toml --set activity.stale_after=180d"
MOST_SHOWN = 40


def command(
    migration: MigrationOption,
    settings: Annotated[
        list[str],
        typer.Option("--set", metavar="KEY=VALUE", help="A setting to change; may be repeated."),
    ],
    json: JsonOption = False,
) -> None:
    """Say what other rules would change: how many items, which ones, how many notices, emails and
    hours.

    Answered from what scan and classify stored; GitHub is not asked, and nothing is kept.
    """
    records = bootstrap.open_records(migration)
    # tens of thousands of small records without a cycle: looking for garbage among them is a third
    # of the time
    gc.disable()
    try:
        answer = what_if(records, settings)
    finally:
        gc.enable()
    if json:
        print_json(answer)
    else:
        _tell(answer)


def _tell(answer: WhatIfAnswer) -> None:
    before, after = answer.before, answer.after
    names = sorted({*before.decisions, *after.decisions})
    rows: list[tuple[object, ...]] = [
        (name, before.decisions.get(name, 0), after.decisions.get(name, 0)) for name in names
    ]
    rows += [
        (name, getattr(before, name), getattr(after, name))
        for name in ("notices", "closes", "mails")
    ]
    rows.append(("hours", f"{before.hours:.1f}", f"{after.hours:.1f}"))
    out.print(f"with {', '.join(answer.settings)}, as of {moment(answer.as_of)}:", markup=False)
    print_table(("", "now", "then"), rows)
    shown = [(one.key, one.before, one.after, one.message) for one in answer.changed[:MOST_SHOWN]]
    if shown:
        print_table(("item", "now", "then", "why"), shown)
    more, reasons = len(answer.changed) - len(shown), len(answer.changed) - answer.changes
    also = f", {reasons} only their reason" if reasons else ""
    rest = f"; {more} more with --json" if more else ""
    out.print(f"{answer.changes} of {answer.items} items change their decision{also}{rest}")
    if answer.told_already:
        out.print(f"{answer.told_already} items carry a notice already and were left out")
