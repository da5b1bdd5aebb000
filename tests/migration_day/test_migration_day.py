"""A migration day with every trouble on purpose: nothing twice, nothing lost, and the documented
command goes on each time."""

from __future__ import annotations

import re
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from migrator.rehearsal.sandbox import ACCOUNT
from tests.cli.test_disk_full import fill
from tests.migration_day.day import Day, Process, answers, migration_day, until
from tests.support.deployment import ROOT
from tests.support.nginx import nginx, proxied_by_nginx
from tests.support.prometheus import prometheus

TROUBLE = (ROOT / "docs" / "how-to" / "trouble.md").read_text(encoding="utf-8")


def approved(day: Day) -> str:
    """Plan and approve; the plan's hash. A worker begins it."""
    plan = str(day.desk.run("plan", "--json").json["hash"])
    day.desk.run("approve", plan)
    return plan


def nothing_twice_nothing_lost(day: Day, plan: str) -> None:
    """Every planned item has one notice, no other has any, and `verify` agrees."""
    planned = day.desk.run("plan", "--show", plan, "--json").json["totals"]["notices"]
    found = day.notices()
    assert set(found.values()) == {1}
    assert day.desk.run("verify", "--json").json["verified"]
    skipped = sum(
        day.desk.run("apply", plan, "--json").json["outcomes"].get("skipped", {}).values()
    )
    assert len(found) + skipped == planned


@pytest.mark.trouble("`the database is unavailable: ...` (3, and in the log of what runs)")
def test_a_worker_and_the_database_die_in_the_middle_of_a_run(tmp_path: Path) -> None:
    """The small form: the worker at work is killed, PostgreSQL restarts while writes go out, and
    the other worker finishes what the approval began."""
    with migration_day(tmp_path, items=40, latency=100) as day:
        plan = approved(day)
        first = day.worker()
        day.worker()
        day.wait_for_writes(3)
        first.kill()
        day.wait_for_writes(3)
        day.database("stop")
        day.database("start")
        day.until_rest()
        nothing_twice_nothing_lost(day, plan)
        day.stop()


@pytest.mark.trouble("`people opened ... closed items again` (7)")
@pytest.mark.trouble("`migrator apply` ended with 137")
@pytest.mark.trouble("a worker was killed, or the alert `MigratorWorkerSilent`")
@pytest.mark.trouble("`migrator serve` was killed, or the alert `MigratorDown`")
@pytest.mark.trouble("nothing goes on, and no request is answered")
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_trouble_of_a_day_has_its_documented_way_back(tmp_path: Path) -> None:
    """Killed workers, `apply` and web process, a restarting database, a frozen network, a full disk, an
    expired token, an archived repository, a lost role, a clock that jumped, a gate that reopens tripped, and at last a lost database. The commands are those of
    docs/how-to/trouble.md; the alerts that should fire do."""
    with migration_day(tmp_path, items=400, latency=60) as day, watched(day, tmp_path) as alerts:
        plan = approved(day)
        first = day.worker()
        second = day.worker()
        day.wait_for_writes(3)

        first.kill()  # another one takes over; start it again
        day.wait_for_writes(3)
        first = day.worker()

        day.database("stop")
        day.database("start")
        day.wait_for_writes(3)

        with day.frozen_network():
            time.sleep(2.0)  # longer than a request takes, shorter than its timeout
        day.wait_for_writes(3)

        full_disk(day, second)
        for cause, act in REFUSALS.items():
            refused(day, cause, act)
            alerts(f'MigratorRunStopped", cause="{cause}')
            allowed(day, act)
            day.wait_for_writes(3)

        day.clock_offset(3 * 86_400)
        stopped = day.until_stopped()
        assert "this machine's clock is 3 days behind GitHub's" in stopped.reason
        alerts('MigratorRunStopped", cause="clock')
        day.clock_offset(0)
        follow(day, "this machine's clock is")
        until(day.reopen_closed)
        stopped = day.until_stopped()
        assert re.fullmatch(r"people opened \d+ of \d+ closed items? again", stopped.reason)
        alerts('MigratorRunStopped", cause="reopens')
        second.kill()
        first.kill()
        killed = resumed_and_killed(day, plan, stopped.id)
        assert killed == -signal.SIGKILL
        assert day.desk.run("apply", plan, "--json").json["run"]["state"] != "stopped"
        nothing_twice_nothing_lost(day, plan)

        before = day.notices()
        day.stop()
        day.lose_the_database()
        for command in ("db upgrade", "recover", "scan", "verify"):
            assert f"migrator {command}" in TROUBLE
            day.desk.run(*command.split(), code=None if command == "verify" else 0)
        day.desk.run("classify")
        again = approved(day)
        day.desk.run("apply", again, "--json", code=None)
        assert set(day.notices().values()) == {1}
        assert before.keys() <= day.notices().keys()
        assert day.desk.run("verify", "--json").json["verified"]


REFUSALS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "credentials": (
        {"do": "expire_token", "login": ACCOUNT},
        {"do": "expire_token", "login": ACCOUNT, "on": False},
    ),
    "archived": (
        {"do": "archive_repository"},
        {"do": "archive_repository", "on": False},
    ),
    "role": (
        {"do": "set_role", "login": ACCOUNT, "role": "read"},
        {"do": "set_role", "login": ACCOUNT, "role": "admin"},
    ),
}
"""Cause -> what takes a right away, and what gives it back."""


def everywhere(day: Day, act: dict[str, Any]) -> None:
    """Do it in both repositories."""
    for repository in ("tensorflow/tensorflow", "keras-team/keras"):
        day.state(**act, repository=repository)


def refused(day: Day, cause: str, acts: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """GitHub refuses the account: the run stops and says why."""
    everywhere(day, acts[0])
    assert f"GitHub refuses the account ({cause})" in day.until_stopped().reason


def allowed(day: Day, acts: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """The row's way back where a worker runs."""
    everywhere(day, acts[1])
    (line,) = (
        line
        for line in TROUBLE.splitlines()
        if line.startswith("| `GitHub refuses the account (...)")
    )
    assert "`migrator resume RUN` where a worker runs" in line
    day.desk.run("resume", day.until_stopped().id)


def full_disk(day: Day, worker: Process) -> None:
    """Nothing can be recorded, so nothing is written; once there is room it goes on by itself."""
    if day.disk is None:
        return
    ballast = fill(day.disk)
    worker.said(r"the (disk with the database is full)")
    ended = day.desk.run("classify", "--json", code=3)
    assert ended.error["cause"] == "the disk with the database is full"
    ballast.unlink()
    day.wait_for_writes(3)


def follow(day: Day, row: str) -> None:
    """Run the commands of a row of docs/how-to/trouble.md with this run's id and plan."""
    (line,) = (line for line in TROUBLE.splitlines() if line.startswith(f"| `{row}"))
    now = day.run()
    assert now is not None
    commands = re.findall(r"`migrator ([^`]+)`", line.rsplit("|", 2)[1])
    assert commands
    for command in commands:
        words = command.replace("RUN", now.run.id).replace("HASH", now.run.plan_hash).split()
        day.desk.run(*words)


def resumed_and_killed(day: Day, plan: str, run: str) -> int:
    """Resume the stopped run as its row says, and kill the `apply` that goes on with it."""
    day.desk.run("resume", run)
    before = day.writes()
    process = day.start("apply", plan)
    until(lambda: day.writes() > before or process.running.poll() is not None)
    process.kill()
    return int(process.running.returncode)


@contextmanager
def watched(day: Day, folder: Path) -> Iterator[Callable[[str], None]]:
    """The web process behind the proxy, killed once and started again, and Prometheus before it.
    Call what this gives with an alert and its cause: it waits until it fires."""
    web, address = day.web()
    web.kill()
    assert not answers(address)
    web, address = day.web()
    assert answers(address)
    if nginx() is not None:
        with proxied_by_nginx(address, folder / "proxy") as outside:
            assert outside.get("/metrics").status_code == 404
            assert outside.post("/webhooks", content=b"{}").status_code in (400, 401)
    if shutil.which("prometheus") is None:
        yield lambda _: None
        return
    with prometheus(folder, address.removeprefix("http://")) as server:
        yield lambda alert: server.until(f'ALERTS{{alertname="{alert}"}}')
