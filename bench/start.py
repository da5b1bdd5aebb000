"""How long a command takes until it answers: ``--help``, ``runs`` and ``plan`` on a small database,
and ``serve`` until it is ready.

    python -m bench.start [--rounds 10] [--json]

Every command runs as people run it, in a process of its own, on SQLite with a planned migration
of 60 items. Each figure is the median of ``--rounds`` starts, in seconds; ``*_worst`` is the
slowest. Yardstick: ``python -c "import sqlalchemy, pydantic"``, the two libraries that every verb
needs; ``ratio_plan`` is ``plan`` against it. Bounds: 0.3 s for ``--help``, 0.6 s for ``runs`` and
``plan``, 2 s for ``serve``. Exit code 1 if a median is above its bound.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench.ingesting.servers import free_port, wait_for
from bench.service_process import environment_of, service
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from tests.support.runner import Runner

BOUNDS: Final = {"help": 0.3, "runs": 0.6, "plan": 0.6, "serve": 2.0}
"""Seconds that the medians may take."""
MIGRATOR: Final = (sys.executable, "-m", "migrator")
LIBRARIES: Final = (sys.executable, "-c", "import sqlalchemy.orm, pydantic_settings")


def main() -> int:
    """Measure, print, and say whether every bound holds."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.start",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=10, help="starts of each command")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="start-") as scratch:
        result = measure(Path(scratch), given.rounds)
    print(
        json.dumps(result, indent=2)
        if given.json
        else "\n".join(f"{name:<20} {value}" for name, value in result.items())
    )
    return 1 if any(result[f"{name}_s"] > bound for name, bound in BOUNDS.items()) else 0


def measure(scratch: Path, rounds: int) -> dict[str, float]:
    """Seconds by command, and the ratio to the yardstick. Raises ``RuntimeError`` or
    ``CalledProcessError`` for a command that fails."""
    write_world(generate(items=60, seed=5), scratch / "world.jsonl")
    with running_sandbox("--world", str(scratch / "world.jsonl")) as sandbox:
        runner = Runner(folder=scratch, url=sandbox.url, sandbox=sandbox)
        runner.plan()
        environment = environment_of(runner)
        starts: dict[str, Callable[[], float]] = {
            "libraries": lambda: ended(LIBRARIES, environment),
            "help": lambda: ended((*MIGRATOR, "--help"), environment),
            "runs": lambda: ended((*MIGRATOR, "runs"), environment),
            "plan": lambda: ended((*MIGRATOR, "plan"), environment),
            "serve": lambda: ready(runner),
        }
        took = {name: [start() for _ in range(rounds)] for name, start in starts.items()}
    result = {f"{name}_s": round(statistics.median(each), 3) for name, each in took.items()}
    result |= {f"{name}_worst_s": round(max(each), 3) for name, each in took.items()}
    return result | {"ratio_plan": round(result["plan_s"] / result["libraries_s"], 2)}


def ended(command: tuple[str, ...], environment: dict[str, str]) -> float:
    """Seconds until a command has ended."""
    began = time.perf_counter()
    subprocess.run(
        command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def ready(runner: Runner) -> float:
    """Seconds until ``serve`` says that it is ready for deliveries and pages."""
    port = free_port()
    began = time.perf_counter()
    with service(runner, "serve", "--port", str(port)) as process:
        wait_for(f"http://127.0.0.1:{port}/readyz", process, until=200)
        return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
