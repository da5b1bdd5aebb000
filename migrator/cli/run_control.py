"""``migrator pause``, ``migrator resume`` and ``migrator cancel``: change a run's state."""

from __future__ import annotations

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, RunArgument, out, print_json
from migrator.services import runs

EXAMPLE = "migrator {verb} 8ef556cc00ba --migration moved.toml"


def pause(run: RunArgument, migration: MigrationOption, json: JsonOption = False) -> None:
    """Hold a run; it stays held through restarts until it is resumed. What is under way is
    finished."""
    runs.pause(bootstrap.build(migration), run, by="command line")
    if json:
        print_json({"run": run, "state": "paused"})
    else:
        out.print(f"{run} is paused; `migrator resume {run}` lets it go on")


def resume(run: RunArgument, migration: MigrationOption, json: JsonOption = False) -> None:
    """Let a paused or stopped run go on; then run `migrator apply` with its plan, or keep a
    worker running."""
    runs.resume(bootstrap.build(migration), run)
    if json:
        print_json({"run": run, "state": "running"})
    else:
        out.print(f"{run} may go on")


def cancel(run: RunArgument, migration: MigrationOption, json: JsonOption = False) -> None:
    """End a run for good. What it did stays, and can be undone."""
    runs.cancel(bootstrap.build(migration), run, by="command line")
    if json:
        print_json({"run": run, "state": "cancelled"})
    else:
        out.print(f"{run} is cancelled")
