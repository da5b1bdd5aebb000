"""The benchmark beside other tools: what it makes of its results."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from bench import peers


def peer(**figures: Any) -> dict[str, Any]:
    """What was measured of one peer."""
    return {"requests": 10, "done": 5, "seconds": 2.0, "seconds_all_done": 4.0, **figures}


def test_results_of_several_runs_are_joined(tmp_path: Path) -> None:
    """A peer that one of them left out comes from the other, and ratios are those of the whole."""
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    ours, stale = peer(seconds=2.0), peer(seconds=10.0, seconds_all_done=40.0)
    one.write_text(json.dumps({"issues": 10, "ours": ours, "stale": stale, "ratio": None}))
    two.write_text(json.dumps({"ours": {"doubled": 0}, "stale": {"skipped": "none"}}))
    joined = peers._joined([one, two])
    assert joined["ours"] == {**ours, "doubled": 0}
    assert joined["stale"] == stale
    assert (joined["ratio"], joined["ratio_one_pass"]) == (10.0, 5.0)


def test_the_table_goes_between_the_marks_of_its_page(tmp_path: Path) -> None:
    """What a person wrote around it stays, however often it is written; a peer that was left out
    says why."""
    page = tmp_path / "page.md"
    page.write_text(f"Before.\n\n{peers.BEGIN}\n{peers.END}\n\nAfter.\n")
    result = {
        "ours": peer(verbs={"scan": {"seconds": 1.5}}),
        "stale": {"skipped": "no source"},
        "ratio": None,
    }
    for _ in range(2):
        peers.write(page, result)
    text = page.read_text()
    assert text.startswith("Before.\n\n<!-- peers -->")
    assert text.endswith("<!-- end of peers -->\n\nAfter.\n")
    assert text.count("| closed with a notice | 5 |") == 1
    assert "`actions/stale`: left out, no source" in text


@pytest.mark.slow
def test_the_migrator_and_a_script_do_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every issue that moved is closed with a notice, and a peer whose source is not there is left
    out by name. Kills are left to the benchmark; `tests/execution` has those of ours."""
    monkeypatch.delenv("STALE_ACTION", raising=False)
    given = argparse.Namespace(issues=20, preset="keras", only=None, without_kills=True)
    result = peers.measure(given)
    for name in ("ours", "pygithub"):
        assert result[name]["done"] == result["to_close"] == 10
    assert result["ours"]["requests"] < result["pygithub"]["requests"]
    assert "STALE_ACTION" in result["stale"]["skipped"]
    assert result["ratio"] is None
