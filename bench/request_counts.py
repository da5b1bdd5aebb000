"""How many requests does a migration take, and how long at a network's pace?

Counted at the sandbox. For each size: reads of the first scan per item, of a second scan of the
unchanged repositories, the live re-checks per notice, and the writes for an item that stays open
and for one that is closed. Then the time that 1,000 items with 500 closes take at 20 ms of latency,
unpaced; the yardstick is `actions/stale`, which took 51.5 s and closed 300 of the 500.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bench.peering.world import half_stale
from migrator.domain.planning.plan import PlanItem
from migrator.execution.context import Context
from migrator.execution.run import run_step
from migrator.execution.scan import scan
from migrator.rehearsal.sandbox import Sandbox, running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services import runs
from migrator.services.plan import write_plan
from migrator.store.plans import Approval, StoredPlan
from tests.support.runner import Runner, without_grace

LATENCY_MS = 20
NOW = "2021-08-31T00:00:00Z"
PROMPT = {"cut_off_seconds": 4.0, "read_lag_seconds": 0.2}
"""No reply is lost here, and a busy machine is not to be taken for a worker that was asleep
between intent and request."""
CHECK_READS = 30
"""What `check` asks once, whatever the size: each query of the product in each repository, and the
schema. Of the 49 reads for 1,000 items the scan makes 20."""
YARDSTICK_S = 51.5
"""`actions/stale` 10.3 against a fake GitHub with the same latency, 1,000 issues, 500 of them
old."""


def main() -> int:
    """Measure, print. Exit code 1 if a promise about requests is broken."""
    given = _arguments()
    sizes = [_measured(size, given.preset) for size in given.sizes]
    result: dict[str, Any] = {"sizes": sizes}
    if not given.counts_only:
        result["wall"] = _wall(given.preset)
    print(json.dumps(result, indent=2) if given.json else _table(result))
    return 0 if all(map(_kept, sizes)) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes",
        type=lambda text: [int(size) for size in text.split(",")],
        default=[200, 1_000, 10_000],
    )
    parser.add_argument("--preset", default="keras")
    parser.add_argument("--counts-only", action="store_true", help="leave the wall time out")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


# ---------------------------------------------------------------- counts


def _measured(size: int, preset: str) -> dict[str, Any]:
    """Requests of one migration of a generated world."""
    sys.stderr.write(f"counting with {size} items ...\n")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        items = write_world(generate(items=size, seed=7), folder / "world.jsonl")
        with running_sandbox("--world", str(folder / "world.jsonl")) as sandbox:
            arena = Runner(
                folder=folder, url=sandbox.url, sandbox=sandbox, preset=preset, timing=PROMPT
            )
            plan, context = arena.plan(), arena.context()
            prepared = _spent(sandbox)
            asyncio.run(scan(context, lambda *_: None))
            rescanned = _spent(sandbox)
            whole = without_grace(context, plan)
            acting = [
                replace(one, wave=0) for one in context.store.plans.items(whole.hash, acting=True)
            ]
            staying, closing = (
                [one for one in acting if one.closes is closes] for closes in (False, True)
            )
            stay, close = (
                _carried_out(context, whole, part, place, sandbox)
                for place, part in enumerate((staying, closing))
            )
    rereads = stay["reads"] + close["reads"]
    return {
        "items": items,
        "notices": len(acting),
        "reads_per_item": round(prepared["reads"] / items, 4),
        "rescan_requests": rescanned["reads"] - prepared["reads"],
        "rereads_per_notice": round(rereads / max(1, len(acting)), 3),
        "writes_per_open": round(stay["writes"] / max(1, len(staying)), 3),
        "writes_per_close": round(close["writes"] / max(1, len(closing)), 3),
    }


def _carried_out(
    context: Context, whole: StoredPlan, items: list[PlanItem], place: int, sandbox: Sandbox
) -> dict[str, int]:
    """Requests for carrying out these items as a plan of their own."""
    before = _spent(sandbox)
    header = replace(whole.header, as_of=whole.header.as_of + timedelta(microseconds=10 + place))
    plan = write_plan(context, header, iter(items), total=len(items), progress=lambda *_: None)
    context.store.plans.approve(
        plan.hash, Approval(approved_by="bench", how="sandbox", approved_at=context.clock())
    )
    _apply(context, plan.hash)
    return {name: count - before[name] for name, count in _spent(sandbox).items()}


def _apply(context: Context, plan_hash: str) -> None:
    run = runs.start(context, plan_hash, options=runs.options(paced=False))

    async def until_rest() -> None:
        while not (result := await run_step(context, run.id)).ended:
            await asyncio.sleep(result.sleep)

    asyncio.run(until_rest())


def _spent(sandbox: Sandbox) -> dict[str, int]:
    requests = sandbox.stats()["requests"]
    return {"reads": requests["query"] + requests["rest"], "writes": requests["mutation"]}


def _kept(size: dict[str, Any]) -> bool:
    writes = size["writes_per_open"] <= 1.1 and size["writes_per_close"] <= 2.1
    reads = (
        size["reads_per_item"] * size["items"] <= size["items"] / 50 + 20 + CHECK_READS
        and size["rereads_per_notice"] <= 1.1
    )
    return bool(writes and reads and size["rescan_requests"] <= 5)


# ---------------------------------------------------------------- wall time


def _wall(preset: str) -> dict[str, Any]:
    """Seconds for 1,000 items of which 500 are closed, each answer delayed."""
    sys.stderr.write(f"timing 500 closes of 1000 items at {LATENCY_MS} ms ...\n")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_world(half_stale(preset, now=NOW), folder / "world.jsonl")
        with running_sandbox(
            "--world", str(folder / "world.jsonl"), "--latency", str(LATENCY_MS)
        ) as sandbox:
            arena = Runner(
                folder=folder, url=sandbox.url, sandbox=sandbox, preset=preset, timing=PROMPT
            )
            began = time.monotonic()
            plan, context = arena.plan(), arena.context()
            planned = time.monotonic()
            _apply(context, plan.hash)
            ended = time.monotonic()
    return {
        "items": plan.totals.items,
        "closes": plan.totals.closes,
        "seconds": round(ended - began, 1),
        "until_planned": round(planned - began, 1),
        "applying": round(ended - planned, 1),
        "yardstick_seconds": YARDSTICK_S,
    }


def _table(result: dict[str, Any]) -> str:
    sizes = result["sizes"]
    lines = [f"{name:<20}" + "".join(f"{size[name]!s:>12}" for size in sizes) for name in sizes[0]]
    return "\n".join(
        [*lines, *(f"{name:<20}{value!s:>12}" for name, value in result.get("wall", {}).items())]
    )


if __name__ == "__main__":
    sys.exit(main())
