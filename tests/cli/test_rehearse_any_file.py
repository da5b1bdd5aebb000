"""`migrator rehearse` with migration files of projects that are nothing like Keras."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ROOT, Desk, alone

pytestmark = pytest.mark.slow

MIGRATIONS = ROOT / "tests/data/migrations"
EVERY = {"leave", "review", "redirect", "retire", "port", "clear"}
"""Decisions about what is there already; `welcome` is for what arrives."""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk without a GitHub: a rehearsal brings its own."""
    return alone(tmp_path)


def rehearsed(desk: Desk, migration: Path, *options: str) -> dict[str, Any]:
    """What a small rehearsal of that file comes to."""
    return dict(
        desk.run(
            "rehearse", "--migration", str(migration), "--items", "60", "--json", *options
        ).json
    )


@pytest.mark.parametrize("name", ["areas", "words", "paths"])
def test_any_file_is_rehearsed_with_every_decision(desk: Desk, name: str) -> None:
    """Labels of another form, plain words, or nothing but paths: something moves, something
    stays, and all is as planned."""
    result = rehearsed(desk, MIGRATIONS / f"{name}.toml")
    assert set(result["decisions"]) == EVERY
    assert result["verified"]
    assert result["duplicate_notices"] == 0
    assert result["one_sided"] == ""


def test_the_example_with_many_targets_is_rehearsed_with_every_decision_and_arrivals(
    desk: Desk,
) -> None:
    """Issues that arrive afterwards are welcomed, and what authors open anew lands in the target
    of its part."""
    result = rehearsed(desk, ROOT / "docs/examples/collections.toml", "--react", "--dir", "kept")
    assert set(result["decisions"]) == EVERY
    assert result["reactions"]["welcomed"] == result["reactions"]["arrived"] > 0
    assert result["reactions"]["landed"] > 0
    assert result["verified"]


def test_a_rehearsal_in_which_nothing_would_move_has_a_code_of_its_own(desk: Desk) -> None:
    """The result is told all the same; what is wrong, and what to do, stands on standard error."""
    options = ("--migration", str(MIGRATIONS / "areas.toml"), "--items", "30", "--share", "0")
    ran = desk.run("rehearse", *options, "--json", code=8)
    assert ran.json["one_sided"] == "nothing"
    assert ran.json["verified"]
    assert ran.error["kind"] == "OneSidedRehearsal"
    assert "Nothing would move" in ran.error["cause"]
    assert ran.error["cure"]


def test_a_world_file_without_an_account_for_us_keeps_its_clock(desk: Desk) -> None:
    """A copy of a real repository holds none; the migration signs in with one that is added."""
    header = {
        "record": "world",
        "version": 1,
        "now": "2021-08-01T00:00:00Z",
        "clock": "2023-02-01T00:00:00Z",
        "source": "tensorflow/tensorflow",
        "target": "keras-team/keras",
    }
    issue = {
        "repository": header["source"],
        "title": "tf.keras.layers.Dense ignores the mask",
        "body": "It does.",
        "author": "joe",
    }
    numbers = {"number": 3, "created_at": "2021-07-30T00:00:00Z", "labels": ["comp:keras"]}
    records = [header, {"record": "item", **issue, **numbers}]
    for drop in ((), ("now",), ("clock",)):
        records[0] = {key: value for key, value in header.items() if key not in drop}
        (desk.folder / "world.jsonl").write_text(
            "".join(f"{json.dumps(record)}\n" for record in records), encoding="utf-8"
        )
        folder = f"kept{len(drop)}{''.join(drop)}"
        result = desk.run(
            "rehearse", "--migration", "keras", "--from", "world.jsonl", "--dir", folder, "--json"
        ).json
        assert result["items"] == 1
        assert result["decisions"] == ({"redirect": 1} if "clock" in drop else {"retire": 1}), drop
