"""Do time and memory grow with the items, and nothing else? Whole rehearsals of growing size.

    python bench/scale.py [--sizes 1000,10000,30000] [--json]

Each size is one `migrator rehearse` in a process of its own. `seconds` is the whole of it,
`memory_mb` the peak of the migrator's process (the sandbox's is reported apart), `queries_allowed`
what 1 read per 50 items and 1.1 per notice allow.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

SIZES = (1_000, 10_000, 30_000)
MOST_MEMORY_MB = 300
SLACK = 1.5
"""How much more an item may cost in the largest size than in the smallest."""


def main() -> int:
    """Run, print. Exit code 1 if a rehearsal is not verified or a bound is broken."""
    given = _arguments()
    runs = [_run(size, given.preset) for size in given.sizes]
    per_item = [run["seconds"] / run["items"] for run in runs]
    result = {
        "sizes": runs,
        "growth": round(per_item[-1] / per_item[0], 2),
        "kept": all(map(_kept, runs)),
    }
    print(
        json.dumps(result, indent=2)
        if given.json
        else _table(runs) + f"\ncost of an item, largest to smallest: {result['growth']}"
    )
    return 0 if result["kept"] and result["growth"] <= SLACK else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes", type=lambda text: [int(size) for size in text.split(",")], default=list(SIZES)
    )
    parser.add_argument("--preset", default="keras")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _run(size: int, preset: str) -> dict[str, Any]:
    sys.stderr.write(f"rehearsing {size} items ...\n")
    command = [
        sys.executable,
        "-m",
        "migrator",
        "rehearse",
        "--preset",
        preset,
        "--items",
        str(size),
        "--json",
    ]
    told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    queries = told["requests"]["query"]
    return {
        "items": size,
        "seconds": told["seconds"],
        "items_per_second": round(size / told["seconds"], 1),
        "memory_mb": told["memory_mb"]["migrator"],
        "sandbox_memory_mb": told["memory_mb"]["sandbox"],
        "notices": told["notices"],
        "closed": told["closed"],
        "queries": queries,
        "queries_allowed": round(size / 50 + 1.1 * told["notices"]),
        "writes": told["requests"]["mutation"],
        "writes_allowed": round(1.1 * (told["notices"] - told["closed"]) + 2.1 * told["closed"]),
        "verified": told["verified"],
    }


def _kept(run: dict[str, Any]) -> bool:
    within = run["queries"] <= run["queries_allowed"] and run["writes"] <= run["writes_allowed"]
    return bool(run["verified"] and within and run["memory_mb"] < MOST_MEMORY_MB)


def _table(runs: list[dict[str, Any]]) -> str:
    return "\n".join(
        f"{name:<20}" + "".join(f"{run[name]!s:>12}" for run in runs) for name in runs[0]
    )


if __name__ == "__main__":
    sys.exit(main())
