"""One item's case: everything that its decision is made from, with a maintainer's answers put in
place."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from migrator.domain.classification.activity.facts import Subject
from migrator.domain.decisions.decision import NOT_PLANNED, REASONS, Decided, Decision, ReviewAnswer
from migrator.domain.evidence import (
    Activity,
    ActivityVerdict,
    Evidence,
    Grounds,
    Leaning,
    Ownership,
    OwnershipVerdict,
)
from migrator.domain.items import Frozen
from migrator.domain.rules import MigrationFile

REVIEWER = "reviewer"
"""Evidence and reason code of what a maintainer answered."""

_CERTAIN = {Ownership.OURS: 1.0, Ownership.NOT_OURS: 0.0}


class Case(Frozen, frozen=True, kw_only=True):
    """All that one decision is made from. ``arrived``: the item has just been opened."""

    subject: Subject
    ownership: OwnershipVerdict
    activity: ActivityVerdict
    file: MigrationFile
    now: datetime
    answer: ReviewAnswer | None = None
    arrived: bool = False

    @property
    def in_target(self) -> bool:
        """Whether the item is in a target repository."""
        repository = self.subject.repository.casefold()
        return any(part.target.casefold() == repository for part in self.file.parts)

    @property
    def to_leave(self) -> bool:
        """Whether a maintainer said to leave the item alone."""
        return self.answer is not None and self.answer.decision is Decision.LEAVE

    @property
    def part(self) -> str:
        """Name of the part: what ownership says, else the first whose target the item is in,
        else the first."""
        if self.ownership.part:
            return self.ownership.part
        repository = self.subject.repository.casefold()
        return next(
            (part.name for part in self.file.parts if part.target.casefold() == repository),
            self.file.parts[0].name,
        )

    @property
    def kept_open(self) -> Decision:
        """What is done to an item of ours that stays open: GitHub transfers issues only."""
        transfers = self.file.decisions.active.act == "transfer" and self.may_transfer
        return Decision.TRANSFER if transfers else Decision.REDIRECT

    @property
    def may_transfer(self) -> bool:
        """Whether GitHub could transfer it, and the file is no trial that only comments."""
        return self.file.decisions.transfers and not self.subject.is_pull_request

    def build(self, decision: Decision, code: str, deciding: Evidence) -> Decided:
        """The decision with what the file says about its acts."""
        rules = self.file.decisions
        label, closes, grace = "", False, 0
        if decision is Decision.REDIRECT:
            label = rules.redirect.label
        elif decision in (Decision.RETIRE, Decision.ASK):
            label, closes, grace = rules.retire.label, True, rules.retire.grace_days.days
        elif decision is Decision.PORT:
            label, closes, grace = rules.port.label, True, rules.port.grace_days.days
        elif decision is Decision.CLEAR:
            label, closes = rules.clear.label, True
        elif decision is Decision.WELCOME:
            label, closes = rules.welcome.label, rules.welcome.close
        return Decided(
            decision=decision,
            code=code,
            message=REASONS[code],
            deciding=deciding,
            part=self.part,
            closes=closes,
            close_reason=NOT_PLANNED if closes and not self.subject.is_pull_request else "",
            grace_days=grace,
            label="" if rules.comment_only else label,
        )

    def named(self, signal: str) -> Evidence:
        """The activity evidence of that name, or the deciding one."""
        return next(
            (each for each in self.activity.evidence if each.signal == signal),
            self.activity.deciding,
        )

    @property
    def whose(self) -> Evidence:
        """What carries the ownership verdict most: the answer of a maintainer, else the heaviest
        evidence on its side."""
        verdict = self.ownership
        if verdict.grounds is Grounds.REVIEWER and verdict.evidence:
            return verdict.evidence[0]
        leaning = Leaning(verdict.answer.value)
        side = [each for each in verdict.evidence if each.says is leaning] or verdict.evidence
        return max(
            side,
            key=lambda each: abs(each.weight),
            default=seen("probability", f"{verdict.probability:.2f}"),
        )

    @property
    def protection(self) -> Evidence | None:
        """What keeps the item active whatever its age, if anything does."""
        return next(
            (each for each in self.activity.evidence if each.says is Leaning.PROTECTS), None
        )


def seen(signal: str, value: str, bar: str = "", *, at: datetime | None = None) -> Evidence:
    """Evidence that leans to no side: what was seen, and what it was held against."""
    return Evidence(signal=signal, says=Leaning.NEUTRAL, value=value, bar=bar, at=at)


def reviewer(answer: ReviewAnswer) -> Evidence:
    """A maintainer's answer as evidence."""
    return Evidence(
        signal=REVIEWER, says=Leaning.NEUTRAL, value=answer.reason, at=answer.at, actor=answer.by
    )


def with_answer(case: Case) -> Case:
    """The case with a maintainer's answers in place of the verdicts that they beat."""
    answer = case.answer
    if answer is None:
        return case
    return replace(
        case, ownership=_answered_ownership(case, answer), activity=_answered_activity(case, answer)
    )


def _answered_ownership(case: Case, answer: ReviewAnswer) -> OwnershipVerdict:
    before = case.ownership
    if answer.ownership is None:
        return before
    return OwnershipVerdict(
        answer=answer.ownership,
        probability=_CERTAIN.get(answer.ownership, before.probability),
        grounds=Grounds.REVIEWER,
        part=answer.part or before.part,
        bars=before.bars,
        evidence=(reviewer(answer), *before.evidence),
    )


def _answered_activity(case: Case, answer: ReviewAnswer) -> ActivityVerdict:
    """``active`` holds for good; ``stale`` until a person acts, which the maintainer could not
    know."""
    overtaken = answer.activity is Activity.STALE and case.activity.clock > answer.at
    if answer.activity is None or overtaken:
        return case.activity
    return replace(
        case.activity, answer=answer.activity, unanswered=False, deciding=reviewer(answer)
    )
