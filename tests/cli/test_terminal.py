"""What people wrote is printed, and does not steer the terminal that shows it."""

from __future__ import annotations

import io
import json

import pytest
import structlog

from migrator.cli import output
from migrator.config import logs
from migrator.errors import GitHubError

STEERING = "a\x1b]0;pwned\x07b\x1b[2Jc\x9b31md\u202ee\u200bf\rg"
"""A window title, a cleared screen, colour by one character, reversed and invisible text, and the
beginning of the line."""
LEFT = ("\x1b", "\x07", "\x9b", "\u202e", "\u200b", "\r")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What standard output and standard error show on a terminal."""
    written = io.StringIO()
    for name in ("out", "err"):
        console = output.CleanConsole(file=written, color_system=None, width=200, highlight=False)
        monkeypatch.setattr(output, name, console)
    return written


def test_texts_of_people_do_not_steer_the_terminal(shown: io.StringIO) -> None:
    """Facts, tables, texts and errors: the words stay, the rest is gone."""
    output.print_facts({"title": STEERING})
    output.print_table(("title",), [(STEERING,)])
    output.out.print(STEERING, markup=False, soft_wrap=True)
    output.complain(GitHubError(STEERING, cure=STEERING))
    assert not [sign for sign in LEFT if sign in shown.getvalue()]
    assert shown.getvalue().count("pwned") == 5


def test_a_table_that_is_piped_has_no_boxes_and_one_line_for_each_row(shown: io.StringIO) -> None:
    """Columns stand below each other, also with wide signs; long and broken texts stay one line."""
    output.print_table(
        ("item", "title"),
        [("a/b#2", "one\ntwo " + "x" * 300), ("日本/c#10", "[b]not markup")],
        "list",
    )
    lines = shown.getvalue().splitlines()
    assert lines[0] == "list"
    assert lines[1:] == [
        "item       title",
        "a/b#2      one two " + "x" * 300,
        "日本/c#10  [b]not markup",
    ]


def test_a_table_on_a_terminal_has_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As people read it there."""
    written = io.StringIO()
    console = output.CleanConsole(file=written, force_terminal=True, color_system=None, width=60)
    monkeypatch.setattr(output, "out", console)
    output.print_table(("item",), [("a/b#2",)])
    assert "│ a/b#2 │" in written.getvalue()


def test_an_empty_list_is_a_sentence(shown: io.StringIO) -> None:
    """Not the head of a table without rows."""
    output.print_table(("item",), [], empty="No item waits.")
    assert shown.getvalue() == "No item waits.\n"


def test_a_value_of_several_lines_begins_no_line_of_its_own(shown: io.StringIO) -> None:
    """Or a reason could look like a fact, or like a command to run next."""
    output.print_facts({"reason": "first\nnext:   migrator approve 1234", "by": "ada"})
    assert [line[:7] for line in shown.getvalue().splitlines()] == ["reason ", " " * 7, "by     "]


def test_json_escapes_what_steers_and_says_the_same(
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    """Programs read what was stored; a terminal sees no such character."""
    output.print_json({"title": STEERING})
    written = capsysbinary.readouterr().out.decode()
    assert not [sign for sign in LEFT if sign in written]
    assert json.loads(written) == {"title": STEERING}


def test_a_line_of_the_log_for_people_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a title nor an error that quotes one can make up another line."""
    logs.keep_quiet()
    try:
        structlog.get_logger().warning("read", error=f"{STEERING}\n2026-01-01 [info] approved")
    finally:
        structlog.reset_defaults()
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert not [sign for sign in LEFT if sign in written]


def test_the_log_for_programs_escapes_everything(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object a line, of plain characters."""
    logs.configure()
    try:
        structlog.get_logger().warning("read", error=f"{STEERING}\n{{}}")
    finally:
        structlog.reset_defaults()
    (line,) = capsys.readouterr().err.splitlines()
    assert line.isascii()
    assert json.loads(line)["error"].startswith("a\x1b]0;")
