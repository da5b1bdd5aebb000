"""Is anything lost where GitHub answers with a part only? The same world is scanned whole and
damaged, and both are planned.

    python bench/damage.py [--items 10000] [--share 0.01] [--seed 7] [--json]

A share of the items is damaged in every way that the sandbox's catalogue has, some for good and
some only in a page with others. ``known`` and ``set_aside`` count the open items after the damaged
scan; ``unnamed`` are those that are neither, and ``decisions_changed`` the known ones that are
planned otherwise than in the whole world. ``requests`` are those of the damaged scan,
``extra_per_damaged`` is how many more it took for each damaged item. The first two must be 0, the
last at most 16.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

if (
    __name__ == "__main__"
):  # a script's folder comes first where Python looks for modules, and ours has a `requests`
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from migrator.execution.context import Context
from migrator.execution.own_account import bot_identity
from migrator.execution.scan import scan
from migrator.rehearsal.sandbox import Sandbox, running_sandbox, write_world
from migrator.sandbox.faults.rules import parse_reply_rules
from migrator.sandbox.worlds import generate
from migrator.services.classify import classify
from migrator.services.plan import make_plan
from migrator.store import revisions
from tests.support.runner import Runner

MOST_EXTRA = 16.0
FOR_GOOD = (
    "null_node",
    "null_node_forbidden",
    "item_times_out",
    "labels_null",
    "comments_null",
    "participants_null",
)
AMONG_OTHERS = (
    "null_node_silent",
    "reactions_null",
    "timeline_null",
    "comments_missing",
    "error_below",
    "item_times_out",
)
"""Rules of the catalogue: what is damaged whenever it is shown, and what can be read alone."""


def main() -> int:
    """Run, print. Exit code 1 if a promise is broken."""
    given = _arguments()
    result = measured(given.items, given.share, given.seed, given.preset)
    print(
        json.dumps(result, indent=2)
        if given.json
        else "\n".join(f"{name:<20} {value}" for name, value in result.items())
    )
    return 0 if _kept(result) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--preset", default="keras")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _kept(result: dict[str, Any]) -> bool:
    return (
        not result["unnamed"]
        and not result["decisions_changed"]
        and bool(result["extra_per_damaged"] <= MOST_EXTRA)
    )


def measured(items: int, share: float, seed: int, preset: str) -> dict[str, Any]:
    """The figures of one world."""
    rules = damage(share, seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_world(generate(items=items, seed=seed), folder / "world.jsonl")
        with running_sandbox("--world", str(folder / "world.jsonl")) as sandbox:
            whole = _planned(folder / "whole", sandbox, preset, [])
            hurt = _planned(folder / "hurt", sandbox, preset, rules)
    known, aside = hurt["decisions"].keys(), hurt["set_aside"]
    damaged = sum(
        any(rule.concerns(key) for rule in parse_reply_rules(rules)) for key in whole["shown"]
    )
    return {
        "items": len(whole["decisions"]),
        "damaged": damaged,
        "known": len(known),
        "set_aside": len(aside),
        "unnamed": len(whole["decisions"].keys() - known - aside),
        "decisions_changed": sum(
            whole["decisions"][key] != decision for key, decision in hurt["decisions"].items()
        ),
        "requests": hurt["requests"],
        "requests_whole": whole["requests"],
        "extra_per_damaged": round((hurt["requests"] - whole["requests"]) / max(1, damaged), 2),
        "seconds": hurt["seconds"],
        "seconds_whole": whole["seconds"],
    }


def damage(share: float, seed: int) -> list[dict[str, Any]]:
    """Rules that damage this share of all items, each kind as many."""
    kinds = [
        *((name, {}) for name in FOR_GOOD),
        *((name, {"above": {"first": 1}}) for name in AMONG_OTHERS),
    ]
    each = share / len(kinds)
    scans = {"operation": "Scan*"}
    return [
        {"use": name, "share": each, "seed": seed * 100 + at, **scans, **more}
        for at, (name, more) in enumerate(kinds)
    ]


def _planned(
    folder: Path, sandbox: Sandbox, preset: str, rules: list[dict[str, Any]]
) -> dict[str, Any]:
    """Scan under these rules, classify and plan; what was decided on each open item, and what
    the scan took."""
    folder.mkdir()
    sys.stderr.write(f"{folder.name} ...\n")
    context = Runner(folder=folder, url=sandbox.url, sandbox=sandbox, preset=preset).context()
    revisions.upgrade(context.store.engine)
    sandbox.post("rules", rules)
    before, began = _queries(sandbox), time.monotonic()
    scanned = asyncio.run(scan(context, lambda *_: None))
    seconds, requests = time.monotonic() - began, _queries(sandbox) - before
    sandbox.post("rules", [])
    decisions = _decisions(context, sandbox)
    shown = [item.key for item in context.store.snapshots.stream()]
    context.store.engine.dispose()
    aside = {item.key for item in scanned.set_aside}
    return {
        "decisions": decisions,
        "set_aside": aside,
        "shown": shown,
        "requests": requests,
        "seconds": round(seconds, 1),
    }


def _decisions(context: Context, sandbox: Sandbox) -> dict[str, tuple[str, str, bool]]:
    own = bot_identity(context)
    classify(context, as_of=sandbox.now, own=own, progress=lambda *_: None)
    plan = make_plan(
        context, as_of=sandbox.now, own=own, commands_served=False, progress=lambda *_: None
    )
    return {
        item.key: (item.decision.value, item.code, item.closes)
        for item in context.store.plans.items(plan.hash)
    }


def _queries(sandbox: Sandbox) -> int:
    return int(sandbox.stats()["requests"]["query"])


if __name__ == "__main__":
    sys.exit(main())
