"""`migrator fit` on the command line: what it learned stands in the file, or the file is as it was."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from migrator.config.migration_file import parse
from tests.services.test_evaluate import written as labelled
from tests.services.test_learn import FILE, rows
from tests.support.forked import run_forked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A migration file and labelled items."""
    (tmp_path / "garden.toml").write_text(FILE, encoding="utf-8")
    labelled(tmp_path / "items.csv", rows())
    return tmp_path


def run(folder: Path, *more: str) -> tuple[int, str, str]:
    """Fit to the items."""
    given = ["items.csv", "-m", "garden.toml", "--positive", "garden", "--repeats", "1"]
    return run_forked(["fit", *given, "--held-back", "0", "--json", *more], folder, {})


def test_the_weights_stand_in_the_file_that_is_named(folder: Path) -> None:
    """It is a migration file still, and says what they were fitted on."""
    code, out, err = run(folder, "--write", "garden.toml")
    assert code == 0, err
    text = (folder / "garden.toml").read_text(encoding="utf-8")
    assert parse(text) != parse(FILE)
    assert tomllib.loads(text)["ownership"]["fitted"]["data"] == "items.csv"
    assert json.loads(out)["weights"].keys() == tomllib.loads(text)["ownership"]["weights"].keys()


def test_a_file_that_is_not_there_is_refused_before_the_work(folder: Path) -> None:
    """With exit code 2, and the file that is named."""
    code, out, err = run(folder, "--write", "no.toml")
    assert code == 2
    assert "'no.toml' does not exist" in out + err
