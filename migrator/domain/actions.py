"""What to do next for one item: a pure function from what the ledger holds and what was just read to one act.

The caller performs the act, appends what came of it to the ledger, and asks again until :class:`Finish` or :class:`Wait`.
It may die between any two of these; asking again with the same ledger gives an act that is safe to perform.

    nothing intended -> Read -> (drifted: Finish skipped) -> PostNotice -> Close -> Finish done
    a write without a reply -> LookUp, twice -> confirmed, or free to write again
    someone spoke after the notice -> EditNotice -> Finish yielded;  after the close -> Reopen -> EditNotice -> Finish yielded
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from migrator.domain.items import Frozen, State
from migrator.domain.ledger import ActKind, ActState, EntryState, Outcome, Phase
from migrator.domain.planning import PlanItem


class Timing(Frozen, frozen=True, kw_only=True):
    """How long GitHub may keep us in the dark.

    ``cut_off``: how long after its intent a request has surely ended (5 s to connect, GitHub cuts at 10 s, a margin).
    ``read_lag``: how much later a write is surely visible. ``fresh``: how old a reading may be when a write follows it.
    """

    cut_off: timedelta = timedelta(seconds=20)
    read_lag: timedelta = timedelta(seconds=10)
    fresh: timedelta = timedelta(seconds=5)


class Drift(Frozen, frozen=True, kw_only=True):
    """Why the item is no longer as it was planned. ``gentle`` drift is a person's word: the item stays open."""

    code: str
    message: str
    gentle: bool = False


class Live(Frozen, frozen=True, kw_only=True):
    """What a reading just showed. ``closed_by_us``: the latest close is our own and came after the close was intended.

    ``exists`` is false for an item that was deleted or transferred away.
    """

    read_at: datetime
    exists: bool = True
    state: State = State.OPEN
    drift: Drift | None = None
    closed_by_us: bool = False


class Read(Frozen, frozen=True, kw_only=True):
    """Read the item again, now."""


class LookUp(Frozen, frozen=True, kw_only=True):
    """Look for our nonce among our own account's comments on the item."""


class Wait(Frozen, frozen=True, kw_only=True):
    """Nothing may be done before ``until``. ``parked``: for days (a grace), so the caller should let go of the item."""

    until: datetime
    parked: bool = False


class PostNotice(Frozen, frozen=True, kw_only=True):
    """Write the notice, in a request of its own."""


class Close(Frozen, frozen=True, kw_only=True):
    """Add the label and (unless only a label is planned) close, in one request."""


class Reopen(Frozen, frozen=True, kw_only=True):
    """Open the item again and take our label off."""


class EditNotice(Frozen, frozen=True, kw_only=True):
    """Replace the notice's text. ``version`` says by which: ``yielded``, ``closed`` or ``undone``."""

    version: str
    code: str = ""


class Confirm(Frozen, frozen=True, kw_only=True):
    """A reading showed that an act whose reply was lost has happened (or is no longer needed); write it down as done."""

    kind: ActKind
    data: dict[str, str] = {}


class Finish(Frozen, frozen=True, kw_only=True):
    """Nothing is left to do; write the outcome."""

    outcome: Outcome
    code: str
    message: str = ""


Act = Read | LookUp | Wait | PostNotice | Close | Reopen | EditNotice | Confirm | Finish


GONE_AFTER_NOTICE = Finish(
    outcome=Outcome.SKIPPED, code="gone_after_notice", message="the item was deleted or transferred after our notice"
)


def next_act(planned: PlanItem, state: EntryState, live: Live | None, *, now: datetime, timing: Timing) -> Act:
    """The next act for a migrating plan item. ``live`` is the last reading, ``None`` if there was none in this process."""
    notice = state.act(ActKind.NOTICE)
    if notice is None:
        return _before_notice(live, now, timing)
    if notice.phase is Phase.REFUSED:
        return Finish(outcome=Outcome.FAILED, code="notice_refused", message=str(notice.data.get("reason", "")))
    if not notice.done:
        return _find_out(notice, live, now, timing)
    return _after_notice(planned, state, notice, live, now, timing)


def _is_fresh(live: Live | None, now: datetime, timing: Timing) -> bool:
    return live is not None and now - live.read_at <= timing.fresh


def _before_notice(live: Live | None, now: datetime, timing: Timing) -> Act:
    if live is None or not _is_fresh(live, now, timing):
        return Read()
    if live.drift is not None:
        return Finish(outcome=Outcome.SKIPPED, code=live.drift.code, message=live.drift.message)
    return PostNotice()


def _find_out(notice: ActState, live: Live | None, now: datetime, timing: Timing) -> Act:
    """A notice was sent (or may have been) and we do not know: two answered look-ups decide, each late enough."""
    if notice.absences == 0:
        return _not_before(notice.since + timing.cut_off, now, LookUp())
    if notice.absences == 1:
        return _not_before((notice.looked_at or notice.since) + timing.read_lag, now, LookUp())
    return _before_notice(live, now, timing)


def _not_before(moment: datetime, now: datetime, act: Act) -> Act:
    return act if now >= moment else Wait(until=moment)


def _after_notice(
    planned: PlanItem, state: EntryState, notice: ActState, live: Live | None, now: datetime, timing: Timing
) -> Act:
    if _is_yielding(state):
        return _yield(planned, state, live, now, timing)
    if not planned.closes and not planned.label:
        return _finish_done(planned)
    close = state.act(ActKind.CLOSE)
    if close is None:
        return _before_close(planned, notice, live, now, timing)
    if close.phase is Phase.REFUSED:
        return Finish(outcome=Outcome.FAILED, code="close_refused", message=str(close.data.get("reason", "")))
    if close.done:
        return _after_close(planned, state, now, timing)
    return _close_unknown(close, live, now, timing)


def _is_yielding(state: EntryState) -> bool:
    """Whether a person's word was seen after our notice: then nothing goes forward any more, only back."""
    edit = state.act(ActKind.EDIT)
    seen = any(act.data.get("yield") for act in state.acts.values())
    return seen or state.act(ActKind.REOPEN) is not None or (edit is not None and edit.data.get("version") == "yielded")


def _after_close(planned: PlanItem, state: EntryState, now: datetime, timing: Timing) -> Act:
    """Closed at once: done. After a grace, the close's own request corrected the notice, or one more does."""
    close = state.act(ActKind.CLOSE)
    if not planned.closes or not planned.grace_days or (close is not None and close.data.get("edited")):
        return _finish_done(planned)
    return _edit(state.act(ActKind.EDIT), EditNotice(version="closed"), now, timing) or _finish_done(planned)


def _edit(edit: ActState | None, act: EditNotice, now: datetime, timing: Timing) -> Act | None:
    """The edit, unless it happened or was refused. Writing the same text again is harmless once the first has surely ended."""
    if edit is None:
        return act
    return _not_before(edit.since + timing.cut_off, now, act) if edit.pending else None


def _finish_done(planned: PlanItem) -> Finish:
    return Finish(outcome=Outcome.DONE, code=planned.decision.value)


def _before_close(planned: PlanItem, notice: ActState, live: Live | None, now: datetime, timing: Timing) -> Act:
    confirmed = _moment(notice.data.get("confirmed_at"), notice.since)
    due = confirmed + timedelta(days=planned.grace_days)
    if planned.closes and planned.grace_days and now < due:  # without a grace, GitHub's clock may be ahead of ours
        return Wait(until=due, parked=True)
    if live is None or not _is_fresh(live, now, timing):
        return Read()
    if not live.exists:
        return GONE_AFTER_NOTICE
    if live.drift is not None:
        return _drifted_after_notice(live.drift)
    return Close()


def _drifted_after_notice(drift: Drift) -> Act:
    """After the notice a person's word keeps the item open and the notice is corrected; other drift just ends our work."""
    if drift.gentle:
        return EditNotice(version="yielded", code=drift.code)
    return Finish(outcome=Outcome.SKIPPED, code=f"{drift.code}_after_notice", message=drift.message)


def _close_unknown(close: ActState, live: Live | None, now: datetime, timing: Timing) -> Act:
    """A close was sent and no reply came. The timeline shows whether it landed; only then may it be sent again."""
    settled = close.since + timing.cut_off + timing.read_lag
    if now < settled:
        return Wait(until=settled)
    if live is None or not _is_fresh(live, now, timing):
        return Read()
    if not live.exists:
        return GONE_AFTER_NOTICE
    if live.closed_by_us:
        gentle = live.drift is not None and live.drift.gentle
        return Confirm(kind=ActKind.CLOSE, data={"yield": live.drift.code} if live.drift and gentle else {})
    if live.drift is not None:
        return _drifted_after_notice(live.drift)
    return Close()


def _yield(planned: PlanItem, state: EntryState, live: Live | None, now: datetime, timing: Timing) -> Act:
    """A person spoke: open the item again if we closed it, then say so in the notice, then be done."""
    reopen = state.act(ActKind.REOPEN)
    if state.is_done(ActKind.CLOSE) and planned.closes and (reopen is None or reopen.pending):
        return _reopen(reopen, live, now, timing)
    code = _yield_code(state)
    edit = _edit(state.act(ActKind.EDIT), EditNotice(version="yielded", code=code), now, timing)
    if edit is not None:
        return edit
    if reopen is not None and reopen.phase is Phase.REFUSED:
        return Finish(outcome=Outcome.FAILED, code="cannot_reopen", message=str(reopen.data.get("reason", "")))
    return Finish(outcome=Outcome.YIELDED, code=code, message="a person spoke; the item stays open")


def _reopen(reopen: ActState | None, live: Live | None, now: datetime, timing: Timing) -> Act:
    """Reopen at once. After an unknown outcome only if a fresh reading still shows our own close."""
    if reopen is None:
        return Reopen()
    settled = reopen.since + timing.cut_off + timing.read_lag
    if now < settled:
        return Wait(until=settled)
    if live is None or not _is_fresh(live, now, timing):
        return Read()
    return Reopen() if live.closed_by_us else Confirm(kind=ActKind.REOPEN)


def _yield_code(state: EntryState) -> str:
    for kind in (ActKind.EDIT, ActKind.REOPEN, ActKind.CLOSE, ActKind.NOTICE):
        act = state.act(kind)
        if act is not None and (act.data.get("yield") or act.data.get("code")):
            return str(act.data.get("yield") or act.data.get("code"))
    return "person_spoke"


def next_undo_act(planned: PlanItem, state: EntryState, live: Live | None, *, now: datetime, timing: Timing) -> Act:
    """The next act for an undoing plan item: reopen what we closed and take our label off, then say so in the notice.

    ``planned.closes`` or ``planned.label`` mean that there is something to take back on the item itself.
    """
    reopen = state.act(ActKind.REOPEN)
    if (planned.closes or planned.label) and (reopen is None or reopen.pending):
        return _take_back(reopen, live, now, timing)
    edit = _edit(state.act(ActKind.EDIT), EditNotice(version="undone"), now, timing)
    if edit is not None:
        return edit
    if reopen is not None and reopen.phase is Phase.REFUSED:
        return Finish(outcome=Outcome.FAILED, code="cannot_reopen", message=str(reopen.data.get("reason", "")))
    return Finish(outcome=Outcome.DONE, code="undo")


def _take_back(reopen: ActState | None, live: Live | None, now: datetime, timing: Timing) -> Act:
    if reopen is not None and now < reopen.since + timing.cut_off + timing.read_lag:
        return Wait(until=reopen.since + timing.cut_off + timing.read_lag)
    if live is None or not _is_fresh(live, now, timing):
        return Read()
    if not live.exists:
        return Finish(outcome=Outcome.SKIPPED, code="gone", message="the item was deleted or transferred away")
    return Reopen()


def _moment(value: object, default: datetime) -> datetime:
    return msgspec.convert(value, datetime) if isinstance(value, str) else default
