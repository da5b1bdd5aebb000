"""Two results of a benchmark: counts decide, seconds do not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.compare import compared, read

ROOT = Path(__file__).resolve().parents[2]


def written(place: Path, result: dict[str, Any]) -> Path:
    """A file with a result."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(result), encoding="utf-8")
    return place


def test_a_count_that_grows_by_more_than_a_tenth_is_worse() -> None:
    """At any depth; a tenth itself is not, and seconds never are."""
    old = {"ours.requests": 100.0, "ours.writes": 100.0, "ours.seconds": 1.0, "sizes.0.items": 5.0}
    new = {"ours.requests": 111.0, "ours.writes": 110.0, "ours.seconds": 9.0, "sizes.0.items": 9.0}
    assert [each.name for each in compared(old, new) if each.worse] == ["ours.requests"]


def test_a_count_that_is_gone_is_worse_and_a_new_one_is_not() -> None:
    """Nobody can say that it held."""
    changes = compared({"writes": 1.0}, {"reads": 5.0})
    assert {each.name: each.worse for each in changes} == {"writes": True, "reads": False}


def test_nothing_becomes_something() -> None:
    """A notice that is doubled for the first time."""
    (change,) = compared({"ours.doubled": 0.0}, {"ours.doubled": 1.0})
    assert change.worse


def test_folders_are_compared_file_by_file_and_the_exit_code_says_how_it_went(
    tmp_path: Path,
) -> None:
    """As `make bench` leaves them."""
    written(tmp_path / "old" / "idle.json", {"worker": {"writes_per_minute": 20, "ok": True}})
    written(tmp_path / "new" / "idle.json", {"worker": {"writes_per_minute": 16, "ok": True}})
    assert read(tmp_path / "old") == {"idle.worker.writes_per_minute": 20.0}
    command = [sys.executable, "-m", "bench.compare"]
    for before, after, code in (("old", "new", 0), ("new", "old", 1)):
        done = subprocess.run(
            [*command, str(tmp_path / before), str(tmp_path / after)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code
        assert ("WORSE" in done.stdout) is bool(code)
        assert "idle.worker.writes_per_minute" in done.stdout
