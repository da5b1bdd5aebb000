"""`migrator apply` is stopped by Ctrl-C, or killed, and goes on: the world is in the end what an
undisturbed run leaves."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.cli.conftest import COMMAND, Desk, desk_at, sqlite_copy
from tests.support.forked import LONGEST
from tests.support.killing_proxy import KillingProxy, When, killing_proxy

NONCE = re.compile(r"nonce=[0-9a-f]+")
CHANCE = (
    "id",
    "node_id",
    "created_at",
    "updated_at",
    "edited_at",
    "closed_at",
    "sequence",
    "read",
    "last_edit",
)
"""What differs between two runs that do the same: when it happened, and in which order."""


@pytest.fixture(scope="module")
def approved(judged: Desk, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A database with an approved plan, and its hash."""
    folder = tmp_path_factory.mktemp("approved")
    with sqlite_copy(judged.database, folder):
        desk = Desk(folder, judged.sandbox)
        plan = desk.run("plan", "--json").json["hash"]
        desk.run("approve", plan)
    return desk.database, plan


@pytest.fixture(scope="module")
def undisturbed(
    approved: tuple[Path, str], world_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[Any]:
    """The world after a run that nobody disturbed."""
    database, plan = approved
    folder = tmp_path_factory.mktemp("undisturbed")
    with sqlite_copy(database, folder), desk_at(folder, world_file) as desk:
        desk.run("apply", plan, "--unpaced")
        return world_of(desk)


@pytest.fixture
def desk(approved: tuple[Path, str], world_file: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk with the approved plan and a fresh sandbox."""
    with sqlite_copy(approved[0], tmp_path), desk_at(tmp_path, world_file) as desk:
        yield desk


def world_of(desk: Desk) -> list[Any]:
    """Every item of the sandbox's world, without what chance decides."""
    with urllib.request.urlopen(f"{desk.sandbox.url}/_sandbox/world") as reply:
        records = [json.loads(line) for line in reply]
    return sorted(
        (settled(one) for one in records if one["record"] == "item"),
        key=lambda one: (one["repository"], one["number"]),
    )


def settled(part: Any) -> Any:
    """A record without dates, ids and nonces."""
    if isinstance(part, dict):
        return {name: settled(value) for name, value in part.items() if name not in CHANCE}
    if isinstance(part, list):
        return [settled(one) for one in part]
    return NONCE.sub("nonce=", part) if isinstance(part, str) else part


def differing(found: list[Any], wanted: list[Any]) -> list[str]:
    """Each field of an item that is not as wanted."""
    names = [
        f"{one['repository']}#{one['number']} {name}: {one.get(name)} is not {other.get(name)}"
        for one, other in zip(found, wanted, strict=True)
        for name in one.keys() | other.keys()
        if one.get(name) != other.get(name)
    ]
    return sorted(names)


def until_written(desk: Desk, process: subprocess.Popen[str], writes: int) -> None:
    """Wait until the sandbox has seen that many writes."""
    for _ in range(1200):
        if desk.sandbox.stats()["requests"]["mutation"] >= writes or process.poll() is not None:
            return
        time.sleep(0.05)


@pytest.fixture
def slow_desk(approved: tuple[Path, str], world_file: Path, tmp_path: Path) -> Iterator[Desk]:
    """The same with a sandbox that takes its time, so that a run is still at work when somebody
    stops it."""
    with (
        sqlite_copy(approved[0], tmp_path),
        desk_at(tmp_path, world_file, "--latency", "300") as desk,
    ):
        yield desk


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_a_run_and_the_same_command_goes_on(
    slow_desk: Desk,
    approved: tuple[Path, str],
    undisturbed: list[Any],
    sent: signal.Signals,
    code: int,
) -> None:
    """The documented exit code and one sentence, after lines of progress; nothing is done twice,
    nothing is left out."""
    desk, (_, plan) = slow_desk, approved
    process = desk.start("apply", plan, "--unpaced")
    until_written(desk, process, 5)
    process.send_signal(sent)
    _, err = process.communicate(timeout=LONGEST)
    assert process.returncode == code, err
    progress = json.loads(err.splitlines()[0])
    assert (progress["event"], progress["what"]) == ("progress", "migrate")
    assert progress["done"] + progress["left"] > 0
    assert "run the same command again" in err
    assert "Traceback" not in err
    desk.control("latency", {"milliseconds": 0})
    desk.run("apply", plan, "--unpaced")
    assert differing(world_of(desk), undisturbed) == []
    assert desk.run("verify", "--json").json["verified"]


@pytest.mark.parametrize(
    "at", [pytest.param(6, marks=pytest.mark.slow), 11, pytest.param(30, marks=pytest.mark.slow)]
)
def test_a_killed_run_goes_on_with_the_same_command(
    desk: Desk, approved: tuple[Path, str], undisturbed: list[Any], at: int
) -> None:
    """SIGKILL while a request is under way, wherever that is: the next process finishes; the
    whole world is as it should be."""
    _, plan = approved
    with killing_proxy(desk.sandbox.url) as proxy:
        kill_at(desk, proxy, plan, at)
    desk.run("apply", plan, "--unpaced")
    assert differing(world_of(desk), undisturbed) == []
    assert desk.run("verify", "--json").json["verified"]


def kill_at(desk: Desk, proxy: KillingProxy, plan: str, at: int) -> None:
    """Run `apply` through the proxy, which kills it at that request, after GitHub did what it
    was asked."""
    proxy.arm(at, When.DURING)
    process = desk.start("apply", plan, "--unpaced", MIGRATOR_GITHUB_URL=proxy.url)
    proxy.victim = process.pid
    process.communicate(timeout=LONGEST)
    assert process.returncode == -signal.SIGKILL


def test_a_second_apply_of_a_finished_plan_writes_nothing(
    desk: Desk, approved: tuple[Path, str]
) -> None:
    """It says how the run ended, and that is all."""
    _, plan = approved
    desk.run("apply", plan, "--unpaced")
    before = world_of(desk)
    desk.control("stats/reset", {})
    desk.run("apply", plan, "--unpaced")
    assert desk.sandbox.stats()["requests"]["mutation"] == 0
    assert differing(world_of(desk), before) == []


def test_a_paused_run_waits_until_it_is_resumed_and_a_cancelled_one_ends(
    desk: Desk, approved: tuple[Path, str]
) -> None:
    """Another process pauses, resumes and cancels it; the one at work says what is left and ends
    with 7."""
    _, plan = approved
    process = desk.start("apply", plan, "--json")
    try:
        until_written(desk, process, 1)
        run = desk.run("runs", "--json").json["runs"][0]["id"]
        assert desk.run("pause", run, "--json").json["state"] == "paused"
        assert desk.run("runs", "--json").json["runs"][0]["state"] == "paused"
        assert process.poll() is None
        desk.run("resume", run)
        desk.run("cancel", run)
        _, err = process.communicate(timeout=LONGEST)
        assert process.returncode == 7
        assert "items left" in err
        assert "cancelled" in desk.run("pause", run, "--json", code=2).error["cause"]
    finally:
        process.kill()


def test_a_rehearsal_that_is_told_to_end_takes_its_sandbox_with_it(tmp_path: Path) -> None:
    """SIGTERM, as a supervisor or `timeout` sends it, unwinds as Ctrl-C does: no server is left
    on a port."""
    command = [*COMMAND, "rehearse", "--items", "400", "--dir", str(tmp_path / "kept"), "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as rehearsal:
        parent = psutil.Process(rehearsal.pid)
        while not (sandboxes := parent.children()):
            time.sleep(0.05)
        rehearsal.send_signal(signal.SIGTERM)
        assert rehearsal.wait(timeout=LONGEST) == 143
    assert not any(one.is_running() for one in sandboxes)


@pytest.mark.slow
@pytest.mark.parametrize("verb", [("scan", "--full"), ("recover",), ("follow", "--once")])
def test_sigterm_ends_what_reads_in_order(slow_desk: Desk, verb: tuple[str, ...]) -> None:
    """The documented exit code, one sentence with the way on, and no traceback."""
    before = slow_desk.sandbox.stats()["requests"]["query"]
    process = slow_desk.start(*verb)
    while slow_desk.sandbox.stats()["requests"]["query"] == before:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=LONGEST)
    assert process.returncode == 143, err
    assert "run the same command again" in err
    assert "Traceback" not in err
