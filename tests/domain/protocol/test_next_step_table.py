"""The next step of an item, case by case: what the ledger holds and what was read last, and the one
act that follows.

:mod:`tests.domain.protocol.test_next_step` plays whole stories; here each guard is looked at alone,
at its boundary.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from migrator.domain.decisions import Decision
from migrator.domain.items import State
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import ActKind, EntryState, Outcome, Phase, fold
from migrator.domain.protocol.next_step import (
    Close,
    Confirm,
    Drift,
    EditNotice,
    Finish,
    Live,
    LookUp,
    PostNotice,
    Read,
    Reopen,
    Step,
    Timing,
    Wait,
    next_step,
    next_undo_step,
)
from tests.support.ledger_lines import attempt

Line = tuple[ActKind, Phase, dict[str, Any]]

NOW = datetime(2022, 3, 1, 12, tzinfo=UTC)
TIMING = Timing(
    cut_off=timedelta(seconds=20),
    read_lag=timedelta(seconds=10),
    fresh=timedelta(seconds=5),
    prompt=timedelta(seconds=2),
)
LEAST = timedelta(microseconds=1)
SETTLED = TIMING.cut_off + TIMING.read_lag
"""After so long a request has landed where a reading shows it, or never will."""

REDIRECT = PlanItem(key="a/b#1", repository="a/b", number=1, decision=Decision.REDIRECT, text="t")
LABEL = replace(REDIRECT, label="moved")
RETIRE = replace(REDIRECT, decision=Decision.RETIRE, label="moved", closes=True)
PORT = replace(RETIRE, decision=Decision.PORT, grace_days=14)
UNDO = replace(RETIRE, undoes="entry")

SPOKE = Drift(code="person_spoke", message="somebody spoke", gentle=True)
LOCKED = Drift(code="locked", message="it was locked")

NOTICE, CLOSE, EDIT, REOPEN = ActKind.NOTICE, ActKind.CLOSE, ActKind.EDIT, ActKind.REOPEN
POSTED: Line = (NOTICE, Phase.DONE, {"comment_id": "C"})
CLOSED: Line = (CLOSE, Phase.DONE, {})
SPOKEN_ON: Line = (CLOSE, Phase.DONE, {"yield": "answered"})
OPENED: Line = (REOPEN, Phase.DONE, {})

GONE_AFTER = Finish(
    outcome=Outcome.SKIPPED,
    code="gone_after_notice",
    message="the item was deleted or transferred after our notice",
)
GONE = Finish(
    outcome=Outcome.SKIPPED, code="gone", message="the item was deleted or transferred away"
)
CLOSED_BY_OTHERS = Finish(
    outcome=Outcome.SKIPPED,
    code="closed_after_notice",
    message="someone else closed the item after our notice",
)


def entry(*lines: Line, at: datetime = NOW) -> EntryState:
    """The state after these lines, all of them written at that moment."""
    return fold(attempt(act, phase, at, **data) for act, phase, data in lines)


def seen(state: State = State.OPEN, **fields: Any) -> Live:
    """What a reading of this moment shows."""
    return Live(**{"read_at": NOW, "state": state, **fields})


def gone() -> Live:
    """A reading that says that the item is no more."""
    return seen(exists=False)


def step(
    planned: PlanItem, state: EntryState, live: Live | None = None, *, now: datetime = NOW
) -> Step:
    """The next act of a plan item."""
    return (next_undo_step if planned.undoes else next_step)(
        planned, state, live, now=now, timing=TIMING
    )


def done(code: str) -> Finish:
    """An entry that ended as it was planned."""
    return Finish(outcome=Outcome.DONE, code=code)


def failed(code: str, message: str = "no right") -> Finish:
    """An entry that GitHub's refusal ended."""
    return Finish(outcome=Outcome.FAILED, code=code, message=message)


def refused(kind: ActKind) -> Line:
    """GitHub declined the act."""
    return kind, Phase.REFUSED, {"reason": "no right"}


def unwritten(kind: ActKind) -> tuple[Line, Line]:
    """A request that surely wrote nothing."""
    return (kind, Phase.INTENDED, {}), (kind, Phase.ABSENT, {"unwritten": True})


BEFORE_THE_NOTICE = {
    "nothing was read": (None, Read()),
    "it is open": (seen(), PostNotice()),
    "it is gone": (gone(), GONE),
    "somebody spoke": (
        seen(drift=SPOKE),
        Finish(outcome=Outcome.SKIPPED, code="person_spoke", message="somebody spoke"),
    ),
    "it is locked": (
        seen(drift=LOCKED),
        Finish(outcome=Outcome.SKIPPED, code="locked", message="it was locked"),
    ),
    "it is closed": (
        seen(State.CLOSED),
        Finish(outcome=Outcome.SKIPPED, code="closed", message="it was closed by someone else"),
    ),
}


@pytest.mark.parametrize("before", [(), unwritten(NOTICE)], ids=["first", "again"])
@pytest.mark.parametrize(("live", "expected"), BEFORE_THE_NOTICE.values(), ids=BEFORE_THE_NOTICE)
def test_before_the_notice_a_reading_decides(
    before: tuple[Line, ...], live: Live | None, expected: Step
) -> None:
    """Whether nothing was tried yet, or what was tried surely wrote nothing."""
    assert step(RETIRE, entry(*before), live) == expected


WRITES = {
    "notice": (RETIRE, (), PostNotice()),
    "close": (RETIRE, (POSTED,), Close()),
    "close again": (RETIRE, (POSTED, (CLOSE, Phase.INTENDED, {})), Close()),
    "reopen": (RETIRE, (POSTED, SPOKEN_ON), Reopen()),
    "undo": (UNDO, (), Reopen()),
}


@pytest.mark.parametrize(("planned", "lines", "write"), WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("behind", [1, -1], ids=["older", "from a clock that was put back"])
def test_a_write_needs_a_fresh_reading(
    planned: PlanItem, lines: tuple[Line, ...], write: Step, behind: int
) -> None:
    """No older than the limit, and no newer either."""
    state = entry(*lines, at=NOW - SETTLED)
    assert step(planned, state, seen(read_at=NOW - behind * TIMING.fresh)) == write
    assert step(planned, state, seen(read_at=NOW - behind * (TIMING.fresh + LEAST))) == Read()


REFUSED_NOTICE = {
    "nothing was read": (None, Read()),
    "it is open": (seen(), failed("notice_refused")),
    "it is gone": (gone(), GONE),
    "it is locked": (
        seen(drift=LOCKED),
        Finish(outcome=Outcome.SKIPPED, code="locked", message="it was locked"),
    ),
    "it is closed": (
        seen(State.CLOSED),
        Finish(outcome=Outcome.SKIPPED, code="closed", message="it was closed by someone else"),
    ),
}


@pytest.mark.parametrize(("live", "expected"), REFUSED_NOTICE.values(), ids=REFUSED_NOTICE)
def test_a_refused_notice_is_explained_by_a_reading_or_has_failed(
    live: Live | None, expected: Step
) -> None:
    """What GitHub said is kept; an item that drifted is no failure."""
    assert step(RETIRE, entry(refused(NOTICE)), live) == expected


def test_a_refusal_without_words_has_none() -> None:
    """Nothing is made up."""
    assert step(RETIRE, entry((NOTICE, Phase.REFUSED, {})), seen()) == failed("notice_refused", "")


@pytest.mark.parametrize("phase", [Phase.INTENDED, Phase.UNKNOWN])
def test_a_lost_notice_is_looked_for_once_its_request_has_surely_ended(phase: Phase) -> None:
    """Not a moment sooner, and nothing else is done until then."""
    state = entry((NOTICE, Phase.INTENDED, {}), (NOTICE, phase, {}))
    ended = NOW + TIMING.cut_off
    assert step(RETIRE, state, seen(), now=ended - LEAST) == Wait(until=ended)
    assert step(RETIRE, state, seen(), now=ended) == LookUp()


def test_a_lost_notice_is_looked_for_twice() -> None:
    """The second time once whatever was written is visible; only then may it be written again."""
    intended = attempt(NOTICE, Phase.INTENDED, NOW)
    first = attempt(NOTICE, Phase.ABSENT, NOW + TIMING.cut_off)
    due = first.at + TIMING.read_lag
    once, twice = fold([intended, first]), fold([intended, first, replace(first, at=due)])
    assert step(RETIRE, once, seen(), now=due - LEAST) == Wait(until=due)
    assert step(RETIRE, once, seen(), now=due) == LookUp()
    assert step(RETIRE, twice, None, now=due) == Read()
    assert step(RETIRE, twice, seen(read_at=due), now=due) == PostNotice()


def test_a_decision_that_only_tells_is_done_with_its_notice() -> None:
    """Whatever was read, or nothing."""
    for live in (None, seen(), gone(), seen(drift=SPOKE)):
        assert step(REDIRECT, entry(POSTED), live) == done("redirect")


AFTER_THE_NOTICE = {
    "nothing was read": (None, Read(), Read()),
    "it is open": (seen(), Close(), Close()),
    "somebody spoke": (
        seen(drift=SPOKE),
        EditNotice(version="yielded", code="person_spoke"),
        Close(),
    ),
    "it is locked": (
        seen(drift=LOCKED),
        *[Finish(outcome=Outcome.SKIPPED, code="locked_after_notice", message="it was locked")] * 2,
    ),
    "it is closed": (seen(State.CLOSED), CLOSED_BY_OTHERS, CLOSED_BY_OTHERS),
    "it is gone": (gone(), GONE_AFTER, GONE_AFTER),
}


@pytest.mark.parametrize("before", [(), unwritten(CLOSE)], ids=["first", "again"])
@pytest.mark.parametrize(
    ("live", "closing", "labelling"), AFTER_THE_NOTICE.values(), ids=AFTER_THE_NOTICE
)
def test_after_the_notice_a_reading_decides(
    before: tuple[Line, ...], live: Live | None, closing: Step, labelling: Step
) -> None:
    """A comment keeps an item from being closed; where only a label is planned it changes
    nothing."""
    assert step(RETIRE, entry(POSTED, *before), live) == closing
    assert step(LABEL, entry(POSTED, *before), live) == labelling


def test_a_grace_lasts_from_the_notice_as_github_dates_it() -> None:
    """Its comment's date counts where the reply gave one, else when the notice was intended. The
    item is let go meanwhile."""
    confirmed = NOW - timedelta(hours=1)
    for data, begins in (({}, NOW), ({"confirmed_at": confirmed.isoformat()}, confirmed)):
        due = begins + timedelta(days=14)
        state = entry((NOTICE, Phase.DONE, data))
        assert step(PORT, state, seen(), now=due - LEAST) == Wait(until=due, parked=True)
        assert step(PORT, state, None, now=due) == Read()
        assert step(PORT, state, seen(read_at=due), now=due) == Close()


def test_without_a_grace_or_a_close_nothing_waits_for_githubs_clock() -> None:
    """It may be ahead of ours."""
    state = entry((NOTICE, Phase.DONE, {"confirmed_at": (NOW + timedelta(hours=1)).isoformat()}))
    assert step(RETIRE, state, seen()) == Close()
    assert step(replace(LABEL, grace_days=14), state, seen()) == Close()


REFUSED_CLOSE = {
    "nothing was read": (None, Read(), Read()),
    "it is open": (seen(), failed("close_refused"), failed("label_refused")),
    "somebody spoke": (
        seen(drift=SPOKE),
        EditNotice(version="yielded", code="person_spoke"),
        failed("label_refused"),
    ),
    "it is closed": (seen(State.CLOSED), CLOSED_BY_OTHERS, CLOSED_BY_OTHERS),
    "it is gone": (gone(), GONE_AFTER, GONE_AFTER),
}


@pytest.mark.parametrize(
    ("live", "closing", "labelling"), REFUSED_CLOSE.values(), ids=REFUSED_CLOSE
)
def test_a_refused_close_is_explained_by_a_reading_or_has_failed(
    live: Live | None, closing: Step, labelling: Step
) -> None:
    """With GitHub's words, by the name of what was tried."""
    assert step(RETIRE, entry(POSTED, refused(CLOSE)), live) == closing
    assert step(LABEL, entry(POSTED, refused(CLOSE)), live) == labelling


LOST_CLOSE = {
    "nothing was read": (None, Read()),
    "it landed": (seen(State.CLOSED, closed_by_us=True), Confirm(kind=CLOSE)),
    "it landed on a comment": (
        seen(State.CLOSED, closed_by_us=True, drift=SPOKE),
        Confirm(kind=CLOSE, yielded="person_spoke"),
    ),
    "it landed and was locked": (
        seen(State.CLOSED, closed_by_us=True, drift=LOCKED),
        Confirm(kind=CLOSE),
    ),
    "it landed and was opened again": (
        seen(reopened=True),
        Confirm(kind=CLOSE, yielded="reopened"),
    ),
    "it never landed": (seen(), Close()),
    "it never landed and somebody spoke": (
        seen(drift=SPOKE),
        EditNotice(version="yielded", code="person_spoke"),
    ),
    "somebody else closed it": (seen(State.CLOSED), CLOSED_BY_OTHERS),
    "it is gone": (gone(), GONE_AFTER),
    "it is gone, and was closed by us": (seen(exists=False, closed_by_us=True), GONE_AFTER),
    "it is gone, and was opened again": (seen(exists=False, reopened=True), GONE_AFTER),
}


@pytest.mark.parametrize("phase", [Phase.INTENDED, Phase.UNKNOWN])
@pytest.mark.parametrize(("live", "expected"), LOST_CLOSE.values(), ids=LOST_CLOSE)
def test_a_lost_close_is_found_in_the_timeline_or_sent_again(
    phase: Phase, live: Live | None, expected: Step
) -> None:
    """Once it has landed or never will; before that nothing is done."""
    state = entry(POSTED, (CLOSE, Phase.INTENDED, {}), (CLOSE, phase, {}))
    due = NOW + SETTLED
    later = live and replace(live, read_at=due)
    assert step(RETIRE, state, later, now=due) == expected
    assert step(RETIRE, state, later, now=due - LEAST) == Wait(until=due)


DONE_CLOSE = {
    "at once": (RETIRE, (), None, done("retire")),
    "a label": (LABEL, (), None, done("redirect")),
    "a label with a grace": (replace(LABEL, grace_days=14), (), seen(), done("redirect")),
    "a label on which somebody spoke": (LABEL, (), seen(drift=SPOKE), done("redirect")),
    "somebody spoke": (RETIRE, (), seen(State.CLOSED, closed_by_us=True, drift=SPOKE), Reopen()),
    "it was locked": (
        RETIRE,
        (),
        seen(State.CLOSED, closed_by_us=True, drift=LOCKED),
        done("retire"),
    ),
    "after a grace": (
        PORT,
        (),
        seen(State.CLOSED, closed_by_us=True),
        EditNotice(version="closed"),
    ),
    "after a grace, nothing read": (PORT, (), None, Read()),
    "after a grace, gone": (PORT, (), gone(), GONE_AFTER),
    "after a grace, reworded": (
        PORT,
        ((EDIT, Phase.DONE, {"version": "closed"}),),
        None,
        done("port"),
    ),
    "after a grace, refused": (
        PORT,
        ((EDIT, Phase.INTENDED, {"version": "closed"}), refused(EDIT)),
        None,
        done("port"),
    ),
}


@pytest.mark.parametrize(
    ("planned", "more", "live", "expected"), DONE_CLOSE.values(), ids=DONE_CLOSE
)
def test_a_close_ends_the_item_or_is_followed_by_new_words(
    planned: PlanItem, more: tuple[Line, ...], live: Live | None, expected: Step
) -> None:
    """After a grace the notice says that the item is closed now."""
    assert step(planned, entry(POSTED, CLOSED, *more), live) == expected


def test_a_close_that_reworded_the_notice_itself_needs_no_second_request() -> None:
    """Both went out together."""
    assert step(PORT, entry(POSTED, (CLOSE, Phase.DONE, {"edited": True})), seen()) == done("port")


@pytest.mark.parametrize("version", ["closed", "yielded"])
def test_new_words_are_sent_again_only_once_the_first_have_surely_ended(version: str) -> None:
    """The same text twice does no harm, two requests at a time may."""
    lines = (
        (POSTED, CLOSED)
        if version == "closed"
        else (POSTED, (NOTICE, Phase.DONE, {"yield": "answered"}))
    )
    edit: Line = (EDIT, Phase.INTENDED, {"version": version})
    state, ended = entry(*lines, edit), NOW + TIMING.cut_off
    act = step(PORT, state, seen(), now=ended)
    assert isinstance(act, EditNotice)
    assert act.version == version
    assert step(PORT, state, seen(), now=ended - LEAST) == Wait(until=ended)
    assert step(PORT, entry(*lines, edit, (EDIT, Phase.ABSENT, {"unwritten": True})), seen()) == act


def test_words_of_another_kind_do_not_stand_for_those_that_are_due() -> None:
    """A notice that says "closed" is reworded again when somebody speaks after all."""
    lines = (POSTED, SPOKEN_ON, (EDIT, Phase.DONE, {"version": "closed"}), OPENED)
    assert step(PORT, entry(*lines), seen()) == EditNotice(version="yielded", code="answered")


REOPENING = {
    "nothing was read": (None, Read()),
    "our close stands": (seen(State.CLOSED, closed_by_us=True), Reopen()),
    "read too early to show our close": (seen(), Reopen()),
    "somebody opened it": (seen(reopened=True), Confirm(kind=REOPEN)),
    "somebody else closed it": (seen(State.CLOSED), CLOSED_BY_OTHERS),
    "somebody else closed it after opening it": (
        seen(State.CLOSED, reopened=True),
        CLOSED_BY_OTHERS,
    ),
    "it is gone": (gone(), GONE_AFTER),
}


@pytest.mark.parametrize("before", [(), unwritten(REOPEN)], ids=["first", "again"])
@pytest.mark.parametrize(("live", "expected"), REOPENING.values(), ids=REOPENING)
def test_a_close_on_a_comment_is_taken_back(
    before: tuple[Line, ...], live: Live | None, expected: Step
) -> None:
    """Our own, and nobody else's."""
    assert step(RETIRE, entry(POSTED, SPOKEN_ON, *before), live) == expected


@pytest.mark.parametrize("phase", [Phase.INTENDED, Phase.UNKNOWN])
@pytest.mark.parametrize("planned", [RETIRE, UNDO], ids=["yield", "undo"])
def test_a_lost_reopening_is_sent_again_only_once_it_has_landed_or_never_will(
    planned: PlanItem, phase: Phase
) -> None:
    """Until then the item is left alone, whatever a reading shows; then a fresh one decides."""
    before = () if planned.undoes else (POSTED, SPOKEN_ON)
    state = entry(*before, (REOPEN, Phase.INTENDED, {}), (REOPEN, phase, {}))
    due = NOW + SETTLED
    live = seen(State.CLOSED, closed_by_us=True, read_at=due)
    assert step(planned, state, live, now=due - LEAST) == Wait(until=due)
    assert step(planned, state, live, now=due) == Reopen()
    assert step(planned, state, None, now=due) == Read()


YIELDED = {
    "nothing was read": ((), None, Read()),
    "the notice is to be reworded": ((), seen(), EditNotice(version="yielded", code="answered")),
    "it is gone": ((), gone(), GONE_AFTER),
    "reworded": (
        ((EDIT, Phase.DONE, {"version": "yielded"}),),
        None,
        Finish(
            outcome=Outcome.YIELDED, code="answered", message="a person spoke; the item stays open"
        ),
    ),
}


@pytest.mark.parametrize(
    "before",
    [(POSTED, SPOKEN_ON, OPENED), ((NOTICE, Phase.DONE, {"yield": "answered"}),)],
    ids=["closed", "open"],
)
@pytest.mark.parametrize(("more", "live", "expected"), YIELDED.values(), ids=YIELDED)
def test_whoever_speaks_keeps_the_item_open_and_the_notice_says_so(
    before: tuple[Line, ...], more: tuple[Line, ...], live: Live | None, expected: Step
) -> None:
    """Whether it had been closed already or not."""
    assert step(RETIRE, entry(*before, *more), live) == expected


@pytest.mark.parametrize(
    ("planned", "before", "gone_as"),
    [(RETIRE, (POSTED, SPOKEN_ON), GONE_AFTER), (UNDO, (), GONE)],
    ids=["yield", "undo"],
)
def test_a_reopening_that_github_refuses_is_told_and_the_notice_left_as_it_is(
    planned: PlanItem, before: tuple[Line, ...], gone_as: Finish
) -> None:
    """It must not claim that the item is open again; an item that is gone is no failure."""
    state = entry(*before, refused(REOPEN))
    assert step(planned, state, None) == Read()
    assert step(planned, state, seen(State.CLOSED)) == failed("cannot_reopen")
    assert step(planned, state, gone()) == gone_as


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (((NOTICE, Phase.DONE, {"yield": "first"}),), "first"),
        (
            (
                (NOTICE, Phase.DONE, {"yield": "first"}),
                (CLOSE, Phase.DONE, {"yield": "second"}),
                OPENED,
            ),
            "second",
        ),
        ((POSTED, SPOKEN_ON, (REOPEN, Phase.DONE, {"yield": "third"})), "third"),
        (
            (
                POSTED,
                SPOKEN_ON,
                OPENED,
                (EDIT, Phase.INTENDED, {"version": "yielded", "code": "fourth"}),
            ),
            "fourth",
        ),
        ((POSTED, CLOSED, OPENED), "person_spoke"),
        ((POSTED, (EDIT, Phase.INTENDED, {"version": "yielded"})), "person_spoke"),
    ],
)
def test_the_latest_reason_to_yield_is_kept(lines: tuple[Line, ...], code: str) -> None:
    """Words that are under way know it best, then what happened last."""
    assert step(RETIRE, entry(*lines, at=NOW - SETTLED), seen()) == EditNotice(
        version="yielded", code=code
    )


def test_nothing_yields_where_nothing_is_to_be_closed() -> None:
    """A label is put on all the same."""
    assert (
        step(LABEL, entry((NOTICE, Phase.DONE, {"yield": "answered"})), seen(drift=SPOKE))
        == Close()
    )


TAKING_BACK = {
    "nothing was read": (UNDO, None, Read()),
    "our close stands": (UNDO, seen(State.CLOSED, closed_by_us=True), Reopen()),
    "read too early to show our close": (UNDO, seen(), Reopen()),
    "somebody opened it, our label is on it": (UNDO, seen(reopened=True), Reopen(reopens=False)),
    "somebody opened it, and there is no label": (
        replace(UNDO, label=""),
        seen(reopened=True),
        Confirm(kind=REOPEN),
    ),
    "somebody else closed it": (replace(UNDO, label=""), seen(State.CLOSED), Confirm(kind=REOPEN)),
    "our close stands, and there is no label": (
        replace(UNDO, label=""),
        seen(State.CLOSED, closed_by_us=True),
        Reopen(),
    ),
    "only a label": (replace(UNDO, closes=False), seen(), Reopen(reopens=False)),
    "only a label, nothing read": (replace(UNDO, closes=False), None, Read()),
    "it is gone": (UNDO, gone(), GONE),
    "only a notice": (replace(UNDO, closes=False, label=""), None, EditNotice(version="undone")),
}


@pytest.mark.parametrize("before", [(), unwritten(REOPEN)], ids=["first", "again"])
@pytest.mark.parametrize(("planned", "live", "expected"), TAKING_BACK.values(), ids=TAKING_BACK)
def test_an_undo_takes_back_what_is_ours(
    before: tuple[Line, ...], planned: PlanItem, live: Live | None, expected: Step
) -> None:
    """Our close where it still stands, and our label; then the notice is reworded."""
    assert step(planned, entry(*before), live) == expected


TAKEN_BACK = {
    "the notice is to be reworded": ((), None, EditNotice(version="undone")),
    "its words surely were not written": (unwritten(EDIT), None, EditNotice(version="undone")),
    "reworded": (((EDIT, Phase.DONE, {}),), None, done("undo")),
    "refused, nothing read": ((refused(EDIT),), None, Read()),
    "refused": ((refused(EDIT),), seen(), failed("edit_refused")),
    "refused, as it is gone": ((refused(EDIT),), gone(), GONE),
}


@pytest.mark.parametrize(("more", "live", "expected"), TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_an_undo_ends_with_new_words_of_the_notice(
    more: tuple[Line, ...], live: Live | None, expected: Step
) -> None:
    """Its text is in the plan, so nothing need be read."""
    assert step(UNDO, entry(OPENED, *more), live) == expected


def test_the_last_words_of_an_undo_are_sent_again_once_they_have_surely_ended() -> None:
    """Not before."""
    state, ended = entry(OPENED, (EDIT, Phase.INTENDED, {})), NOW + TIMING.cut_off
    assert step(UNDO, state, now=ended - LEAST) == Wait(until=ended)
    assert step(UNDO, state, now=ended) == EditNotice(version="undone")


lines = st.lists(
    st.tuples(
        st.sampled_from([NOTICE, CLOSE, EDIT, REOPEN]),
        st.sampled_from([Phase.INTENDED, Phase.DONE, Phase.UNKNOWN, Phase.ABSENT, Phase.REFUSED]),
        st.fixed_dictionaries(
            {},
            optional={
                "yield": st.just("answered"),
                "unwritten": st.just(True),
                "version": st.sampled_from(["closed", "yielded"]),
            },
        ),
    ),
    max_size=8,
)
readings = st.none() | st.builds(
    Live,
    read_at=st.integers(-8, 8).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    exists=st.booleans(),
    state=st.sampled_from([State.OPEN, State.CLOSED]),
    drift=st.sampled_from([None, SPOKE, LOCKED]),
    closed_by_us=st.booleans(),
    reopened=st.booleans(),
)


@given(
    planned=st.sampled_from([REDIRECT, LABEL, RETIRE, PORT, UNDO]),
    history=lines,
    live=readings,
    ago=st.integers(0, 40).map(lambda seconds: timedelta(seconds=seconds)),
)
def test_no_write_without_a_fresh_reading_and_no_wait_for_what_is_over(
    planned: PlanItem, history: list[Line], live: Live | None, ago: timedelta
) -> None:
    """Whatever the ledger holds: what is written follows from what was just seen, and a wait
    always ends later."""
    act = step(planned, entry(*history, at=NOW - ago), live)
    if isinstance(act, Wait):
        assert act.until > NOW
    if isinstance(act, PostNotice | Close | Reopen):
        assert live is not None
        assert abs(NOW - live.read_at) <= TIMING.fresh
        assert live.exists
    if isinstance(act, PostNotice):
        assert live is not None
        assert live.state is State.OPEN
        assert live.drift is None
    if isinstance(act, Close):
        assert live is not None
        assert live.state is State.OPEN
        assert live.drift is None or (live.drift.gentle and not planned.closes)
        assert entry(*history).is_done(NOTICE)
