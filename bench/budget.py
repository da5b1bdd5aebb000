"""How much of GitHub's hourly content budget a paced run uses, against limits that the sandbox enforces on a scaled clock.

    python -m bench.budget [--items 1000] [--scale 60] [--json]

The yardstick is GitHub's own limit: 500 content-creating writes an hour, counted as the design does (a comment is 1, a
label-plus-close request is 1). ``utilisation`` is the least share used in any full hour with work waiting.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from bench.arena import Arena, apply_in_child, kill
from migrator.cli.sandbox_process import ACCOUNT, Sandbox, running_sandbox, write_world
from migrator.sandbox.worlds import generate

HOURLY = 500
WRITES = frozenset({"AddComment", "LabelAndClose"})
PACED = {"paced": True, "concurrency": 1, "considerate": False}


def main() -> int:
    """Run, measure, print. Exit code 1 if less than 94 % is used or a limit error comes after the first minute."""
    given = _arguments()
    result = _measure(given.items, given.scale, take_over=False)
    if not given.short:
        again = _measure(given.items, given.scale, take_over=True)
        result |= {f"{name}_after_take_over": again[name] for name in ("utilisation", "limit_errors_after_learning")}
    print(json.dumps(result, indent=2) if given.json else "\n".join(f"{name:<44} {value}" for name, value in result.items()))
    return 0 if result["utilisation"] >= 0.94 and not result["limit_errors_after_learning"] else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.budget", description=__doc__)
    parser.add_argument("--items", type=int, default=1000, help="how many items get an act")
    parser.add_argument("--scale", type=float, default=60.0, help="how many times faster than real time the limits run")
    parser.add_argument("--short", action="store_true", help="leave out the take-over")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


def _measure(items: int, scale: float, *, take_over: bool) -> dict[str, Any]:
    """One paced run to its end; with ``take_over`` its process is killed half way and another goes on."""
    with tempfile.TemporaryDirectory(prefix="budget-") as scratch:
        folder = Path(scratch)
        write_world(generate(items=items * 3, seed=5), folder / "world.jsonl")
        options = ("--world", str(folder / "world.jsonl"), "--limits", f"scaled:{scale:g}")
        with running_sandbox(*options) as sandbox:
            timing = {"clock_scale": scale, "cut_off_seconds": 1.0, "read_lag_seconds": 0.2, "worker_silence_seconds": 3.0}
            arena = Arena(folder=folder, url=sandbox.url, sandbox=sandbox, timing=timing)
            plan = arena.plan(grace=False)
            began = time.monotonic()
            child = apply_in_child(arena, plan.hash, options=PACED)
            if take_over:
                child.join(1.5 * 3600 / scale)
                kill(child)
                child = apply_in_child(arena, plan.hash, options=PACED)
            child.join()
            return _figures(sandbox, scale, began)


def _figures(sandbox: Sandbox, scale: float, began: float) -> dict[str, Any]:
    """Read the sandbox's log: when each write was granted, and which were refused for a limit."""
    lines = [json.loads(line) for line in urllib.request.urlopen(f"{sandbox.url}/_sandbox/log") if b'"operation"' in line]
    mine = [line for line in lines if line.get("by") == ACCOUNT and line.get("operation") in WRITES]
    granted = [line["at"] * scale for line in mine if line.get("status") == 200 and not line.get("limited")]
    refused = [line["at"] * scale for line in lines if line.get("limited")]
    first = granted[0]
    hours = [
        sum(first + 3600 * n <= at < first + 3600 * (n + 1) for at in granted) for n in range(int((granted[-1] - first) // 3600))
    ]
    return {
        "utilisation": round(min(hours, default=0) / HOURLY, 4),
        "hours": hours,
        "writes": len(granted),
        "limit_errors": len(refused),
        "limit_errors_after_learning": sum(at > first + 60 for at in refused),
        "seconds": round(time.monotonic() - began, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
