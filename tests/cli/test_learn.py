"""`migrator learn` on the command line: refusals that say what to do, and files that count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migrator.config.migration_file import parse
from tests.services.test_evaluate import written as labelled
from tests.services.test_learn import FILE, rows
from tests.support.forked import run_forked
from tests.support.listener import ACCOUNT, RULES, house

UNLABELLED = FILE.partition("[ownership.labels]")[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A migration file and labelled items."""
    (tmp_path / "garden.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "bare.toml").write_text(UNLABELLED, encoding="utf-8")
    labelled(tmp_path / "items.csv", rows())
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run the verb."""
    return run_forked(["learn", *arguments], folder, {})


def test_what_is_learned_goes_into_a_fragment_and_into_the_file(folder: Path) -> None:
    """Both are valid, and the report is one JSON object."""
    given = ("items.csv", "-m", "garden.toml", "--repeats", "1", "--json")
    code, out, err = run(folder, *given, "--out", "learned.toml", "--write", "garden.toml")
    assert (code, json.loads(out)["rows"]) == (0, 90), err
    pasted = parse(FILE + (folder / "learned.toml").read_text(encoding="utf-8"))
    assert parse((folder / "garden.toml").read_text(encoding="utf-8")) == pasted


@pytest.mark.parametrize(
    ("arguments", "cause"),
    [
        (("items.csv", "-m", "garden.toml", "--mix", "2"), "is no share"),
        (("items.csv", "-m", "garden.toml", "--names-from", "no.whl"), "cannot be read"),
        (("items.csv", "-m", "garden.toml", "--out", "no/such.toml"), "no such folder"),
        (("items.csv", "-m", "garden.toml", "--write", "no.toml"), "'no.toml' does not exist"),
        (("-m", "bare.toml"), "which labels are ours"),
        (("-m", "garden.toml", "--positive", "garden"), "goes with a labelled file"),
    ],
)
def test_what_cannot_be_done_is_refused_before_the_work(
    folder: Path, arguments: tuple[str, ...], cause: str
) -> None:
    """With exit code 2, cause and fix; nothing is written and GitHub is not asked."""
    code, out, err = run(folder, *arguments, "--json")
    assert code == 2
    assert cause in out + err


SIDE = 22
"""Closed issues of each side: learning needs 20."""


def test_closed_issues_of_the_source_are_learned_from(tmp_path: Path) -> None:
    """Their labels tell the owner; what was read is counted, and a second call reads nothing."""
    with house(tmp_path) as home:
        for at in range(2 * SIDE):
            subject, label = ("Hinge", "comp:widget") if at % 2 else ("Wheel", "other")
            body = " ".join(f"w{at}x{step}" for step in range(12))
            number = home.open(f"{subject} is odd", f"The {subject} {body}", labels=(label,))
            home.github.act("root", "close", number)
        (tmp_path / "widget.toml").write_text(RULES, encoding="utf-8")
        environment = {
            "MIGRATOR_DATABASE_URL": home.context.settings.database_url.get_secret_value(),
            "MIGRATOR_GITHUB_URL": home.context.settings.github_url,
            "MIGRATOR_GITHUB_TOKEN": f"sandbox-{ACCOUNT}",
        }
        given = ["learn", "-m", "widget.toml", "--repeats", "1", "--json"]
        code, out, err = run_forked(given, tmp_path, environment)
        assert code == 0, err
        first = json.loads(out)
        again = json.loads(run_forked(given, tmp_path, environment)[1])
    assert (first["rows"], first["ours"]) == (2 * SIDE, SIDE)
    assert (first["read"]["issues"], first["read"]["pages"]) == (2 * SIDE, 2)
    assert (again["read"]["issues"], again["read"]["pages"]) == (0, 0)
    assert first["cross_validation"]["f1"]["mean"] == 1.0
    assert again["topics"] == first["topics"]
