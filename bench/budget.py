"""How much of GitHub's hourly content budget a paced run uses, against limits that the sandbox
enforces on a scaled clock.

    python -m bench.budget [--items 1000] [--scale 30] [--json]

The yardstick is GitHub's own limit: 500 content-creating writes an hour, counted as the design does
(a comment is 1, a label-plus-close request is 1). ``utilisation`` is the least share used in any
full hour with work waiting. Measured three times: undisturbed, with the process killed half way and
another taking over, and with a listener that answers people meanwhile, whose longest wait for the
budget is ``listener_wait_max_s`` (unscaled).

A scaled clock makes this machine look slow: at 60, the 50 ms of an act are 3 s, and an hour's 500
writes leave 120 ms for each. On a busy machine choose a smaller scale, or the machine is measured
instead of the pacing.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
import urllib.request
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from migrator.config.migration_file import load
from migrator.rehearsal.sandbox import ACCOUNT, Sandbox, running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.store.plans import StoredPlan
from migrator.store.runs import RunOptions
from tests.support.listener_process import listen_in_child, waits
from tests.support.runner import Runner, apply_in_child, kill

HOURLY = 500
WRITES = frozenset({"AddComment", "LabelAndClose"})
PARTS = ("undisturbed", "take-over", "listener")
LEAST_USED = 0.94
LONGEST_WAIT = 60.0
"""Unscaled seconds that a person's command may wait for the budget."""
PACED = RunOptions(considerate=False)


def main() -> int:
    """Run, measure, print. Exit code 1 if less than 94 % is used or a limit error comes after
    the first minute."""
    given = _arguments()
    result: dict[str, Any] = {}
    if "undisturbed" in given.only:
        result |= _measure(given)
    if "take-over" in given.only:
        _add(result, _measure(given, take_over=True), "after_take_over")
    if "listener" in given.only:
        _add(result, _measure(given, listener=True), "with_listener")
    print(
        json.dumps(result, indent=2)
        if given.json
        else "\n".join(f"{name:<44} {value}" for name, value in result.items())
    )
    return 0 if _kept(result) else 1


def _add(result: dict[str, Any], more: dict[str, Any], when: str) -> None:
    """Take in another measurement's figures."""
    result |= {
        f"{name}_{when}": more[name]
        for name in ("utilisation", "hours", "limit_errors_after_learning")
    }
    for name in ("listener_writes", "listener_wait_max_s"):
        if name in more:
            result[name] = more[name]


def _kept(result: dict[str, Any]) -> bool:
    used = [value for name, value in result.items() if name.startswith("utilisation")]
    errors = [
        value for name, value in result.items() if name.startswith("limit_errors_after_learning")
    ]
    return (
        min(used) >= LEAST_USED
        and not any(errors)
        and result.get("listener_wait_max_s", 0) <= LONGEST_WAIT
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.budget", description=__doc__)
    parser.add_argument("--items", type=int, default=1000, help="how many items get an act")
    parser.add_argument(
        "--scale",
        type=float,
        default=30.0,
        help="how many times faster than real time the limits run",
    )
    parser.add_argument(
        "--content-per-hour",
        type=int,
        default=0,
        help="the budget's own bound instead of the preset's",
    )
    parser.add_argument(
        "--only", choices=PARTS, nargs="+", default=PARTS, help="leave out the other measurements"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


def _measure(
    given: argparse.Namespace, *, take_over: bool = False, listener: bool = False
) -> dict[str, Any]:
    """One paced run to its end; with ``take_over`` its process is killed half way and another
    goes on."""
    scale = given.scale
    with tempfile.TemporaryDirectory(prefix="budget-") as scratch:
        folder = Path(scratch)
        write_world(generate(items=given.items * 3, seed=5), folder / "world.jsonl")
        options = ("--world", str(folder / "world.jsonl"), "--limits", f"scaled:{scale:g}")
        with running_sandbox(*options) as sandbox:
            timing = {
                "clock_scale": scale,
                "cut_off_seconds": 1.0,
                "read_lag_seconds": 0.2,
                "worker_silence_seconds": 3.0,
            }
            preset = _preset(folder, given.content_per_hour)
            arena = Runner(
                folder=folder, url=sandbox.url, sandbox=sandbox, timing=timing, preset=preset
            )
            plan = arena.plan(grace=False)
            beside = _listener(arena, plan, scale) if listener else None
            began = time.monotonic()
            child = apply_in_child(arena, plan.hash, options=PACED)
            if take_over:
                child.join(1.5 * 3600 / scale)
                kill(child)
                child = apply_in_child(arena, plan.hash, options=PACED)
            child.join()
            if beside is None:
                return _figures(sandbox, scale, began)
            kill(beside)
            waited = waits(arena)
            return {
                **_figures(sandbox, scale, began),
                "listener_writes": len(waited),
                "listener_wait_max_s": round(max(waited), 1),
            }


def _preset(folder: Path, content_per_hour: int) -> str:
    """The preset, or a copy of it with another bound."""
    if not content_per_hour:
        return "keras"
    file = folder / "moved.toml"
    file.write_text(
        re.sub(
            r"(?m)^content_per_hour = .*$",
            f"content_per_hour = {content_per_hour}",
            load("keras").text,
        )
    )
    return str(file)


def _listener(arena: Runner, plan: StoredPlan, scale: float) -> BaseProcess:
    """Answers on items that the plan leaves alone."""
    context = arena.context()
    items = [
        one
        for one in context.store.plans.items(plan.hash)
        if not one.acts and one.repository == plan.header.source
    ]
    return listen_in_child(arena, plan.header.source, [one.node_id for one in items], scale)


def _figures(sandbox: Sandbox, scale: float, began: float) -> dict[str, Any]:
    """Read the sandbox's log: when each write was granted, and which were refused for a limit."""
    lines = [
        json.loads(line)
        for line in urllib.request.urlopen(f"{sandbox.url}/_sandbox/log")
        if b'"operation"' in line
    ]
    mine = [line for line in lines if line.get("by") == ACCOUNT and line.get("operation") in WRITES]
    granted = [
        line["at"] * scale for line in mine if line.get("status") == 200 and not line.get("limited")
    ]
    refused = [line["at"] * scale for line in lines if line.get("limited")]
    first = granted[0]
    hours = [
        sum(first + 3600 * n <= at < first + 3600 * (n + 1) for at in granted)
        for n in range(int((granted[-1] - first) // 3600))
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
