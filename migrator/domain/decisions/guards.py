"""What holds a close back: weak grounds, people who have just spoken, a close for good, and a
file for a trial."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from migrator.domain.decisions.case import Case, seen
from migrator.domain.decisions.decision import FIRM_GROUNDS, REASONS, Decided, Decision
from migrator.domain.evidence import Evidence, Leaning

CLOCKS_APART = timedelta(minutes=5)
"""How far ahead of us a clock may run. A commit is dated by its author's machine, which may be
wrong by years."""


def guarded(case: Case, decision: Decision, code: str, deciding: Evidence) -> Decided:
    """The decision; where its close is not well enough founded or would come too soon, the
    gentler one."""
    planned = case.build(decision, code, deciding)
    if not planned.closes:
        return planned
    if case.file.decisions.comment_only:
        return _without_closing(case, planned, "comment_only", seen("comment_only", "true"))
    if decision is not Decision.CLEAR and not _may_close(case):
        return _unfounded(case, planned)
    if _is_final(case):
        return case.build(Decision.REVIEW, "head_gone", seen("head", "gone"))
    return (
        _without_closing(case, planned, "quiet", _who_spoke(case))
        if _is_quiet(case, planned)
        else planned
    )


def _may_close(case: Case) -> bool:
    """Whether ownership is founded well enough for a close."""
    return (
        case.ownership.grounds in FIRM_GROUNDS
        or case.ownership.probability >= case.file.ownership.close_at
    )


def _is_final(case: Case) -> bool:
    """Whether nobody could open it again once it is closed, and neither the file nor a maintainer
    says that it may be.

    That GitHub refuses it is a belief of ours, ``pull_request_without_head`` of
    :mod:`migrator.domain.assumptions`.
    """
    named = case.answer is not None and case.answer.decision is not None
    return not case.subject.head_exists and case.file.decisions.head_gone == "review" and not named


def _unfounded(case: Case, planned: Decided) -> Decided:
    """A welcome still says hello; everything else waits for a person."""
    if planned.decision is Decision.WELCOME:
        return without_close(planned)
    bar = f"{case.file.ownership.close_at:.2f}, or a label, path or maintainer"
    deciding = seen("probability", f"{case.ownership.probability:.2f}", bar)
    return case.build(Decision.REVIEW, "close_needs_grounds", deciding)


def _is_quiet(case: Case, planned: Decided) -> bool:
    """Whether, when the close would happen, a person would have acted within the quiet days.

    Opening an item that has just arrived is no such act: whether those are closed is the file's
    choice. Behind an act that is dated in the future, we could not see who speaks until then.
    """
    clock = case.activity.clock
    if case.arrived and clock <= case.subject.created_at:
        return False
    if clock > case.now + CLOCKS_APART:
        return True
    return clock + case.file.activity.quiet_days > case.now + timedelta(days=planned.grace_days)


def _without_closing(case: Case, planned: Decided, code: str, deciding: Evidence) -> Decided:
    """What is done instead of a close: the notice alone, or in a target repository nothing."""
    if planned.decision is Decision.CLEAR:
        return case.build(Decision.LEAVE, code, deciding)
    if planned.decision in (Decision.RETIRE, Decision.ASK):
        return case.build(case.kept_open, code, deciding)
    return replace(without_close(planned), code=code, message=REASONS[code], deciding=deciding)


def without_close(planned: Decided) -> Decided:
    """The same notice and label, and the item stays open."""
    return replace(planned, closes=False, close_reason="", grace_days=0)


def _who_spoke(case: Case) -> Evidence:
    """The act that the quiet days run from."""
    found = case.named("clock")
    return Evidence(
        signal="quiet_days",
        says=Leaning.ACTIVE,
        value=found.value,
        bar=f"{case.file.activity.quiet_days.days} days",
        at=case.activity.clock,
        actor=found.actor,
        url=found.url,
    )
