"""Applies a whole migration, takes all of it back, and compares the sandbox's world with what it
was before, field by field.

    python -m bench.undo [--items 200] [--json]

Branches of some closed pull requests are deleted in between, so that GitHub cannot reopen them. The
undo is killed half way and goes on in another process; then it is asked for once more. Wanted are
no ``differences``, every pull request that cannot be reopened named by the ledger, and not one
write ``again``. ``labels_left`` are labels that the run created in a repository: they are taken off
every item and stay in the repository's list, as people may use them by then.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from migrator.domain.items import ItemKind
from migrator.errors import PlanRefused
from migrator.execution.context import Context
from migrator.rehearsal.sandbox import Sandbox, running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services.approve import approve
from migrator.services.runs import options
from migrator.services.undo import make_undo_plan
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run
from tests.support.runner import Runner, apply_in_child, kill
from tests.support.world_difference import Memory, Record, differences

ITEMS_PER_NOTICE = 3.5
"""A generated world has a notice for about every third item."""
GONE_EVERY = 10
"""Of the closed pull requests every so-manieth loses its branch before the undo."""
EXCUSED = frozenset({"state", "closed_at", "closed_by", "pull", "events", "comments"})
"""How a pull request may differ that nobody can reopen: closed, its branch deleted by a person,
its notice not reworded."""


def main() -> int:
    """Run, compare, print. Exit code 1 if anything is not as it was and not named."""
    given = _arguments()
    result = measure(given.items, given.seed)
    if given.json:
        print(json.dumps(result, indent=2))
    else:
        print("\n".join(f"{name:<16} {value}" for name, value in result.items()))
    kept = not (result["differences"] or result["again"] or result["not_named"])
    return 0 if kept and result["undone"] + result["cannot_reopen"] >= given.items else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.undo", description=__doc__)
    parser.add_argument(
        "--items",
        type=int,
        default=200,
        help="least number of items that are acted on and taken back",
    )
    parser.add_argument("--seed", type=int, default=7, help="seed of the generated world")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


def measure(items: int, seed: int) -> dict[str, Any]:
    """Migrate a generated world, take everything back, and say what is left of it."""
    with tempfile.TemporaryDirectory(prefix="undo-") as scratch:
        folder = Path(scratch)
        write_world(
            generate(items=int(items * ITEMS_PER_NOTICE), seed=seed), folder / "world.jsonl"
        )
        with running_sandbox("--world", str(folder / "world.jsonl")) as sandbox:
            return _there_and_back(Runner(folder=folder, url=sandbox.url, sandbox=sandbox))


def _there_and_back(arena: Runner) -> dict[str, Any]:
    sandbox = arena.sandbox
    plan, context = arena.plan(grace=False), arena.context()
    memory = Memory(arena.folder / "before.jsonl")
    memory.keep(sandbox.world())
    _tell(f"applying a plan of {plan.totals.notices} items ...")
    apply_in_child(arena, plan.hash, options=options(paced=False)).join()
    _delete_branches(sandbox, context, plan)
    before, began = _requests(sandbox), time.monotonic()
    undo = undo_plan(context, run_of(context, plan))
    _tell(f"taking {undo.totals.notices} items back ...")
    kills = _apply_with_a_death(arena, context, undo)
    seconds, requests = round(time.monotonic() - began, 1), _requests(sandbox) - before
    left = compare(memory, sandbox)
    named = cannot_reopen(context, run_of(context, undo))
    return {
        "undone": context.store.progress.outcomes(run_of(context, undo).id, by=("outcome", "code"))
        .get("done", {})
        .get("undo", 0),
        "differences": len(left.found),
        "cannot_reopen": len(left.cannot_reopen),
        "seconds": seconds,
        "requests": requests,
        "kills": kills,
        "again": _again(arena, context, plan, undo),
        "not_named": sorted(left.cannot_reopen ^ named),
        "labels_left": left.labels,
        "cannot_reopen_items": sorted(left.cannot_reopen),
        "found": left.found[:20],
    }


def run_of(context: Context, plan: StoredPlan) -> Run:
    """The run of a plan."""
    return next(run for run in context.store.runs.newest(100) if run.plan_hash == plan.hash)


def undo_plan(context: Context, run: Run, **chosen: Any) -> StoredPlan:
    """An approved plan to take a run back (or what is ``chosen`` of it). Raises
    :class:`PlanRefused` if nothing is left."""
    plan = make_undo_plan(
        context, as_of=context.clock(), run_id=run.id, progress=lambda *_: None, **chosen
    )
    return asyncio.run(approve(context, plan.hash, by="bench", how="sandbox"))


def cannot_reopen(context: Context, run: Run) -> set[str]:
    """Keys of the items of which the ledger says so."""
    entries = context.store.ledger.stream(run_id=run.id)
    return {each.entry.item_key for each in entries if each.state.code == "cannot_reopen"}


def _delete_branches(sandbox: Sandbox, context: Context, plan: StoredPlan) -> None:
    """People delete the branches of some pull requests that we closed."""
    pulls = [
        one
        for one in context.store.plans.items(plan.hash, acting=True)
        if one.closes and one.kind is ItemKind.PULL_REQUEST
    ]
    by, do = "repository-owner", "delete_branch"
    acts = [
        {"as": by, "do": do, "repository": one.repository, "number": one.number}
        for one in pulls[::GONE_EVERY]
    ]
    sandbox.post("act", acts)


def _apply_with_a_death(arena: Runner, context: Context, plan: StoredPlan) -> int:
    """Apply, kill half way, and let another process finish; returns how many died."""
    child = apply_in_child(arena, plan.hash, options=options(paced=False))
    while child.is_alive() and _ended(context, plan) < plan.totals.notices / 2:
        time.sleep(0.1)
    killed = child.is_alive()
    kill(child)
    apply_in_child(arena, plan.hash, options=options(paced=False)).join()
    return int(killed)


def _ended(context: Context, plan: StoredPlan) -> int:
    runs = [run for run in context.store.runs.newest(10) if run.plan_hash == plan.hash]
    return sum(
        sum(codes.values())
        for run in runs
        for codes in context.store.progress.outcomes(run.id).values()
    )


def _again(arena: Runner, context: Context, plan: StoredPlan, undo: StoredPlan) -> int:
    """How many writes a second undo makes, be it the same plan once more or a new one."""
    before = arena.sandbox.stats()["requests"]["mutation"]
    apply_in_child(arena, undo.hash, options=options(paced=False)).join()
    try:
        once_more = undo_plan(context, run_of(context, plan))
    except PlanRefused:
        return int(arena.sandbox.stats()["requests"]["mutation"] - before)
    return once_more.totals.notices


@dataclass
class Left:
    """What an undo left behind: fields not as they were, pull requests that nobody can reopen,
    labels of repositories."""

    found: list[str] = field(default_factory=list)
    cannot_reopen: set[str] = field(default_factory=set)
    labels: list[str] = field(default_factory=list)


def compare(memory: Memory, sandbox: Sandbox) -> Left:
    """Hold the world against what it was."""
    left = Left()
    for name, before, after in memory.compared(sandbox.world()):
        wrong = set(differences(before, after))
        if before and after and before["record"] == "repository" and "labels" in wrong:
            left.labels += [
                f"{name}: {label['name']}"
                for label in after["labels"]
                if label not in before["labels"]
            ]
            wrong -= (
                {"labels"} if all(label in after["labels"] for label in before["labels"]) else set()
            )
        if before and after and "state" in wrong and _has_lost_its_branch(after):
            left.cannot_reopen.add(name)
            wrong -= EXCUSED
        left.found += [f"{name}: {each}" for each in sorted(wrong)]
    return left


def _has_lost_its_branch(after: Record) -> bool:
    return after.get("state") == "closed" and bool((after.get("pull") or {}).get("head_deleted"))


def _requests(sandbox: Sandbox) -> int:
    return int(sum(sandbox.stats()["requests"].values()))


def _tell(what: str) -> None:
    sys.stderr.write(what + "\n")


if __name__ == "__main__":
    sys.exit(main())
