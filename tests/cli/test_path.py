"""The verbs one after the other, each in a process of its own, as the overview teaches them."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

from tests.cli.conftest import RULES, Desk


def test_a_migration_goes_from_check_to_verify_and_back(at_work: Desk) -> None:
    """Check, plan, approve, apply, verify, then the same way back: every verb prints one JSON
    object and ends with 0."""
    checked = at_work.run("check", "--json").json
    assert checked["ok"]
    assert "refile.template_chosen" in {finding["code"] for finding in checked["findings"]}
    plan = at_work.run("plan", "--json").json
    short = plan["hash"][:12]
    assert plan["expected_precision"] == plan["header"]["calibration"]["expected_precision"]
    assert 0.5 < plan["expected_precision"]["low"] < plan["expected_precision"]["value"]
    approved = at_work.run("approve", short, "--by", "ann", "--json").json
    assert approved == {
        "approved": plan["hash"],
        "approvals_missing": 0,
        "clears": plan["clears"],
        "set_aside": 0,
    }
    assert (
        plan["clears"]["count"]
        == plan["totals"]["decisions"]["clear"]
        == len(plan["clears"]["items"])
        > 0
    )
    assert plan["one_sided"] == ""
    applied = at_work.run("apply", short, "--unpaced", "--json").json
    done = sum(sum(codes.values()) for codes in applied["outcomes"].values())
    assert applied["run"]["state"] == ("running" if applied["parked"] else "finished")
    assert done + applied["parked"] == plan["totals"]["notices"] > 5
    assert at_work.run("verify", "--json").json["verified"]
    ledger = at_work.run("ledger", "--json").out.splitlines()
    assert len(ledger) == plan["totals"]["notices"]
    _ledger_in_words(at_work, [json.loads(each)["entry"]["item_key"] for each in ledger])
    run = at_work.run("runs", "--json").json["runs"][0]
    undo = at_work.run("undo", "--run", run["id"], "--json").json
    at_work.run("approve", undo["hash"], "--json")
    undone = at_work.run("apply", undo["hash"], "--unpaced", "--json").json
    assert undone["run"]["kind"] == "undo"
    assert at_work.run("verify", "--json").json["verified"]


def _ledger_in_words(desk: Desk, keys: list[str]) -> None:
    """One line for each entry, by number, with a time and its zone; of one item, if one is
    named."""
    lines = desk.run("ledger").out.splitlines()[1:]
    assert [each.split()[0] for each in lines] == keys
    numbers = [int(key.rpartition("#")[2]) for key in keys if key.startswith("tensorflow/")]
    assert numbers == sorted(numbers)
    assert all(re.search(r"  \d{4}-\d\d-\d\d \d\d:\d\d UTC$", each) for each in lines)
    source = next(key for key in keys if key.startswith("tensorflow/tensorflow#"))
    for named in (source, source.rpartition("#")[2]):
        assert [
            each.split()[0] for each in desk.run("ledger", "--item", named).out.splitlines()[1:]
        ] == [source]
    assert "names no item" in desk.run("ledger", "--item", "that one", code=2).err


def test_a_plan_shows_what_it_costs_and_why(
    judged: Desk, planned: dict[str, Any], tmp_path: Path
) -> None:
    """Decisions, evidence, exact texts, mails of participants and watchers apart, hours: as
    table, JSON, CSV and page."""
    made = judged.run(
        "plan", "--csv", str(tmp_path / "plan.csv"), "--html", str(tmp_path / "plan.html")
    ).out
    assert "hours" in made
    assert "watchers" in made
    assert "next: migrator approve" in made
    assert "are expected to be right" in " ".join(made.split())
    plan = planned
    made_hash = re.search(r"plan ([0-9a-f]{64})", made)
    assert made_hash
    assert plan["mails"]["people"] > 0
    assert plan["mails"]["watched"][0]["watchers"] is not None
    acting = [item for item in plan["items"] if item.get("text")]
    assert all(item["deciding"]["signal"] for item in plan["items"])
    assert len(acting) == plan["totals"]["notices"]
    with (tmp_path / "plan.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["text"] for row in rows if row["text"]} == {item["text"] for item in acting}
    assert not [row for row in rows if row["title"].startswith(("=", "+", "-", "@"))]
    page = (tmp_path / "plan.html").read_text(encoding="utf-8")
    assert made_hash[1][:12] in page
    assert "are expected to be right" in page
    assert "<script" not in page


def test_one_item_of_a_plan_is_shown_with_its_exact_text(
    judged: Desk, planned: dict[str, Any]
) -> None:
    """Whoever doubts a single item sees what would be posted there."""
    item = next(item for item in planned["items"] if item.get("text"))
    shown = judged.run("plan", "--show", planned["hash"], "--item", item["key"]).out
    assert item["text"].strip() in shown


def test_a_second_scan_of_an_unchanged_repository_costs_at_most_five_requests(
    at_work: Desk,
) -> None:
    """Only what changed is read again."""
    at_work.control("stats/reset", {})
    at_work.run("scan", "--json")
    assert sum(at_work.sandbox.stats()["requests"].values()) <= 5


def test_what_if_answers_without_asking_github(judged: Desk) -> None:
    """Another rule, other decisions: from the database alone."""
    judged.control("stats/reset", {})
    answer = judged.run("what-if", "--set", "activity.unanswered=retire", "--json").json
    assert sum(judged.sandbox.stats()["requests"].values()) == 0
    assert answer["after"]["closes"] > answer["before"]["closes"]
    others = [one for one in answer["changed"] if one["before"] != one["after"]]
    assert answer["items"] > answer["changes"] == len({one["key"] for one in others}) > 0
    assert [answer[name] for name in ("notices", "closes", "mails", "hours")] == [
        answer["after"][name] for name in ("notices", "closes", "mails", "hours")
    ]
    assert "items change" in judged.run("what-if", "--set", "activity.unanswered=retire").out


def test_what_if_names_the_plan_that_the_changed_rules_make(
    at_work: Desk, planned: dict[str, Any]
) -> None:
    """The forecast is made by the decider itself: whoever then changes the file gets exactly
    that."""
    answer = at_work.run("what-if", "--set", "activity.unanswered=retire", "--json").json
    assert answer["before"]["decisions"] == planned["totals"]["decisions"]
    at_work.rules.write_text(
        RULES.replace('unanswered = "redirect"', 'unanswered = "retire"'), encoding="utf-8"
    )
    at_work.run("classify")
    plan = at_work.run("plan", "--json").json
    assert (
        answer["after"]["decisions"]
        == plan["totals"]["decisions"]
        != planned["totals"]["decisions"]
    )
    assert answer["after"]["closes"] == plan["totals"]["closes"]


def test_a_maintainers_answer_beats_the_classifier(at_work: Desk) -> None:
    """The item waits; a person says whose it is and why; the next plan does as they said, and
    names them."""
    waiting = at_work.run("review", "--json").json["waiting"]
    assert "items wait" in at_work.run("review").out
    key = next(
        one["key"] for one in waiting if one["decided"]["code"] in ("unsure", "contradiction")
    )
    assert "held against" in at_work.run("review", key).out
    at_work.run(
        "review", key, "--whose", "not_ours", "--why", "It is about the compiler.", "--by", "ann"
    )
    assert key not in [one["key"] for one in at_work.run("review", "--json").json["waiting"]]
    answer = at_work.run("review", key, "--json").json["answer"]
    assert (answer["by"], answer["reason"]) == ("ann", "It is about the compiler.")
    planned = next(item for item in at_work.plan()["items"] if item["key"] == key)
    assert planned["decision"] == "leave"


def test_other_words_in_the_file_are_asked_of_the_stored_threads(judged: Desk) -> None:
    """Who counts as a person is read from the threads once more; nothing else is, and GitHub is
    not asked."""
    judged.control("stats/reset", {})
    same = judged.run("what-if", "--set", 'migration.bots=["nobody-at-all"]', "--json").json
    assert same["read_again"]
    assert same["before"]["items"] == same["after"]["items"] == same["items"]
    assert sum(judged.sandbox.stats()["requests"].values()) == 0


def test_a_sample_of_verdicts_can_be_checked(at_work: Desk, planned: dict[str, Any]) -> None:
    """Drawn from what would be acted on without a person; an answer takes an item off it and is
    counted in the error rate."""
    drawn = at_work.run("review", "--sample", "5", "--json").json["sample"]
    acting = {item["key"] for item in planned["items"] if item.get("text")}
    keys = [one["key"] for one in drawn["waiting"]]
    assert len(keys) == drawn["drawn"] == 5
    assert set(keys) < acting
    assert keys == [
        one["key"]
        for one in at_work.run("review", "--sample", "5", "--json").json["sample"]["waiting"]
    ]
    at_work.run(
        "review",
        keys[0],
        "--whose",
        "not_ours",
        "--by",
        "ann",
        "--why",
        "It is about the compiler.",
    )
    after = at_work.run("review", "--sample", "5", "--json").json
    assert [one["key"] for one in after["sample"]["waiting"]] == keys[1:]
    assert (after["measured"]["rate"]["checked"], after["measured"]["rate"]["wrong"]) == (1, 1)
    assert "4 of 5 drawn" in at_work.run("review", "--sample", "5").out


def test_answers_can_be_learned_from(
    at_work: Desk, planned: dict[str, Any], tmp_path: Path
) -> None:
    """Answered items come out as the labelled file that `evaluate` reads."""
    keys = [item["key"] for item in planned["items"] if item["repository"].endswith("tensorflow")][
        :4
    ]
    for key, whose in zip(keys, ("ours", "not_ours", "ours", "not_ours"), strict=True):
        at_work.run("review", key, "--whose", whose, "--json")
    at_work.run("review", "--labelled", str(tmp_path / "answers.csv"))
    assert at_work.run("evaluate", str(tmp_path / "answers.csv"), "--json").json["n"] == 4
    assert at_work.run("review", "--json").json["measured"]["rate"]["checked"] >= 1


def test_an_export_can_be_rehearsed(judged: Desk, planned: dict[str, Any], tmp_path: Path) -> None:
    """A scan of the real thing is an archive, and a rehearsal on it decides as the plan does."""
    judged.run("export", "--to", str(tmp_path / "items.jsonl"))
    result = judged.run(
        "rehearse",
        "--from",
        str(tmp_path / "items.jsonl"),
        "--now",
        judged.sandbox.now.isoformat(),
        "--json",
    ).json
    assert result["verified"]
    assert result["notices"] > 5
    assert result["decisions"] == planned["totals"]["decisions"]
