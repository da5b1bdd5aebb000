"""`migrator rehearse`: the whole path on generated items and on real texts, the same on any
machine."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from migrator.config.migration_file import load
from migrator.errors import ChecksFailed, ItemsSetAside, OneSidedRehearsal
from migrator.rehearsal.folder import KeptFolder, reopened
from migrator.store.database import engine_at
from migrator.store.deliveries import Deliveries
from tests.cli.conftest import COMMAND, ROOT, Desk, alone
from tests.support.command_help import help_of

LABELLED = Path(os.environ.get("MIGRATOR_LABELLED_CSV") or ROOT / "tests/data/labelled_sample.csv")
"""Real texts: a small sample, or the whole file where one is named."""
MOST_LABELS = 4
FIELDS = {
    "items",
    "decisions",
    "notices",
    "closed",
    "skipped",
    "duplicate_notices",
    "requests",
    "seconds",
    "verified",
    "plan_hash",
}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk without a GitHub: a rehearsal brings its own."""
    return alone(tmp_path)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A kept rehearsal of 80 generated items, with its result."""
    desk = alone(tmp_path_factory.mktemp("rehearsed"))
    folder = desk.folder / "kept"
    items = str(desk.folder / "items.jsonl")
    result = desk.run(
        "rehearse", "--items", "80", "--undo", "--dir", str(folder), "--items-json", items, "--json"
    ).json
    return folder, result


def test_each_item_is_written_with_its_turn_and_its_notice(
    rehearsed: tuple[Path, dict[str, Any]],
) -> None:
    """One JSON object a line; no notice shows the marker, and what leaves an item alone has
    none."""
    folder, result = rehearsed
    lines = [
        json.loads(line)
        for line in (folder.parent / "items.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert len(lines) == sum(result["decisions"].values())
    fields = (
        "number",
        "repository",
        "decision",
        "code",
        "activity",
        "turn",
        "turn_kind",
        "turn_url",
        "probability",
        "notice",
    )
    assert all(tuple(line) == fields for line in lines)
    assert {line["turn"] for line in lines} <= {"project", "author", "nobody"}
    assert {line["turn_kind"] for line in lines} <= {
        "acknowledged",
        "asked",
        "answered",
        "refused",
        "canned",
        "none",
    }
    assert all(
        bool(line["notice"]) is (line["decision"] not in ("leave", "review")) for line in lines
    )
    assert not any("migrator:1" in line["notice"] for line in lines)
    assert all(bool(line["turn_url"]) is (line["turn_kind"] != "none") for line in lines)


def test_it_tells_the_fields_that_scripts_rely_on(rehearsed: tuple[Path, dict[str, Any]]) -> None:
    """One object; what counts was read off the sandbox's world."""
    _, result = rehearsed
    assert set(result) >= FIELDS
    assert result["items"] == 80
    assert result["verified"] is True
    assert result["undo"]["verified"] is True
    assert result["duplicate_notices"] == 0
    assert result["notices"] > 5
    assert set(result["requests"]) == {"query", "mutation", "rest"}


def test_it_stays_within_the_requests_that_are_promised(
    rehearsed: tuple[Path, dict[str, Any]],
) -> None:
    """Writes: at most 1.1 for an item that stays open, 2.1 for one that is closed, and each
    missing label once."""
    _, result = rehearsed
    stays = result["notices"] - result["closed"]
    assert result["requests"]["mutation"] <= 1.1 * stays + 2.1 * result["closed"] + MOST_LABELS


def test_its_folder_holds_what_it_takes_to_go_on(rehearsed: tuple[Path, dict[str, Any]]) -> None:
    """Report, rules, database and the sandbox's world; started again, the world is as it was
    left."""
    path, result = rehearsed
    folder = KeptFolder(path)
    about = folder.about()
    assert (about.plan_hash, about.run) == (result["plan_hash"], result["run"])
    page = folder.report.read_text(encoding="utf-8")
    assert result["plan_hash"][:12] in page
    assert not re.search(r'(?:src|href)="(?!https?://|#)', page)
    with reopened(path) as (_, sandbox):
        desk = Desk(path, sandbox, {"MIGRATOR_MIGRATION": str(folder.rules)})
        assert desk.run("verify", "--json").json["verified"]
        assert (
            desk.run("what-if", "--set", "activity.stale_after=40d", "--json").json.get(
                "told_already", 0
            )
            == 0
        )


@pytest.mark.slow
def test_a_second_rehearsal_replaces_the_first_only_when_told_to(desk: Desk) -> None:
    """`make demo` twice works; a kept rehearsal is never lost by accident."""
    first = desk.run("rehearse", "--items", "20", "--dir", "kept", "--json").json
    refused = desk.run("rehearse", "--items", "20", "--dir", "kept", "--json", code=2).error
    assert "--replace" in refused["cure"]
    again = desk.run("rehearse", "--items", "20", "--dir", "kept", "--replace", "--json").json
    assert again["plan_hash"] == first["plan_hash"]
    assert again["run"] != first["run"]


@pytest.mark.slow
def test_people_react_to_it_when_asked_to(desk: Desk) -> None:
    """Authors open their items anew, maintainers fix some: webhooks tell of it, and the listener
    works on them."""
    result = desk.run("rehearse", "--items", "60", "--react", "--dir", "kept", "--json").json
    done = result["reactions"]
    assert result["verified"]
    assert done["refiled"] > 0
    assert done["landed"] == done["refiled"] + done["fixed"]
    with engine_at(f"sqlite:///{desk.folder / 'kept' / 'migrator.sqlite'}") as engine:
        told = Deliveries(engine).newest(100)
    opened = [each.event for each in told if each.action == "opened"]
    assert (opened.count("issues"), opened.count("pull_request")) == (
        done["refiled"],
        done["fixed"],
    )
    assert all(each.finished_at for each in told)


@pytest.mark.slow
def test_people_who_are_asked_answer_and_the_answers_are_counted(desk: Desk) -> None:
    """Every second one answers before the grace ends, each in another way; the others are closed,
    and everything can be undone."""
    rules = load("keras").text.replace(
        'grace_days = "0d"', 'grace_days = 14\n[decisions.stale]\nact = "ask" #', 1
    )
    (desk.folder / "asks.toml").write_text(rules, encoding="utf-8")
    options = ("--migration", "asks.toml", "--items", "100", "--react", "--undo", "--dir", "kept")
    result = desk.run("rehearse", *options, "--json").json
    answers, done = result["questions"], result["reactions"]
    assert [result["verified"], result["undo"]["verified"]] == [True, True]
    assert answers["asked"] == result["decisions"]["ask"]
    assert answers["done"] == done["answered done"] > 0
    assert answers["still_here"] == done["answered still here"] + done["answered in words"] > 1
    assert answers["closed_by_person"] == done["closed themselves"] > 0
    assert answers["unanswered"] > 0
    assert (answers["waiting"], answers["other"]) == (0, 0)
    page = (desk.folder / "kept" / "report.html").read_text(encoding="utf-8")
    assert f"closed without an answer: <b>{answers['unanswered']}</b>" in page
    with reopened(desk.folder / "kept") as (folder, sandbox):
        again = Desk(folder.path, sandbox, {"MIGRATOR_MIGRATION": str(folder.rules)})
        told = [run["questions"] for run in again.run("runs", "--json").json["runs"]]
        undone = {"asked": answers["asked"], "other": answers["asked"]}
        assert told == [None, dict.fromkeys(answers, 0) | undone]
        assert f"{answers['asked']} asked: {answers['asked']} other" in again.run("runs").out
        plan = again.run("plan", "--show", result["plan_hash"][:12]).out
        assert f", {answers['asked']} of them only if nobody answers" in plan


@pytest.mark.slow
def test_real_texts_give_the_same_plan_in_every_process(desk: Desk) -> None:
    """Neither the order of sets nor the zone of the machine has a say; nor has the day on which
    it runs."""
    results = [
        desk.run(
            "rehearse", "--from", str(LABELLED), "--json", fresh=True, PYTHONHASHSEED=seed, TZ=zone
        ).json
        for seed, zone in (("1", "America/Los_Angeles"), ("2", "Asia/Tokyo"))
    ]
    assert results[0]["plan_hash"] == results[1]["plan_hash"]
    assert all(one["verified"] and not one["duplicate_notices"] for one in results)
    assert results[0]["decisions"] == results[1]["decisions"]


@pytest.mark.skipif(
    "MIGRATOR_LABELLED_CSV" not in os.environ, reason="MIGRATOR_LABELLED_CSV names no file"
)
def test_a_whole_file_of_real_texts_shows_every_decision_about_the_source(desk: Desk) -> None:
    """At least ten are closed, and all decisions occur but those that need a pull request, the
    target or an arrival."""
    result = desk.run("rehearse", "--from", str(LABELLED), "--json").json
    assert result["closed"] >= 10
    assert set(result["decisions"]) >= {"leave", "review", "redirect", "retire"}


@pytest.mark.slow
def test_people_see_progress_on_a_terminal_and_a_table_at_the_end(desk: Desk) -> None:
    """Bars with their rate while it works; then decisions, notices, closes, requests, people
    mailed, and yes or no."""
    shown = on_a_terminal(desk, "rehearse", "--items", "60", "--dir", "kept")
    assert re.search(r"scan .*━", shown)
    assert "report.html" in shown
    for row in ("notices", "closed", "requests (query)", "people notified", "verified"):
        assert row in shown
    parts = [int(count) for count in re.findall(r"│   \S[\w ]*│ (\d+)", shown)]
    (items,) = re.findall(r"│ items +│ (\d+)", shown)
    assert len(parts) > 3
    assert sum(parts) == int(items)


def on_a_terminal(desk: Desk, *arguments: str) -> str:
    """What a command shows on a terminal of its own."""
    ours, theirs = pty.openpty()
    environment = desk.environment | {"TERM": "xterm", "COLUMNS": "120"}
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=desk.folder, env=environment, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown, deadline = b"", time.monotonic() + 100
    while time.monotonic() < deadline:
        ready, _, _ = select.select([ours], [], [], 0.2)
        try:
            part = os.read(ours, 65536) if ready else b""
        except OSError:
            break
        shown += part
        if not part and process.poll() is not None:
            break
    assert process.wait(timeout=60) == 0, shown[-2000:]
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode("utf-8", "replace"))


def test_a_sandbox_can_be_served_for_any_client(desk: Desk) -> None:
    """`migrator sandbox` says where it listens, in one line of JSON, and keeps its world where
    it is told to."""
    process = desk.start("sandbox", "--port", "0", "--items", "10", "--state", "world")
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["url"].startswith("http://127.0.0.1:")
        assert (desk.folder / "world" / "world.jsonl").exists()
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_the_help_names_the_codes_that_a_rehearsal_ends_with() -> None:
    """Those of its own errors, and of what could not be read none."""
    said = " ".join(help_of("rehearse").split())
    assert f"Exit code {ChecksFailed.exit_code} if" in said
    assert f", {OneSidedRehearsal.exit_code} if it is" in said
    assert f" {ItemsSetAside.exit_code} if" not in said
