"""What acts leave behind: backlinks, mails, moved clocks, events."""

from __future__ import annotations

import pytest

from tests.support.sandbox_server import SOURCE, TARGET, Local


def backlinks(github: Local, number: int = 1) -> list[str]:
    """Return where backlinks on an item of the target come from."""
    events = github.item(number, TARGET)["events"]
    return [
        f"{event['source']['repository']}#{event['source']['number']}"
        for event in events
        if event["kind"] == "cross-referenced"
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"Moved to {TARGET}#1.",
        f"See https://github.com/{TARGET}/issues/1",
        f"See https://www.github.com/{TARGET}/pull/1#issuecomment-3",
        f"([there]({TARGET.upper()}#1))",
    ],
)
def test_naming_an_item_leaves_one_backlink_on_it(github: Local, text: str) -> None:
    """By short form or address; a second comment leaves no second one."""
    github.act("amy", "comment", body=text)
    github.act("amy", "comment", body=text)
    assert backlinks(github) == [f"{SOURCE}#1"]


@pytest.mark.parametrize(
    "text",
    [
        f"See https://redirect.github.com/{TARGET}/issues/1",
        f"`{TARGET}#1`",
        f"```\n{TARGET}#1\n```",
        f"<!-- {TARGET}#1 -->",
        f"x{TARGET}#1x",
        f"https://example.org/{TARGET}#1",
    ],
)
def test_what_is_no_reference_leaves_no_backlink(github: Local, text: str) -> None:
    """``redirect.github.com``, code, hidden text and other sites."""
    github.act("amy", "comment", body=text)
    assert backlinks(github) == []


def test_a_comment_mails_participants_mentioned_people_and_watchers(github: Local) -> None:
    """Not its author, not bots, not deleted accounts; code mentions nobody."""
    github.act("tria", "comment", body="What do you say, @walt and `@bob`?")
    mail = github.control("GET", "mails")[-1]
    assert (mail["act"], mail["actor"], mail["mentioned"]) == ("comment", "tria", ["walt"])
    assert (set(mail["to"]), mail["watchers"]) == ({"amy", "walt"}, 38)


def test_labels_edits_and_reactions_mail_nobody(github: Local) -> None:
    """Closing does."""
    github.act("tria", "label", label="fresh")
    github.act("amy", "edit", body="More.")
    github.act("amy", "react")
    assert github.control("GET", "mails") == []
    github.act("tria", "close")
    assert [mail["act"] for mail in github.control("GET", "mails")] == ["close"]


@pytest.mark.parametrize(
    ("do", "moves"),
    [("comment", True), ("label", True), ("close", True), ("lock", True), ("react", False)],
)
def test_the_clock_of_an_item_moves_as_githubs_does(github: Local, do: str, moves: bool) -> None:
    """Everything but reactions and hiding moves ``updated_at``."""
    before = github.item()["updated_at"]
    github.act("root", do, label="fresh")
    assert (github.item()["updated_at"] > before) is moves


def test_every_act_has_its_place_in_the_order_of_things(github: Local) -> None:
    """Comments and events carry the sequence number of their act."""
    first = github.act("amy", "comment")["result"]["sequence"]
    github.act("tria", "close")
    item = github.item()
    closed = next(event for event in item["events"] if event["kind"] == "closed")
    assert item["comments"][-1]["sequence"] == first
    assert closed["sequence"] == first + 1 == item["sequence"]


def test_a_merge_closes_what_the_pull_request_says_it_closes(github: Local) -> None:
    """With both events on the pull request."""
    github.act("root", "merge", number=2)
    assert github.item(1)["state"] == "closed"
    assert {event["kind"] for event in github.item(2)["events"]} >= {"merged", "closed"}
