"""What pages show works: the README's and the tutorial's commands are run, and no page names a verb or an option in vain."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from migrator.cli.verbs import VERBS
from tests.docs.shown import PAGES, ROOT, named, script

WITH_SCRIPTS = [page for page in PAGES if "<!-- run -->" in page.read_text(encoding="utf-8")]
GROUPS = ("db",)


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_SCRIPTS, ids=lambda page: page.stem)
def test_what_a_page_asks_its_reader_to_run_runs(page: Path, tmp_path: Path) -> None:
    """In an empty folder beside the same files as in a checkout, from top to bottom, every command ends well."""
    for name in (".venv", "tests", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MIGRATOR_")}
    done = subprocess.run(["sh", "-c", script(page)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_the_tutorial_is_run() -> None:
    """Nobody takes its marks away by accident."""
    assert {page.stem for page in WITH_SCRIPTS} >= {"tutorial", "monorepo"}


@pytest.mark.slow
def test_the_demo_of_the_readme_runs(tmp_path: Path) -> None:
    """`make demo`, word for word, into a folder of the test's."""
    assert "    make demo " in (ROOT / "README.md").read_text(encoding="utf-8")
    done = subprocess.run(["make", "demo", f"DEMO={tmp_path / 'demo'}"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert (tmp_path / "demo" / "report.html").stat().st_size > 10_000


def test_the_other_command_of_the_readme_is_what_decides_about_a_change() -> None:
    """`make test` cannot run inside itself; the script that decides runs it."""
    assert "    make test " in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "phase make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@cache
def help_of(*verbs: str) -> str:
    """What `migrator VERB --help` says."""
    command = [sys.executable, "-m", "migrator", *verbs, "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=True, env={"COLUMNS": "200"}).stdout


CALLS = sorted({(page.stem, call) for page in PAGES for call in named(page)})


@pytest.mark.parametrize(("page", "call"), CALLS, ids=lambda word: re.sub(r"\W+", "-", word)[:60])
def test_no_page_names_a_verb_or_an_option_that_is_not_there(page: str, call: str) -> None:
    """The verb exists, and its help knows every option."""
    words = shlex.split(call)[1:]
    if words[0] == "VERB":
        return
    assert words[0] in VERBS, page
    verbs = tuple(words[:2]) if words[0] in GROUPS and len(words) > 1 else (words[0],)
    shown = help_of(*[verb.partition("|")[0] for verb in verbs])
    options = [word.partition("=")[0] for word in words if word.startswith("-") and word != "--help"]
    assert [option for option in options if option not in shown] == [], page


def test_calls_are_found_in_pages() -> None:
    """The search for them has not gone blind."""
    assert len(CALLS) > 30
