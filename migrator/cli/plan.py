"""``migrator plan``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, out, print_facts, print_json, print_table, progress_bar
from migrator.operations.plan import make_plan
from migrator.store.plans import StoredPlan
from migrator.workflows.context import Context
from migrator.workflows.own import own_acts

NAME = "plan"


def command(
    migration: MigrationOption,
    list_plans: Annotated[bool, typer.Option("--list", help="List the stored plans instead of making one.")] = False,
    show: Annotated[str, typer.Option("--show", metavar="HASH", help="Show a stored plan's items.")] = "",
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the plan's items to this CSV file.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the plan as a self-contained page.")] = None,
    commands_served: Annotated[
        bool, typer.Option("--commands-served", help="A listener answers the commands that notices offer.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Freeze what would be done to each item, with the exact texts, into a plan identified by its hash. Sends nothing."""
    context = bootstrap.build(migration)
    if list_plans:
        _list(context, json)
        return
    stored = context.store.plans.find(show) if show else _make(context, commands_served, json)
    _show(context, stored, json=json, items=bool(show))


def _make(context: Context, commands_served: bool, quiet: bool) -> StoredPlan:
    with progress_bar(quiet=quiet) as report:
        return make_plan(
            context,
            as_of=context.clock(),
            own=own_acts(context),
            commands_served=commands_served,
            progress=lambda done, total: report("plan", done, total),
        )


def _list(context: Context, json: bool) -> None:
    plans = context.store.plans.newest()
    if json:
        print_json({"plans": plans})
    else:
        rows = [
            (p.hash[:12], p.header.kind, f"{p.created_at:%Y-%m-%d %H:%M} UTC", p.totals.notices, p.totals.closes) for p in plans
        ]
        print_table(("hash", "kind", "made", "notices", "closes"), rows)


def _show(context: Context, stored: StoredPlan, *, json: bool, items: bool) -> None:
    if json:
        document = {"hash": stored.hash, "header": stored.header, "totals": stored.totals}
        print_json(document | ({"items": list(context.store.plans.items(stored.hash))} if items else {}))
        return
    if items:
        rows = [(i.key, i.decision, i.reason, i.wave or "") for i in context.store.plans.items(stored.hash)]
        print_table(("item", "decision", "why", "wave"), rows)
    print_facts(
        {"plan": stored.hash, **stored.totals.decisions, "notices": stored.totals.notices, "closes": stored.totals.closes}
    )
    out.print(f"next: migrator approve {stored.hash[:12]}")
