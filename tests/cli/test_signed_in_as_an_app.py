"""The verbs as a GitHub App: what `check` says of its permissions, and how a run goes on after
the App was uninstalled."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator.rehearsal.folder import reopened
from migrator.rehearsal.sandbox import APP_ACCOUNT, running_sandbox
from tests.cli.conftest import Desk, alone


@pytest.fixture
def desk(tmp_path: Path, world_file: Path) -> Iterator[Desk]:
    """A desk that signs in as the sandbox's App."""
    with running_sandbox("--world", str(world_file), account=APP_ACCOUNT) as sandbox:
        settings = {
            "MIGRATOR_GITHUB_TOKEN": "",
            "MIGRATOR_GITHUB_APP_ID": str(sandbox.app_id),
            "MIGRATOR_GITHUB_PRIVATE_KEY_FILE": str(sandbox.key_file),
        }
        desk = Desk(tmp_path, sandbox, settings)
        desk.run("db", "upgrade")
        yield desk


@pytest.mark.slow
def test_a_rehearsal_as_the_app_goes_there_and_back(tmp_path: Path) -> None:
    """The same path and the same fields; the folder that it leaves is opened as the App again."""
    folder = tmp_path / "kept"
    result = (
        alone(tmp_path)
        .run("rehearse", "--items", "80", "--app", "--undo", "--dir", str(folder), "--json")
        .json
    )
    assert (result["verified"], result["undo"]["verified"], result["duplicate_notices"]) == (
        True,
        True,
        0,
    )
    assert result["notices"] > 5
    with reopened(folder) as (kept, sandbox):
        assert sandbox.account == APP_ACCOUNT
        assert kept.settings(sandbox).github_app_id == sandbox.app_id > 0


def test_check_names_the_permission_that_the_app_lacks(desk: Desk) -> None:
    """With the repository, what is held and what is needed."""
    assert desk.run("check", "--json").json["ok"]
    with urllib.request.urlopen(f"{desk.sandbox.url}/_sandbox/world") as world:
        number = next(
            int(line.split(b'"id":')[1].split(b",")[0])
            for line in world
            if b'"record":"installation"' in line
        )
    desk.control(
        "installation",
        {"id": number, "permissions": {"issues": "read", "metadata": "read", "contents": "read"}},
    )
    findings = desk.run("check", "--json", code=6).json["findings"]
    lacking = [
        finding["message"] for finding in findings if finding["code"] == "app.permission_missing"
    ]
    assert len(lacking) == 2
    assert "issues: read, and write is needed" in lacking[0]
    assert "pull_requests: none, and write is needed" in lacking[1]


@pytest.mark.slow
def test_a_run_stops_when_the_app_is_uninstalled_says_why_and_goes_on(desk: Desk) -> None:
    """`runs` shows the reason; after another installation `resume` and `apply` finish the plan,
    with nothing done twice."""
    desk.run("scan")
    desk.run("classify")
    plan = desk.run("plan", "--json").json
    desk.run("approve", plan["hash"])
    desk.control("faults", {"seed": 1, "rates": {"app_uninstalled": 0.2}, "most": 1})
    stopped = desk.run("apply", plan["hash"], "--unpaced", code=None)
    assert stopped.code not in (0, 1)
    (run,) = desk.run("runs", "--json").json["runs"]
    assert run["state"] == "stopped"
    assert "the App" in run["reason"]
    urllib.request.urlopen(f"{desk.sandbox.url}/apps/{APP_ACCOUNT}/installations/new").close()
    assert "next: migrator apply " in desk.run("resume", run["id"]).out
    final = desk.run("apply", plan["hash"], "--unpaced", "--json").json
    assert sum(final["outcomes"]["done"].values()) + final["parked"] == plan["totals"]["notices"]
    assert desk.run("verify", "--json").json["verified"]
