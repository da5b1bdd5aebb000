"""The state of an entry follows from its lines alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.domain.protocol.ledger import (
    ActKind,
    Attempt,
    ItemBefore,
    Outcome,
    Phase,
    fold,
    wrote_nothing,
)
from tests.support.ledger_lines import attempt

Step = tuple[ActKind, Phase, dict[str, Any]]
START = datetime(2022, 3, 1, tzinfo=UTC)


def lines(*steps: Step) -> list[Attempt]:
    """A history, a second between two lines."""
    return [
        attempt(act, phase, START + timedelta(seconds=number), **data)
        for number, (act, phase, data) in enumerate(steps)
    ]


def test_an_entry_without_lines_has_no_state() -> None:
    """Nothing was intended."""
    state = fold([])
    assert state.acts == {}
    assert state.outcome is None
    assert state.comment_id == ""


def test_a_confirmed_notice_has_its_comment() -> None:
    """Before that there is none, whatever was intended."""
    history = lines(
        (ActKind.NOTICE, Phase.INTENDED, {}), (ActKind.NOTICE, Phase.DONE, {"comment_id": "C1"})
    )
    assert fold(history[:1]).comment_id == ""
    assert fold(history).comment_id == "C1"
    assert fold(history).is_done(ActKind.NOTICE)


@pytest.mark.parametrize("phase", [Phase.INTENDED, Phase.UNKNOWN, Phase.ABSENT])
def test_an_act_is_pending_until_its_outcome_is_known(phase: Phase) -> None:
    """A request left, or may have left."""
    act = fold(lines((ActKind.CLOSE, Phase.INTENDED, {}), (ActKind.CLOSE, phase, {}))).act(
        ActKind.CLOSE
    )
    assert act is not None
    assert act.pending
    assert not act.done


def test_look_ups_are_counted_since_the_last_intent() -> None:
    """A new intent begins from nothing: its own request must be looked for."""
    absent: Step = (ActKind.NOTICE, Phase.ABSENT, {})
    intended: Step = (ActKind.NOTICE, Phase.INTENDED, {})
    twice = fold(lines(intended, absent, absent)).act(ActKind.NOTICE)
    assert twice is not None
    assert (twice.absences, twice.looked_at) == (2, START + timedelta(seconds=2))
    again = fold(lines(intended, absent, absent, intended)).act(ActKind.NOTICE)
    assert again is not None
    assert (again.absences, again.since) == (0, START + timedelta(seconds=3))


def test_what_surely_was_not_written_needs_no_look_up() -> None:
    """GitHub named a limit, or the request never left; the next intent starts anew."""
    refused: Step = (ActKind.NOTICE, Phase.ABSENT, {"unwritten": True})
    intended: Step = (ActKind.NOTICE, Phase.INTENDED, {})
    act = fold(lines(intended, refused)).act(ActKind.NOTICE)
    assert act is not None
    assert act.unwritten
    assert act.absences == 0
    again = fold(lines(intended, refused, intended)).act(ActKind.NOTICE)
    assert again is not None
    assert not again.unwritten


def test_a_try_that_surely_wrote_nothing_is_no_act() -> None:
    """A look-up that found nothing is one, and so is a refusal."""
    intended: Step = (ActKind.NOTICE, Phase.INTENDED, {})
    held_up: Step = (ActKind.NOTICE, Phase.ABSENT, {"unwritten": True})
    assert wrote_nothing(lines(intended, held_up))
    for last in (
        intended,
        (ActKind.NOTICE, Phase.ABSENT, {}),
        (ActKind.NOTICE, Phase.REFUSED, {}),
        (ActKind.NOTICE, Phase.DONE, {"comment_id": "C"}),
    ):
        assert not wrote_nothing(lines(held_up, last))
    assert not wrote_nothing([])


def test_the_state_before_the_first_try_is_kept() -> None:
    """A second try may find our own label on the item already."""
    history = lines(
        (ActKind.CLOSE, Phase.INTENDED, {"before": {"labels": []}}),
        (ActKind.CLOSE, Phase.UNKNOWN, {}),
        (ActKind.CLOSE, Phase.INTENDED, {"before": {"labels": ["migrated"]}}),
        (ActKind.CLOSE, Phase.DONE, {}),
    )
    act = fold(history).act(ActKind.CLOSE)
    assert act is not None
    assert act.before == ItemBefore(labels=())


def test_an_outcome_ends_the_entry() -> None:
    """With its reason."""
    data = {"outcome": "skipped", "code": "locked", "message": "it was locked"}
    state = fold(lines((ActKind.OUTCOME, Phase.FINAL, data)))
    assert (state.outcome, state.code, state.message) == (
        Outcome.SKIPPED,
        "locked",
        "it was locked",
    )
    assert state.acts == {}


attempts = st.lists(
    st.builds(
        lambda act, phase, at, data: attempt(act, phase, at, **data),
        act=st.sampled_from([ActKind.NOTICE, ActKind.CLOSE, ActKind.EDIT, ActKind.REOPEN]),
        phase=st.sampled_from(
            [Phase.INTENDED, Phase.DONE, Phase.UNKNOWN, Phase.ABSENT, Phase.REFUSED]
        ),
        at=st.integers(0, 1000).map(lambda seconds: START + timedelta(seconds=seconds)),
        data=st.fixed_dictionaries(
            {}, optional={"yield": st.just("person_spoke"), "comment_id": st.just("C")}
        ),
    ),
    max_size=12,
)


@given(attempts)
def test_acts_do_not_touch_each_other(history: list[Attempt]) -> None:
    """The state of each act follows from its own lines."""
    whole = fold(history)
    for kind in ActKind:
        assert whole.act(kind) == fold(line for line in history if line.act is kind).act(kind)


@given(attempts)
def test_that_a_person_spoke_is_never_forgotten(history: list[Attempt]) -> None:
    """Neither by a new intent, nor by what comes after it."""
    spoken: set[ActKind] = set()
    for number, line in enumerate(history, 1):
        act = fold(history[:number]).act(line.act)
        assert act is not None
        if act.yielded:
            spoken.add(line.act)
        assert spoken <= {
            kind for kind, each in fold(history[:number]).acts.items() if each.yielded
        }
