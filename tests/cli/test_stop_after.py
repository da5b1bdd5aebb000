"""`--stop-after` ends a command in order before a deadline, such as that of a job; the same command
goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Desk, desk_at, sqlite_copy

A_MOMENT = "0.08"
"""Minutes: too few for the whole plan on a slow sandbox."""


@pytest.fixture
def slow(judged: Desk, world_file: Path, tmp_path: Path) -> Iterator[tuple[Desk, str]]:
    """A desk with an approved plan, and a sandbox that takes its time."""
    with (
        sqlite_copy(judged.database, tmp_path),
        desk_at(tmp_path, world_file) as desk,
    ):
        plan = desk.run("plan", "--json").json["hash"]
        desk.run("approve", plan)
        desk.control("latency", {"milliseconds": 600})
        yield desk, plan


def at_full_speed(desk: Desk) -> None:
    """The sandbox takes its time no longer: what comes after the deadline needs no waiting."""
    desk.control("latency", {"milliseconds": 0})


@pytest.mark.trouble("`the time is over with ... items left` (10)")
def test_apply_ends_before_its_deadline_and_goes_on(slow: tuple[Desk, str]) -> None:
    """Exit code 10 with what is left; `follow --once` goes on with the run, and so does the same
    command; each notice is posted once."""
    desk, plan = slow
    ended = desk.run("apply", plan, "--unpaced", "--json", "--stop-after", A_MOMENT, code=10)
    assert ended.json["run"]["state"] == "running"
    assert ended.json["ended"] < ended.json["total"]
    assert "run the same command again" in ended.error["cure"]
    (run,) = desk.run("runs", "--json").json["runs"]
    assert run["reason"] == "the time of the process at work was over (--stop-after)"
    assert run["options"]["cause"] == "time_limit"

    followed = desk.run("follow", "--once", "--json", "--stop-after", "0", code=10)
    assert json.loads(followed.out)["due_runs"] == [run["id"]]
    before = desk.run("runs", "--json").json["runs"][0]
    assert before["state"] == "running"

    at_full_speed(desk)
    final = desk.run("apply", plan, "--unpaced", "--json", "--stop-after", "5").json
    assert final["ended"] + final["parked"] == final["total"]
    assert desk.run("verify", "--json").json["verified"]


def test_what_a_deadline_left_is_taken_up_by_the_scheduled_follow(slow: tuple[Desk, str]) -> None:
    """No person has to begin anything again: `follow --once` finishes the run."""
    desk, plan = slow
    desk.run("apply", plan, "--unpaced", "--stop-after", A_MOMENT, code=10)
    (run,) = desk.run("runs", "--json").json["runs"]
    at_full_speed(desk)
    followed = desk.run("follow", "--once", "--json").json
    assert run["id"] in followed["due_runs"]
    final = desk.run("apply", plan, "--unpaced", "--json").json
    assert final["ended"] + final["parked"] == final["total"]
    assert desk.run("verify", "--json").json["verified"]
