"""A database with a half-done run of an older revision is brought up to date, and the run goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_a_half_done_run_of_an_older_revision_goes_on_after_the_upgrade() -> None:
    """Refused while a worker is alive; then every item is known and has its one notice."""
    ran = subprocess.run(
        [sys.executable, "-m", "bench.upgrade", "--items", "200", "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    result = json.loads(ran.stdout)
    assert 0 < result["done_before"] < result["notices"]
    assert (result["refused"], result["run"]) == (3, "finished")
