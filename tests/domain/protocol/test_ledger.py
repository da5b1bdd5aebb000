"""The state of an entry follows from its lines alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.domain.protocol.ledger import (
    ActKind,
    ActState,
    Attempt,
    EntryKind,
    ItemBefore,
    Outcome,
    Phase,
    entry_kind,
    fold,
    reply_decision,
    shown_decision,
    undo_decision,
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
    assert (state.outcome, state.code, state.message) == (None, "", "")
    assert state.comment_id == ""


@pytest.mark.parametrize(
    ("decision", "kind", "shown"),
    [
        ("retire", EntryKind.NOTICE, "retire"),
        (undo_decision("retire"), EntryKind.UNDO, "undo-retire"),
        (reply_decision("IC_1"), EntryKind.REPLY, "command"),
    ],
)
def test_a_stored_decision_names_the_kind_of_its_entry(
    decision: str, kind: EntryKind, shown: str
) -> None:
    """An undo is counted by itself, and all replies together."""
    assert entry_kind(decision) is kind
    assert shown_decision(decision) == shown


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


NOTICE, CLOSE, EDIT, REOPEN, OUTCOME = (
    ActKind.NOTICE,
    ActKind.CLOSE,
    ActKind.EDIT,
    ActKind.REOPEN,
    ActKind.OUTCOME,
)


def yielded() -> list[Step]:
    """A close that was taken back as somebody spoke."""
    return [
        (NOTICE, Phase.DONE, {"comment_id": "C", "yield": "answered"}),
        (CLOSE, Phase.DONE, {"yield": "answered"}),
        (REOPEN, Phase.DONE, {}),
        (EDIT, Phase.DONE, {"version": "yielded"}),
        (
            OUTCOME,
            Phase.FINAL,
            {"outcome": "yielded", "code": "answered", "message": "a person spoke"},
        ),
    ]


def test_a_close_after_an_entry_yielded_begins_anew_but_for_its_notice() -> None:
    """Its fix was merged: that somebody spoke the first time says nothing of this close."""
    state = fold(lines(*yielded(), (CLOSE, Phase.INTENDED, {"label": "migrated"})))
    assert set(state.acts) == {NOTICE, CLOSE}
    assert (state.outcome, state.code, state.message) == (Outcome.DONE, "", "")
    assert state.comment_id == "C"
    assert state.acts[NOTICE] == ActState(phase=Phase.DONE, since=START, comment_id="C")
    assert state.acts[CLOSE] == ActState(
        phase=Phase.INTENDED, since=START + timedelta(seconds=5), label="migrated"
    )


def test_a_close_anew_needs_no_notice() -> None:
    """An entry that yielded before it had one."""
    state = fold(lines(yielded()[-1], (CLOSE, Phase.INTENDED, {})))
    assert set(state.acts) == {CLOSE}


@pytest.mark.parametrize(
    "step", [(CLOSE, Phase.DONE, {}), (EDIT, Phase.INTENDED, {}), (REOPEN, Phase.INTENDED, {})]
)
def test_nothing_but_the_intent_of_a_close_begins_anew(step: Step) -> None:
    """What comes late still belongs to the first time."""
    state = fold(lines(*yielded(), step))
    assert (state.outcome, state.code, state.message) == (
        Outcome.YIELDED,
        "answered",
        "a person spoke",
    )
    assert set(state.acts) == {NOTICE, CLOSE, EDIT, REOPEN}


def test_a_close_after_any_other_outcome_does_not_begin_anew() -> None:
    """Only what was kept open for somebody is closed after all."""
    steps = [
        *yielded()[:-1],
        (OUTCOME, Phase.FINAL, {"outcome": "done"}),
        (CLOSE, Phase.INTENDED, {}),
    ]
    state = fold(lines(*steps))
    assert set(state.acts) == {NOTICE, CLOSE, EDIT, REOPEN}
    assert (state.outcome, state.code, state.message) == (Outcome.DONE, "", "")


def test_a_second_try_keeps_only_what_stays_true_of_the_act() -> None:
    """How the item stood, and who spoke; of the rest, what the new intent says. Its time and its
    look-ups begin anew."""
    steps: list[Step] = [
        (CLOSE, Phase.INTENDED, {"before": {"labels": []}, "label": "old", "closes": True}),
        (CLOSE, Phase.UNKNOWN, {"reason": "busy"}),
        (CLOSE, Phase.DONE, {"yield": "answered", "errors": {"label": "no right"}}),
        (CLOSE, Phase.ABSENT, {}),
        (CLOSE, Phase.INTENDED, {"before": {"labels": ["old"]}, "label": "new"}),
    ]
    assert fold(lines(*steps)).act(CLOSE) == ActState(
        phase=Phase.INTENDED,
        since=START + timedelta(seconds=4),
        before=ItemBefore(labels=()),
        yielded="answered",
        label="new",
    )


def test_a_reply_adds_to_what_the_intent_said() -> None:
    """And replaces what it knows better; when the request left stays."""
    declined: list[Step] = [
        (CLOSE, Phase.INTENDED, {"label": "a", "closes": True}),
        (CLOSE, Phase.UNKNOWN, {"reason": "no reply"}),
        (CLOSE, Phase.REFUSED, {"reason": "no right"}),
    ]
    assert fold(lines(*declined)).act(CLOSE) == ActState(
        phase=Phase.REFUSED, since=START, label="a", closes=True, reason="no right"
    )
    reworded: list[Step] = [
        (EDIT, Phase.INTENDED, {"version": "a", "code": "c"}),
        (EDIT, Phase.DONE, {"version": "b", "url": "u"}),
    ]
    assert fold(lines(*reworded)).act(EDIT) == ActState(
        phase=Phase.DONE, since=START, version="b", code="c", url="u"
    )


def test_a_look_up_changes_nothing_but_its_count_and_its_time() -> None:
    """And what is known not to have been written is not counted as one."""
    steps: list[Step] = [
        (NOTICE, Phase.INTENDED, {"version": "v"}),
        (NOTICE, Phase.ABSENT, {"reason": "not found"}),
    ]
    looked = ActState(
        phase=Phase.ABSENT,
        since=START,
        absences=1,
        looked_at=START + timedelta(seconds=1),
        version="v",
    )
    assert fold(lines(*steps)).act(NOTICE) == looked
    unwritten: Step = (NOTICE, Phase.ABSENT, {"unwritten": True, "reason": "a limit"})
    assert fold(lines(steps[0], unwritten)).act(NOTICE) == ActState(
        phase=Phase.ABSENT, since=START, unwritten=True, version="v"
    )


def test_only_a_confirmed_notice_has_a_comment() -> None:
    """Neither another act's, nor one whose reply named none, nor one that GitHub declined at last."""
    assert fold(lines((EDIT, Phase.DONE, {"comment_id": "C"}))).comment_id == ""
    assert fold(lines((NOTICE, Phase.DONE, {}))).comment_id == ""
    confirmed: Step = (NOTICE, Phase.DONE, {"comment_id": "C"})
    assert fold(lines(confirmed, (NOTICE, Phase.REFUSED, {}))).comment_id == ""


@pytest.mark.parametrize(
    ("phase", "done", "pending"),
    [
        (Phase.INTENDED, False, True),
        (Phase.UNKNOWN, False, True),
        (Phase.ABSENT, False, True),
        (Phase.DONE, True, False),
        (Phase.REFUSED, False, False),
    ],
)
def test_an_act_is_done_pending_or_declined(phase: Phase, done: bool, pending: bool) -> None:
    """By its last line; an act that was never intended is none of it."""
    state = fold(lines((CLOSE, phase, {})))
    act = state.act(CLOSE)
    assert act is not None
    assert (act.done, act.pending, state.is_done(CLOSE)) == (done, pending, done)
    assert not state.is_done(EDIT)
    assert state.act(EDIT) is None
