"""What to do next for one item: a pure function from what the ledger holds and what was just read
to one act.

The caller performs the act, appends what came of it to the ledger, and asks again until
:class:`Finish` or :class:`Wait`. It may die between any two of these; asking again with the same
ledger gives an act that is safe to perform.

    nothing intended -> Read -> (drifted: Finish skipped) -> PostNotice -> Close -> Finish done
    a notice of ours stands already -> the same, but PostNotice edits that comment
    an edit without a reply -> the same edit again, once the first has surely ended
    a notice without a reply -> LookUp, twice -> confirmed, or free to write again
    a close without a reply -> Read, once it has surely landed or never will -> confirmed, or free
    to write again someone spoke after the notice -> EditNotice -> Finish yielded;  after the close
    -> Reopen -> EditNotice -> Finish yielded
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from migrator.domain.items import State
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import ActKind, ActState, EntryState, Outcome, Phase
from migrator.domain.protocol.steps import (
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
)

__all__ = [
    "Close",
    "Confirm",
    "Drift",
    "EditNotice",
    "Finish",
    "Live",
    "LookUp",
    "NextStep",
    "PostNotice",
    "Read",
    "Reopen",
    "Step",
    "Timing",
    "Wait",
    "is_recent",
    "next_step",
    "next_undo_step",
]

EDITED = "edited"
"""Code of an entry that edited the notice that stood, and did no more."""
SPOKE = "a person spoke"
_YIELDS = {
    "locked": "the thread was locked",
    "reopened": "it was opened again",
    "reviewer": "a maintainer decided otherwise",
    "notice_deleted": "our notice was deleted",
    "notice_hidden": "our notice was hidden",
}
"""Why an item was kept open, by code, where nobody spoke."""
GONE = Finish(
    outcome=Outcome.SKIPPED, code="gone", message="the item was deleted or transferred away"
)
GONE_AFTER_NOTICE = Finish(
    outcome=Outcome.SKIPPED,
    code="gone_after_notice",
    message="the item was deleted or transferred after our notice",
)
CLOSED_AFTER_NOTICE = Finish(
    outcome=Outcome.SKIPPED,
    code="closed_after_notice",
    message="someone else closed the item after our notice",
)


class NextStep(Protocol):
    """A function that says what to do next for one item: :func:`next_step`, say."""

    def __call__(
        self,
        planned: PlanItem,
        state: EntryState,
        live: Live | None,
        *,
        now: datetime,
        timing: Timing,
    ) -> Step:
        """The next step, by what the ledger holds and what was just read."""


def next_step(
    planned: PlanItem, state: EntryState, live: Live | None, *, now: datetime, timing: Timing
) -> Step:
    """The next act for a migrating plan item. ``live`` is the last reading, ``None`` if there
    was none in this process."""
    notice = state.act(ActKind.NOTICE)
    if notice is None or notice.unwritten:
        return before_notice(live, now, timing)
    if notice.phase is Phase.REFUSED:
        return notice_refused(notice, live)
    if not notice.done:
        return find_out(notice, live, now, timing)
    return _after_notice(planned, state, notice, live, now, timing)


def is_recent(moment: datetime, now: datetime, limit: timedelta) -> bool:
    """Whether no more than ``limit`` passed since ``moment``. One that lies far ahead tells of a
    clock that was put back."""
    return abs(now - moment) <= limit


def is_fresh(live: Live, now: datetime, timing: Timing) -> bool:
    """Whether a write may follow that reading."""
    return is_recent(live.read_at, now, timing.fresh)


def not_before(moment: datetime, now: datetime, act: Step) -> Step:
    """The act, once that moment has come; until then a wait for it."""
    return act if now >= moment else Wait(until=moment)


def before_notice(live: Live | None, now: datetime, timing: Timing) -> Step:
    """The notice, on a fresh reading that shows nothing against it."""
    if live is None or not is_fresh(live, now, timing):
        return Read()
    return obstacle(live) or PostNotice(edits=live.standing_comment)


def obstacle(live: Live) -> Finish | None:
    """What a reading before the notice shows against acting at all."""
    if not live.exists:
        return GONE
    if live.drift is not None:
        return Finish(outcome=Outcome.SKIPPED, code=live.drift.code, message=live.drift.message)
    if live.state is not State.OPEN:
        return Finish(
            outcome=Outcome.SKIPPED, code="closed", message="it was closed by someone else"
        )
    return None


def notice_refused(notice: ActState, live: Live | None) -> Step:
    """A refusal that a reading explains (gone, locked, closed) is no failure: the item has just
    drifted."""
    if live is None:
        return Read()
    code = "edit_refused" if notice.comment_id else "notice_refused"
    return obstacle(live) or failed(code, notice)


def failed(code: str, act: ActState) -> Finish:
    """The end of an entry whose act GitHub declined, in GitHub's words."""
    return Finish(outcome=Outcome.FAILED, code=code, message=act.reason)


def find_out(notice: ActState, live: Live | None, now: datetime, timing: Timing) -> Step:
    """A notice was sent (or may have been) and we do not know: two answered look-ups decide,
    each late enough."""
    if notice.comment_id:  # an edit: writing the same text again is harmless
        return not_before(notice.since + timing.cut_off, now, before_notice(live, now, timing))
    if notice.absences == 0:
        return not_before(notice.since + timing.cut_off, now, LookUp())
    if notice.absences == 1:
        return not_before((notice.looked_at or notice.since) + timing.read_lag, now, LookUp())
    return before_notice(live, now, timing)


def _after_notice(
    planned: PlanItem,
    state: EntryState,
    notice: ActState,
    live: Live | None,
    now: datetime,
    timing: Timing,
) -> Step:
    if planned.closes and _is_yielding(state, live):
        return _yield(state, live, now, timing)
    if not planned.closes and not planned.label:
        return _finish_done(planned, state)
    close = state.act(ActKind.CLOSE)
    if close is None or close.unwritten:
        return _before_close(planned, notice, live, now, timing)
    if close.phase is Phase.REFUSED:
        return _close_refused(planned, close, live)
    if close.done:
        return _after_close(planned, state, live, now, timing)
    return _close_unknown(planned, close, live, now, timing)


def _is_yielding(state: EntryState, live: Live | None) -> bool:
    """Whether a person's word was seen after our notice: then nothing goes forward any more, only
    back.

    Usually the ledger says so; where a process died after the close, a later reading may be the
    first to show it.
    """
    edit = state.act(ActKind.EDIT)
    begun = state.act(ActKind.REOPEN) is not None or (
        edit is not None and edit.version == "yielded"
    )
    seen = (
        state.is_done(ActKind.CLOSE)
        and live is not None
        and live.drift is not None
        and live.drift.gentle
    )
    return begun or seen or any(act.yielded for act in state.acts.values())


def _after_close(
    planned: PlanItem, state: EntryState, live: Live | None, now: datetime, timing: Timing
) -> Step:
    """Closed at once: done. After a grace the close's own request corrected the notice, or one
    more request does. What the close met and its reply did not show is read first."""
    close = state.act(ActKind.CLOSE)
    if close is not None and close.unseen and planned.closes:
        settled = close.since + timing.cut_off + timing.read_lag
        if live is None or live.read_at < settled:
            return not_before(settled, now, Read())
    corrected = close is not None and close.edited
    if not planned.closes or not planned.grace_days or corrected:
        return _finish_done(planned, state)
    return edit_step(state, EditNotice(version="closed"), live, now, timing) or _finish_done(
        planned, state
    )


def edit_step(
    state: EntryState, act: EditNotice, live: Live | None, now: datetime, timing: Timing
) -> Step | None:
    """The edit, unless it happened or was refused. Writing the same text again is harmless once the
    first has surely ended.

    The new text is worded from the item, so something must have been read in this process.
    """
    edit = state.act(ActKind.EDIT)
    if edit is not None and edit.version == act.version:
        if not edit.pending:
            return None
        if not edit.unwritten and now < edit.since + timing.cut_off:
            return Wait(until=edit.since + timing.cut_off)
    if live is None:
        return Read()
    return act if live.exists else GONE_AFTER_NOTICE


def _finish_done(planned: PlanItem, state: EntryState) -> Finish:
    notice = state.act(ActKind.NOTICE)
    edited = notice is not None and notice.edited and not planned.closes
    return Finish(outcome=Outcome.DONE, code=EDITED if edited else planned.decision.value)


def _before_close(
    planned: PlanItem, notice: ActState, live: Live | None, now: datetime, timing: Timing
) -> Step:
    due = (notice.confirmed_at or notice.since) + timedelta(days=planned.grace_days)
    if (
        planned.closes and planned.grace_days and now < due
    ):  # without a grace, GitHub's clock may be ahead of ours
        return Wait(until=due, parked=True)
    if live is None or not is_fresh(live, now, timing):
        return Read()
    return _obstacle_after_notice(planned, live) or Close()


def _obstacle_after_notice(planned: PlanItem, live: Live) -> Step | None:
    """What a reading after the notice shows against label and close.

    A person's word keeps the item open, and the notice is corrected. Where nothing is to be closed
    it changes nothing.
    """
    if not live.exists:
        return GONE_AFTER_NOTICE
    if live.state is not State.OPEN:
        return CLOSED_AFTER_NOTICE
    if live.drift is None or (live.drift.gentle and not planned.closes):
        return None
    if live.drift.gentle:
        return EditNotice(version="yielded", code=live.drift.code)
    return Finish(
        outcome=Outcome.SKIPPED, code=f"{live.drift.code}_after_notice", message=live.drift.message
    )


def _close_refused(planned: PlanItem, close: ActState, live: Live | None) -> Step:
    """A refusal that a reading explains (gone, locked, closed by others, spoken on) is no
    failure."""
    if live is None:
        return Read()
    return _obstacle_after_notice(planned, live) or failed(
        "close_refused" if planned.closes else "label_refused", close
    )


def _close_unknown(
    planned: PlanItem, close: ActState, live: Live | None, now: datetime, timing: Timing
) -> Step:
    """A close was sent and no reply came. The timeline shows whether it landed; only then may it
    be sent again."""
    settled = close.since + timing.cut_off + timing.read_lag
    if now < settled:
        return Wait(until=settled)
    if live is None or not is_fresh(live, now, timing):
        return Read()
    if live.exists and live.closed_by_us:
        spoke = live.drift is not None and live.drift.gentle
        return Confirm(kind=ActKind.CLOSE, yielded=live.drift.code if live.drift and spoke else "")
    if live.exists and live.reopened:  # whoever did it: we never close an item twice
        return Confirm(kind=ActKind.CLOSE, yielded="reopened")
    return _obstacle_after_notice(planned, live) or Close()


def _yield(state: EntryState, live: Live | None, now: datetime, timing: Timing) -> Step:
    """A person spoke: open the item again if we closed it, then say so in the notice, then be
    done."""
    reopen = state.act(ActKind.REOPEN)
    if state.is_done(ActKind.CLOSE) and (reopen is None or reopen.pending):
        return _reopen(reopen, live, now, timing)
    if (
        reopen is not None and reopen.phase is Phase.REFUSED
    ):  # the notice must not claim that it is open again
        return _reopen_refused(reopen, live, GONE_AFTER_NOTICE)
    code = _yield_code(state)
    edit = edit_step(state, EditNotice(version="yielded", code=code), live, now, timing)
    return edit or Finish(
        outcome=Outcome.YIELDED,
        code=code,
        message=f"{_YIELDS.get(code, SPOKE)}; the item stays open",
    )


def _reopen(reopen: ActState | None, live: Live | None, now: datetime, timing: Timing) -> Step:
    """Reopen at once; after an unknown outcome only once that request has surely ended, and only
    on a fresh reading."""
    unknown = _before_reopen(reopen, live, now, timing)
    if live is None or unknown is not None:
        return unknown or Read()
    if not live.exists:
        return GONE_AFTER_NOTICE
    if _is_ours_to_reopen(live):
        return Reopen()
    return Confirm(kind=ActKind.REOPEN) if live.state is State.OPEN else CLOSED_AFTER_NOTICE


def _before_reopen(
    reopen: ActState | None, live: Live | None, now: datetime, timing: Timing
) -> Step | None:
    """What comes before a reopen: the sure end of one that was sent, and a fresh reading."""
    if reopen is not None and not reopen.unwritten:
        ended = reopen.since + timing.cut_off + timing.read_lag
        if now < ended:
            return Wait(until=ended)
    return None if live is not None and is_fresh(live, now, timing) else Read()


def _is_ours_to_reopen(live: Live) -> bool:
    """Whether our own close is what keeps the item closed.

    An open item on which our close is not visible was read too early to show it: to reopen is
    right, and harmless if not.
    """
    return live.closed_by_us or (live.state is State.OPEN and not live.reopened)


def _reopen_refused(reopen: ActState, live: Live | None, gone: Finish) -> Step:
    """GitHub cannot reopen a pull request whose head is gone; an item that is gone itself is no
    failure."""
    if live is None:
        return Read()
    return failed("cannot_reopen", reopen) if live.exists else gone


def _yield_code(state: EntryState) -> str:
    for kind in (ActKind.EDIT, ActKind.REOPEN, ActKind.CLOSE, ActKind.NOTICE):
        act = state.act(kind)
        if act is not None and (act.yielded or act.code):
            return act.yielded or act.code
    return "person_spoke"


def next_undo_step(
    planned: PlanItem, state: EntryState, live: Live | None, *, now: datetime, timing: Timing
) -> Step:
    """The next act for an undoing plan item: reopen what we closed and take our label off, then say
    so in the notice.

    ``planned.closes`` or ``planned.label`` mean that there is something to take back on the item
    itself.
    """
    reopen = state.act(ActKind.REOPEN)
    if (planned.closes or planned.label) and (reopen is None or reopen.pending):
        return _take_back(planned, reopen, live, now, timing)
    if (
        reopen is not None and reopen.phase is Phase.REFUSED
    ):  # the notice must not claim that it was taken back
        return _reopen_refused(reopen, live, GONE)
    return _edit_undone(state, live, now, timing) or Finish(outcome=Outcome.DONE, code="undo")


def _take_back(
    planned: PlanItem, reopen: ActState | None, live: Live | None, now: datetime, timing: Timing
) -> Step:
    unknown = _before_reopen(reopen, live, now, timing)
    if live is None or unknown is not None:
        return unknown or Read()
    if not live.exists:
        return GONE
    reopens = planned.closes and _is_ours_to_reopen(live)
    return Reopen(reopens=reopens) if reopens or planned.label else Confirm(kind=ActKind.REOPEN)


def _edit_undone(
    state: EntryState, live: Live | None, now: datetime, timing: Timing
) -> Step | None:
    """The last word of an undo. Its text is in the plan, so nothing need be read; a refusal is
    explained by a reading."""
    edit = state.act(ActKind.EDIT)
    act = EditNotice(version="undone")
    if edit is None or edit.unwritten:
        return act
    if edit.pending:
        return not_before(edit.since + timing.cut_off, now, act)
    if edit.phase is not Phase.REFUSED:
        return None
    if live is None:
        return Read()
    return failed("edit_refused", edit) if live.exists else GONE
