"""How long does the whole command `migrator what-if --json` take, from its start to its end? Each
verb is a process of its own.

    python -m bench.what_if [--items 10000] [--rounds 7] [--json]

The items are generated, scanned and classified, and nothing has been told to anybody yet, so that
each one is decided twice. ``seconds`` is the median of the rounds, ``ratio`` it divided by the two
seconds that are promised, ``cpu_seconds`` the processor time of the median round.
``listing_seconds`` is what a verb takes that hardly reads anything (`migrator runs`): the cost of
starting at all. ``again_seconds`` is one question that makes us read all threads again, which
promises nothing. Exits with 1 if ``ratio`` is above 1.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate

BOUND_S = 2.0
QUESTION = ("what-if", "--set", "activity.stale_after=90d", "--json")
READING_QUESTION = ("what-if", "--set", "ownership.labels.not_ours=[]", "--json")


class Took(NamedTuple):
    """One command: seconds of wall time, seconds of processor time, and what it printed."""

    seconds: float
    cpu: float
    printed: bytes


def main() -> int:
    """Measure, print; the exit code says whether the promise holds."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="migrator-bench-") as scratch:
        result = measured(Path(scratch), given.items, given.rounds, given.preset)
    print(
        json.dumps(result, indent=2)
        if given.json
        else "\n".join(f"{name}: {value}" for name, value in result.items())
    )
    return 0 if result["ratio"] <= 1 else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--preset", default="keras")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def measured(folder: Path, items: int, rounds: int, preset: str) -> dict[str, Any]:
    """Scan and classify a generated world, then ask."""
    settings = {
        "MIGRATOR_DATABASE_URL": f"sqlite:///{folder}/migrator.sqlite",
        "MIGRATOR_MIGRATION": preset,
    }
    write_world(generate(items=items, seed=7), folder / "world.jsonl")
    with running_sandbox("--world", str(folder / "world.jsonl")) as sandbox:
        there = settings | {
            "MIGRATOR_GITHUB_URL": sandbox.url,
            "MIGRATOR_GITHUB_TOKEN": sandbox.token,
        }
        for verb in (("db", "upgrade"), ("scan", "--json"), ("classify", "--json")):
            timed(verb, there)
    asked = sorted(timed(QUESTION, settings) for _ in range(rounds))
    median, answer = asked[rounds // 2], json.loads(asked[0].printed)
    return {
        "items": answer["items"],
        "changes": answer["changes"],
        "rounds": rounds,
        "seconds": round(median.seconds, 2),
        "slowest_seconds": round(asked[-1].seconds, 2),
        "cpu_seconds": round(median.cpu, 2),
        "ratio": round(median.seconds / BOUND_S, 2),
        "listing_seconds": round(
            statistics.median(timed(("runs", "--json"), settings).seconds for _ in range(rounds)), 2
        ),
        "again_seconds": round(timed(READING_QUESTION, settings).seconds, 2),
    }


def timed(verb: tuple[str, ...], settings: dict[str, str]) -> Took:
    """Run a verb as a person does; raises ``CalledProcessError`` if it fails."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "migrator", *verb],
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, **settings},
    )
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Took(
        seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout
    )


if __name__ == "__main__":
    sys.exit(main())
