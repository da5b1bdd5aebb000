"""``migrator classify``."""

from __future__ import annotations

from migrator import bootstrap
from migrator.cli.output import (
    JsonOption,
    MigrationOption,
    out,
    print_facts,
    print_json,
    progress_bar,
)
from migrator.domain.calibration import described
from migrator.execution.own_account import bot_identity
from migrator.services.classify import classify
from migrator.services.unreadable import report_unreadable

EXAMPLE = "migrator classify --migration moved.toml"


def command(migration: MigrationOption, json: JsonOption = False) -> None:
    """Judge every open item: whose is it, active or stale, and why. Needs a scan; asks GitHub
    nothing."""
    records = bootstrap.open_records(migration)
    with progress_bar(quiet=json) as report:
        classified = classify(
            records,
            as_of=records.clock(),
            own=bot_identity(records),
            progress=lambda done, total: report("classify", done, total),
        )
    if json:
        print_json(classified)
    else:
        unjudged = {"not judged": classified.not_judged} if classified.not_judged else {}
        print_facts(
            {"items": classified.items, **classified.ownership, **classified.activity, **unjudged}
        )
        out.print(described(classified.calibration))
    report_unreadable(records)
