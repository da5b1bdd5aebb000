"""The promises about one item, proven in every small world with a few disturbances and in random
ones with many."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from migrator.domain.decisions import Decision
from migrator.domain.items import State
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import ActKind, Attempt, Outcome, Phase, fold
from migrator.domain.protocol.next_step import (
    Drift,
    Finish,
    Live,
    PostNotice,
    Step,
    Wait,
    next_step,
)
from tests.support.ledger_lines import attempt
from tests.support.one_item import START, TIMING, Chooser, Landed, Worker, World, explore

REDIRECT = PlanItem(key="a/b#1", repository="a/b", number=1, decision=Decision.REDIRECT, text="t")
RETIRE = replace(REDIRECT, decision=Decision.RETIRE, label="moved", closes=True)
PLANS = {
    "redirect": REDIRECT,
    "redirect with a label": replace(REDIRECT, label="moved"),
    "retire": RETIRE,
    "port": replace(RETIRE, decision=Decision.PORT, grace_days=14),
}
UNDO = replace(RETIRE, undoes="entry")

LATEST = TIMING.fresh + TIMING.read_lag + TIMING.cut_off
"""No close of ours may land later than this after a person's word: a reading that old must not
be acted on."""


def play(planned: PlanItem, choose: Chooser, *, behind: bool = False) -> None:
    """One migration of one item, to its end and a month beyond, then every promise is looked at."""
    worker = Worker(planned, choose, behind=behind)
    finish = worker.run()
    last_read = worker.last_read
    worker.world.pass_time(worker.world.now + timedelta(days=30))
    world, state = worker.world, worker.state
    assert world.count("us", "notice") <= 1, "two notices"
    assert state.outcome is finish.outcome
    for each in world.events:
        if (each.who, each.what) == ("us", "close"):
            assert not any(_is_speech(one) and one.at < each.at - LATEST for one in world.events), (
                "closed knowing better"
            )
            assert any(one.what == "notice" and one.at <= each.at for one in world.events), (
                "closed without a notice"
            )
            assert _confirmed_at(worker) <= each.at, "closed before the notice was confirmed"
    assert world.count("us", "close") <= 1 or not planned.closes, "closed twice"
    assert not _silenced(world, worker, last_read), "stays closed although a person spoke"
    _outcome_is_true(planned, worker, finish.outcome)


def _confirmed_at(worker: Worker) -> datetime:
    return next(
        line.at for line in worker.ledger if line.act is ActKind.NOTICE and line.phase is Phase.DONE
    )


def _is_speech(event: Landed) -> bool:
    return (event.who, event.what) == ("person", "comment")


def _silenced(world: World, worker: Worker, last_read: datetime) -> bool:
    """Whether our close stands although a person spoke before it landed, or visibly before our last
    look.

    Where GitHub refuses to reopen, nothing can be done but to say so.
    """
    closes = [one for one in world.events if one.what == "close"]
    if world.state_at(world.now) is not State.CLOSED or closes[-1].who != "us":
        return False
    spoke = [one for one in world.events if _is_speech(one)]
    heard = any(one.at < closes[-1].at or one.at <= last_read for one in spoke)
    return heard and worker.state.code != "cannot_reopen"


def _outcome_is_true(planned: PlanItem, worker: Worker, outcome: Outcome) -> None:
    world, edit = worker.world, worker.state.act(ActKind.EDIT)
    if world.state_at(world.now) is None:
        return
    if outcome is Outcome.DONE:
        assert world.count("us", "notice") == 1
        assert not planned.closes or any(one.what == "close" for one in world.events)
    if outcome is Outcome.YIELDED:
        assert any(one.who in ("person", "bot") for one in world.events), "nobody spoke"
        edited = [one.version for one in world.events if one.what == "edit"]
        assert edited[-1:] == ["yielded"] or (edit is not None and edit.phase is Phase.REFUSED), (
            edited
        )


@pytest.mark.parametrize("behind", [False, True], ids=["fresh", "stale"])
@pytest.mark.parametrize("plan", PLANS)
def test_every_promise_holds_under_any_two_disturbances(plan: str, behind: bool) -> None:
    """Replies lost, limits, refusals, deaths of the process, stale reads and people, any two of
    them at any two moments."""
    worlds = explore(lambda choose: play(PLANS[plan], choose, behind=behind), most_disturbances=2)
    assert worlds > 1_000


@pytest.mark.parametrize("plan", PLANS)
@given(
    seed=st.randoms(use_true_random=False),
    rate=st.sampled_from((0.05, 0.15, 0.3)),
    behind=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_every_promise_holds_under_many_disturbances(
    plan: str, seed: random.Random, rate: float, behind: bool
) -> None:
    """The same in worlds where much goes wrong at once."""
    play(PLANS[plan], _chance(seed, rate), behind=behind)


def _chance(seed: random.Random, rate: float) -> Chooser:
    """Disturbs at this rate for a while: a world in which everything fails for ever has no end
    to reach."""
    left = 25

    def choose(_what: str, ways: tuple[str, ...]) -> str:
        nonlocal left
        if left and seed.random() < rate:
            left -= 1
            return seed.choice(ways[1:])
        return ways[0]

    return choose


def _closed(by: str = "us") -> World:
    """A world in which a notice was posted and the item closed an hour ago."""
    world = World()
    world.events = [Landed(START, "us", "notice"), Landed(START, by, "close")]  # type: ignore[arg-type]
    world.now = START + timedelta(hours=1)
    return world


def undo(choose: Chooser) -> None:
    """Takes a close back; the item must be open at the end unless somebody else closed it or
    GitHub cannot reopen."""
    worker = Worker(UNDO, choose, _closed())
    finish = worker.run()
    world = worker.world
    world.pass_time(world.now + timedelta(days=1))
    if finish.outcome is Outcome.DONE:
        last = [one for one in world.events if one.what in ("close", "reopen")][-1]
        assert (last.who, last.what) != ("us", "close"), "still closed by us"
        assert world.count("us", "edit") >= 1 or world.state_at(world.now) is None
    else:
        assert finish.code in ("gone", "cannot_reopen", "edit_refused")
    assert world.count("us", "notice") == 1


def test_an_undo_opens_what_we_closed_under_any_two_disturbances() -> None:
    """Whatever fails, the item is open and the notice says so, or the ledger says why not."""
    assert explore(undo, most_disturbances=2) > 500


@given(seed=st.randoms(use_true_random=False), rate=st.sampled_from((0.05, 0.15, 0.3)))
@settings(max_examples=150, deadline=None)
def test_an_undo_opens_what_we_closed_under_many_disturbances(
    seed: random.Random, rate: float
) -> None:
    """The same in worlds where much goes wrong at once."""
    undo(_chance(seed, rate))


def test_an_undo_leaves_an_item_closed_that_somebody_else_closed() -> None:
    """We take back our own acts, not theirs."""
    world = _closed()
    world.events += [Landed(world.now, "person", "reopen"), Landed(world.now, "person", "close")]
    worker = Worker(UNDO, lambda _what, ways: ways[0], world)
    assert worker.run().outcome is Outcome.DONE
    assert world.state_at(world.now) is State.CLOSED
    assert world.count("us", "unlabel") == 1


def fresh(**shown: Any) -> Live:
    """A reading of just now."""
    return Live(read_at=START, **shown)


def step(planned: PlanItem, live: Live | None, *lines: Attempt, later: int = 0) -> Step:
    """The next step, so many seconds after the reading."""
    now = START + timedelta(seconds=later)
    return next_step(planned, fold(lines), live, now=now, timing=TIMING)


def test_a_notice_that_stands_is_edited_and_not_posted_again() -> None:
    """Whether the ledger knows it or not: the reading shows it."""
    assert step(REDIRECT, fresh()) == PostNotice()
    assert step(REDIRECT, fresh(standing_comment="C")) == PostNotice(edits="C")


def test_an_edit_without_a_reply_is_sent_again_without_a_look_up() -> None:
    """Once the first has surely ended: the same text twice is the same text."""
    lost = (
        attempt(ActKind.NOTICE, Phase.INTENDED, START, comment_id="C"),
        attempt(ActKind.NOTICE, Phase.UNKNOWN, START),
    )
    live = fresh(standing_comment="C")
    assert step(REDIRECT, live, *lost) == Wait(until=START + TIMING.cut_off)
    cut_off = int(TIMING.cut_off.total_seconds())
    seen = replace(live, read_at=START + TIMING.cut_off)
    assert step(REDIRECT, seen, *lost, later=cut_off) == PostNotice(edits="C")


def test_an_edit_that_github_refuses_closes_nothing() -> None:
    """The item would be closed under a text that does not say so."""
    refused = (
        attempt(ActKind.NOTICE, Phase.INTENDED, START, comment_id="C"),
        attempt(ActKind.NOTICE, Phase.REFUSED, START, reason="no right"),
    )
    found = step(RETIRE, fresh(standing_comment="C"), *refused)
    assert found == Finish(outcome=Outcome.FAILED, code="edit_refused", message="no right")
    deleted = fresh(drift=Drift(code="notice_deleted", message="our notice was deleted"))
    assert step(RETIRE, deleted, *refused) == Finish(
        outcome=Outcome.SKIPPED, code="notice_deleted", message="our notice was deleted"
    )


def test_an_entry_that_only_edited_says_so() -> None:
    """One that closed, too, has its decision as before."""
    edited = attempt(
        ActKind.NOTICE,
        Phase.DONE,
        START,
        comment_id="C",
        edited=True,
        confirmed_at=START.isoformat(),
    )
    assert step(REDIRECT, None, edited) == Finish(outcome=Outcome.DONE, code="edited")
    waits = replace(RETIRE, grace_days=7)
    assert step(waits, None, edited) == Wait(until=START + timedelta(days=7), parked=True)
