"""People act between any two of our requests: the item is never closed on them, and every notice
stays true."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from migrator.domain.decisions import Decision
from migrator.domain.protocol.ledger import Outcome
from migrator.execution.run import run_step
from migrator.github.client import GitHubClient
from migrator.github.client_pool import ClientPool
from migrator.github.tokens import StaticToken
from migrator.services import runs
from migrator.store.runs import RunOptions
from tests.execution.conftest import Stage


def outcome(stage: Stage, item: object) -> tuple[Outcome | None, str]:
    """Outcome and reason code of the item's newest entry."""
    state = stage.entry(item).state  # type: ignore[arg-type]
    return state.outcome, state.code


@pytest.mark.parametrize(
    ("do", "details", "code"),
    [
        ("comment", {"body": "This still happens to me."}, "person_spoke"),
        ("close", {}, "closed"),
        ("lock", {}, "locked"),
        ("delete", {}, "gone"),
        ("edit", {"title": "A clearer title"}, "person_spoke"),
    ],
)
def test_an_item_that_changed_after_the_plan_drops_out(
    stage: Stage, do: str, details: dict[str, str], code: str
) -> None:
    """Whoever spoke, closed, locked or deleted since the plan was made is left in peace, with
    the reason on record."""
    plan, item = stage.one(Decision.RETIRE)
    stage.act(item, do, **details)
    stage.apply(plan)
    assert outcome(stage, item) == (Outcome.SKIPPED, code)
    assert stage.notices(item) == []


def test_items_that_are_read_together_drop_out_one_by_one(stage: Stage) -> None:
    """Where several are acted on at once, one reading shows them all: who spoke on one keeps
    only that one open."""
    plan = stage.plan(Decision.RETIRE, Decision.RETIRE, Decision.RETIRE)
    spoken, gone, stale = stage.context.store.plans.items(plan.hash)
    stage.act(spoken, "comment", body="This still happens to me.")
    stage.act(gone, "delete")
    stage.apply(plan, RunOptions(paced=False, concurrency=3))
    assert [outcome(stage, item)[1] for item in (spoken, gone, stale)] == [
        "person_spoke",
        "gone",
        "retire",
    ]
    assert [stage.notices(spoken), len(stage.notices(stale)), stage.is_open(stale)] == [
        [],
        1,
        False,
    ]


def test_what_was_read_ahead_is_worth_nothing_once_the_item_was_asked_about_again(
    stage: Stage,
) -> None:
    """A notice whose reply was lost is looked for after the reading: a word that the look-up
    could have seen keeps it open."""
    plan = stage.plan(Decision.RETIRE, Decision.RETIRE, Decision.RETIRE)
    _, spoken, other = sorted(
        stage.context.store.plans.items(plan.hash), key=lambda item: item.wave
    )  # the canary goes alone
    stage.proxy.lost |= {f"AddComment {item.node_id}" for item in (spoken, other)}
    usual = stage.context
    stage.context = replace(
        usual, timing=msgspec.structs.replace(usual.timing, cut_off=timedelta(minutes=1))
    )
    try:
        run = runs.start(stage.context, plan.hash, options=RunOptions(paced=False, concurrency=2))
        while (
            asyncio.run(run_step(stage.context, run.id)).sleep < 30
        ):  # until nobody knows whether the notices stand
            pass
    finally:
        stage.context = usual
    stage.proxy.before["Comments"] = lambda: stage.act(spoken, "comment", body="I am still here.")
    stage.apply(plan)
    assert outcome(stage, spoken) == (Outcome.YIELDED, "person_spoke")
    assert "closed" not in [event["kind"] for event in stage.record(spoken).get("events", ())]
    assert outcome(stage, other) == (Outcome.DONE, "retire")


def test_a_word_between_our_reading_and_our_notice_keeps_the_item_open(stage: Stage) -> None:
    """The notice's own reply shows who spoke meanwhile: nothing is closed, and the notice says
    so."""
    plan, item = stage.one(Decision.RETIRE)
    stage.proxy.before["AddComment"] = lambda: stage.act(item, "comment", body="Please wait.")
    stage.apply(plan)
    assert outcome(stage, item) == (Outcome.YIELDED, "person_spoke")
    assert stage.is_open(item)
    assert len(stage.notices(item)) == 1
    assert "stays open" in stage.notices(item)[0]


def test_a_word_that_only_the_look_up_met_keeps_the_item_open(stage: Stage) -> None:
    """The reading after it may lag behind, or the word be deleted by then: it was said, and
    nothing is closed."""
    plan, item = stage.one(Decision.RETIRE)
    stage.proxy.lost.add("AddComment")
    stage.proxy.before["Comments"] = lambda: stage.act(
        item, "comment", body="Wait, I am still here."
    )
    stage.proxy.after["Comments"] = lambda: stage.act(item, "delete_comment")
    stage.apply(plan)
    assert outcome(stage, item) == (Outcome.YIELDED, "person_spoke")
    assert "closed" not in [event["kind"] for event in stage.record(item).get("events", ())]


@pytest.mark.parametrize("operation", ["AddComment", "LabelAndClose"])
def test_who_opens_an_item_again_between_our_reading_and_our_write_is_heeded(
    stage: Stage, operation: str
) -> None:
    """Closed by one person and opened by another in that gap, it looks as before: the reply
    shows who opened it."""
    plan, item = stage.one(Decision.RETIRE)

    def reopened() -> None:
        stage.act(item, "close")
        stage.act(item, "reopen")

    stage.proxy.before[operation] = reopened
    stage.apply(plan)
    assert outcome(stage, item) == (Outcome.YIELDED, "person_spoke")
    assert stage.is_open(item)


@pytest.mark.parametrize(
    ("do", "details"),
    [
        ("edit", {"title": "It fails on every machine"}),
        ("edit", {"body": "With the logs that you wanted."}),
    ],
)
def test_who_edits_an_item_between_our_reading_and_our_notice_is_heeded(
    stage: Stage, do: str, details: dict[str, str]
) -> None:
    """An edit is a word, too, and the notice's reply shows it."""
    plan, item = stage.one(Decision.RETIRE)
    stage.proxy.before["AddComment"] = lambda: stage.act(item, do, **details)
    stage.apply(plan)
    assert outcome(stage, item) == (Outcome.YIELDED, "person_spoke")
    assert stage.is_open(item)


def test_a_word_between_our_notice_and_our_close_opens_the_item_again(stage: Stage) -> None:
    """GitHub has no conditional close: its reply is read, the item reopened at once, and the
    notice corrected."""
    plan, item = stage.one(Decision.RETIRE)
    stage.proxy.before["LabelAndClose"] = lambda: stage.act(
        item, "comment", body="I am still here."
    )
    stage.apply(plan)
    assert outcome(stage, item) == (Outcome.YIELDED, "person_spoke")
    assert stage.is_open(item)
    assert item.label not in stage.record(item)["labels"]
    assert len(stage.notices(item)) == 1


@pytest.mark.parametrize("rule", ["error_below", "comments_missing", "timeline_null"])
def test_a_word_that_the_reply_to_our_close_does_not_show_opens_the_item_again(
    stage: Stage, rule: str
) -> None:
    """A reply that does not show the item whole says nothing about who spoke: the item is read
    again before it counts as done."""
    plan, item = stage.one(Decision.RETIRE)
    stage.control("rules", [{"use": rule, "operation": "LabelAndClose"}])
    stage.proxy.before["LabelAndClose"] = lambda: stage.act(
        item, "comment", body="I am still here."
    )
    try:
        stage.apply(plan)
    finally:
        stage.control("rules", [])
    assert outcome(stage, item) == (Outcome.YIELDED, "person_spoke")
    assert stage.is_open(item)
    assert [event["kind"] for event in stage.record(item)["events"]].count("closed") == 1


def test_a_lost_reply_to_the_notice_does_not_bring_a_second_one(stage: Stage) -> None:
    """The notice was stored and its reply lost: we look for our nonce and find it."""
    plan, item = stage.one(Decision.RETIRE)
    stage.proxy.lost.add("AddComment")
    stage.apply(plan)
    assert outcome(stage, item) == (Outcome.DONE, "retire")
    assert len(stage.notices(item)) == 1
    assert not stage.is_open(item)


def test_a_lost_reply_to_the_close_does_not_close_twice(stage: Stage) -> None:
    """The timeline shows that our close landed."""
    plan, item = stage.one(Decision.RETIRE)
    stage.proxy.lost.add("LabelAndClose")
    stage.apply(plan)
    assert outcome(stage, item) == (Outcome.DONE, "retire")
    assert [event["kind"] for event in stage.record(item)["events"]].count("closed") == 1


def test_a_person_who_reopens_after_a_lost_close_is_not_closed_again(stage: Stage) -> None:
    """The close landed, its reply was lost, and a person reopened before we looked: that is a
    person's word."""
    plan, item = stage.one(Decision.RETIRE)
    stage.proxy.lost.add("LabelAndClose")
    stage.proxy.after["LabelAndClose"] = lambda: stage.act(item, "reopen")
    stage.apply(plan)
    assert outcome(stage, item) == (Outcome.YIELDED, "reopened")
    assert stage.is_open(item)


def test_a_marker_pasted_by_somebody_else_counts_for_nothing(stage: Stage) -> None:
    """The nonce in another account's comment does not make us believe that our notice stands."""
    plan, item = stage.one(Decision.REDIRECT)
    stage.proxy.lost.add("AddComment")
    stage.proxy.after["AddComment"] = lambda: stage.act(
        item, "comment", body=stage.notices(item)[0]
    )
    stage.apply(plan)
    assert len(stage.notices(item)) == 1
    assert outcome(stage, item)[0] in (Outcome.DONE, Outcome.YIELDED)


def test_an_item_deleted_between_reading_and_notice_is_skipped(stage: Stage) -> None:
    """GitHub refuses the notice because the item is gone: that is an ordinary end, not a
    failure."""
    plan, item = stage.one(Decision.RETIRE)
    stage.proxy.before["AddComment"] = lambda: stage.act(item, "delete")
    stage.apply(plan)
    assert outcome(stage, item) == (Outcome.SKIPPED, "gone")


def test_an_item_locked_while_we_wrote_the_notice_is_not_closed(stage: Stage) -> None:
    """The reply to the notice shows the lock: people could not object, so nothing is closed."""
    plan, item = stage.one(Decision.RETIRE)
    stage.proxy.before["AddComment"] = lambda: stage.act(item, "lock")
    stage.apply(plan)
    assert outcome(stage, item) == (Outcome.YIELDED, "locked")
    assert stage.is_open(item)
    assert not any(event["kind"] == "closed" for event in stage.record(item)["events"])


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "lost"])
def test_an_item_locked_right_before_our_close_is_opened_again(stage: Stage, lost: bool) -> None:
    """The reply to the close shows the lock, or, where it was lost, the timeline does. The notice
    says why the item stays open, and offers nobody a comment that they cannot write."""
    plan, item = stage.one(Decision.RETIRE)
    stage.proxy.before["LabelAndClose"] = lambda: stage.act(item, "lock")
    if lost:
        stage.proxy.lost.add("LabelAndClose")
    stage.apply(plan)
    assert stage.is_open(item)
    assert outcome(stage, item) == (Outcome.YIELDED, "locked")
    assert "locked" in stage.entry(item).state.message
    (notice,) = stage.notices(item)
    assert "stays open: a maintainer locked this conversation" in notice
    assert "comment" not in notice.lower().partition("is this wrong?")[2].partition("<!--")[0]


def test_an_item_locked_after_our_close_stays_closed(stage: Stage) -> None:
    """Many repositories lock what was closed. Where the reply to the close was lost, the order of
    the timeline tells which came first."""
    plan, item = stage.one(Decision.RETIRE)
    stage.proxy.after["LabelAndClose"] = lambda: stage.act(item, "lock")
    stage.proxy.lost.add("LabelAndClose")
    stage.apply(plan)
    assert not stage.is_open(item)
    assert outcome(stage, item)[0] is Outcome.DONE


def test_a_lock_that_was_lifted_before_our_close_is_none(stage: Stage) -> None:
    """Another one after the close changes nothing."""
    plan, item = stage.one(Decision.RETIRE)
    stage.act(item, "lock")
    stage.act(item, "unlock")
    stage.proxy.after["LabelAndClose"] = lambda: stage.act(item, "lock")
    stage.proxy.lost.add("LabelAndClose")
    stage.apply(plan)
    assert not stage.is_open(item)
    assert outcome(stage, item)[0] is Outcome.DONE


class DozingTokens(StaticToken):
    """Gives its token at once, but for one time: then the process was stopped, and others acted
    meanwhile."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.meanwhile: Callable[[], None] | None = None

    async def token(self) -> str:
        """The token."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await asyncio.to_thread(meanwhile)
        return await super().token()


class OneClient(ClientPool):
    """Always the same client."""

    def __init__(self, url: str, tokens: DozingTokens) -> None:
        super().__init__(url, token="unused")
        self.client = GitHubClient(url, tokens)

    def of(self, repository: str) -> GitHubClient:
        """The client."""
        return self.client


@pytest.mark.parametrize("operation", ["Item", "AddComment"])
def test_a_write_that_is_held_up_on_its_way_out_never_leaves(stage: Stage, operation: str) -> None:
    """Stopped between intent and request, while a token is fetched, and woken late: the item is
    looked at again first."""
    plan, item = stage.one(Decision.RETIRE)
    tokens = DozingTokens(stage.arena.sandbox.credentials["github_token"])

    def an_hour_later() -> None:
        stage.context.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
        stage.act(item, "comment", body="I am still here.")

    stage.proxy.after[operation] = lambda: setattr(tokens, "meanwhile", an_hour_later)
    context = replace(stage.context, clients=OneClient(stage.proxy.url, tokens))
    replace(stage, context=context).apply(plan)
    assert stage.is_open(item)
    assert not any(event["kind"] == "closed" for event in stage.record(item)["events"])
    assert len(stage.notices(item)) == (operation == "AddComment")


def test_a_close_of_their_own_is_nothing_that_we_open_again(stage: Stage) -> None:
    """The author says a last word and closes, right before our close arrives: it is theirs, and
    stays closed."""
    plan, item = stage.one(Decision.RETIRE)

    def farewell() -> None:
        stage.act(item, "comment", body="Solved, thank you.")
        stage.act(item, "close")

    stage.proxy.before["LabelAndClose"] = farewell
    stage.apply(plan)
    assert not stage.is_open(item)
    assert [event["kind"] for event in stage.record(item)["events"]].count("reopened") == 0
