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
    """Let a paused or stopped run go on, or look again at what another run left in doubt; says what
    does the work: a running worker, or `migrator apply` with its plan."""
    context = bootstrap.build(migration)
    runs.resume(context, run)
    alive = context.store.leases.alive(context.silence)
    found = context.store.runs.get(run)
    command = f"migrator apply {found.plan_hash[:12]}" if found else "migrator runs"
    if json:
        print_json(
            {
                "run": run,
                "state": "running",
                "workers": len(alive),
                "next": "" if alive else command,
            }
        )
        return
    out.print(f"{run} may go on")
    if alive:
        out.print(f"next: nothing, {alive[0]} takes it up within a minute; see `migrator runs`")
    else:
        out.print(f"next: {command} (no worker is running)", soft_wrap=True)


def cancel(run: RunArgument, migration: MigrationOption, json: JsonOption = False) -> None:
    """End a run for good. What it did stays, and can be undone."""
    runs.cancel(bootstrap.build(migration), run, by="command line")
    if json:
        print_json({"run": run, "state": "cancelled"})
    else:
        out.print(f"{run} is cancelled")
