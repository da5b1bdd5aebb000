"""The next step of a thread that is transferred, case by case: what the ledger holds and what was
read last, and the one act that follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from migrator.domain.decisions import Decision
from migrator.domain.items import State
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import (
    NOT_SENT,
    TRANSFER_UNKNOWN,
    TWIN,
    ActKind,
    EntryState,
    Outcome,
    Phase,
    fold,
)
from migrator.domain.protocol.next_step import GONE
from migrator.domain.protocol.steps import (
    Drift,
    EditNotice,
    FindThread,
    Finish,
    Live,
    LookUp,
    MovedThread,
    PostNotice,
    Read,
    ReadMoved,
    Relate,
    Repair,
    Step,
    Timing,
    Transfer,
    Wait,
    WriteReceipt,
)
from migrator.domain.protocol.thread_picture import Receipt, Relations, ThreadPicture
from migrator.domain.protocol.transfer import (
    DIFFERS,
    GONE_AFTER_TRANSFER,
    LONGEST_PATIENCE,
    MOST_LOOKS,
    NOT_TRANSFERRED,
    REDIRECTED,
    SETTLING,
    SURELY_OVER,
    TRANSFERRED,
    next_transfer_back_step,
    next_transfer_step,
    settled,
)
from tests.support.ledger_lines import attempt

Line = tuple[ActKind, Phase, dict[str, Any]]

NOW = datetime(2022, 3, 1, 12, tzinfo=UTC)
TIMING = Timing()
LEAST = timedelta(microseconds=1)
AGES_AGO = NOW - timedelta(days=1)

BEFORE = PlanItem(
    key="a/b#1",
    repository="a/b",
    number=1,
    decision=Decision.TRANSFER,
    text="t",
    transfers_to="a/c",
)
AFTER = replace(BEFORE, notice_after=True)
BACK = replace(BEFORE, undoes="entry", transfers_to="a/b", transfers_from="a/c")
PICTURE = ThreadPicture(
    title="1",
    body="2",
    author="ada",
    created_at=AGES_AGO,
    comments=2,
    comment_hashes=("x", "y"),
    labels=("bug", "area:widgets"),
    milestone="1.0",
    relations=Relations(parent="a/c#7", children=("a/c#8",)),
)
NOTICED: Line = (ActKind.NOTICE, Phase.DONE, {"comment_id": "IC_1"})
SENT: Line = (ActKind.TRANSFER, Phase.INTENDED, {"target": "a/c", "picture": PICTURE})
UNKNOWN: Line = (ActKind.TRANSFER, Phase.UNKNOWN, {"reason": "no reply"})
MISSED: Line = (ActKind.TRANSFER, Phase.ABSENT, {"reason": "still answers"})
REFUSED: Line = (ActKind.TRANSFER, Phase.REFUSED, {"reason": "cannot be transferred"})
MOVED: Line = (ActKind.TRANSFER, Phase.DONE, {"moved_to": "a/c#9", "node_id": "I_9"})


def state(*lines: Line, at: datetime = AGES_AGO) -> EntryState:
    """The state after these lines, all written at one time."""
    return fold(attempt(act, phase, at=at, **data) for act, phase, data in lines)


def live(**fields: Any) -> Live:
    """A reading of just now."""
    return Live(read_at=NOW, **fields)


def moved(now: ThreadPicture | None = PICTURE, **fields: Any) -> Live:
    """A reading of the thread at its new place."""
    return live(moved=MovedThread(before=PICTURE, now=now, **fields))


def step(
    planned: PlanItem, *lines: Line, seen: Live | None = None, at: datetime = AGES_AGO
) -> Step:
    """The next act."""
    core = next_transfer_back_step if planned.undoes else next_transfer_step
    return core(planned, state(*lines, at=at), seen, now=NOW, timing=TIMING)


STALE = replace(live(), read_at=NOW - TIMING.fresh - LEAST)


@pytest.mark.parametrize("planned", [BEFORE, AFTER, BACK])
@pytest.mark.parametrize("seen", [None, STALE])
def test_nothing_is_sent_without_a_fresh_reading(planned: PlanItem, seen: Live | None) -> None:
    """Neither the notice nor the transfer."""
    assert step(planned, seen=seen) == Read()


def test_the_notice_comes_before_or_after_as_the_plan_says() -> None:
    """And only once: behind a notice that stands comes the transfer."""
    assert step(BEFORE, seen=live()) == PostNotice()
    assert step(BEFORE, NOTICED, seen=live()) == Transfer()
    assert step(AFTER, seen=live()) == Transfer()
    whole = moved(known_labels=PICTURE.labels)
    assert step(AFTER, SENT, MOVED, seen=whole) == PostNotice()
    assert isinstance(step(AFTER, SENT, MOVED, NOTICED, seen=whole), WriteReceipt)


def test_a_standing_notice_is_edited_before_the_transfer() -> None:
    """Whatever the plan says: it must not announce something else."""
    assert step(AFTER, seen=live(standing_comment="IC_0")) == PostNotice(edits="IC_0")
    edits = replace(AFTER, edits="older")
    assert step(edits, seen=live(standing_comment="IC_0")) == PostNotice(edits="IC_0")


@pytest.mark.parametrize(
    ("seen", "code"),
    [
        (live(exists=False), "gone"),
        (live(state=State.CLOSED), "closed"),
        (live(drift=Drift(code="locked", message="m")), "locked"),
    ],
)
def test_a_thread_that_is_not_as_planned_is_left_alone(seen: Live, code: str) -> None:
    """Before anything was done to it."""
    found = step(BEFORE, seen=seen)
    assert isinstance(found, Finish)
    assert (found.outcome, found.code) == (Outcome.SKIPPED, code)


def test_a_comment_after_the_notice_does_not_stop_a_transfer() -> None:
    """Nothing is closed; other drift does stop it."""
    spoke = Drift(code="person_spoke", message="m", gentle=True)
    assert step(BEFORE, NOTICED, seen=live(drift=spoke)) == Transfer()
    locked = step(BEFORE, NOTICED, seen=live(drift=Drift(code="locked", message="m")))
    assert isinstance(locked, Finish)
    assert locked == Finish(outcome=Outcome.SKIPPED, code="locked_after_notice", message="m")


@pytest.mark.parametrize("planned", [BEFORE, BACK])
def test_a_parent_of_the_same_plan_moves_first(planned: PlanItem) -> None:
    """The child is let go of until then, before its notice."""
    found = step(planned, seen=live(waits_for="a/b#7"))
    assert found == Wait(until=NOW + TIMING.cut_off * SETTLING, parked=True)
    slow = Timing(cut_off=timedelta(hours=1), fresh=TIMING.fresh)
    core = next_transfer_back_step if planned.undoes else next_transfer_step
    longest = core(planned, state(), live(waits_for="a/b#7"), now=NOW, timing=slow)
    assert longest == Wait(until=NOW + LONGEST_PATIENCE, parked=True)


@pytest.mark.parametrize("planned", [BEFORE, AFTER, BACK])
@pytest.mark.parametrize("lines", [(SENT,), (SENT, UNKNOWN)])
def test_a_transfer_without_a_reply_is_looked_for_and_never_sent_again(
    planned: PlanItem, lines: tuple[Line, ...]
) -> None:
    """First once it has surely ended; whatever was read."""
    lines = lines if planned is not BEFORE else (NOTICED, *lines)
    assert step(planned, *lines, seen=live(), at=NOW - TIMING.cut_off) == FindThread()
    early = step(planned, *lines, seen=live(), at=NOW - TIMING.cut_off + LEAST)
    assert early == Wait(until=NOW + LEAST)


@pytest.mark.parametrize("looks", range(1, MOST_LOOKS + 1))
def test_an_old_number_that_still_answers_means_to_wait_longer_each_time(looks: int) -> None:
    """Only the last look asks for twins."""
    pause = TIMING.read_lag * 2 ** (looks - 1)
    lines = (SENT, UNKNOWN, *[MISSED] * looks)
    assert step(AFTER, *lines, at=NOW - pause) == FindThread(twins=looks == MOST_LOOKS)
    assert step(AFTER, *lines, at=NOW - pause + LEAST) == Wait(until=NOW + LEAST)


@pytest.mark.parametrize("planned", [AFTER, BACK])
def test_what_cannot_be_found_is_in_doubt(planned: PlanItem) -> None:
    """It is a maintainer's: a second send could move it twice."""
    found = step(planned, SENT, UNKNOWN, *[MISSED] * (MOST_LOOKS + 1), seen=live())
    assert isinstance(found, Finish)
    assert (found.outcome, found.code) == (Outcome.IN_DOUBT, "transfer_unknown")
    words = "it is not known whether GitHub will still transfer it; it was not sent again"
    assert found.message == words


def test_the_pause_after_a_look_begins_with_that_look() -> None:
    """However long ago the transfer was sent."""
    act, phase, data = MISSED
    missed = attempt(act, phase, at=NOW, **data)
    looked = fold([attempt(*SENT[:2], at=AGES_AGO, **SENT[2]), missed])
    found = next_transfer_step(AFTER, looked, None, now=NOW, timing=TIMING)
    assert found == Wait(until=NOW + TIMING.read_lag)


AGAIN: Line = (ActKind.OUTCOME, Phase.ABSENT, {"reason": "looked at again"})


@pytest.mark.parametrize("planned", [AFTER, BACK])
def test_what_was_in_doubt_is_looked_at_again_once_it_is_surely_over(planned: PlanItem) -> None:
    """Parked until then, and settled by that look."""
    lines = (SENT, UNKNOWN, *[MISSED] * (MOST_LOOKS + 1), AGAIN)
    early = step(planned, *lines, at=NOW - SURELY_OVER + LEAST)
    assert early == Wait(until=NOW + LEAST, parked=True)
    assert step(planned, *lines, at=NOW - SURELY_OVER) == FindThread(twins=True, settles=True)
    assert step(planned, *lines, SENT, at=NOW - TIMING.cut_off) == FindThread()


def test_a_later_look_settles_a_doubt_by_what_it_shows() -> None:
    """There and nowhere else: planned again. There and in the target, or nowhere: a maintainer's.
    An undo has no other plan, so its own entry sends again."""
    old, new = "https://github.com/a/b/issues/1", "https://github.com/a/c/issues/9"
    not_sent = settled(old, stands=True, twins=(), undoes=False)
    assert not_sent is not None
    assert (not_sent.outcome, not_sent.code) == (Outcome.FAILED, NOT_SENT)
    assert old in not_sent.message
    assert settled(old, stands=True, twins=(), undoes=True) is None
    both = settled(old, stands=True, twins=(new,), undoes=False)
    assert both is not None
    assert (both.outcome, both.code) == (Outcome.IN_DOUBT, TWIN)
    assert both.message == f"{old} is still there, and the target has a copy: {new}"
    gone = settled(old, stands=False, twins=(), undoes=False)
    assert gone is not None
    assert (gone.outcome, gone.code) == (Outcome.IN_DOUBT, TRANSFER_UNKNOWN)
    assert gone.message == f"{old} is gone, and the target has no copy"


@pytest.mark.parametrize("stands", [False, True])
def test_a_doubt_names_every_copy(stands: bool) -> None:
    """So that a maintainer can open each of them."""
    found = settled("old", stands=stands, twins=("new", "newer"), undoes=False)
    assert found is not None
    assert found.message.endswith(": new, newer" if stands else "the target has new, newer")


def test_a_transfer_that_surely_was_not_sent_may_be_sent() -> None:
    """A limit is an answer."""
    limited: Line = (ActKind.TRANSFER, Phase.ABSENT, {"unwritten": True})
    assert step(AFTER, SENT, limited, seen=live()) == Transfer()
    assert step(BACK, SENT, limited, seen=live()) == Transfer()


def test_a_refused_thread_is_redirected_instead_on_record() -> None:
    """With its one notice: a new one, or the new text of the one that announced the transfer."""
    assert step(AFTER, SENT, REFUSED) == Read()
    assert step(AFTER, SENT, REFUSED, seen=live()) == PostNotice(version=NOT_TRANSFERRED)
    said: Line = (ActKind.NOTICE, Phase.INTENDED, {"version": NOT_TRANSFERRED})
    done = step(AFTER, SENT, REFUSED, said, NOTICED, seen=live())
    assert isinstance(done, Finish)
    assert (done.outcome, done.code) == (Outcome.DONE, REDIRECTED)
    assert done.message == "cannot be transferred"
    edit = step(BEFORE, NOTICED, SENT, REFUSED, seen=live())
    assert edit == EditNotice(version=NOT_TRANSFERRED)
    edited: Line = (ActKind.EDIT, Phase.DONE, {"version": NOT_TRANSFERRED})
    assert step(BEFORE, NOTICED, SENT, REFUSED, edited, seen=live()) == done


def test_a_refusal_that_a_reading_explains_is_none() -> None:
    """The thread is gone, or closed by somebody else."""
    assert step(AFTER, SENT, REFUSED, seen=live(exists=False)) == GONE
    assert step(BACK, SENT, REFUSED, seen=live(exists=False)) == GONE
    back = step(BACK, SENT, REFUSED, seen=live())
    assert isinstance(back, Finish)
    assert (back.outcome, back.code) == (Outcome.FAILED, "transfer_refused")


def test_a_notice_before_the_transfer_is_settled_first() -> None:
    """Looked for where its reply was lost; a refusal is the end of the entry."""
    sent: Line = (ActKind.NOTICE, Phase.INTENDED, {})
    assert step(BEFORE, sent, seen=live(), at=NOW) == Wait(until=NOW + TIMING.cut_off)
    assert step(BEFORE, sent, seen=live()) == LookUp()
    again = step(BEFORE, sent, NO_NOTICE, NO_NOTICE, seen=live(standing_comment="IC_2"))
    assert again == PostNotice(edits="IC_2")
    assert step(BEFORE, sent, NO_NOTICE, NO_NOTICE, seen=STALE) == Read()
    limited: Line = (ActKind.NOTICE, Phase.ABSENT, {"unwritten": True})
    assert step(BEFORE, sent, limited, seen=live(), at=NOW) == PostNotice()
    refused: Line = (ActKind.NOTICE, Phase.REFUSED, {"reason": "no"})
    failed = step(BEFORE, sent, refused, seen=live())
    assert failed == Finish(outcome=Outcome.FAILED, code="notice_refused", message="no")
    assert step(BEFORE, sent, refused, seen=live(exists=False)) == GONE


SAID: Line = (ActKind.NOTICE, Phase.INTENDED, {"version": NOT_TRANSFERRED})
NO_NOTICE: Line = (ActKind.NOTICE, Phase.ABSENT, {})


def test_the_notice_of_a_refused_thread_is_looked_for_where_its_reply_was_lost() -> None:
    """Twice; then it is posted again, with the same words."""
    lines = (SENT, REFUSED, SAID)
    assert step(AFTER, *lines, at=NOW, seen=live()) == Wait(until=NOW + TIMING.cut_off)
    assert step(AFTER, *lines, seen=live()) == LookUp()
    assert step(AFTER, *lines, NO_NOTICE, seen=live()) == LookUp()
    again = step(AFTER, *lines, NO_NOTICE, NO_NOTICE, seen=live())
    assert again == PostNotice(version=NOT_TRANSFERRED)
    assert step(AFTER, *lines, NO_NOTICE, NO_NOTICE, seen=STALE) == Read()


def test_a_refused_thread_whose_notice_is_refused_too_has_failed() -> None:
    """Unless a reading explains it."""
    lines = (SENT, REFUSED, SAID, (ActKind.NOTICE, Phase.REFUSED, {"reason": "no"}))
    failed = step(AFTER, *lines, seen=live())
    assert isinstance(failed, Finish)
    assert (failed.outcome, failed.code) == (Outcome.FAILED, "notice_refused")
    assert step(AFTER, *lines, seen=live(exists=False)) == GONE
    assert step(AFTER, *lines) == Read()


def test_the_notice_that_announced_a_refused_transfer_gets_its_new_text_once() -> None:
    """Without a reply it is sent again once the first has surely ended; a refusal is a failure."""
    lines = (NOTICED, SENT, REFUSED)
    begun: Line = (ActKind.EDIT, Phase.INTENDED, {"version": NOT_TRANSFERRED})
    assert step(BEFORE, *lines) == Read()
    assert step(BEFORE, *lines, begun, seen=live(), at=NOW) == Wait(until=NOW + TIMING.cut_off)
    assert step(BEFORE, *lines, begun, seen=live()) == EditNotice(version=NOT_TRANSFERRED)
    no: Line = (ActKind.EDIT, Phase.REFUSED, {"reason": "no"})
    failed = step(BEFORE, *lines, begun, no, seen=live())
    assert isinstance(failed, Finish)
    assert (failed.outcome, failed.code) == (Outcome.FAILED, "edit_refused")


def test_a_moved_thread_is_read_at_its_new_place() -> None:
    """Whatever was read before its transfer."""
    assert step(BEFORE, NOTICED, SENT, MOVED, seen=live()) == ReadMoved()
    assert step(BEFORE, NOTICED, SENT, MOVED) == ReadMoved()


@pytest.mark.parametrize("now", [None, replace(PICTURE, comments=1, comment_hashes=("x",))])
def test_comments_that_are_still_on_their_way_are_waited_for(now: ThreadPicture | None) -> None:
    """As long as they may come; then they are a difference, or the thread is gone."""
    settling = TIMING.cut_off * SETTLING
    waits = step(BEFORE, NOTICED, SENT, MOVED, seen=moved(now), at=NOW - settling + LEAST)
    assert waits == Wait(until=NOW + LEAST)
    long = step(BEFORE, NOTICED, SENT, MOVED, seen=moved(now), at=NOW - LEAST)
    assert long == Wait(until=NOW + TIMING.read_lag)
    found = step(BEFORE, NOTICED, SENT, MOVED, seen=moved(now), at=NOW - settling)
    if now is None:
        assert found == GONE_AFTER_TRANSFER
    else:
        assert isinstance(found, WriteReceipt)
        assert found.receipt.differences == ("comments",)


def test_labels_and_milestone_that_the_target_has_are_put_back() -> None:
    """Once; what it has no place for is only told."""
    bare = replace(PICTURE, labels=(), milestone="")
    seen = moved(bare, known_labels=("bug",), knows_milestone=True)
    assert step(BEFORE, NOTICED, SENT, MOVED, seen=seen) == Repair(labels=("bug",), milestone="1.0")
    repaired: Line = (ActKind.REPAIR, Phase.DONE, {})
    again = step(BEFORE, NOTICED, SENT, MOVED, repaired, seen=seen)
    assert isinstance(again, WriteReceipt)
    assert again.receipt == Receipt(
        differences=("label bug", "milestone 1.0"),
        repaired=("repair",),
        lost=("label area:widgets",),
    )
    kept = step(BEFORE, NOTICED, SENT, MOVED, seen=moved(bare))
    assert isinstance(kept, WriteReceipt)
    assert kept.receipt == Receipt(lost=("label bug", "label area:widgets", "milestone 1.0"))


def test_lock_and_pin_are_set_again_or_are_in_the_receipt() -> None:
    """GitHub may decline: a repository has three pinned issues at most."""
    held = replace(PICTURE, locked=True, pinned=True)
    seen = live(moved=MovedThread(before=held, now=replace(PICTURE)))
    assert step(BEFORE, NOTICED, SENT, MOVED, seen=seen) == Repair(lock=True, pin=True)
    repaired: Line = (ActKind.REPAIR, Phase.DONE, {"errors": {"pin": "three at most"}})
    locked = live(moved=MovedThread(before=held, now=replace(PICTURE, locked=True)))
    again = step(BEFORE, NOTICED, SENT, MOVED, repaired, seen=locked)
    assert isinstance(again, WriteReceipt)
    assert again.receipt == Receipt(repaired=("repair",), lost=("pin",))
    written: Line = (ActKind.COMPARE, Phase.DONE, {"receipt": again.receipt})
    found = step(BEFORE, NOTICED, SENT, MOVED, repaired, written)
    assert isinstance(found, Finish)
    assert (found.code, found.message) == (TRANSFERRED, "could not be set again: pin")


def test_a_lock_or_notice_that_github_declined_is_in_the_receipt() -> None:
    """The lock as lost, the notice as a difference."""
    held = replace(PICTURE, locked=True)
    seen = live(moved=MovedThread(before=held, now=PICTURE))
    repaired: Line = (ActKind.REPAIR, Phase.DONE, {"errors": {"lock": "no"}})
    refused: Line = (ActKind.NOTICE, Phase.REFUSED, {"reason": "no"})
    found = step(AFTER, SENT, MOVED, repaired, refused, seen=seen)
    assert isinstance(found, WriteReceipt)
    assert found.receipt == Receipt(differences=("notice",), repaired=("repair",), lost=("lock",))


def test_a_thread_that_is_whole_again_waits_for_nothing() -> None:
    """However short ago it was repaired."""
    repaired: Line = (ActKind.REPAIR, Phase.DONE, {})
    found = step(BEFORE, NOTICED, SENT, MOVED, repaired, seen=moved(), at=NOW)
    assert isinstance(found, WriteReceipt)


def test_a_repair_whose_effect_does_not_show_yet_is_waited_for() -> None:
    """And one without a reply is sent again only once it has surely ended."""
    bare = moved(replace(PICTURE, labels=()), known_labels=("bug",))
    shows = TIMING.cut_off + TIMING.read_lag
    done: Line = (ActKind.REPAIR, Phase.DONE, {})
    lost: Line = (ActKind.REPAIR, Phase.UNKNOWN, {})
    sent: Line = (ActKind.REPAIR, Phase.INTENDED, {})
    early = NOW - shows + LEAST
    lines = (NOTICED, SENT, MOVED)
    assert step(BEFORE, *lines, sent, done, seen=bare, at=early) == Wait(until=NOW + LEAST)
    assert step(BEFORE, *lines, sent, lost, seen=bare, at=early) == Wait(until=NOW + LEAST)
    told = step(BEFORE, *lines, sent, done, seen=bare, at=NOW - shows)
    assert isinstance(told, WriteReceipt)
    late = step(BEFORE, *lines, sent, lost, seen=bare, at=NOW - shows)
    assert late == Repair(labels=("bug",))


def test_relations_come_last_and_wait_for_threads_that_are_still_to_move() -> None:
    """Their move may lose them again."""
    alone = replace(PICTURE, relations=Relations())
    waits = step(BEFORE, NOTICED, SENT, MOVED, seen=moved(alone, pending=True))
    assert isinstance(waits, Wait)
    assert waits.parked
    relate = step(BEFORE, NOTICED, SENT, MOVED, seen=moved(alone))
    assert relate == Relate(relations=PICTURE.relations)
    related: Line = (ActKind.RELATE, Phase.DONE, {})
    found = step(BEFORE, NOTICED, SENT, MOVED, related, seen=moved(alone))
    assert isinstance(found, WriteReceipt)
    assert found.receipt.differences == ("parent a/c#7", "children a/c#8")


def test_a_notice_at_the_new_place_whose_reply_was_lost_is_looked_for_twice() -> None:
    """As everywhere; then it is posted again."""
    sent: Line = (ActKind.NOTICE, Phase.INTENDED, {})
    absent: Line = (ActKind.NOTICE, Phase.ABSENT, {})
    lines = (SENT, MOVED, sent)
    assert step(AFTER, *lines, at=NOW - TIMING.cut_off) == LookUp()
    assert step(AFTER, *lines, at=NOW - TIMING.cut_off + LEAST) == Wait(until=NOW + LEAST)
    assert step(AFTER, *lines, absent, at=NOW - TIMING.read_lag) == LookUp()
    assert step(AFTER, *lines, absent, at=NOW - TIMING.read_lag + LEAST) == Wait(until=NOW + LEAST)
    assert step(AFTER, *lines, absent, absent, seen=moved()) == PostNotice()


@pytest.mark.parametrize(
    ("receipt", "code"),
    [
        (Receipt(), TRANSFERRED),
        (Receipt(lost=("label bug",)), TRANSFERRED),
        (Receipt(differences=("comments",)), DIFFERS),
    ],
)
def test_the_outcome_says_whether_the_thread_is_as_it_was(receipt: Receipt, code: str) -> None:
    """What the target has no place for is no difference."""
    written: Line = (ActKind.COMPARE, Phase.DONE, {"receipt": receipt})
    found = step(BEFORE, NOTICED, SENT, MOVED, written)
    assert isinstance(found, Finish)
    assert (found.outcome, found.code) == (Outcome.DONE, code)


def test_the_outcome_words_what_differs_and_what_was_lost() -> None:
    """Also where the thread was transferred back."""
    receipt = Receipt(differences=("state", "title"), lost=("label bug", "label ui", "pin"))
    words = (
        "differs: state, title; the target has no: label bug, label ui; could not be set again: pin"
    )
    written: Line = (ActKind.COMPARE, Phase.DONE, {"receipt": receipt})
    edited: Line = (ActKind.EDIT, Phase.DONE, {"version": "undone"})
    there, back = step(AFTER, SENT, MOVED, written), step(BACK, SENT, MOVED, written, edited)
    assert there == Finish(outcome=Outcome.DONE, code=DIFFERS, message=words)
    assert back == Finish(outcome=Outcome.DONE, code="undo", message=words)


def test_an_undo_ends_with_the_notice_s_new_text() -> None:
    """After the thread is back and compared."""
    written: Line = (ActKind.COMPARE, Phase.DONE, {"receipt": Receipt()})
    lines = (SENT, MOVED, written)
    assert isinstance(step(BACK, SENT, MOVED, seen=moved()), WriteReceipt)
    assert step(BACK, *lines) == EditNotice(version="undone")
    sent: Line = (ActKind.EDIT, Phase.UNKNOWN, {"version": "undone"})
    assert step(BACK, *lines, sent, at=NOW - TIMING.cut_off) == EditNotice(version="undone")
    early = NOW - TIMING.cut_off + LEAST
    assert step(BACK, *lines, sent, at=early) == Wait(until=NOW + LEAST)
    edited: Line = (ActKind.EDIT, Phase.DONE, {"version": "undone"})
    assert step(BACK, *lines, edited) == Finish(outcome=Outcome.DONE, code="undo")
    refused: Line = (ActKind.EDIT, Phase.REFUSED, {"reason": "no"})
    found = step(BACK, *lines, refused)
    assert isinstance(found, Finish)
    assert found.code == "edit_refused"


def test_a_thread_that_is_gone_is_not_transferred_back() -> None:
    """In any other state it is: what people did there goes along."""
    assert step(BACK, seen=live(exists=False)) == GONE
    assert step(BACK, seen=live(state=State.CLOSED)) == Transfer()
