"""``migrator pause``."""

from __future__ import annotations

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, RunArgument, out, print_json
from migrator.operations import steer

EXAMPLE = "migrator pause 8ef556cc00ba --migration moved.toml"


def command(run: RunArgument, migration: MigrationOption, json: JsonOption = False) -> None:
    """Hold a run; it stays held through restarts until it is resumed. What is under way is finished."""
    steer.pause(bootstrap.build(migration), run, by="command line")
    if json:
        print_json({"run": run, "state": "paused"})
    else:
        out.print(f"{run} is paused; `migrator resume {run}` lets it go on")
