"""``migrator apply``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from migrator import bootstrap
from migrator.cli.output import (
    JsonOption,
    MigrationOption,
    Report,
    StopAfterOption,
    err,
    out,
    print_facts,
    print_json,
    progress_bar,
)
from migrator.errors import ItemsSetAside, OutOfTime, RepositoryReplaced, Stopped, UsageError
from migrator.execution.context import Context
from migrator.execution.engine import Engine, only_worker
from migrator.execution.repository_names import is_replaced
from migrator.execution.run import leave
from migrator.services import runs as operation
from migrator.store.runs import RunOptions, RunState

NAMED = 3
"""Items that a message names."""
EXAMPLE = "migrator apply 23029490a24a --migration moved.toml"


def command(
    plan_hash: Annotated[
        str,
        typer.Argument(
            metavar="HASH", help="The approved plan's hash, or its first 8 digits or more."
        ),
    ],
    migration: MigrationOption,
    unpaced: Annotated[
        bool,
        typer.Option(
            "--unpaced",
            help="As fast as possible, without GitHub's pace. Only on a sandbox of this machine.",
        ),
    ] = False,
    stop_after: StopAfterOption = math.inf,
    json: JsonOption = False,
) -> None:
    """Do what an approved plan says, durably: stop it or kill it, run the same command again,
    and it goes on."""
    context = bootstrap.build(migration)
    if unpaced and not context.settings.on_loopback:
        raise UsageError(
            "--unpaced is for a sandbox on this machine",
            cure="leave it out; GitHub's limits are kept then",
        )
    options = operation.options(paced=not unpaced)
    final = run_to_rest(context, plan_hash, options, quiet=json, stop_after=60 * stop_after)
    unread = operation.left_unread(context, final.run.id)
    if json:
        print_json(msgspec.to_builtins(final) | {"set_aside_items": unread})
    else:
        _tell(final)
    if final.run.state is RunState.STOPPED and is_replaced(final.run.reason):
        raise RepositoryReplaced(final.run.reason, cure=f"then `migrator resume {final.run.id}`")
    if final.run.state in (RunState.STOPPED, RunState.CANCELLED):
        raise Stopped(
            f"the run {final.run.state} with {final.total - final.ended} of {final.total} items "
            f"left: {final.run.reason}",
            cure=f"see `migrator runs`, then `migrator resume {final.run.id}`",
        )
    if not final.at_rest:
        raise OutOfTime(
            f"the time is over with {final.total - final.ended - final.waiting} of {final.total} "
            f"items left in the run {final.run.id}",
            cure="run the same command again; `migrator follow --once` goes on with it, too",
        )
    if unread:
        raise ItemsSetAside(_named(unread), cure=_how_to_go_on(unread))


def run_to_rest(
    context: Context,
    prefix: str,
    options: RunOptions,
    *,
    quiet: bool,
    stop_after: float = math.inf,
) -> operation.RunProgress:
    """Run a plan in this process until nothing more happens by itself, for ``stop_after`` seconds
    at most."""
    run = operation.start(context, prefix, options=options)
    with only_worker(context), progress_bar(quiet=quiet) as report:
        engine = Engine(context)
        engine.launch()
        try:
            final = operation.watch(
                context, engine, run.id, _Reporting(report, quiet=quiet), stop_after=stop_after
            )
        finally:
            engine.close()
        if context.leaving.is_set():
            leave(context, run.id)
        return final


def _named(unread: Sequence[operation.LeftUnread]) -> str:
    """Which items GitHub did not show, and what became of each."""
    items = [
        f"{item.item_key} (begun, not finished: {item.words})"
        if item.begun
        else f"{item.item_key} (skipped, nothing was written)"
        for item in unread[:NAMED]
    ]
    items += [f"and {len(unread) - NAMED} more"] if len(unread) > NAMED else []
    one = len(unread) == 1
    count = (
        "1 item could not be read and is"
        if one
        else f"{len(unread)} items could not be read and are"
    )
    return f"{count} set aside: {'; '.join(items)}"


def _how_to_go_on(unread: Sequence[operation.LeftUnread]) -> str:
    """What takes up begun items is this run, and the next plan what was skipped."""
    begun = sum(item.begun for item in unread)
    ways = ["run the same command again to finish what was begun"] if begun else []
    if begun < len(unread):
        ways.append("scan, classify and plan again for what was skipped")
    return "; ".join(ways)


class _Reporting:
    """Moves the bar, or writes lines of progress. On a terminal it tells once what a run waits for,
    and when that is over."""

    def __init__(self, report: Report, *, quiet: bool) -> None:
        self._report, self._told = report, ""
        self._quiet = quiet or not err.is_terminal

    def __call__(self, now: operation.RunProgress) -> None:
        waits = now.run.reason if not now.at_rest or now.run.state is RunState.PAUSED else ""
        until = now.run.held_until if waits else None
        self._report(now.run.kind, now.ended + now.waiting, now.total, until=until, why=waits)
        if waits != self._told and not self._quiet:
            err.print(
                f"{waits} (Ctrl-C is safe: the same command goes on)" if waits else "going on",
                markup=False,
            )
        self._told = waits


def _tell(final: operation.RunProgress) -> None:
    counts = {
        f"{outcome} ({code})": count
        for outcome, codes in final.outcomes.items()
        for code, count in codes.items()
    }
    print_facts({"run": final.run.id, "state": final.run.state, **counts})
    if final.due is not None:
        err.print(
            f"{final.parked} closes follow when their grace ends, the first at "
            f"{final.due:%Y-%m-%d %H:%M} UTC:"
        )
        out.print("run the same command again then, or keep `migrator serve` running")
    if final.retry_at is not None:
        err.print(
            f"set aside: {final.set_aside}, begun and not shown by GitHub any more; tried again at "
            f"{final.retry_at:%Y-%m-%d %H:%M} UTC"
        )
