"""``migrator runs``."""

from __future__ import annotations

import msgspec

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, moment, print_json, print_table
from migrator.domain.planning.plan import STEERED
from migrator.views.outcomes import ENDED, OutcomeSums, run_outcomes

EXAMPLE = "migrator runs --migration moved.toml"


def command(migration: MigrationOption, json: JsonOption = False) -> None:
    """List the runs of approved plans, newest first: what each one does, where it stands, and why
    it stopped if it did."""
    records = bootstrap.open_records(migration)
    runs = records.store.runs.newest(kinds=STEERED)
    found = [
        (run, run_outcomes(records, run, records.store.plans.find(run.plan_hash)).sums)
        for run in runs
    ]
    if json:
        print_json({"runs": [msgspec.to_builtins(run) | {"sums": sums} for run, sums in found]})
    else:
        rows = [
            (
                *(run.id, run.kind, run.state, run.wave, _in_words(sums), run.reason),
                *(moment(run.started_at), run.plan_hash[:12]),
            )
            for run, sums in found
        ]
        header = ("run", "kind", "state", "wave", "items", "reason", "started", "plan")
        print_table(header, rows, empty="No plan was started yet.")


def _in_words(sums: OutcomeSums) -> str:
    """Where the items of a run stand now, those that have begun."""
    counts = (
        (name.replace("_", " "), getattr(sums, name)) for name in (*ENDED, "waiting", "set_aside")
    )
    return ", ".join(f"{count} {name}" for name, count in counts if count) or "none"
