"""What the command line says of itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import migrator
from migrator.cli.verbs import VERBS
from scripts.write_cli import cli_page
from tests.cli.conftest import COMMAND, ROOT, Desk, alone


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk at which no GitHub is needed."""
    return alone(tmp_path)


def test_the_overview_teaches_the_path_in_six_lines(desk: Desk) -> None:
    """A newcomer sees the six steps first, in their order, each in one line."""
    shown = desk.run("--help").out
    lines = shown[shown.index("step by step") :].splitlines()[1:7]
    assert [line.split()[0] for line in lines] == [
        "check",
        "scan",
        "classify",
        "plan",
        "approve",
        "apply",
    ]
    assert [name for name in VERBS if not re.search(rf"^  {name} ", shown, re.MULTILINE)] == []


def test_without_arguments_the_overview_is_shown(desk: Desk) -> None:
    """Nobody needs to know an option to begin."""
    assert "step by step" in "".join((lambda ran: (ran.out, ran.err))(desk.run(code=None)))


@pytest.mark.parametrize("verb", [name for name in VERBS if name != "db"])
def test_every_verb_explains_itself_with_an_example_that_parses(desk: Desk, verb: str) -> None:
    """The example names the verb and only options that it has."""
    shown = desk.run(verb, "--help").out
    example = shown[shown.index("For example:") :].splitlines()[1].strip()
    assert example.startswith(f"migrator {verb}")
    assert [
        option
        for option in re.findall(r"--[a-z-]+", example)
        if option not in shown.partition("For example:")[0]
    ] == []


def test_the_overview_and_the_version_import_nothing_heavy() -> None:
    """They answer at once: no database, no client, no engine is loaded for them."""
    code = (
        "import sys, migrator.cli.app as a\n"
        "try: a.app(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('sqlalchemy', 'httpx', 'dbos', 'pydantic', 'rich', 'jinja2') "
        "if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("verb", ["what-if", "runs", "ledger", "export", "review", "plan"])
def test_a_verb_that_only_reads_the_database_loads_no_client_and_no_engine(verb: str) -> None:
    """It is asked again and again, and must not wait for what it never uses."""
    unused = ["httpx", "github", "dbos", "structlog", "fastapi", "sqlalchemy.dialects.postgresql"]
    code = (
        f"import sys, {VERBS[verb].place}; print([name for name in {unused} if name in "
        "sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_module_is_the_command(desk: Desk) -> None:
    """``python -m migrator`` is for those whose path lacks the script."""
    assert desk.run("--version", fresh=True).out.strip() == migrator.__version__


def test_the_page_about_the_command_line_is_in_step() -> None:
    """`make docs-reference` was run."""
    assert (ROOT / "docs/cli.md").read_text(encoding="utf-8") == cli_page()


@pytest.mark.parametrize(
    ("words", "found"),
    [("migrator wh", "what-if"), ("migrator plan --ht", "--html"), ("migrator db up", "upgrade")],
)
def test_the_shell_completes_verbs_and_options(words: str, found: str) -> None:
    """Completion of bash, as the installed script asks for it."""
    asked = {
        "_MIGRATOR_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
        "PYTHONPATH": str(ROOT),
    }
    script = "import sys; sys.argv = ['migrator']; import migrator.cli; migrator.cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found in done.stdout.split()


def test_a_colour_is_shown_only_on_a_terminal_that_wants_it(desk: Desk) -> None:
    """Piped, or with NO_COLOR, errors come as plain text."""
    escape = "\x1b["
    assert escape not in desk.run("runs", code=3).err
    assert escape in desk.run("runs", code=3, FORCE_COLOR="1", fresh=True).err
    assert (
        f"{escape}31m"
        not in desk.run("runs", code=3, FORCE_COLOR="1", NO_COLOR="1", fresh=True).err
    )


def test_commands_are_found_as_installed() -> None:
    """The console script that installation makes is the same program."""
    script = Path(sys.executable).parent / "migrator"
    assert COMMAND[0] == sys.executable
    assert (
        subprocess.run(
            [script, "--version"], capture_output=True, text=True, check=True
        ).stdout.strip()
        == migrator.__version__
    )
