"""``migrator cancel``."""

from __future__ import annotations

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, RunArgument, out, print_json
from migrator.operations import steer

EXAMPLE = "migrator cancel 8ef556cc00ba --migration moved.toml"


def command(run: RunArgument, migration: MigrationOption, json: JsonOption = False) -> None:
    """End a run for good. What it did stays, and can be undone."""
    steer.cancel(bootstrap.build(migration), run, by="command line")
    if json:
        print_json({"run": run, "state": "cancelled"})
    else:
        out.print(f"{run} is cancelled")
