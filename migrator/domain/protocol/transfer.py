"""What to do next for a thread that is transferred, or transferred back: pure functions beside
:mod:`migrator.domain.protocol.next_step`, on the same ledger and by the same rules.

``transferIssue`` is not idempotent: a second send makes a second issue. So it is sent once, and
what its lost reply meant is looked for, never tried.

    nothing intended -> Read -> (drifted: Finish skipped)
        -> (a parent of the same plan is still to move: Wait)
        -> PostNotice, where the file wants it before, or one of ours stands -> Transfer
    Transfer without a reply -> FindThread, again and again
        -> the old number leads to the new place: moved
        -> it still answers: Wait; at last FindThread by its twins in the target
        -> neither: Finish in_doubt
    in doubt, and a maintainer asks for another look -> FindThread, an hour after the intent
        -> the old number leads to the new place: moved
        -> it still answers, and the target has no twin: Finish failed, to be planned again
        -> a twin beside it: Finish in_doubt, with both URLs
    Transfer refused for good -> the notice says that the thread stays -> Finish redirected_instead
    moved -> ReadMoved -> (comments are still on their way: Wait)
        -> Repair labels, milestone, lock and pin
        -> PostNotice, where the file wants it after
        -> (a related thread is still to move: Wait) -> Relate
        -> WriteReceipt -> Finish done

An undo goes the same way from ``Transfer`` on, to the source repository, with the picture of the
first transfer; its last step is the notice's new text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import (
    NOT_SENT,
    TRANSFER_UNKNOWN,
    TWIN,
    ActKind,
    ActState,
    EntryState,
    Outcome,
    Phase,
)
from migrator.domain.protocol.next_step import (
    GONE,
    GONE_AFTER_NOTICE,
    before_notice,
    edit_step,
    failed,
    find_out,
    is_fresh,
    not_before,
    notice_refused,
    obstacle,
)
from migrator.domain.protocol.steps import (
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
from migrator.domain.protocol.thread_picture import (
    Receipt,
    differences,
    has_late_comments,
    missing_labels,
)

TRANSFERRED: Final = "transfer"
"""Code of an entry whose thread is at its new place as it was."""
DIFFERS: Final = "transfer_differs"
"""Code of an entry whose thread is at its new place, and differs from how it was."""
REDIRECTED: Final = "redirected_instead"
"""Code of an entry whose thread GitHub refused to transfer, so that it is redirected."""
NOT_TRANSFERRED: Final = "not_transferred"
"""The text of a notice on a thread that GitHub refused to transfer."""
MOST_LOOKS: Final = 6
"""Times that the old number is asked before the twins are looked for; each pause is twice the one
before."""
SETTLING: Final = 6
"""After so many times the cut-off a transferred thread is surely whole, or never will be."""
SURELY_OVER: Final = timedelta(hours=1)
"""So long after its intent a transfer is done, or never will be: GitHub cuts requests off after
10 s, and nobody has reported one that was still under way after minutes."""
NOT_SET_AGAIN: Final = ("lock", "pin")
"""What a receipt calls lost although the target has a place for it: GitHub declined."""
LONGEST_PATIENCE: Final = timedelta(minutes=2)
"""Longest pause until it is asked again whether a related thread has moved."""
GONE_AFTER_TRANSFER = Finish(
    outcome=Outcome.SKIPPED,
    code="gone_after_transfer",
    message="the thread was deleted or transferred on after our transfer",
)


def next_transfer_step(
    planned: PlanItem, state: EntryState, live: Live | None, *, now: datetime, timing: Timing
) -> Step:
    """The next act for a thread that is to be transferred. ``live`` is the last reading."""
    transfer = state.act(ActKind.TRANSFER)
    if transfer is None or transfer.unwritten:
        return _before_transfer(planned, state, live, now, timing)
    if transfer.phase is Phase.REFUSED:
        return _instead(state, live, now, timing)
    if not transfer.done:
        return _find(transfer, now, timing)
    return _after_transfer(planned, state, transfer, live, now, timing)


def next_transfer_back_step(
    planned: PlanItem, state: EntryState, live: Live | None, *, now: datetime, timing: Timing
) -> Step:
    """The next act for a thread that is transferred back."""
    transfer = state.act(ActKind.TRANSFER)
    if transfer is None or transfer.unwritten:
        return _before_return(live, now, timing)
    if transfer.phase is Phase.REFUSED:
        if live is None:
            return Read()
        return failed("transfer_refused", transfer) if live.exists else GONE
    if not transfer.done:
        return _find(transfer, now, timing)
    return _after_transfer(planned, state, transfer, live, now, timing)


def _before_transfer(
    planned: PlanItem, state: EntryState, live: Live | None, now: datetime, timing: Timing
) -> Step:
    """The notice where it comes first, then the transfer, on a fresh reading."""
    notice = state.act(ActKind.NOTICE)
    if notice is not None and notice.phase is Phase.REFUSED:
        return notice_refused(notice, live)
    if notice is not None and not notice.done and not notice.unwritten:
        return find_out(notice, live, now, timing)
    if live is None or not is_fresh(live, now, timing):
        return Read()
    against = _against(live, noticed=notice is not None and notice.done)
    if against is not None:
        return against
    if live.waits_for:
        return _later(now, timing)
    if (notice is None or not notice.done) and _notifies_first(planned, live):
        return PostNotice(edits=live.standing_comment)
    return Transfer()


def _notifies_first(planned: PlanItem, live: Live) -> bool:
    """Whether the notice comes before the transfer: as the file says, and always where one of ours
    stands, which must not announce something else."""
    return not planned.notice_after or bool(planned.edits or live.standing_comment)


def _against(live: Live, *, noticed: bool) -> Finish | None:
    """What a reading shows against the transfer. After the notice a comment changes nothing: the
    thread stays open."""
    if not noticed:
        return obstacle(live)
    if not live.exists:
        return GONE_AFTER_NOTICE
    if live.drift is not None and not live.drift.gentle:
        return Finish(
            outcome=Outcome.SKIPPED,
            code=f"{live.drift.code}_after_notice",
            message=live.drift.message,
        )
    return None


def _before_return(live: Live | None, now: datetime, timing: Timing) -> Step:
    """A thread is transferred back in whatever state it is, as long as it is there."""
    if live is None or not is_fresh(live, now, timing):
        return Read()
    if not live.exists:
        return GONE
    return _later(now, timing) if live.waits_for else Transfer()


def _later(now: datetime, timing: Timing) -> Wait:
    """Others have to move first; the item is let go of until then."""
    return Wait(until=now + min(timing.cut_off * SETTLING, LONGEST_PATIENCE), parked=True)


def _find(transfer: ActState, now: datetime, timing: Timing) -> Step:
    """A transfer was sent (or may have been) and we do not know. It is never sent again: the old
    number tells, or the twins do, or a maintainer has to look."""
    looks = transfer.absences
    if transfer.again:
        due = transfer.since + SURELY_OVER
        look = FindThread(twins=True, settles=True)
        return look if now >= due else Wait(until=due, parked=True)
    if looks > MOST_LOOKS:
        return Finish(
            outcome=Outcome.IN_DOUBT,
            code=TRANSFER_UNKNOWN,
            message="nobody knows whether GitHub will still transfer it; it was not sent again",
        )
    if looks == 0:
        return not_before(transfer.since + timing.cut_off, now, FindThread())
    pause = timing.read_lag * 2 ** (looks - 1)
    due = (transfer.looked_at or transfer.since) + pause
    return not_before(due, now, FindThread(twins=looks == MOST_LOOKS))


def settled(old: str, *, stands: bool, twins: Sequence[str], undoes: bool) -> Finish | None:
    """What became of a transfer whose thread the old number does not lead away from, long after its
    send. ``old`` and ``twins`` are URLs; ``stands``: the thread is still at its old place.

    ``None``: it was not done, and the same entry may send it: an undo, which no other plan has.
    """
    if stands and not twins:
        words = f"{old} is still there, and the target has no copy of it: the next plan has it"
        not_sent = Finish(outcome=Outcome.FAILED, code=NOT_SENT, message=words)
        return None if undoes else not_sent
    if stands:
        words = f"{old} is still there, and the target has a copy: {', '.join(twins)}"
        return Finish(outcome=Outcome.IN_DOUBT, code=TWIN, message=words)
    found = ", ".join(twins) or "no copy"
    words = f"{old} is gone, and the target has {found}"
    return Finish(outcome=Outcome.IN_DOUBT, code=TRANSFER_UNKNOWN, message=words)


def _instead(state: EntryState, live: Live | None, now: datetime, timing: Timing) -> Step:
    """GitHub declined to transfer it: the thread stays, and its notice says so. A reading may
    explain the refusal: then it is none."""
    notice = state.act(ActKind.NOTICE)
    if notice is not None and notice.done:
        return _say_that_it_stays(state, live, now, timing)
    if notice is not None and notice.phase is Phase.REFUSED:
        return notice_refused(notice, live)
    step = (
        before_notice(live, now, timing)
        if notice is None or notice.unwritten
        else find_out(notice, live, now, timing)
    )
    return PostNotice(version=NOT_TRANSFERRED) if isinstance(step, PostNotice) else step


def _say_that_it_stays(state: EntryState, live: Live | None, now: datetime, timing: Timing) -> Step:
    transfer, notice = state.act(ActKind.TRANSFER), state.act(ActKind.NOTICE)
    done = Finish(
        outcome=Outcome.DONE,
        code=REDIRECTED,
        message=transfer.reason if transfer is not None else "",
    )
    if notice is not None and notice.version == NOT_TRANSFERRED:
        return done
    edit = state.act(ActKind.EDIT)
    if edit is not None and edit.phase is Phase.REFUSED:
        return failed("edit_refused", edit)
    if live is None:
        return Read()
    return edit_step(state, EditNotice(version=NOT_TRANSFERRED), live, now, timing) or done


def _after_transfer(
    planned: PlanItem,
    state: EntryState,
    transfer: ActState,
    live: Live | None,
    now: datetime,
    timing: Timing,
) -> Step:
    """Compare, repair, say so, relate, and write the receipt."""
    receipt = state.act(ActKind.COMPARE)
    if receipt is not None and receipt.receipt is not None:
        return _finish(planned, state, receipt.receipt, now, timing)
    waits = _notice_under_way(state, now, timing)
    if waits is not None:
        return waits
    if live is None or live.moved is None or not is_fresh(live, now, timing):
        return ReadMoved()
    moved, settled = live.moved, transfer.since + timing.cut_off * SETTLING
    if moved.now is None or has_late_comments(moved.before, moved.now):
        if now < settled:
            return Wait(until=min(now + timing.read_lag, settled))
        if moved.now is None:
            return GONE_AFTER_TRANSFER
    return (
        _repair(state, moved, now, timing)
        or _notice_after(planned, state)
        or _relate(state, moved, now, timing)
        or WriteReceipt(receipt=_receipt(state, moved))
    )


def _notice_under_way(state: EntryState, now: datetime, timing: Timing) -> Step | None:
    """A notice at the new place whose reply was lost: two look-ups decide, as everywhere."""
    notice = state.act(ActKind.NOTICE)
    if notice is None or not notice.pending or notice.unwritten or notice.absences > 1:
        return None
    pause = timing.cut_off if notice.absences == 0 else timing.read_lag
    return not_before((notice.looked_at or notice.since) + pause, now, LookUp())


def _notice_after(planned: PlanItem, state: EntryState) -> Step | None:
    """The notice at the new place, where none was posted before; a refusal is in the receipt."""
    notice = state.act(ActKind.NOTICE)
    needed = not planned.undoes and (notice is None or notice.pending)
    return PostNotice() if needed else None


def _repair(state: EntryState, moved: MovedThread, now: datetime, timing: Timing) -> Step | None:
    """What the target has a place for and the thread lacks. Setting it twice is harmless."""
    wanted = _repairable(moved)
    act = state.act(ActKind.REPAIR)
    return None if wanted is None else _once(act, wanted, now, timing)


def _repairable(moved: MovedThread) -> Repair | None:
    if moved.now is None:
        return None
    known = set(moved.known_labels)
    labels = tuple(name for name in missing_labels(moved.before, moved.now) if name in known)
    lacks = moved.before.milestone != moved.now.milestone and moved.knows_milestone
    wanted = Repair(
        labels=labels,
        milestone=moved.before.milestone if lacks else "",
        lock=moved.before.locked and not moved.now.locked,
        pin=moved.before.pinned and not moved.now.pinned,
    )
    return None if wanted == Repair() else wanted


def _relate(state: EntryState, moved: MovedThread, now: datetime, timing: Timing) -> Step | None:
    """Relations come last: the other end may have to move first, and its move may lose them
    again."""
    if moved.pending:
        return _later(now, timing)
    assert moved.now is not None
    lost = moved.before.relations.without(moved.now.relations)
    act = state.act(ActKind.RELATE)
    return _once(act, Relate(relations=lost), now, timing) if lost.keys else None


def _once(act: ActState | None, step: Step, now: datetime, timing: Timing) -> Step | None:
    """A repair, which is harmless twice. One without a reply is sent again once it has surely
    ended; one that was answered is not, though its effect may not show yet."""
    if act is None or act.unwritten:
        return step
    shows = act.since + timing.cut_off + timing.read_lag
    if act.pending:
        return not_before(shows, now, step)
    return Wait(until=min(now + timing.read_lag, shows)) if act.done and now < shows else None


def _receipt(state: EntryState, moved: MovedThread) -> Receipt:
    assert moved.now is not None
    known = set(moved.known_labels)
    missing = missing_labels(moved.before, moved.now)
    lost = [f"label {name}" for name in missing if name not in known]
    found = [
        *differences(moved.before, moved.now),
        *(f"label {name}" for name in missing if name in known),
    ]
    if moved.before.milestone != moved.now.milestone:
        where = found if moved.knows_milestone else lost
        where.append(f"milestone {moved.before.milestone}")
    if moved.before.locked and not moved.now.locked:
        lost.append("lock")
    if moved.before.pinned and not moved.now.pinned:
        lost.append("pin")
    notice = state.act(ActKind.NOTICE)
    if notice is not None and notice.phase is Phase.REFUSED:
        found.append("notice")
    return Receipt(differences=tuple(found), repaired=_repaired(state), lost=tuple(lost))


def _repaired(state: EntryState) -> tuple[str, ...]:
    acts = (ActKind.REPAIR, ActKind.RELATE)
    return tuple(kind.value for kind in acts if state.is_done(kind))


def _finish(
    planned: PlanItem,
    state: EntryState,
    receipt: Receipt,
    now: datetime,
    timing: Timing,
) -> Step:
    if planned.undoes:
        said = _say_undone(state, now, timing)
        return said or Finish(outcome=Outcome.DONE, code="undo", message=_in_words(receipt))
    code = DIFFERS if receipt.differences else TRANSFERRED
    return Finish(outcome=Outcome.DONE, code=code, message=_in_words(receipt))


def _say_undone(state: EntryState, now: datetime, timing: Timing) -> Step | None:
    """The last word of an undo; its text is in the plan. A refusal stays on record."""
    edit = state.act(ActKind.EDIT)
    if edit is None or edit.unwritten:
        return EditNotice(version="undone")
    if edit.pending:
        return not_before(edit.since + timing.cut_off, now, EditNotice(version="undone"))
    return failed("edit_refused", edit) if edit.phase is Phase.REFUSED else None


def _in_words(receipt: Receipt) -> str:
    parts = (
        ("differs", receipt.differences),
        ("the target has no", [each for each in receipt.lost if each not in NOT_SET_AGAIN]),
        ("could not be set again", [each for each in receipt.lost if each in NOT_SET_AGAIN]),
    )
    return "; ".join(f"{words}: {', '.join(found)}" for words, found in parts if found)
