"""From the command line: a renamed source goes on, whatever the migration file says; another
repository under its name stops every verb with exit code 6."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Desk, desk_at, sqlite_copy

SOURCE, RENAMED = "tensorflow/tensorflow", "tensorflow/monorepo-of-old"


@pytest.fixture
def own(judged: Desk, world_file: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk with an approved plan, whose source may be renamed."""
    with sqlite_copy(judged.database, tmp_path), desk_at(tmp_path, world_file) as desk:
        yield desk


def renamed(desk: Desk) -> None:
    """The owner renames the source."""
    desk.control("act", {"do": "rename_repository", "repository": SOURCE, "to": RENAMED})


def totals(desk: Desk) -> dict[str, int]:
    """Scan what changed, classify, plan: how many notices a plan would post and edit."""
    desk.run("scan", "--json")
    desk.run("classify", "--json")
    return dict(desk.run("plan", "--json").json["totals"])


def test_a_rename_is_followed_and_nobody_is_notified_again(own: Desk) -> None:
    """With the old name in the file, then with the new one: what is known stays known, and no
    second notice is planned."""
    plan = own.run("plan", "--json").json["hash"]
    own.run("approve", plan)
    renamed(own)
    own.run("apply", plan, "--unpaced")
    assert totals(own)["notices"] == 0
    text = own.rules.read_text(encoding="utf-8").replace(f'"{SOURCE}"', f'"{RENAMED}"')
    own.rules.write_text(text, encoding="utf-8")
    assert totals(own)["notices"] == 0
    assert own.run("verify", "--json").json["verified"]
    lines = own.run("ledger", "--json").out.splitlines()
    names = {json.loads(line)["entry"]["item_key"].partition("#")[0] for line in lines}
    assert names == {RENAMED, "keras-team/keras"}


def test_another_repository_under_the_name_stops_scan_and_run(own: Desk) -> None:
    """Nothing is written there, nothing is failed, and the exit code says so."""
    plan = own.run("plan", "--json").json["hash"]
    own.run("approve", plan)
    renamed(own)
    own.control("repository", {"name": SOURCE})
    for verb in (("scan", "--json"), ("apply", plan, "--unpaced", "--json"), ("follow", "--once")):
        ran = own.run(*verb, code=6)
        assert "is another repository now" in ran.err
    outcomes = own.run("runs", "--json").json["runs"][0].get("outcomes", {})
    assert "failed" not in outcomes


def test_what_was_done_with_another_account_stays_ours(own: Desk) -> None:
    """A token for the trial, another account for the rest: no notice is missing or unknown, nobody
    is notified again, and our former closes and notices are no people's acts."""
    plan = own.run("plan", "--json").json["hash"]
    own.run("approve", plan)
    own.run("apply", plan, "--unpaced")
    roles = {SOURCE: "write", "keras-team/keras": "write"}
    own.control("account", {"login": "second-account", "permissions": roles})
    own.settings["MIGRATOR_GITHUB_TOKEN"] = "sandbox-second-account"
    assert own.run("verify", "--json").json["verified"]
    assert totals(own)["notices"] == 0
    found = own.run("verify", "--json").json
    assert (found["verified"], [one for one in found["findings"] if one["fault"]]) == (True, [])
    assert totals(own)["notices"] == 0
