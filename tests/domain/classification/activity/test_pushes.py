"""A pull request whose head is another one than the plan knew."""

from __future__ import annotations

import pytest

from migrator.domain.classification import activity
from migrator.domain.classification.activity.pushes import UNDATED_PUSH, head_of, with_push_since
from migrator.domain.evidence import ActivityVerdict
from migrator.domain.items import AccountType, Actor, Event, EventKind, Item
from migrator.domain.people import People
from tests.support.threads import activity as rules
from tests.support.threads import after, issue, pull_request

FILE = rules()
NOW = after(days=500)


def commit(oid: str, actor: Actor | None) -> Event:
    """A commit of the pull request, dated when it was opened."""
    return Event(
        kind=EventKind.COMMITTED,
        at=after(),
        actor=actor,
        url=f"https://github.com/a/b/pull/7/commits/{oid}",
    )


def held(item: Item, head: str) -> ActivityVerdict:
    """The verdict, held against the head that was known."""
    return with_push_since(
        activity.judge(item, FILE, now=NOW), item, head, People(FILE.migration), NOW
    )


@pytest.mark.parametrize("by", [Actor(login="amy"), None], ids=["a person", "unknown"])
def test_another_head_is_a_push_of_now(by: Actor | None) -> None:
    """Whoever cannot be told to be a program counts as a person."""
    item = pull_request(
        {"head_oid": "b2"}, events=(commit("a1", Actor(login="amy")), commit("b2", by))
    )
    verdict = held(item, "a1")
    assert verdict.clock == NOW
    assert (verdict.deciding.value, verdict.deciding.actor) == (
        UNDATED_PUSH,
        by.login if by else "",
    )


@pytest.mark.parametrize(("head", "current"), [("a1", "a1"), ("", "b2"), ("a1", "")])
def test_the_same_head_or_an_unknown_one_changes_nothing(head: str, current: str) -> None:
    """A plan or a snapshot of an older version knows none."""
    item = pull_request({"head_oid": current})
    assert held(item, head) == activity.judge(item, FILE, now=NOW)


def test_a_programs_push_changes_nothing() -> None:
    """Only people move the clock."""
    bot = Actor(login="formatter", type=AccountType.BOT)
    item = pull_request({"head_oid": "b2"}, events=(commit("b2", bot),))
    assert held(item, "a1") == activity.judge(item, FILE, now=NOW)


def test_an_issue_has_no_head() -> None:
    """Nothing can be pushed to it."""
    assert head_of(issue()) == ""
