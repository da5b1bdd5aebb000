"""What happens to an item: two verdicts and the file's rules in, one decision with its reason
out."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from migrator.domain import not_judged
from migrator.domain.classification.activity.facts import Subject, subject_of
from migrator.domain.decisions.case import REVIEWER, Case, reviewer, seen, with_answer
from migrator.domain.decisions.decision import NOT_OURS, Decided, Decision, ReviewAnswer
from migrator.domain.decisions.guards import guarded
from migrator.domain.evidence import (
    Activity,
    ActivityVerdict,
    Evidence,
    Grounds,
    Ownership,
    OwnershipVerdict,
)
from migrator.domain.items import Item, State
from migrator.domain.rules import MigrationFile
from migrator.domain.rules.base import listed_among


def decide(
    item: Item,
    ownership: OwnershipVerdict,
    activity: ActivityVerdict,
    file: MigrationFile,
    *,
    now: datetime,
    answer: ReviewAnswer | None = None,
    arrived: bool = False,
) -> Decided:
    """What happens to the item at ``now`` (aware). Total: every combination has an answer, and none
    raises.

    ``arrived`` says that the item has just been opened, and came by a webhook or the sweep.
    """
    return decide_subject(
        subject_of(item), ownership, activity, file, now=now, answer=answer, arrived=arrived
    )


def decide_subject(
    subject: Subject,
    ownership: OwnershipVerdict,
    activity: ActivityVerdict,
    file: MigrationFile,
    *,
    now: datetime,
    answer: ReviewAnswer | None = None,
    arrived: bool = False,
) -> Decided:
    """The same from stored facts, without the snapshot."""
    judged = Case(
        subject=subject,
        ownership=ownership,
        activity=activity,
        file=file,
        now=now,
        answer=answer,
        arrived=arrived,
    )
    case = with_answer(judged)
    if subject.state is not State.OPEN:
        return case.build(Decision.LEAVE, "closed", seen("state", subject.state.value))
    unjudged = not_judged.of_verdicts(ownership, activity)
    if unjudged is not None:
        return _by_maintainer(case) or case.build(Decision.REVIEW, not_judged.NOT_JUDGED, unjudged)
    return _of_target(case) if case.in_target else _of_source(case)


def _of_target(case: Case) -> Decided:
    """An open item of a target repository: cleared if it is from before the cutover and no
    exception."""
    subject, cutover = case.subject, case.file.migration.cutover
    opened = seen(
        "cutover",
        f"opened {subject.created_at:%Y-%m-%d}",
        f"cutover {cutover:%Y-%m-%d}",
        at=subject.created_at,
    )
    if subject.created_at >= cutover:
        return case.build(Decision.LEAVE, "after_cutover", opened)
    if not case.file.decisions.clear.enabled:
        return case.build(Decision.LEAVE, "clear_disabled", opened)
    kept = _exception(case)
    if kept is not None:
        return case.build(Decision.LEAVE, "clear_exception", kept)
    if case.answer is not None and case.answer.ownership is Ownership.NOT_OURS:
        return case.build(Decision.LEAVE, "reviewer", reviewer(case.answer))
    return _by_maintainer(case) or guarded(case, Decision.CLEAR, "before_cutover", opened)


def _exception(case: Case) -> Evidence | None:
    """By which number, label or protection the file excepts the item from clearing, if it does."""
    rules, subject = case.file.decisions.clear, case.subject
    if subject.number in rules.except_numbers:
        return seen("exception", f"#{subject.number}")
    labels = listed_among(subject.labels, rules.except_labels)
    if labels:
        return seen("exception", labels[0])
    return case.protection if rules.except_protected else None


def _of_source(case: Case) -> Decided:
    """An open item of the source repository: whose is it, must a person look, and what then?"""
    verdict = case.ownership
    if (
        verdict.answer is Ownership.NOT_OURS
        and not verdict.contradiction
        and _named_decision(case) is None
    ):
        code = "reviewer" if verdict.grounds is Grounds.REVIEWER else NOT_OURS
        return case.build(Decision.LEAVE, code, case.whose)
    found = _by_maintainer(case)
    if found is not None:
        return found
    if verdict.contradiction:
        return case.build(
            Decision.REVIEW, "contradiction", seen("contradiction", verdict.contradiction)
        )
    if verdict.answer is Ownership.UNSURE:
        return case.build(Decision.REVIEW, "unsure", case.whose)
    return _ours(case)


def _by_maintainer(case: Case) -> Decided | None:
    """What only a person can settle: a locked thread waits for one, and a decision that a
    maintainer named is taken."""
    if case.subject.locked and not case.to_leave:
        return case.build(Decision.REVIEW, "locked", seen("locked", "locked"))
    decision = _named_decision(case)
    if decision is None or case.answer is None:
        return None
    founded = replace(case, ownership=replace(case.ownership, grounds=Grounds.REVIEWER))
    return guarded(founded, decision, "reviewer", reviewer(case.answer))


def fitting(subject: Subject, file: MigrationFile) -> tuple[Decision, ...]:
    """The decisions that a maintainer can choose from for an item; others would post a notice
    that is not true of it."""
    if any(part.target.casefold() == subject.repository.casefold() for part in file.parts):
        return (Decision.LEAVE, Decision.CLEAR)
    closing = Decision.PORT if subject.is_pull_request else Decision.RETIRE
    return (Decision.LEAVE, Decision.REDIRECT, closing)


def _named_decision(case: Case) -> Decision | None:
    """The decision that a maintainer named, if it fits the item, and no close that a person
    overtook by acting since."""
    named = case.answer.decision if case.answer else None
    if case.answer is None or named not in fitting(case.subject, case.file):
        return None
    overtaken = (
        case.activity.clock > case.answer.at
        and case.build(named, REVIEWER, reviewer(case.answer)).closes
    )
    return None if overtaken else named


def _ours(case: Case) -> Decided:
    """An open item that is ours: moved or told already, a pull request, new, active or stale."""
    activity, told = case.activity, case.file.activity.told
    if activity.landing and told.known_landing != "decide":
        decision = Decision.RETIRE if told.known_landing == "close" else Decision.LEAVE
        return guarded(case, decision, "known_landing", case.named("landing"))
    if activity.already_told and told.already_told == "leave":
        return case.build(Decision.LEAVE, "already_told", case.named("already_told"))
    if case.subject.is_pull_request:
        return _pull_request(case)
    if case.arrived:
        return guarded(
            case, Decision.WELCOME, "arrived", seen("arrived", "new", at=case.subject.created_at)
        )
    return _by_age(case)


def _by_age(case: Case) -> Decided:
    """Active, stale, or old only because nobody answered the author. A maintainer's word is
    given as the reason, not the age."""
    activity = case.activity
    answered = activity.deciding.signal == REVIEWER
    if activity.answer is Activity.ACTIVE:
        return case.build(case.kept_open, REVIEWER if answered else "active", activity.deciding)
    if activity.unanswered:
        return guarded(case, _unanswered(case), "unanswered", case.named("unanswered"))
    if case.file.decisions.stale.act == "transfer" and case.may_transfer:
        return case.build(Decision.TRANSFER, REVIEWER if answered else "stale", activity.deciding)
    closing = Decision.ASK if case.file.decisions.asks else Decision.RETIRE
    return guarded(case, closing, REVIEWER if answered else "stale", activity.deciding)


def _unanswered(case: Case) -> Decision:
    """What the file says of items that the maintainers have not settled."""
    decision = Decision(case.file.activity.unanswered)
    return case.kept_open if decision is Decision.REDIRECT else decision


def _pull_request(case: Case) -> Decided:
    """A pull request inside the moved paths: drafts, approved and protected ones as the file
    says, the others are ported."""
    rules = case.file.decisions.port
    if case.ownership.grounds is not Grounds.REVIEWER:
        if case.subject.draft and rules.drafts != "port":
            return case.build(Decision(rules.drafts), "draft", seen("draft", "draft"))
        if case.subject.review_decision == "APPROVED" and rules.approved != "port":
            return case.build(Decision(rules.approved), "approved", seen("review", "approved"))
        if case.protection is not None and rules.protected != "port":
            return case.build(Decision(rules.protected), "protected", case.protection)
    return guarded(case, Decision.PORT, "pull_request", _path_or_whose(case))


def _path_or_whose(case: Case) -> Evidence:
    """The changed path that makes the pull request ours, if that is among the evidence."""
    return next(
        (each for each in case.ownership.evidence if each.signal.startswith("path")), case.whose
    )
