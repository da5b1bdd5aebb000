"""The answers that settle an item which waits for a maintainer, and what each of them leads to.

An answer is offered only if the item's decision would not be ``review`` afterwards. Page, API and
command line offer these, and record no others for an item that waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from migrator.domain.classification.activity.facts import Subject
from migrator.domain.decisions.decide import decide_subject, fitting
from migrator.domain.decisions.decision import Decided, Decision, ReviewAnswer, together
from migrator.domain.evidence import Activity, ActivityVerdict, Ownership, OwnershipVerdict
from migrator.domain.items import Frozen
from migrator.domain.rules import MigrationFile


class AnswerKey(StrEnum):
    """What a reviewer may answer with one key. Whether an item is active matters only if it is
    ours, so ``a`` and ``s`` say both; ``l``, ``r`` and ``c`` decide outright."""

    OURS = "o"
    NOT_OURS = "n"
    ACTIVE = "a"
    STALE = "s"
    LEAVE = "l"
    REDIRECT = "r"
    CLOSE = "c"


_WORDS: Final = {
    AnswerKey.OURS: "ours",
    AnswerKey.NOT_OURS: "not ours",
    AnswerKey.ACTIVE: "ours, active",
    AnswerKey.STALE: "ours, stale",
    AnswerKey.LEAVE: "leave alone",
    AnswerKey.REDIRECT: "notify, keep open",
    AnswerKey.CLOSE: "notify and close",
}
_VERDICTS: Final[dict[AnswerKey, tuple[Ownership, Activity | None]]] = {
    AnswerKey.OURS: (Ownership.OURS, None),
    AnswerKey.NOT_OURS: (Ownership.NOT_OURS, None),
    AnswerKey.ACTIVE: (Ownership.OURS, Activity.ACTIVE),
    AnswerKey.STALE: (Ownership.OURS, Activity.STALE),
}
_DECISIONS: Final = {
    AnswerKey.LEAVE: (Decision.LEAVE,),
    AnswerKey.REDIRECT: (Decision.REDIRECT,),
    AnswerKey.CLOSE: (Decision.RETIRE, Decision.PORT, Decision.CLEAR),
}


class AnswerOffer(Frozen, frozen=True, kw_only=True):
    """One answer: its ``key``, what it ``says``, and what ``follows`` from it, in words. ``option``
    is how the command line takes it."""

    key: AnswerKey
    says: str
    follows: str
    decision: Decision
    option: str


class Question(Frozen, frozen=True, kw_only=True):
    """An item with its verdicts and the answers so far (oldest first), as it is judged at
    ``now``."""

    subject: Subject
    ownership: OwnershipVerdict
    activity: ActivityVerdict
    file: MigrationFile
    now: datetime
    answers: Sequence[ReviewAnswer] = ()

    def decided(self, given: ReviewAnswer | None = None) -> Decided:
        """What is decided, with one more answer if one is given."""
        answers = (*self.answers, given) if given else tuple(self.answers)
        return decide_subject(
            self.subject,
            self.ownership,
            self.activity,
            self.file,
            now=self.now,
            answer=together(answers) if answers else None,
        )

    def is_settled_by(self, given: ReviewAnswer) -> bool:
        """Whether the item would not wait for a maintainer any more."""
        return self.decided(given).decision is not Decision.REVIEW

    def offers(self) -> tuple[AnswerOffer, ...]:
        """The answers that settle it. Deciding outright is left out where a verdict leads to the
        same; to leave an item alone says something else than that it is not ours."""
        found: list[AnswerOffer] = []
        reached: set[tuple[Decision, bool]] = set()
        for key, given, decided in self._settling():
            effect = (decided.decision, decided.closes)
            if key not in _VERDICTS and effect in reached:
                continue
            if key is not AnswerKey.NOT_OURS:
                reached.add(effect)
            found.append(
                AnswerOffer(
                    key=key,
                    says=_WORDS[key],
                    follows=follows(decided),
                    decision=decided.decision,
                    option=_option(given),
                )
            )
        return tuple(found)

    def choices(self) -> tuple[Decision, ...]:
        """The decisions that fit the item and settle it, if they are made outright."""
        return tuple(
            each
            for each in fitting(self.subject, self.file)
            if self.is_settled_by(ReviewAnswer(by="", at=self.now, decision=each))
        )

    def _settling(self) -> Iterator[tuple[AnswerKey, ReviewAnswer, Decided]]:
        for key in AnswerKey:
            given = self.answer(key)
            if given is not None and self.is_settled_by(given):
                yield key, given, self.decided(given)

    def answer(self, key: AnswerKey, *, by: str = "", reason: str = "") -> ReviewAnswer | None:
        """What a key says, given now; ``None`` if it does not fit the item."""
        whose, alive = _VERDICTS.get(key, (None, None))
        wanted = _DECISIONS.get(key, ())
        choices = fitting(self.subject, self.file)
        decision = next((each for each in choices if each in wanted), None)
        if whose is None and decision is None:
            return None
        return ReviewAnswer(
            by=by, at=self.now, reason=reason, ownership=whose, activity=alive, decision=decision
        )


def follows(decided: Decided) -> str:
    """What will happen to an item, in one sentence."""
    if not decided.notice:
        return "Nothing is done to it."
    if decided.decision is Decision.TRANSFER:
        return "It gets a notice, and its thread moves to the new repository."
    if not decided.closes:
        return "It gets a notice and stays open."
    if decided.decision is Decision.ASK:
        return (
            "It gets a notice with a question, and is closed "
            f"{decided.grace_days} days later unless a person answers."
        )
    if not decided.grace_days:
        return "It gets a notice and is closed."
    return f"It gets a notice, and is closed {decided.grace_days} days later."


def _option(given: ReviewAnswer) -> str:
    parts = (
        ("--whose", given.ownership),
        ("--alive", given.activity),
        ("--decide", given.decision),
    )
    return " ".join(f"{name} {value.value}" for name, value in parts if value)
