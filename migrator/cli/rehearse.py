"""``migrator rehearse``."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, out, print_json, print_table, progress_bar
from migrator.cli.sandbox_process import ACCOUNT, Sandbox, running_sandbox, write_world
from migrator.cli.sandbox_reading import WorldReading, read_world
from migrator.cli.world_input import records_of
from migrator.config.settings import Settings
from migrator.errors import ChecksFailed, UsageError
from migrator.github.replies import Requests
from migrator.operations.rehearse import Rehearsal, Rehearsed
from migrator.workflows.context import Context

NAME = "rehearse"
UNPACED_CONCURRENCY = 8


def command(
    migration: MigrationOption,
    items: Annotated[int, typer.Option("--items", min=1, help="How many items to generate.")] = 400,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the generated items.")] = 7,
    source: Annotated[
        Path | None, typer.Option("--from", help="Rehearse on this CSV, JSON lines or world file instead of generated items.")
    ] = None,
    thread_seed: Annotated[int, typer.Option("--thread-seed", help="Seed of the threads made around bare texts.")] = 7,
    now: Annotated[str, typer.Option("--now", help="The rehearsal's clock (ISO 8601 with a zone).")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take everything back afterwards.")] = False,
    paced: Annotated[bool, typer.Option("--paced", help="Keep GitHub's pace instead of going as fast as possible.")] = False,
    directory: Annotated[Path | None, typer.Option("--dir", help="Keep database, world and report in this folder.")] = None,
    json: JsonOption = False,
) -> None:
    """Carry a whole migration out on your own machine: check, scan, classify, plan, approve, apply, verify, and --undo.

    A sandbox GitHub is filled with generated items, or with a copy of real ones (--from). Nothing leaves this machine.
    """
    records = records_of(items=items, seed=seed, source=source, thread_seed=thread_seed, now=now)
    with _folder(directory) as folder, progress_bar(quiet=json) as report:
        result = _rehearse(folder, records, migration, now=now, undo=undo, paced=paced, report=report)
    if json:
        print_json(result)
    else:
        _tell(result)
    if not result["verified"]:
        raise ChecksFailed("the sandbox's world is not as planned", cure=str(result["wrong"][:3]))


@contextmanager
def _folder(directory: Path | None) -> Iterator[Path]:
    """The folder to work in: the given one, which must be new or empty, or a temporary one."""
    if directory is None:
        with tempfile.TemporaryDirectory(prefix="migrator-") as scratch:
            yield Path(scratch)
        return
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(f"the folder {directory} is not empty", cure="remove it, or give another --dir")
    directory.mkdir(parents=True, exist_ok=True)
    yield directory


def _rehearse(
    folder: Path, records: Iterable[dict[str, Any]], migration: str, *, now: str, undo: bool, paced: bool, report: Any
) -> dict[str, Any]:
    began = time.monotonic()
    world_file = folder / "world.jsonl"
    count = write_world(records, world_file)
    options = ["--world", str(world_file), "--state", str(folder / "sandbox"), *(["--now", now] if now else [])]
    with running_sandbox(*options) as sandbox:
        context, clock = _context(folder, sandbox, migration)

        def advance(by: timedelta) -> None:
            clock.advance(by)
            sandbox.advance(by.total_seconds())

        run_options = {"paced": paced, "concurrency": 1 if paced else UNPACED_CONCURRENCY}
        rehearsal = Rehearsal(context, as_of=sandbox.now, advance=advance, options=run_options, report=report)
        rehearsal.prepare()
        done = rehearsal.migrate()
        result = _result(context, sandbox, done, count)
        if undo:
            result["undo"] = _undo(context, sandbox, rehearsal, done)
        result["seconds"] = round(time.monotonic() - began, 2)
        result["memory_mb"] = _memory(sandbox)
    return result


def _context(folder: Path, sandbox: Sandbox, migration: str) -> tuple[Context, bootstrap.ShiftedClock]:
    settings = Settings.model_validate(
        {
            "database_url": f"sqlite:///{folder / 'migrator.sqlite'}",
            "github_url": sandbox.url,
            "github_token": sandbox.token,
            "cut_off_seconds": 1.0,
            "read_lag_seconds": 0.5,
        }
    )
    clock = bootstrap.ShiftedClock(sandbox.now)
    return bootstrap.build(migration, settings=settings, clock=clock, require_revision=False), clock


def _requests(context: Context, before: Requests | None = None) -> dict[str, int]:
    spent = context.open_github().requests
    start = before or Requests()
    return {"query": spent.query - start.query, "mutation": spent.mutation - start.mutation, "rest": spent.rest - start.rest}


def _result(context: Context, sandbox: Sandbox, done: Rehearsed, items: int) -> dict[str, Any]:
    requests = _requests(context)
    reading = _reading(context, sandbox, done)
    outcomes = done.progress.outcomes
    return {
        "items": items,
        "decisions": done.plan.totals.decisions,
        "notices": reading.notices,
        "closed": reading.closed,
        "skipped": outcomes.get("skipped", {}),
        "outcomes": {outcome: sum(codes.values()) for outcome, codes in sorted(outcomes.items())},
        "duplicate_notices": reading.duplicate_notices,
        "requests": requests,
        "mailed": len(_mailed(context, done)),
        "verified": not reading.wrong and not done.verified.faults and done.progress.run.state == "finished",
        "wrong": list(reading.wrong[:20]),
        "plan_hash": done.plan.hash,
        "run": done.progress.run.id,
        "reason": done.progress.run.reason,
    }


def _reading(context: Context, sandbox: Sandbox, done: Rehearsed) -> WorldReading:
    planned = {item.key: item for item in context.store.plans.items(done.plan.hash, acting=True)}
    dropped = {
        key for key, outcome in context.store.ledger.outcome_of_items(done.progress.run.id).items() if outcome == "skipped"
    }
    return read_world(sandbox.world(), ACCOUNT, planned, dropped)


def _mailed(context: Context, done: Rehearsed) -> set[str]:
    return {login for item in context.store.plans.items(done.plan.hash, acting=True) for login in item.recipients}


def _undo(context: Context, sandbox: Sandbox, rehearsal: Rehearsal, done: Rehearsed) -> dict[str, Any]:
    before = context.open_github().requests
    undone = rehearsal.undo(done.progress.run.id)
    closed = read_world(sandbox.world(), ACCOUNT, {}, set()).closed
    gone = undone.progress.outcomes.get("failed", {}).get("cannot_reopen", 0)
    return {
        "items": undone.progress.total,
        "outcomes": undone.progress.outcomes,
        "requests": _requests(context, before),
        "still_closed": closed,
        "plan_hash": undone.plan.hash,
        "cannot_reopen": gone,
        "verified": not undone.verified.faults and closed == gone,
    }


def _memory(sandbox: Sandbox) -> dict[str, float]:
    """Peak resident memory of both processes in MB (on Linux ``ru_maxrss`` is in kilobytes)."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"migrator": round(own, 1), "sandbox": round(float(sandbox.stats().get("max_rss_mb", 0.0)), 1)}


def _tell(result: dict[str, Any]) -> None:
    rows = [("items", result["items"])]
    rows += [(f"  {name}", count) for name, count in result["decisions"].items()]
    rows += [(name, result[name]) for name in ("notices", "closed")]
    rows += [(f"skipped ({code})", count) for code, count in result["skipped"].items()]
    rows += [("duplicate notices", result["duplicate_notices"])]
    rows += [(f"requests ({kind})", count) for kind, count in result["requests"].items()]
    rows += [("people mailed", result["mailed"]), ("seconds", result["seconds"])]
    rows += [("verified", "yes" if result["verified"] else "no")]
    print_table(("rehearsal", ""), rows)
    out.print(f"plan {result['plan_hash'][:12]}, run {result['run']}")
