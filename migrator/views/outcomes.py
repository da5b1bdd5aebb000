"""What happened: the one read model that pages, API, command line, metrics and report take their
numbers from.

A plan says what was to be done, the ledger what was done, an undo what was taken back, and a later
reading how the item is now. The counts below are disjoint: each item of a run is counted once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from migrator.domain.decisions import Decision
from migrator.domain.items import Comment, Frozen, Item, State
from migrator.domain.planning.plan import PlanItem
from migrator.domain.planning.undo import CLOSED_LATER, RESOLVED
from migrator.domain.protocol.ledger import (
    ActKind,
    Attempt,
    EntryKind,
    Outcome,
    Phase,
    undo_decision,
)
from migrator.domain.protocol.next_step import CLOSED_AFTER_NOTICE, EDITED
from migrator.execution.migration_state import MigrationState
from migrator.store.ledger import Recorded
from migrator.store.outcomes import REVERTED, WAITING, OutcomeTotals
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run

ENDED: Final = ("done", EDITED, "yielded", "skipped", "failed", "in_doubt", REVERTED)
"""Where an item may stand at the end, in the order in which it is shown."""
_BY_PEOPLE: Final = frozenset({"person_spoke", "reopened"})
"""Codes of entries that an act of a person ended, beside commands."""
_ANSWERS: Final = {
    (Outcome.DONE.value, RESOLVED): "done",
    (Outcome.SKIPPED.value, CLOSED_AFTER_NOTICE.code): "closed_by_person",
    (Outcome.DONE.value, Decision.ASK.value): "unanswered",
}
"""Where an entry stands, with the code of its outcome -> the answer to its question."""


class OutcomeSums(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """Items of a run by where they stand now.

    ``planned`` is the sum of all the others up to ``left``, those not begun. On ``edited`` items
    the notice that stood got another text, and nothing else was done. ``noticed`` items carry a
    notice of ours, whatever it says by now; ``closed`` ones were closed by us and not opened again
    since, as far as we know. ``waiting`` ones wait for their grace, ``set_aside`` ones were begun
    and are not shown by GitHub any more.
    """

    planned: int = 0
    done: int = 0
    edited: int = 0
    yielded: int = 0
    skipped: int = 0
    failed: int = 0
    in_doubt: int = 0
    reverted: int = 0
    waiting: int = 0
    set_aside: int = 0
    left: int = 0
    noticed: int = 0
    closed: int = 0


class QuestionSums(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """What came of the questions whether a stale issue is still needed; ``asked`` is the sum of the
    others.

    ``still_here``: an act of a person keeps it open. ``done``: closed by the answer ``/done``.
    ``closed_by_person``: a person closed it before its grace ended, as far as the last reading
    knows. ``unanswered``: closed by us when it ended. ``waiting``: still open, and it has not ended
    yet. ``other``: undone, or ended for another reason (a lock, a fix).
    """

    asked: int = 0
    still_here: int = 0
    done: int = 0
    closed_by_person: int = 0
    unanswered: int = 0
    waiting: int = 0
    other: int = 0


class RunOutcomes(Frozen, frozen=True, kw_only=True):
    """The sums of a run, and its ended items by decision and outcome (``reverted`` included).
    ``questions`` is ``None`` where nothing was asked."""

    sums: OutcomeSums
    decisions: dict[str, dict[str, int]]
    questions: QuestionSums | None = None


def totals_of(records: MigrationState) -> OutcomeTotals:
    """The counts of this migration's ledger."""
    return OutcomeTotals(records.store.engine, records.migration.file.migration.name)


def run_outcomes(records: MigrationState, run: Run, plan: StoredPlan) -> RunOutcomes:
    """What has become of the items of a run."""
    key = ("run outcomes", run.id, plan.hash)
    return records.store.answers.get(
        key, lambda: _run_outcomes(records, run, plan), state=records.store.runs.changes(run.id)
    )


def _run_outcomes(records: MigrationState, run: Run, plan: StoredPlan) -> RunOutcomes:
    totals = totals_of(records)
    standing = totals.standing(run.id)
    whole: Counter[str] = Counter()
    for counts in standing.values():
        whole.update(counts)
    waiting = records.store.progress.waiting(run.id)
    aside = len(waiting.set_aside)
    ended = {name: whole[name] for name in ENDED}
    sums = OutcomeSums(
        planned=plan.totals.notices,
        **ended,
        waiting=waiting.count,
        set_aside=aside,
        left=max(0, plan.totals.notices - sum(ended.values()) - waiting.count - aside),
        noticed=totals.noticed(run.id),
        closed=totals.closed(run.id, plan.hash),
    )
    asks = plan.totals.decisions.get(Decision.ASK.value)
    questions = _questions(totals, run, plan) if asks else None
    return RunOutcomes(sums=sums, decisions=_ended(standing), questions=questions)


def _questions(totals: OutcomeTotals, run: Run, plan: StoredPlan) -> QuestionSums | None:
    """``None`` before anything was asked."""
    found: Counter[str] = Counter()
    for (stood, code), count in totals.asked(run.id).items():
        found[_answer(stood, code)] += count
    if found["waiting"]:
        closed = min(totals.closed_in_grace(run.id, plan.hash), found["waiting"])
        found.update(closed_by_person=closed, waiting=-closed)
    return QuestionSums(asked=found.total(), **found) if found.total() else None


def _answer(stood: str, code: str) -> str:
    """Which of the :class:`QuestionSums` an entry counts for that stands so."""
    if stood == WAITING:
        return "waiting"
    if stood == Outcome.YIELDED and (code in _BY_PEOPLE or code.startswith("command ")):
        return "still_here"
    return _ANSWERS.get((stood, code), "other")


def _ended(standing: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """The same without what has no end yet."""
    found = {
        decision: {name: counts[name] for name in ENDED if counts.get(name)}
        for decision, counts in standing.items()
    }
    return {decision: counts for decision, counts in found.items() if counts}


class NoticeNow(Frozen, frozen=True, kw_only=True):
    """Our notice as it stands. ``version`` is how it was corrected last, empty if it was not.

    ``text`` is empty where the exact wording is not known here: it was corrected, and nobody has
    read the item since. ``at`` is when it was last written or read.
    """

    url: str
    at: datetime
    version: str = ""
    text: str = ""
    read: bool = False


class StateNow(Frozen, frozen=True, kw_only=True):
    """An item's state as last known: from a reading, or from an act of ours that came later
    (``by_us``)."""

    state: State
    at: datetime
    by_us: bool = False


class ItemOutcome(Frozen, frozen=True, kw_only=True):
    """What has become of an item: ``outcome`` is ``planned``, ``waiting``, one of :data:`ENDED`,
    or empty if nothing was ever to be done to it. ``decision`` is that of the newest entry."""

    outcome: str
    decision: str
    state: StateNow
    notice: NoticeNow | None = None


def reverted_by(recorded: Recorded, beside: Iterable[Recorded]) -> Recorded | None:
    """The undo that took an entry back, if one is done."""
    entry = recorded.entry
    return next(
        (
            other
            for other in beside
            if other.entry.decision == undo_decision(entry.decision)
            and other.entry.generation == entry.generation
            and other.state.outcome is Outcome.DONE
        ),
        None,
    )


def outcome_of(recorded: Recorded, beside: Iterable[Recorded]) -> str:
    """Where an entry stands now: one of :data:`ENDED`, or ``waiting``."""
    if reverted_by(recorded, beside) is not None:
        return REVERTED
    outcome, code = recorded.state.outcome, recorded.state.code
    if outcome is Outcome.DONE and code == EDITED:
        return EDITED
    return outcome.value if outcome else WAITING


def item_outcome(
    records: MigrationState, item: Item, recorded: Sequence[Recorded], planned: PlanItem | None
) -> ItemOutcome:
    """What has become of an item, from all its entries (oldest first) and its last reading."""
    read_at = records.store.snapshots.read_at(item.repository, item.number)
    ours = [one for one in recorded if one.entry.kind is EntryKind.NOTICE]
    last = ours[-1] if ours else None
    acts = planned is not None and planned.acts
    return ItemOutcome(
        outcome=outcome_of(last, recorded) if last else "planned" if acts else "",
        decision=last.entry.decision if last else planned.decision.value if planned else "",
        state=_state(records, item, read_at, recorded),
        notice=_notice(records, item, read_at, recorded),
    )


def _state(
    records: MigrationState, item: Item, read_at: datetime, recorded: Sequence[Recorded]
) -> StateNow:
    """The newest of the last reading and our own confirmed closes and reopenings."""
    found = [StateNow(state=item.state, at=read_at)]
    for one in recorded:
        closes = closes_item(records, one)
        for write in confirmed(one):
            if write.act in (ActKind.CLOSE, ActKind.REOPEN) and closes:
                state = State.CLOSED if write.act is ActKind.CLOSE else State.OPEN
                found.append(StateNow(state=state, at=write.at, by_us=True))
    return max(found, key=lambda each: each.at)


def closes_item(records: MigrationState, one: Recorded) -> bool:
    """Whether the acts of an entry change the item's state: its close closes, or its reopening
    opens. Otherwise they only put on or take off a label."""
    planned = records.store.plans.item(one.entry.plan_hash, *one.entry.ref)
    return (planned is not None and planned.closes) or one.state.code in CLOSED_LATER


def confirmed(one: Recorded) -> list[Attempt]:
    """The lines by which each write of an entry was confirmed. A later line that only notes more
    about it (that a person spoke, say) is no second write."""
    writes: list[Attempt] = []
    settled: set[ActKind] = set()
    for attempt in one.attempts:
        if attempt.phase is Phase.INTENDED:
            settled.discard(attempt.act)
        elif attempt.phase is Phase.DONE and attempt.act not in settled:
            settled.add(attempt.act)
            writes.append(attempt)
    return writes


def _notice(
    records: MigrationState, item: Item, read_at: datetime, recorded: Sequence[Recorded]
) -> NoticeNow | None:
    """The newest notice: as it was read after our last write to it, else as we wrote it."""
    standing = [one for one in recorded if one.state.comment_id]
    if not standing:
        return None
    one = standing[-1]
    undo = reverted_by(one, recorded)
    written, version, text = _written(records, one, undo)
    act = one.state.act(ActKind.NOTICE)
    url = act.url if act else ""
    seen = _comment(item, one.state.comment_id)
    if seen is not None and read_at > written:
        return NoticeNow(url=url, at=read_at, version=version, text=seen.body, read=True)
    return NoticeNow(url=url, at=written, version=version, text=text)


def _comment(item: Item, comment_id: str) -> Comment | None:
    return next((each for each in item.comments if each.id == comment_id), None)


def _written(
    records: MigrationState, one: Recorded, undo: Recorded | None
) -> tuple[datetime, str, str]:
    """When we last wrote to a notice, by which version, and its text where that is known."""
    edit, close = one.state.act(ActKind.EDIT), one.state.act(ActKind.CLOSE)
    if undo is not None:
        return _last(undo, ActKind.EDIT), "undone", _planned_text(records, undo)
    if edit is not None and edit.done:
        return _last(one, ActKind.EDIT), edit.version, ""
    if close is not None and close.done and close.edited:
        return _last(one, ActKind.CLOSE), "closed", ""
    return _last(one, ActKind.NOTICE), "", _planned_text(records, one)


def _last(one: Recorded, act: ActKind) -> datetime:
    """When an act of an entry was last confirmed; when the entry was made, if it never was."""
    return max(
        (each.at for each in confirmed(one) if each.act is act), default=one.entry.created_at
    )


def _planned_text(records: MigrationState, one: Recorded) -> str:
    planned = records.store.plans.item(one.entry.plan_hash, *one.entry.ref)
    return planned.text if planned else ""
