"""Wrong input: an exit code, a cause, a cure, and nothing lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import RULES, Desk, alone, desk_at


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk at which no GitHub is needed."""
    return alone(tmp_path)


@pytest.fixture(scope="module")
def own_sandbox(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A sandbox whose repositories a test may archive."""
    with desk_at(tmp_path_factory.mktemp("own"), world_file) as desk:
        desk.run("db", "upgrade")
        yield desk


def line_of(text: str, part: str) -> int:
    """The 1-based line on which ``part`` first stands."""
    return text[: text.index(part)].count("\n") + 1


def test_broken_toml_is_told_with_its_line(desk: Desk) -> None:
    """The file is no TOML: exit code 2, and the place."""
    desk.rules.write_text(RULES.replace("[activity]", "[activity", 1), encoding="utf-8")
    error = desk.run("check", "--json", code=2).error
    assert (error["kind"], error["line"]) == ("ConfigError", line_of(RULES, "[activity]"))
    assert "not valid TOML" in error["cause"]


def test_an_unknown_key_is_told_with_its_line_and_the_nearest_one(desk: Desk) -> None:
    """A misspelt key never means its default."""
    desk.rules.write_text(RULES.replace("stale_after =", "stale_afer =", 1), encoding="utf-8")
    told = desk.run("plan", code=2).err
    assert "stale_afer" in told
    assert f"line {line_of(RULES, 'stale_after =')}" in told
    assert "stale_after" in told.replace("stale_afer", "")


def test_a_preset_that_does_not_exist_is_told_with_those_that_do(desk: Desk) -> None:
    """Whoever mistypes a preset's name is told the right one."""
    error = desk.run("check", "--preset", "kera", "--json", code=2).error
    assert "keras" in error["cure"]


def test_an_unknown_template_variable_is_refused_by_check_and_plan(at_work: Desk) -> None:
    """A text that cannot be rendered is found before anything is planned with it, with its key;
    also where a plan with other texts was fine just before."""
    at_work.run("plan")
    before = at_work.run("plan", "--list", "--json").json
    at_work.rules.write_text(
        f'{RULES}\n[notices.templates]\nredirect = "{{{{ part.nwe_address }}}}"\n', encoding="utf-8"
    )
    findings = at_work.run("check", "--json", code=6).json["findings"]
    found = next(one for one in findings if one["code"] == "notices.template")
    assert found["subject"] == "notices.templates.redirect"
    assert "nwe_address" in found["message"]
    at_work.run("classify")
    error = at_work.run("plan", "--json", code=2).error
    assert "nwe_address" in error["cause"]
    assert at_work.run("plan", "--list", "--json").json == before


def test_a_wrong_token_is_told(own_sandbox: Desk) -> None:
    """GitHub refuses it: `check` says so as its only finding, `scan` ends with 4; the token is
    never printed."""
    token = "ghp_0123456789abcdefSECRET"
    checked = own_sandbox.run("check", "--json", code=6, MIGRATOR_GITHUB_TOKEN=token)
    assert "token.refused" in [one["code"] for one in checked.json["findings"]]
    scanned = own_sandbox.run("scan", "--json", code=4, MIGRATOR_GITHUB_TOKEN=token)
    assert scanned.error["kind"] == "AuthenticationError"
    assert "SECRET" not in checked.out + checked.err + scanned.out + scanned.err


def test_no_token_at_all_is_told_with_the_variable_to_set(own_sandbox: Desk) -> None:
    """Nobody has to guess how to sign in."""
    error = own_sandbox.run("scan", "--json", code=2, MIGRATOR_GITHUB_TOKEN="").error
    assert "MIGRATOR_GITHUB_TOKEN" in error["cure"]


def test_a_missing_permission_is_told_with_the_role_that_is_needed(own_sandbox: Desk) -> None:
    """Closing needs triage rights: an account without them is stopped before anything is
    planned."""
    own_sandbox.control("account", {"login": "passer-by"})
    findings = own_sandbox.run(
        "check", "--json", code=6, MIGRATOR_GITHUB_TOKEN="sandbox-passer-by"
    ).json["findings"]
    found = [one for one in findings if one["level"] == "error"]
    assert any("triage" in one["message"] + one["cure"] for one in found)


def test_an_archived_repository_is_told(own_sandbox: Desk) -> None:
    """Nothing can be written there."""
    own_sandbox.control("repository", {"name": "tensorflow/tensorflow", "archived": True})
    findings = own_sandbox.run("check", "--json", code=6).json["findings"]
    own_sandbox.control("repository", {"name": "tensorflow/tensorflow", "archived": False})
    assert any("archived" in one["message"] for one in findings if one["level"] == "error")


def test_a_missing_repository_is_told(own_sandbox: Desk, tmp_path: Path) -> None:
    """A name that leads nowhere ends `scan` with 4 and is found by `check`."""
    other = tmp_path / "other.toml"
    other.write_text(
        RULES.replace('"keras-team/keras"', '"keras-team/moved-away"'), encoding="utf-8"
    )
    findings = own_sandbox.run("check", "--migration", str(other), "--json", code=6).json[
        "findings"
    ]
    assert "repository.missing" in [one["code"] for one in findings]
    error = own_sandbox.run("scan", "--migration", str(other), "--json", code=4).error
    assert error["kind"] == "NotFound"
    assert "check the name" in error["cure"]


@pytest.mark.parametrize(
    ("revision", "cure"),
    [(None, "migrator db upgrade"), ("9999", "install that newer version")],
    ids=["older", "newer"],
)
def test_a_database_of_another_revision_is_refused(
    desk: Desk, revision: str | None, cure: str
) -> None:
    """Too old or too new: exit code 3, the cure, and not a byte changed."""
    if revision:
        with sqlite3.connect(desk.database) as database:
            database.execute("CREATE TABLE mig_revision (version_num VARCHAR(32) NOT NULL)")
            database.execute("INSERT INTO mig_revision VALUES (?)", (revision,))
    error = desk.run("runs", "--json", code=3).error
    assert cure in error["cure"]
    if revision:
        assert cure in desk.run("db", "upgrade", code=3).err
        with sqlite3.connect(desk.database) as database:
            assert database.execute("SELECT version_num FROM mig_revision").fetchall() == [
                (revision,)
            ]


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("secret-and-no-address", "is not a database URL"),
        ("mysql://ann:secret@localhost/x", "neither SQLite nor PostgreSQL"),
        ("postgresql://ann:secret@127.0.0.1:1/x", "cannot be opened"),
        ("sqlite:///{folder}/moved.toml", "not a database"),
        ("sqlite:///{folder}/moved.toml/below.sqlite", "cannot be made"),
    ],
    ids=["no address", "another kind", "nobody answers", "another file", "no folder"],
)
def test_a_database_that_cannot_be_opened_is_told(desk: Desk, address: str, cause: str) -> None:
    """Exit code 3, the cause, the variable to mend; no password, no traceback."""
    ran = desk.run(
        "db", "upgrade", code=3, MIGRATOR_DATABASE_URL=address.format(folder=desk.folder)
    )
    assert cause in ran.err
    assert "MIGRATOR_DATABASE_URL" in ran.err
    assert "secret" not in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.slow
def test_a_github_that_cannot_be_reached_is_told(own_sandbox: Desk) -> None:
    """Exit code 4, and where to look."""
    error = own_sandbox.run(
        "scan", "--json", code=4, MIGRATOR_GITHUB_URL="http://127.0.0.1:1"
    ).error
    assert error["cause"].startswith("GitHub cannot be reached")
    assert "MIGRATOR_GITHUB_URL" in error["cure"]


def test_a_port_that_is_taken_is_told(own_sandbox: Desk) -> None:
    """A second sandbox on the same port ends with 2 and says what to choose."""
    port = own_sandbox.sandbox.url.rpartition(":")[2]
    ran = own_sandbox.run("sandbox", "--port", port, "--items", "20", code=2)
    assert "--port" in ran.err
    assert "Traceback" not in ran.err


def test_a_csv_with_a_bad_row_is_told_with_its_line(desk: Desk, tmp_path: Path) -> None:
    """The row, its column, the cure; no folder, no database, nothing begun."""
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "title,body,created_at\nOne,text,2021-01-01\nTwo,text,yesterday\n", encoding="utf-8"
    )
    error = desk.run("rehearse", "--from", str(bad), "--json", code=2).error
    assert (error["kind"], error["line"]) == ("InputFileError", 3)
    assert "created_at" in error["cause"]
    labelled = desk.run("evaluate", str(bad), "--json", code=2).error
    assert "owner" in labelled["cause"] + labelled["cure"]


def test_a_file_that_is_not_there_is_told(desk: Desk) -> None:
    """Not with a traceback."""
    assert (
        "cannot be read"
        in desk.run("rehearse", "--from", "nowhere.csv", "--json", code=2).error["cause"]
    )
    assert (
        "--share"
        in desk.run("rehearse", "--from", "nowhere.csv", "--share", "0.1", "--json", code=2).error[
            "cause"
        ]
    )


@pytest.mark.parametrize("now", ["2020-01-01T00:00:00+00:00", "2021-09-01", "soon"])
def test_a_clock_that_makes_no_world_is_told(desk: Desk, now: str) -> None:
    """Before the cutover, without a zone, or no date at all."""
    assert (
        desk.run("rehearse", "--items", "20", "--now", now, "--json", code=2).error["kind"]
        == "UsageError"
    )


def test_columns_that_mean_nothing_are_named_once(desk: Desk, tmp_path: Path) -> None:
    """Whoever mistypes a column sees it."""
    file = tmp_path / "items.csv"
    file.write_text("title,colour\nOne,red\n", encoding="utf-8")
    done = desk.run("rehearse", "--from", str(file), "--json", code=None)
    assert done.err.count("colour") == 1


def test_a_plan_that_nobody_approved_is_not_applied(at_work: Desk) -> None:
    """Exit code 5, and the command that approves."""
    plan = at_work.run("plan", "--json").json
    error = at_work.run("apply", plan["hash"], "--json", code=5).error
    assert "migrator approve" in error["cure"]
    assert at_work.run("apply", "0123456789ab", "--json", code=5).error["kind"] == "PlanRefused"
    assert at_work.run("runs", "--json").json == {"runs": []}
    assert at_work.run("runs").out == "No plan was started yet.\n"
    assert at_work.run("ledger", "--item", "7").out == "The ledger has no entry for 7.\n"


def test_a_plan_whose_rules_changed_is_not_approved(at_work: Desk) -> None:
    """What a person says yes to is what the file says now."""
    plan = at_work.run("plan", "--json").json
    at_work.rules.write_text(
        RULES.replace('stale_after = "180d"', 'stale_after = "40d"'), encoding="utf-8"
    )
    assert "has changed" in at_work.run("approve", plan["hash"], "--json", code=5).error["cause"]


def test_items_that_changed_between_plan_and_apply_drop_out(at_work: Desk) -> None:
    """Deleted, transferred or locked meanwhile: each is left in peace with its reason; the
    others are done."""
    plan = at_work.plan()
    issues = [
        one
        for one in plan["items"]
        if one.get("kind") != "pull_request" and one["repository"] == "tensorflow/tensorflow"
    ]
    acting = [one for one in issues if one.get("text") and one["wave"] > 1]
    deleted, transferred, locked = acting[:3]
    at_work.act("delete", deleted)
    at_work.act("transfer", transferred, by="mover", to="tensorflow/neighbour")
    at_work.act("lock", locked)
    at_work.run("approve", plan["hash"])
    result = at_work.run("apply", plan["hash"], "--unpaced", "--json").json
    assert result["outcomes"]["skipped"] == {"gone": 2, "locked": 1}
    done = sum(result["outcomes"]["done"].values()) + result["parked"]
    assert done == plan["totals"]["notices"] - 3
    assert not [
        one
        for one in at_work.record(locked).get("comments", ())
        if one.get("author") == at_work.sandbox.account
    ]


def test_a_folder_with_something_else_in_it_is_not_touched(desk: Desk, tmp_path: Path) -> None:
    """A rehearsal replaces only what a rehearsal left."""
    folder = tmp_path / "holiday"
    folder.mkdir()
    (folder / "photo.jpg").write_text("sea")
    error = desk.run(
        "rehearse", "--items", "20", "--dir", str(folder), "--replace", "--json", code=2
    ).error
    assert "not empty" in error["cause"]
    assert [one.name for one in folder.iterdir()] == ["photo.jpg"]


def test_a_misspelt_verb_or_option_is_answered_with_the_nearest(desk: Desk) -> None:
    """Exit code 2, and a suggestion."""
    assert "'what-if'" in desk.run("whatif", code=2).err
    assert "--json" in desk.run("runs", "--jsn", code=2).err


def test_where_to_move_is_a_secret_like_the_others(tmp_path: Path) -> None:
    """The new address, which may hold a password, is read from a file; without any the cure
    names the ways to give it."""
    desk = alone(tmp_path)
    desk.run("db", "upgrade")
    assert "MIGRATOR_MOVE_TO_FILE" in desk.run("db", "move", code=2).err
    (tmp_path / "new-address").write_text(f"sqlite:///{tmp_path / 'new.sqlite'}\n")
    assert (
        desk.run("db", "move", "--json", MIGRATOR_MOVE_TO_FILE=str(tmp_path / "new-address")).json[
            "rows"
        ]
        is not None
    )
    assert (tmp_path / "new.sqlite").exists()
    assert "moved" in desk.run("runs", code=None).err


def test_a_worker_that_cannot_sign_in_says_so_at_once(desk: Desk) -> None:
    """It would start, and fail at each thing that it is there for."""
    desk.settings["MIGRATOR_GITHUB_TOKEN"] = ""
    desk.run("db", "upgrade")
    told = desk.run("worker", code=2).err
    assert "no way to sign in" in told
    assert "MIGRATOR_GITHUB_PRIVATE_KEY_FILE" in told


def test_setup_is_not_opened_for_others(desk: Desk) -> None:
    """Whoever came first would make the App theirs."""
    desk.settings["MIGRATOR_GITHUB_TOKEN"] = ""
    told = desk.run("serve", "--host", "0.0.0.0", "--port", "0", code=2).err
    assert "`/setup` opens on this machine only" in told


def test_serving_others_with_a_key_is_warned_of(desk: Desk) -> None:
    """One process that does everything is for this machine."""
    process = desk.start("serve", "--host", "0.0.0.0", "--port", "0")
    assert process.stderr is not None
    try:
        told = process.stderr.readline()
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert "a process that others reach holds the credentials" in told
    assert "migrator serve --no-worker" in told


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("sandbox", "--port", "65536"), "'--port'"),
        (("sandbox", "--port", "-1"), "'--port'"),
        (("sandbox", "--latency", "-1"), "'--latency'"),
        (("sandbox", "--state", "rules.toml"), "is a file"),
        (("sandbox", "--limits", "scaled:0"), "scaled:N with an N above 0"),
        (("serve", "--port", "65536"), "'--port'"),
        (("worker", "--metrics-port", "65536"), "'--metrics-port'"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_an_option_that_cannot_be_is_refused_by_name(
    desk: Desk, words: tuple[str, ...], says: str
) -> None:
    """Ports beyond the last one, times below zero, a file where a folder is meant."""
    (desk.folder / "rules.toml").touch()
    assert says in desk.run(*words, code=2).err
