"""The rights that docs/how-to/github-app.md lists are enough, and each of them is needed."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from migrator.domain.webhooks.subscriptions import REACTS
from migrator.github.manifest import READS, WRITES
from migrator.rehearsal.sandbox import APP_ACCOUNT, running_sandbox
from tests.cli.conftest import ROOT, Desk

PAGE = (ROOT / "docs" / "how-to" / "github-app.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([A-Z][a-z ]+) \| (read) \| (read|write) \|", PAGE, re.MULTILINE)
READING = {name.lower().replace(" ", "_"): level for name, level, _ in ROWS}
ACTING = {name.lower().replace(" ", "_"): level for name, _, level in ROWS}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, world_file: Path) -> Iterator[Desk]:
    """A desk that signs in as the sandbox's App."""
    with running_sandbox("--world", str(world_file), account=APP_ACCOUNT) as sandbox:
        settings = {
            "MIGRATOR_GITHUB_TOKEN": "",
            "MIGRATOR_GITHUB_APP_ID": str(sandbox.app_id),
            "MIGRATOR_GITHUB_PRIVATE_KEY_FILE": str(sandbox.key_file),
        }
        desk = Desk(tmp_path_factory.mktemp("app"), sandbox, settings)
        desk.run("db", "upgrade")
        yield desk


def give(desk: Desk, permissions: dict[str, str]) -> None:
    """Let every installation of the App have exactly these permissions."""
    with urllib.request.urlopen(f"{desk.sandbox.url}/_sandbox/world") as world:
        records = [json.loads(line) for line in world]
    for record in records:
        if record["record"] == "installation":
            desk.control("installation", {"id": record["id"], "permissions": permissions})


def writes(desk: Desk) -> list[dict[str, Any]]:
    """What our account did in the sandbox's world."""
    with urllib.request.urlopen(f"{desk.sandbox.url}/_sandbox/log") as log:
        return [entry for line in log if "act" in (entry := json.loads(line))]


def test_the_page_lists_them() -> None:
    """The table is what `/setup` asks GitHub for and what `check` demands, and no right in it is
    one to write code."""
    assert READING == READS
    assert ACTING == WRITES
    assert set(READS.values()) == {READS["contents"], WRITES["contents"]} == {"read"}


def test_the_page_lists_the_events_that_are_reacted_to() -> None:
    """By the names that GitHub's form has."""
    listed = re.findall(r"\*([A-Z][a-z ]+)\*", PAGE[PAGE.index("## Events") :].split("\n\n")[1])
    assert sorted(name.lower().replace(" ", "_") for name in listed) == sorted(
        event.rstrip() for event in REACTS
    )


def test_a_token_that_only_reads_is_enough_up_to_the_plan_and_for_nothing_more(
    at_work: Desk,
) -> None:
    """Scanned, classified and planned with it; an approved plan stops at its first write, and
    nothing was written."""
    reading = f"{at_work.sandbox.token}:read"
    at_work.run("scan", MIGRATOR_GITHUB_TOKEN=reading)
    at_work.run("classify", MIGRATOR_GITHUB_TOKEN=reading)
    plan = at_work.run("plan", "--json", MIGRATOR_GITHUB_TOKEN=reading).json
    assert plan["totals"]["notices"] > 5
    at_work.run("approve", plan["hash"], MIGRATOR_GITHUB_TOKEN=reading)
    refused = at_work.run(
        "apply", plan["hash"], "--unpaced", code=None, MIGRATOR_GITHUB_TOKEN=reading
    )
    assert refused.code not in (0, 1)
    assert writes(at_work) == []


@pytest.mark.slow
def test_each_right_of_the_list_is_needed_and_all_of_them_are_enough(desk: Desk) -> None:
    """Without one of them `check` says which; with them the App carries a migration out and
    takes it back."""
    for name in ACTING:
        give(desk, {other: level for other, level in ACTING.items() if other != name})
        findings = desk.run("check", "--json", code=6).json["findings"]
        lacking = {
            finding["message"].split(" has ")[1]
            for finding in findings
            if finding["code"] == "app.permission_missing"
        }
        assert lacking == {f"{name}: none, and {ACTING[name]} is needed"}
    give(desk, READING)
    desk.run("scan")
    desk.run("classify")
    plan = desk.run("plan", "--json").json
    assert writes(desk) == []
    give(desk, ACTING)
    assert desk.run("check", "--json").json["ok"]
    desk.run("approve", plan["hash"])
    done = desk.run("apply", plan["hash"], "--unpaced", "--json").json
    assert done["ended"] + done["parked"] == plan["totals"]["notices"]
    assert set(done["outcomes"]) == {"done"}
    assert desk.run("verify", "--json").json["verified"]
    back = desk.run("undo", "--run", done["run"]["id"], "--json").json
    desk.run("approve", back["hash"])
    desk.run("apply", back["hash"], "--unpaced", "--json")
    assert desk.run("verify", "--json").json["verified"]
