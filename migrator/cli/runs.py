"""``migrator runs``."""

from __future__ import annotations

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, moment, print_json, print_table

EXAMPLE = "migrator runs --migration moved.toml"


def command(migration: MigrationOption, json: JsonOption = False) -> None:
    """List the runs, newest first: what each one does, where it stands, and why it stopped if it
    did."""
    runs = bootstrap.open_records(migration).store.runs.newest()
    if json:
        print_json({"runs": runs})
    else:
        rows = [
            (r.id, r.kind, r.state, r.wave, r.reason, moment(r.started_at), r.plan_hash[:12])
            for r in runs
        ]
        print_table(("run", "kind", "state", "wave", "reason", "started", "plan"), rows)
