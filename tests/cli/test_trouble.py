"""Each row of "When something went wrong" is followed literally: what the reader sees comes about,
and the page's own commands lead out of it."""

from __future__ import annotations

import re
import shlex
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from migrator.rehearsal.sandbox import write_world
from tests.cli.conftest import ITEMS, ROOT, Desk, Ran, desk_at
from tests.cli.test_interrupted import until_written
from tests.support import transfer_world

PAGE = (ROOT / "docs" / "how-to" / "trouble.md").read_text(encoding="utf-8")
ROWS = {
    cells[0].strip(): cells[2].strip()
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| you see")
    for cells in [line.strip("| ").split(" | ")]
}
"""What the reader sees -> what the page says to do."""
MARK = re.compile(r'@pytest\.mark\.trouble\(\s*"([^"]+)"\s*\)')
ISSUE = {"operation": "AddComment", "done": False, "status": 200}
REFUSED = {"errors": [{"type": "UNPROCESSABLE", "path": ["comment"], "message": "not this one"}]}


def commands(row: str, **names: str) -> list[list[str]]:
    """The page's own commands for a row, with the run's or plan's name in them."""
    found = [shlex.split(each) for each in re.findall(r"`migrator ([^`]+)`", ROWS[row])]
    return [[names.get(word, word) for word in each] for each in found]


def approved(desk: Desk) -> str:
    """Hash of a fresh approved plan."""
    plan = str(desk.run("plan", "--json").json["hash"])
    desk.run("approve", plan)
    return plan


def replanned(desk: Desk) -> dict[str, Any]:
    """Scan, classify and plan again; the plan's totals."""
    desk.run("scan")
    desk.run("classify")
    return dict(desk.run("plan", "--json").json["totals"])


def rules(desk: Desk, *given: dict[str, Any]) -> None:
    """What the sandbox does from now on."""
    desk.control("rules", list(given))


def applied(desk: Desk, plan: str, *, code: int = 0) -> Ran:
    """Apply at once, and say how it went as JSON."""
    return desk.run("apply", plan, "--unpaced", "--json", code=code)


def first(desk: Desk, plan: str, **wanted: Any) -> dict[str, Any]:
    """The first acting item of a plan with these fields."""
    items = desk.run("plan", "--show", plan, "--json").json["items"]
    acting = (one for one in items if one.get("text"))
    return next(one for one in acting if wanted.items() <= one.items())


def test_each_row_of_the_page_is_executed_by_a_test() -> None:
    """A row that nobody tests, and a test whose row is gone, are found here."""
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    marked = {row for source in sources for row in MARK.findall(source)}
    assert marked == ROWS.keys()


@pytest.mark.trouble("`the run stopped ...` (7)")
def test_a_run_that_stopped_itself_is_resumed(at_work: Desk) -> None:
    """After GitHub refused several notices in a row, it says why; `resume` lets it go on."""
    text = at_work.rules.read_text(encoding="utf-8")
    at_work.rules.write_text(
        re.sub(r"^seconds_between_writes.*", "seconds_between_writes = 0.0", text, flags=re.M)
        + "\n[breaker]\nrefused_in_a_row = 2\n",
        encoding="utf-8",
    )
    replanned(at_work)
    plan = approved(at_work)
    rules(at_work, {**ISSUE, "body": REFUSED})
    ran = at_work.run("apply", plan, "--json", code=7)
    assert "the run stopped" in ran.err
    rules(at_work)
    resume, undo = commands("`the run stopped ...` (7)", RUN=ran.json["run"]["id"])
    at_work.run(*resume)
    assert at_work.run("runs", "--json").json["runs"][0]["state"] == "running"
    assert undo == ["undo"]


@pytest.mark.trouble("`... items could not be read and are set aside` (8)")
def test_items_that_are_set_aside_are_read_by_a_later_scan(at_work: Desk) -> None:
    """And by a full one."""
    plan = approved(at_work)
    damaged = first(at_work, plan)
    rules(at_work, {"use": "labels_null", "items": [damaged["key"]]})
    told = at_work.run("scan", "--full", code=8)
    assert "could not be read" in told.out + told.err
    rules(at_work)
    for command in commands("`... items could not be read and are set aside` (8)"):
        at_work.run(*command)


@pytest.mark.trouble(
    "`... items could not be read and are set aside; the migration file allows ...` (5)"
)
def test_too_many_unknown_items_hold_a_plan_until_they_were_read(at_work: Desk) -> None:
    """Scanned, classified and planned again, the plan may be applied."""
    rules(at_work, {"use": "labels_null", "share": 0.3})
    at_work.run("scan", "--full", code=8)
    at_work.run("classify")
    plan = approved(at_work)
    refused = applied(at_work, plan, code=5)
    assert "the migration file allows" in refused.error["cause"]
    rules(at_work)
    assert replanned(at_work)["notices"] > 0
    applied(at_work, approved(at_work))


@pytest.mark.trouble("items `skipped` with `not_read` (8)")
def test_an_item_that_was_not_read_is_in_the_next_plan(at_work: Desk) -> None:
    """Nothing was written on it, and nothing has to be done."""
    plan = approved(at_work)
    item = first(at_work, plan, decision="redirect")
    rules(at_work, {"use": "comments_missing", "items": [item["key"]]})
    ran = applied(at_work, plan, code=8)
    assert ran.json["outcomes"]["skipped"] == {"not_read": 1}
    assert ran.json["set_aside_items"] == [{"item_key": item["key"], "begun": False, "words": ""}]
    assert f"{item['key']} (skipped, nothing was written)" in ran.error["cause"]
    rules(at_work)
    assert replanned(at_work)["notices"] == 1


@pytest.mark.trouble("items `set aside` in a run, `begun, not finished` (8)")
def test_an_item_that_stops_being_shown_half_way_is_named_and_then_finished(
    at_work: Desk,
) -> None:
    """Its notice stands, and GitHub does not show the item before the close: that is no close
    which waits for a grace."""
    plan = approved(at_work)
    item = first(at_work, plan, decision="retire")
    hidden = {"use": "comments_null", "items": [item["key"]], "nth": list(range(2, 99))}
    rules(at_work, hidden, {"use": "write_reply_null", "items": [item["key"]]})
    ran = applied(at_work, plan, code=8)
    graces = ran.json["parked"]
    assert ran.json["set_aside"] == 1
    (told,) = ran.json["set_aside_items"]
    assert (told["item_key"], told["begun"]) == (item["key"], True)
    assert f"{item['key']} (begun, not finished: " in ran.error["cause"]
    sums = at_work.run("runs", "--json").json["runs"][0]["sums"]
    assert (sums["waiting"], sums["set_aside"]) == (graces, 1)
    assert "1 set aside" in at_work.run("runs", COLUMNS="300").out
    rules(at_work)
    finished = applied(at_work, plan).json
    assert (finished["set_aside"], finished["parked"]) == (0, graces)
    assert finished["outcomes"]["done"]["retire"] == ran.json["outcomes"]["done"]["retire"] + 1


@pytest.mark.trouble("items `skipped`")
def test_an_item_that_changed_since_the_plan_is_judged_again(at_work: Desk) -> None:
    """Somebody else closed it."""
    plan = approved(at_work)
    at_work.act("close", first(at_work, plan, decision="redirect"))
    assert applied(at_work, plan).json["outcomes"]["skipped"] == {"closed": 1}
    assert replanned(at_work)["notices"] == 0


@pytest.mark.trouble("`the plan expired` (5)")
def test_an_expired_plan_is_made_anew(at_work: Desk) -> None:
    """After more than its days."""
    plan = approved(at_work)
    at_work.control("clock", {"advance_seconds": 60 * 86_400})
    assert "expired" in applied(at_work, plan, code=5).error["cause"]
    replanned(at_work)
    applied(at_work, approved(at_work))


@pytest.mark.trouble("`the migration file has changed` (5)")
def test_a_changed_file_needs_a_new_plan(at_work: Desk) -> None:
    """And new verdicts, as the error says."""
    plan = approved(at_work)
    text = at_work.rules.read_text(encoding="utf-8")
    changed = text.replace("stale_after = 365", "stale_after = 366")
    at_work.rules.write_text(changed if changed != text else f"{text}\n[plan]\n", encoding="utf-8")
    if changed == text:
        at_work.rules.write_text(re.sub(r'title = "', 'title = "The ', text, count=1), "utf-8")
    assert "has changed" in applied(at_work, plan, code=5).error["cause"]
    replanned(at_work)
    applied(at_work, approved(at_work))


@pytest.mark.trouble("`another migrator process already works on ...` (3)")
def test_a_second_process_waits_for_the_first_one_to_be_stopped(at_work: Desk) -> None:
    """Once it is, the same command works."""
    plan = approved(at_work)
    first_one = at_work.start("apply", plan)
    try:
        until_written(at_work, first_one, 1)
        error = at_work.run("apply", plan, "--json", code=3).error
        assert "another migrator process already works on" in error["cause"]
    finally:
        first_one.kill()
        first_one.communicate()
    at_work.run("apply", plan, "--stop-after", "0.05", code=10)


@pytest.mark.trouble("`the database has revision ...` (3)")
def test_an_older_database_is_upgraded(at_work: Desk) -> None:
    """By the command that the page names."""
    at_work.run("db", "downgrade", "0006")
    assert "the database has revision 0006" in at_work.run("plan", "--json", code=3).error["cause"]
    (upgrade,) = commands("`the database has revision ...` (3)")
    at_work.run(*upgrade)
    at_work.run("plan", "--json")


@pytest.mark.trouble("`... is another repository now` (6)")
def test_a_name_that_was_taken_over_is_corrected_in_the_file(at_work: Desk) -> None:
    """With the old repository's present name everything goes on, and nobody is notified again."""
    old, new = "tensorflow/tensorflow", "tensorflow/of-old"
    applied(at_work, approved(at_work))
    at_work.control("act", {"do": "rename_repository", "repository": old, "to": new})
    at_work.control("repository", {"name": old})
    assert "is another repository now" in at_work.run("scan", "--json", code=6).error["cause"]
    text = at_work.rules.read_text(encoding="utf-8").replace(f'"{old}"', f'"{new}"')
    at_work.rules.write_text(text, encoding="utf-8")
    (scan,) = commands("`... is another repository now` (6)")
    at_work.run(*scan)
    assert replanned(at_work)["notices"] == 0


@pytest.mark.trouble("`this upgrade needs a stop` (3)")
def test_an_upgrade_that_needs_a_stop_waits_for_it(at_work: Desk) -> None:
    """A worker's heartbeat refuses it; once that has run out, it works."""
    at_work.run("db", "downgrade", "0005")
    with sqlite3.connect(at_work.database) as connection:
        connection.execute(
            "insert into mig_worker (id, seen_at) values ('old', datetime('now', '+1 day'))"
        )
    (*_, upgrade) = commands("`this upgrade needs a stop` (3)")
    assert "needs a stop" in at_work.run(*upgrade, code=3).err
    with sqlite3.connect(at_work.database) as connection:
        connection.execute("update mig_worker set seen_at = datetime('now', '-1 day')")
    at_work.run(*upgrade)


@pytest.mark.trouble("the database is lost")
def test_a_lost_database_is_read_back(at_work: Desk) -> None:
    """By the page's commands, in their order; nobody is notified again."""
    applied(at_work, approved(at_work))
    for part in at_work.folder.glob("migrator.sqlite*"):
        part.unlink()
    for command in commands("the database is lost"):
        at_work.run(*command)
    assert replanned(at_work)["notices"] == 0


@pytest.mark.trouble("items skipped as `notice_deleted`")
def test_a_notice_that_a_person_deleted_stays_deleted(at_work: Desk) -> None:
    """The next plan posts none, either."""
    plan = approved(at_work)
    applied(at_work, plan)
    item = first(at_work, plan, decision="redirect")
    (notice,) = (one for one in at_work.record(item)["comments"] if "migrator:1" in one["body"])
    at_work.act("delete_comment", item, comment=notice["id"])
    assert replanned(at_work)["notices"] == 0


@pytest.mark.trouble("`this database was moved` (3)")
def test_a_database_that_was_moved_names_the_setting(at_work: Desk) -> None:
    """The mark that a move leaves behind is told with what to do."""
    with sqlite3.connect(at_work.database) as connection:
        connection.execute("update mig_revision set version_num = 'moved:' || version_num")
    error = at_work.run("runs", "--json", code=3).error
    assert "this database was moved" in error["cause"]
    assert "MIGRATOR_DATABASE_URL" in error["cure"]
    assert "MIGRATOR_DATABASE_URL" in ROWS["`this database was moved` (3)"]


@pytest.mark.trouble("`GitHub refuses the account (...)` (7)")
def test_a_refused_account_goes_on_by_the_same_command(at_work: Desk) -> None:
    """Archived, and not any more; no item is charged."""
    plan, act = approved(at_work), {"do": "archive_repository", "repository": "keras-team/keras"}
    at_work.control("act", act)
    at_work.control("act", {**act, "repository": "tensorflow/tensorflow"})
    ran = applied(at_work, plan, code=7)
    assert "GitHub refuses the account (archived)" in ran.error["cause"]
    assert ran.json["outcomes"] == {}
    at_work.control("act", {**act, "on": False})
    at_work.control("act", {**act, "repository": "tensorflow/tensorflow", "on": False})
    assert [each[0] for each in commands("`GitHub refuses the account (...)` (7)")] == [
        "apply",
        "resume",
    ]
    applied(at_work, plan)


@pytest.mark.trouble("`GitHub refuses the account (api_version)`")
def test_an_ended_rest_version_is_told(at_work: Desk) -> None:
    """With what to do about it."""
    rules(at_work, {"use": "version_gone"})
    told = at_work.run("check", "--json", code=6)
    assert "update the migrator" in told.out
    rules(at_work)
    at_work.run("check", "--json", code=None)


@pytest.mark.trouble("`authentication` (4) from another command")
def test_a_wrong_token_is_replaced_and_the_same_command_works(at_work: Desk) -> None:
    """The error's kind names it."""
    error = at_work.run("scan", "--json", code=4, MIGRATOR_GITHUB_TOKEN="ghp_wrong").error
    assert error["kind"] == "AuthenticationError"
    at_work.run("scan", "--json")


@pytest.mark.trouble("limit errors in the log")
def test_a_limit_is_waited_for(at_work: Desk) -> None:
    """Nothing has to be done: every item of the plan gets its notice."""
    plan = approved(at_work)
    limited = {"message": "You have exceeded a secondary rate limit."}
    rule = {"operation": "AddComment", "nth": [2], "done": False, "status": 403, "body": limited}
    rules(at_work, {**rule, "headers": {"retry-after": "1"}})
    ran = applied(at_work, plan)
    assert set(ran.json["outcomes"]) == {"done"}


@pytest.mark.slow
@pytest.mark.trouble("items `in_doubt`")
def test_an_item_in_doubt_is_looked_at(at_work: Desk) -> None:
    """A notice was stored, its reply lost, and no look-up was answered: the ledger shows the
    attempts, and the item whether the notice stands."""
    plan = approved(at_work)
    item = first(at_work, plan, decision="redirect")
    lost = {"operation": "AddComment", "items": [item["key"]], "nth": [1], "status": 502}
    silent = {"operation": "Comments", "items": [item["key"]], "status": 502, "done": False}
    rules(at_work, {**lost, "body": ""}, {**silent, "body": ""})
    assert applied(at_work, plan).json["outcomes"]["in_doubt"] == {"look_up_failed": 1}
    run = at_work.run("runs", "--json").json["runs"][0]["id"]
    resume, again, ledger = commands("items `in_doubt`", RUN=run, HASH=plan)
    assert "in_doubt" in at_work.run(*ledger).out
    rules(at_work)
    at_work.run(*resume)
    assert "in_doubt" not in at_work.run(*again, "--unpaced", "--json").json["outcomes"]
    ours = [one for one in at_work.record(item)["comments"] if "migrator:1" in one["body"]]
    assert len(ours) == 1


@pytest.fixture
def within_one_owner(tmp_path: Path) -> Iterator[Desk]:
    """A desk whose migration transfers threads."""
    migration = transfer_world.write_rules(tmp_path)
    records, _ = transfer_world.world_of(migration, items=ITEMS, seed=3)
    write_world(records, tmp_path / "world.jsonl")
    migration.rename(tmp_path / "moved.toml")
    with desk_at(tmp_path, tmp_path / "world.jsonl") as desk:
        desk.settings["MIGRATOR_READ_LAG_SECONDS"] = "0.05"
        desk.run("db", "upgrade")
        desk.run("scan")
        desk.run("classify")
        yield desk


@pytest.mark.trouble("items `in_doubt` with `transfer_unknown` or `transfer_twin`")
def test_a_transfer_in_doubt_is_settled_by_a_later_look(within_one_owner: Desk) -> None:
    """GitHub timed out and did nothing: the thread was sent once, and is in the next plan."""
    desk = within_one_owner
    plan = approved(desk)
    item = first(desk, plan, decision="transfer")
    rules(desk, {"use": "transfer_timed_out", "items": [item["key"]], "nth": [1]})
    ran = applied(desk, plan).json
    assert ran["outcomes"]["in_doubt"] == {"transfer_unknown": 1}
    row = "items `in_doubt` with `transfer_unknown` or `transfer_twin`"
    resume, again, ledger = commands(row, RUN=ran["run"]["id"], HASH=plan)
    desk.run(*resume)
    assert "failed" not in desk.run(*again, "--unpaced", "--json").json["outcomes"]
    desk.control("clock", {"advance_seconds": 3600})
    outcomes = desk.run(*again, "--unpaced", "--json").json["outcomes"]
    assert "in_doubt" not in outcomes
    assert outcomes["failed"] == {"transfer_not_sent": 1}
    assert "transfer_not_sent" in desk.run(*ledger).out
    assert replanned(desk)["decisions"]["transfer"] == 1
    assert applied(desk, approved(desk)).json["outcomes"] == {"done": {"transfer": 1}}


def test_the_page_names_no_row_twice() -> None:
    """A reader who looks for a message finds one answer."""
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    assert len(rows) - 1 == len(ROWS)
