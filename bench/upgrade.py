"""Brings a database with a half-done run from a revision before item identity up to date, and lets
the run go on.

    python -m bench.upgrade [--items 10000] [--json]

`seconds` and `memory_mb` are those of `migrator db upgrade` alone, `refused` its exit code while a
worker is alive. The run that was half done must end with one notice on each item.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.store import open_store, revisions
from migrator.store.database import engine_at
from migrator.store.leases import Leases
from migrator.store.plans import StoredPlan
from tests.support.runner import Runner, apply_in_child, kill

BEFORE = "0005"
"""The revision from which is climbed: the last one without item identity."""
MIGRATION = "keras"
LONGEST_LIFE = 600.0
"""Seconds after which a run that does not end is a finding."""
SILENCE = 3.0
"""Seconds after which a worker without a heartbeat counts as dead."""
TIMING = {"worker_silence_seconds": SILENCE, "cut_off_seconds": 0.4, "read_lag_seconds": 0.2}


def main() -> int:
    """Run once and print. Exit code 1 if a promise is broken."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="upgrade-") as scratch:
        folder = Path(scratch)
        write_world(generate(items=given.items, seed=5), folder / "world.jsonl")
        with running_sandbox("--world", str(folder / "world.jsonl")) as sandbox:
            arena = Runner(
                folder=folder, url=sandbox.url, sandbox=sandbox, together=20, timing=TIMING
            )
            result = {"items": given.items, **_climb(arena)}
    print(json.dumps(result, indent=2) if given.json else _table(result))
    return 0 if result["kept"] else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=10_000, help="items of the world")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


def _climb(arena: Runner) -> dict[str, Any]:
    plan = arena.plan(grace=False)
    url = arena.settings().database_url.get_secret_value()
    done = _half(arena, plan, url)
    with engine_at(url) as engine:
        revisions.downgrade(engine, BEFORE)
        Leases(engine).beat("an-older-program")
        refused = _upgrade(url)["code"]
        Leases(engine).forget("an-older-program")
    size = Path(url.removeprefix("sqlite:///")).stat().st_size
    time.sleep(SILENCE + 1)  # the killed worker's heartbeat and lease have to run out
    climbed = _upgrade(url)
    child = apply_in_child(arena, plan.hash)
    child.join(LONGEST_LIFE)
    kill(child)
    with engine_at(url) as engine:
        store = open_store(engine, MIGRATION)
        run = store.runs.newest()[0]
        outcomes = Counter(store.ledger.outcome_of_items(run.id).values())
        unknown = sum(each.entry.item_id is None for each in store.ledger.stream(run_id=run.id))
    second = _second_notices(arena)
    kept = refused == 3 and climbed["code"] == child.exitcode == second == unknown == 0
    return {
        "database_mb": round(size / 1e6, 1),
        "notices": plan.totals.notices,
        "done_before": done,
        "refused": refused,
        "seconds": climbed["seconds"],
        "memory_mb": climbed["memory_mb"],
        "run": run.state.value,
        "outcomes": dict(outcomes),
        "unknown_items": unknown,
        "second_notices": second,
        "kept": kept and outcomes.total() == plan.totals.notices,
    }


def _half(arena: Runner, plan: StoredPlan, url: str) -> int:
    """Apply until half of the items have ended, and kill the process then; how many have."""
    child = apply_in_child(arena, plan.hash)
    with engine_at(url) as engine:
        store = open_store(engine, MIGRATION)
        while child.is_alive():
            ended = sum(len(store.ledger.ended(run.id)) for run in store.runs.newest(1))
            if ended >= plan.totals.notices // 2:
                break
            time.sleep(0.05)
        kill(child)
        return len(store.ledger.ended(store.runs.newest(1)[0].id))


def _upgrade(url: str) -> dict[str, Any]:
    """`migrator db upgrade` in a process of its own: exit code, seconds, peak memory."""
    began, command = time.monotonic(), [sys.executable, "-m", "migrator", "db", "upgrade"]
    environment = os.environ | {
        "MIGRATOR_DATABASE_URL": url,
        "MIGRATOR_WORKER_SILENCE_SECONDS": str(SILENCE),
    }
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return {
        "code": process.returncode,
        "seconds": round(time.monotonic() - began, 2),
        "memory_mb": round(_megabytes(used), 1),
    }


def _megabytes(used: resource.struct_rusage) -> float:
    """Peak memory; on Linux ``ru_maxrss`` is in kilobytes."""
    return used.ru_maxrss / 1024


def _second_notices(arena: Runner) -> int:
    """Items with more than one comment of ours."""
    ours = arena.sandbox.account
    return sum(
        sum(comment.get("author") == ours for comment in record.get("comments", ())) > 1
        for record in arena.sandbox.world()
        if record.get("record") == "item"
    )


def _table(result: dict[str, Any]) -> str:
    return "\n".join(f"{name:<16} {value}" for name, value in result.items())


if __name__ == "__main__":
    sys.exit(main())
