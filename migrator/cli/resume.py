"""``migrator resume``."""

from __future__ import annotations

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, RunArgument, out, print_json
from migrator.operations import steer

EXAMPLE = "migrator resume 8ef556cc00ba --migration moved.toml"


def command(run: RunArgument, migration: MigrationOption, json: JsonOption = False) -> None:
    """Let a paused or stopped run go on; then run `migrator apply` with its plan, or keep a worker running."""
    steer.resume(bootstrap.build(migration), run)
    if json:
        print_json({"run": run, "state": "running"})
    else:
        out.print(f"{run} may go on")
