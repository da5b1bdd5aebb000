"""`migrator rehearse` with migration files of projects that are nothing like Keras."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from migrator.rehearsal.sandbox import ACCOUNT, WorldInput
from migrator.sandbox.world_reader import build_world, read_records
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


@pytest.mark.parametrize("options", [(), ("--unkind",)], ids=["kind", "unkind"])
def test_the_example_within_one_owner_is_rehearsed_with_every_thread_moved_and_moved_back(
    desk: Desk, options: tuple[str, ...]
) -> None:
    """Also where GitHub is late, loses relations, and refuses some threads for good: those are
    redirected."""
    result = rehearsed(desk, ROOT / "docs/examples/one-owner.toml", "--undo", *options)
    moves = result["decisions"]["transfer"]
    assert moves == result["transferred"] + result["redirected_instead"] > 0
    zeros = ("transfer_failed", "moved_twice", "relations_lost", "duplicate_notices")
    assert [result[name] for name in zeros] == [0, 0, 0, 0]
    assert result["verified"]
    undo = result["undo"]
    assert undo["transferred_back"] + undo["cannot_return"] == result["transferred"]
    assert (undo["moved_twice"], undo["relations_lost"], undo["verified"]) == (0, 0, True)


def test_a_rehearsal_in_which_nothing_would_move_has_a_code_of_its_own(desk: Desk) -> None:
    """The result is told all the same; what is wrong, and what to do, stands on standard error."""
    options = ("--migration", str(MIGRATIONS / "areas.toml"), "--items", "30", "--share", "0")
    ran = desk.run("rehearse", *options, "--json", code=9)
    assert ran.json["one_sided"] == "nothing"
    assert ran.json["verified"]
    assert ran.error["kind"] == "OneSidedRehearsal"
    assert "Nothing would move" in ran.error["cause"]
    assert ran.error["cure"]


HEADER = {
    "record": "world",
    "version": 1,
    "source": "tensorflow/tensorflow",
    "target": "keras-team/keras",
}
ISSUE = {
    "record": "item",
    "repository": HEADER["source"],
    "number": 3,
    "title": "tf.keras.layers.Dense ignores the mask",
    "body": "The same model works without the layer, on any machine.",
    "author": "joe",
    "created_at": "2021-07-30T00:00:00Z",
    "labels": ["comp:keras"],
    "comments": [
        {
            "author": "joe",
            "body": "Solved for me by the new version, thanks.",
            "created_at": "2021-07-30T09:00:00Z",
        }
    ],
}
NOW, CLOCK = "2021-08-01T00:00:00Z", "2023-02-01T00:00:00Z"


def world_file(folder: Path, **times: str) -> Path:
    """A world file of one issue, without an account for us, as a copy of a real repository is."""
    path = folder / "world.jsonl"
    path.write_text(
        "".join(f"{json.dumps(record)}\n" for record in (HEADER | times, ISSUE)), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize(
    ("times", "clock"),
    [
        ({"now": NOW, "clock": CLOCK}, CLOCK),
        ({"clock": CLOCK}, CLOCK),
        ({"now": NOW}, "2021-08-02T00:00:00Z"),
        ({}, "2021-07-31T09:00:00Z"),
    ],
)
def test_a_world_file_keeps_its_clock_and_gets_an_account_for_us(
    tmp_path: Path, times: dict[str, str], clock: str
) -> None:
    """Whatever of its times it names; without any, the clock stands a day after the newest date."""
    records = list(WorldInput(file=world_file(tmp_path, **times)).records())
    world = build_world(read_records(json.dumps(record).encode() for record in records))
    assert world.clock.start == clock
    assert world.accounts[ACCOUNT].permissions == {
        HEADER["source"]: "write",
        HEADER["target"]: "write",
    }


def test_a_world_file_without_an_account_for_us_is_rehearsed_at_its_own_time(desk: Desk) -> None:
    """An issue that is days old by its `now` is years old by its `clock`."""
    world = world_file(desk.folder, now=NOW, clock=CLOCK)
    result = desk.run(
        "rehearse", "--migration", "keras", "--from", str(world), "--dir", "kept", "--json"
    ).json
    assert (result["items"], result["notices"], result["verified"]) == (1, 1, True)
    shown = (desk.folder / "kept" / "report.html").read_text(encoding="utf-8")
    assert "2023-02-01" in shown
