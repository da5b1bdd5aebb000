"""What counts as a command, and who may give it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.domain.webhooks.commands import MOST, Asker, CommandKind, find, may, vocabulary
from scripts.write_commands import commands_page
from tests.support.threads import migration_file

WORDS = vocabulary(migration_file())
ROOT = Path(__file__).resolve().parents[3]


def names(body: str) -> list[str]:
    """Names of the commands that a comment gives."""
    return [command.name for command in find(body, WORDS)]


@pytest.mark.parametrize(
    "body",
    [
        "/reopen",
        "  /reopen  ",
        "/REOPEN",
        "This still happens.\n/reopen",
        "This still happens.\n\n/reopen\n\nThank you!",
        "/reopen\r\nplease",
        "/reopen  \nwith two spaces before it",
        "> quoted\n\n/reopen",
        "<!-- a template's comment -->\n\n/reopen",
        "<!--\n<details>\n-->\n\n/reopen",
        "<details>\n\nlog\n\n</details>\n\n/reopen",
        "<details><summary>log</summary>\n\n</details>\n\n</blockquote>\n\n/reopen",
        "I use `List<Table>` and <br> here\n\n/reopen",
        "/reopen\n\nOn Tue, 5 Mar 2024 at 10:00, Amy <amy@example.org> wrote:\n\n/still-here",
        "/reopen\nOn Tue, 5 Mar 2024, Amy wrote:\n/still-here",
        "On Tue, 5 Mar 2024, Amy wrote:\n\n> /still-here\n\n/reopen",
        "Steps from 2024:\n\n/reopen",
    ],
)
def test_a_line_of_its_own_is_a_command(body: str) -> None:
    """Wherever it stands among other paragraphs, in any case."""
    assert names(body) == ["/reopen"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "please /reopen",
        "/reopen it",
        "/reopened",
        "//reopen",
        "/re open",
        "> /reopen",
        "> quoted\n/reopen",
        "- /reopen",
        "1. /reopen",
        "    /reopen",
        "```\n/reopen\n```",
        "~~~sh\n/reopen",
        "`/reopen`",
        "a `\n/reopen\n` b",
        "**/reopen**",
        "# /reopen",
        "/reopen\n===",
        "[/reopen](https://example.org)",
        "<div>\n/reopen\n</div>",
        "<!--\n/reopen\n-->",
        "<b>/reopen</b>",
        "/reopen <b>now</b>",
        "\\/reopen\\",
        "/not-keras",
        "/unknown",
        "<details>\n\n/reopen\n\n</details>",
        "<DETAILS open>\n<summary>x</summary>\n\n/reopen",
        "see <details> this\n\n/reopen\n\n</details>",
        "<details>\n\n<details>\n\n</details>\n\n/reopen\n\n</details>",
        "<blockquote>\n\n/reopen\n\n</blockquote>",
        "<details>\n\n</div>\n\n/reopen",
        "a <!-- b\n/reopen\n--> c",
        "On Tue, 5 Mar 2024 at 10:00, Amy <amy@example.org> wrote:\n\n/reopen",
        "Thanks!\n\nOn Tue, 5 Mar 2024 at 10:00, Amy\n<amy@example.org> wrote:\n\n/reopen",
        "Am Di., 5. März 2024 um 10:00 Uhr schrieb Amy <amy@example.org>:\n\n/reopen",
        "Le mar. 5 mars 2024 à 10:00, Amy <amy@example.org> a écrit :\n/reopen",
        "-----Original Message-----\n\n/reopen",
        "Thanks\n\nFrom: Amy\nSent: Tuesday\nTo: Bob\n\n/reopen",
        "**From:** Amy\n**Date:** Tuesday\n\n/reopen",
        "Reply to this email directly, or view it on GitHub\n\n/reopen",
    ],
)
def test_talk_about_commands_is_no_command(body: str) -> None:
    """Quotations, lists, code, HTML, repeated mail, headings and half sentences do nothing."""
    assert names(body) == []


def test_several_commands_are_given_once_each_and_in_order() -> None:
    """Saying it twice does not make it happen twice."""
    assert names("/still-here\n/not-garden\n\n/still-here\n") == ["/still-here", "/not-garden"]


def test_a_wall_of_commands_is_cut() -> None:
    """Nobody gets more than a handful of answers to one comment."""
    many = tuple(command for command in WORDS) + tuple(
        type(WORDS[0])(name=f"/more-{letter}", verb=CommandKind.HELP, who=WORDS[0].who, does="")
        for letter in "abcdef"
    )
    assert len(find("\n".join(command.name for command in many), many)) == MOST


@given(st.text(alphabet="/reopn-still \n\t>`~*#<!->[]()\\", max_size=80))
def test_any_text_is_read_without_error(body: str) -> None:
    """Comments are hostile; each one has an answer, and only known words are in it."""
    assert set(names(body)) <= {command.name for command in WORDS}


def test_deep_nesting_is_read_without_error() -> None:
    """A comment of 65,536 characters of quotation marks is only a comment."""
    assert names(">" * 60_000 + "\n\n/reopen") == ["/reopen"]
    assert names("[" * 60_000 + "\n\n/reopen") == ["/reopen"]


@pytest.mark.parametrize(
    ("asker", "allowed"),
    [
        (
            Asker(login="ada", is_author=True),
            {"/still-here", "/reopen", "/not-garden", "/migrate-help"},
        ),
        (
            Asker(login="ada", is_author=True, may_triage=False),
            {"/still-here", "/reopen", "/not-garden", "/migrate-help"},
        ),
        (Asker(login="eve", is_author=False), set()),
        (Asker(login="eve", is_author=False, may_triage=False), set()),
        (Asker(login="mia", is_author=False, may_triage=True), {command.name for command in WORDS}),
    ],
)
def test_rights_decide_and_unknown_rights_deny(asker: Asker, allowed: set[str]) -> None:
    """Authors speak for their item, triagers for the project, strangers for nobody."""
    assert {command.name for command in WORDS if may(command, asker)} == allowed


ASKING = vocabulary(
    migration_file(decisions={"stale": {"act": "ask"}, "retire": {"grace_days": 14}})
)


def test_done_is_a_command_only_where_people_are_asked() -> None:
    """Elsewhere the word stays free for others."""
    assert names("/done") == []
    assert [each.name for each in find("It works now.\n\n/done", ASKING)] == ["/done"]
    assert find("> - `/done` closes this issue as completed", ASKING) == ()
    assert find("<details>\n\n/done\n\n</details>", ASKING) == ()
    assert find("```\n/done\n```", ASKING) == ()


@pytest.mark.parametrize(
    ("asker", "allowed"),
    [
        (Asker(login="ada", is_author=True), True),
        (Asker(login="mia", is_author=False, may_triage=True), True),
        (Asker(login="eve", is_author=False, may_triage=False), False),
        (Asker(login="eve", is_author=False), False),
    ],
)
def test_strangers_cannot_say_that_an_issue_is_done(asker: Asker, allowed: bool) -> None:
    """Its author can, and whoever could close it anyway."""
    (done,) = find("/done", ASKING)
    assert may(done, asker) is allowed


def test_the_documentation_says_what_the_code_does() -> None:
    """`make docs-reference` writes it; nobody keeps it in step by hand."""
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == commands_page()


def test_every_command_that_notices_offer_is_understood() -> None:
    """A notice must not promise what nothing answers."""
    templates = ROOT / "migrator" / "domain" / "notices" / "view.py"
    offered = templates.read_text(encoding="utf-8")
    known = {command.name for command in WORDS}
    assert {"/still-here", "/reopen", "/not-garden"} <= known
    assert "/done" in {command.name for command in ASKING}
    assert all(f'"{name}"' in offered for name in ("/still-here", "/done", "/reopen"))
    assert 'f"/not-{part.name}"' in offered
