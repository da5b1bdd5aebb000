"""``migrator plan``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from migrator import bootstrap
from migrator.cli.output import (
    JsonOption,
    MigrationOption,
    moment,
    out,
    output_place,
    print_facts,
    print_json,
    print_table,
    progress_bar,
)
from migrator.cli.plan_warnings import print_clear_sample, warn_one_sided
from migrator.domain.calibration import described
from migrator.domain.decisions import Decision
from migrator.domain.planning.mail_forecast import MailForecast
from migrator.domain.planning.plan import PlanKind, one_sided
from migrator.execution.migration_state import MigrationState
from migrator.execution.own_account import bot_identity
from migrator.services.clear_sample import clear_sample
from migrator.services.mail_forecast import mail_forecast
from migrator.services.plan import make_plan
from migrator.services.unreadable import report_unreadable
from migrator.store.plan_items import PlanItemFilter
from migrator.store.plans import StoredPlan
from migrator.store.private_files import output_file, write_private
from migrator.views.plan_csv import csv_lines, sentence

EXAMPLE = "migrator plan --migration moved.toml --html plan.html --csv plan.csv"


ListOption = Annotated[
    bool, typer.Option("--list", help="List the stored plans instead of making one.")
]
ShowOption = Annotated[
    str, typer.Option("--show", metavar="HASH", help="Show a stored plan, item by item.")
]
ItemOption = Annotated[
    str,
    typer.Option("--item", metavar="OWNER/NAME#N", help="Show this item with its exact text."),
]
CsvOption = Annotated[
    Path | None,
    typer.Option(
        "--csv",
        callback=output_place,
        help="Write the items, with their exact texts, to this CSV file.",
    ),
]
HtmlOption = Annotated[
    Path | None,
    typer.Option(
        "--html", callback=output_place, help="Write the plan as one self-contained page."
    ),
]
CommandsServedOption = Annotated[
    bool,
    typer.Option("--commands-served", help="A listener answers the commands that notices offer."),
]


def command(
    migration: MigrationOption,
    list_plans: ListOption = False,
    show: ShowOption = "",
    item: ItemOption = "",
    csv: CsvOption = None,
    html: HtmlOption = None,
    commands_served: CommandsServedOption = False,
    json: JsonOption = False,
) -> None:
    """Freeze what would be done to each item, with the exact texts, into a plan identified by its
    hash. Sends nothing.

    Counts the emails that it would cause, to participants and to watchers, and the hours that it
    takes at GitHub's limits.
    """
    records = bootstrap.open_records(migration)
    if list_plans:
        _list(records, json)
        return
    stored = records.store.plans.find(show) if show else _make(records, commands_served, json)
    _write_files(records, stored, csv, html)
    document = _document(records, stored)
    if json:
        items = [one for one in records.store.plans.items(stored.hash) if item in ("", one.key)]
        print_json(document | ({"items": items} if show or item else {}))
    else:
        _tell(records, stored, document["mails"], items=bool(show), item=item)
    if not show:
        report_unreadable(records)


def _make(records: MigrationState, commands_served: bool, quiet: bool) -> StoredPlan:
    with progress_bar(quiet=quiet) as report:
        return make_plan(
            records,
            as_of=records.clock(),
            own=bot_identity(records),
            commands_served=commands_served,
            progress=lambda done, total: report("plan", done, total),
        )


def _document(records: MigrationState, stored: StoredPlan) -> dict[str, Any]:
    calibration = stored.header.calibration
    return {
        "hash": stored.hash,
        "header": stored.header,
        "totals": stored.totals,
        "calibration": calibration,
        "expected_precision": calibration.expected_precision if calibration else None,
        "mails": mail_forecast(records, stored.hash),
        "one_sided": one_sided(stored.totals) or "",
        "clears": clear_sample(records, stored),
        "approval": records.store.plans.approval(stored.hash),
        "set_aside": stored.header.set_aside,
    }


def _write_files(
    records: MigrationState, stored: StoredPlan, csv: Path | None, html: Path | None
) -> None:
    if csv is not None:
        with output_file(csv) as file:
            every = records.store.lists.documents(stored.hash, PlanItemFilter())
            file.writelines(csv_lines(every))
    if html is not None:
        from migrator.views.report import report_page

        write_private(html, report_page(records, stored, made_at=bootstrap.system_clock()))


def _list(records: MigrationState, json: bool) -> None:
    plans = records.store.plans.newest()
    if json:
        print_json({"plans": plans})
    else:
        rows = [
            (p.hash[:12], p.header.kind, moment(p.created_at), p.totals.notices, p.totals.closes)
            for p in plans
        ]
        empty = "No plan was made yet; `migrator plan` makes one."
        print_table(("hash", "kind", "made", "notices", "closes"), rows, empty=empty)


def _tell(
    records: MigrationState, stored: StoredPlan, mails: MailForecast, *, items: bool, item: str
) -> None:
    chosen = [
        one
        for one in records.store.plans.items(stored.hash)
        if one.key == item or (items and not item)
    ]
    if chosen:
        print_table(
            ("item", "decision", "why", "evidence", "wave"),
            [(i.key, i.decision, i.reason, sentence(i.deciding), i.wave or "") for i in chosen],
        )
    if item:
        for one in chosen:
            out.print(one.text or "(no text is posted)", markup=False, soft_wrap=True)
        return
    totals = stored.totals
    print_facts(
        {"items": totals.items, **{f"  {name}": count for name, count in totals.decisions.items()}}
    )
    if stored.header.set_aside:
        print_facts(
            {"set aside": f"{stored.header.set_aside}, could not be read and are not planned"}
        )
    print_facts(_costs(stored, mails, records.migration.file.sending.notices_per_person_per_day))
    if expectation := described(stored.header.calibration):
        out.print(expectation)
    scale = records.settings.clock_scale
    if scale > 1:
        out.print(f"(the hours are GitHub's; this sandbox's clock runs {scale:g} times as fast)")
    approved = records.store.plans.approval(stored.hash)
    warn_one_sided(stored)
    print_clear_sample(clear_sample(records, stored))
    out.print(f"plan {stored.hash}, good until {moment(stored.header.expires_at)}")
    out.print(f"next: migrator {'apply' if approved else 'approve'} {stored.hash[:12]}")


def _costs(stored: StoredPlan, mails: MailForecast, most_a_day: int) -> dict[str, object]:
    busiest = f" (most: {mails.most}, to {mails.busiest[0].login})" if mails.busiest else ""
    watched = ", ".join(
        f"{one.repository}: {one.mails_each} each to "
        f"{'an unknown number' if one.watchers is None else one.watchers}"
        for one in mails.watched
    )
    return {
        "notices": stored.totals.notices - stored.totals.edited,
        **({"edited": stored.totals.edited} if stored.totals.edited else {}),
        "closes": _closes(stored),
        "waves": stored.totals.waves,
        "people notified": f"{mails.people}, {mails.mails} emails{busiest}",
        "maintainers": f"{len(mails.maintainers)}, each notified for all of their items at once",
        "watchers": watched or "none",
        "hours": f"{_about(mails.hours)} at GitHub's limits",
        "days": f"{mails.days} at least, as no one gets more than {most_a_day} notices a day"
        if mails.days > 1
        else "1",
    }


def _closes(stored: StoredPlan) -> str:
    undo = stored.header.kind is PlanKind.UNDO
    asks = 0 if undo else stored.totals.decisions.get(Decision.ASK.value, 0)
    unless = f", {asks} of them only if nobody answers" if asks else ""
    return f"{stored.totals.closes}{unless}"


def _about(hours: float) -> str:
    return "less than 0.1" if 0 < hours < 0.05 else f"{hours:.1f}"
