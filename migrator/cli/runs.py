"""``migrator runs``, ``pause``, ``resume`` and ``cancel``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, out, print_json, print_table
from migrator.operations import steer

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The run's id (see `migrator runs`).")]


def list_runs(migration: MigrationOption, json: JsonOption = False) -> None:
    """List the runs, newest first."""
    runs = bootstrap.build(migration).store.runs.newest()
    if json:
        print_json({"runs": runs})
    else:
        rows = [(r.id, r.kind, r.state, r.wave, r.reason, f"{r.started_at:%Y-%m-%d %H:%M} UTC", r.plan_hash[:12]) for r in runs]
        print_table(("run", "kind", "state", "wave", "reason", "started", "plan"), rows)


def pause(run: RunArgument, migration: MigrationOption) -> None:
    """Hold a run; it stays held through restarts until it is resumed. What is under way is finished."""
    steer.pause(bootstrap.build(migration), run, by="command line")
    out.print(f"{run} is paused; `migrator resume {run}` goes on")


def resume(run: RunArgument, migration: MigrationOption) -> None:
    """Let a paused or stopped run go on; then run `migrator apply` with its plan, or keep a worker running."""
    steer.resume(bootstrap.build(migration), run)
    out.print(f"{run} may go on")


def cancel(run: RunArgument, migration: MigrationOption) -> None:
    """End a run for good. What it did stays, and can be undone."""
    steer.cancel(bootstrap.build(migration), run, by="command line")
    out.print(f"{run} is cancelled")


COMMANDS: dict[str, Callable[..., None]] = {"runs": list_runs, "pause": pause, "resume": resume, "cancel": cancel}
