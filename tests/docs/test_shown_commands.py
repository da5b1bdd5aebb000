"""What pages show works: the README's and the tutorial's commands are run, and no page names a
verb or an option in vain."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from migrator.cli.verbs import VERBS
from tests.support.command_help import help_of
from tests.support.shown_commands import PAGES, ROOT, blocks, named, script

WITH_SCRIPTS = [page for page in PAGES if "<!-- run -->" in page.read_text(encoding="utf-8")]
GROUPS = ("db",)
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_SCRIPTS, ids=lambda page: page.stem)
def test_what_a_page_asks_its_reader_to_run_runs(page: Path, tmp_path: Path) -> None:
    """In an empty folder beside the same files as in a checkout, from top to bottom, every
    command ends well."""
    for name in (".venv", "tests", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("MIGRATOR_")
    }
    done = subprocess.run(
        ["sh", "-c", script(page)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_the_tutorial_is_run() -> None:
    """Nobody takes its marks away by accident."""
    assert {page.stem for page in WITH_SCRIPTS} >= {"tutorial", "monorepo"}


@pytest.mark.slow
def test_the_demo_of_the_readme_runs_and_is_served(tmp_path: Path) -> None:
    """`make demo` and `make serve`, word for word, in a folder of their own: the report, then
    the dashboard by its link."""
    assert "    make demo " in README
    assert "`make serve`" in README
    folder = f"DEMO={tmp_path / 'demo'}"
    done = subprocess.run(
        ["make", "demo", folder], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert (tmp_path / "demo" / "report.html").stat().st_size > 10_000
    command = ["make", "--no-print-directory", "serve", folder, "SERVE_ARGS=--port 0"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as serving:
        assert serving.stdout is not None
        link = next(line.split()[-1] for line in serving.stdout if "/login/once" in line)
        page = httpx.get(link, follow_redirects=True)
        os.killpg(serving.pid, signal.SIGTERM)
    assert page.status_code == 200
    assert "Keras" in page.text
    assert "Tour of this rehearsal: 0 of 5 steps done" in page.text


def test_every_command_of_readme_and_tutorial_is_run_somewhere() -> None:
    """In a block that is run above, or by a test that is named here."""
    elsewhere = {
        "make demo",
        "make test",
        "make serve",
        "make help",
        "migrator rehearse --from items.csv",
        "migrator export",
        "migrator serve --dir demo",  # tests/cli/test_serve_rehearsal.py
    }
    elsewhere |= {"migrator --help", "migrator docs"}
    for page in (ROOT / "README.md", ROOT / "docs" / "tutorial.md"):
        text = page.read_text(encoding="utf-8")
        marked = " ".join(block for _, block in blocks(page))
        shown = re.findall(
            r"^ {4}((?:\.venv/bin/)?(?:make|migrator) .*?)(?: +#.*)?$", text, re.MULTILINE
        )
        shown += re.findall(r"`((?:\.venv/bin/)?(?:make|migrator) [a-z-][^`]*)`", text)
        assert len(shown) > 3
        assert [
            one
            for one in shown
            if one not in marked and one.removeprefix(".venv/bin/") not in elsewhere
        ] == [], page.name


def test_the_other_command_of_the_readme_is_what_decides_about_a_change() -> None:
    """`make test` cannot run inside itself; the script that decides runs it."""
    assert "    make test " in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "phase make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


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
    options = [
        word.partition("=")[0] for word in words if word.startswith("-") and word != "--help"
    ]
    assert [option for option in options if option not in shown] == [], page


def test_calls_are_found_in_pages() -> None:
    """The search for them has not gone blind."""
    assert len(CALLS) > 30
