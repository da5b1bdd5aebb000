"""What maintainers' answers teach: how often the automatic verdict was wrong, and whether that
is good enough."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from migrator.domain.evidence import Activity, ActivityVerdict, Ownership
from migrator.domain.items import Frozen
from migrator.domain.rules import ReviewRules
from migrator.domain.stats import Interval, wilson


class Reviewed(Frozen, frozen=True, kw_only=True):
    """One item that was judged by us and answered by a maintainer; what was not answered is
    ``None``.

    ``judged`` and ``alive`` are the automatic verdicts, as they are without the answer. Whether an
    item is alive matters only if it was judged ours: nothing is done to the others.
    """

    key: str
    judged: Ownership
    answered: Ownership | None = None
    alive: Activity | None = None
    said_alive: Activity | None = None

    @property
    def answers_whose(self) -> bool:
        """Whether a person settled whose it is."""
        return self.answered is not None and self.answered is not Ownership.UNSURE

    @property
    def answers_alive(self) -> bool:
        """Whether a person said if it is alive, of an item that we would act on."""
        return self.judged is Ownership.OURS and None not in (self.alive, self.said_alive)

    @property
    def wrong(self) -> bool:
        """Whether a person disagreed with an automatic verdict."""
        whose = self.answers_whose and self.answered is not self.judged
        return whose or (self.answers_alive and self.alive is not self.said_alive)


def alive_at(verdict: ActivityVerdict, moment: datetime) -> Activity | None:
    """What the verdict would have been at a moment; ``None`` if a person has acted since, which
    nobody could know then."""
    if verdict.clock > moment:
        return None
    return (
        Activity.STALE
        if verdict.stale_at is not None and verdict.stale_at <= moment
        else Activity.ACTIVE
    )


class ErrorRate(Frozen, frozen=True, kw_only=True):
    """How often maintainers disagreed with an automatic verdict: whose an item is, or whether it is
    alive.

    ``checked`` counts items with automatic verdicts that were answered, ``wrong`` those among them
    that were answered otherwise. ``asked`` counts items on which we had asked for a person
    ourselves, which is no error. An answer of ``unsure`` is no answer and counts nowhere.
    """

    checked: int
    wrong: int
    asked: int
    interval: Interval
    wrong_keys: tuple[str, ...] = ()


class ReviewGate(Frozen, frozen=True, kw_only=True):
    """Whether a wave may begin; ``reason`` is a sentence either way."""

    open: bool
    reason: str


def error_rate(reviewed: Iterable[Reviewed], *, confidence: float = 0.95) -> ErrorRate:
    """The error rate of automatic verdicts on reviewed items, with Wilson's interval at that
    confidence."""
    answered = [each for each in reviewed if each.answers_whose or each.answers_alive]
    checked = [each for each in answered if each.judged is not Ownership.UNSURE]
    wrong = sorted(each.key for each in checked if each.wrong)
    return ErrorRate(
        checked=len(checked),
        wrong=len(wrong),
        asked=len(answered) - len(checked),
        interval=wilson(len(wrong), len(checked), confidence=confidence),
        wrong_keys=tuple(wrong),
    )


def gate(measured: ErrorRate, rules: ReviewRules) -> ReviewGate:
    """Whether the file's demands on reviewed items are met. ``measured`` must use
    ``rules.confidence``."""
    if rules.needs_reviewed == 0:
        return ReviewGate(open=True, reason="The migration file demands no reviewed items.")
    if measured.checked < rules.needs_reviewed:
        return ReviewGate(
            open=False,
            reason=(
                f"{measured.checked} of {rules.needs_reviewed} verdicts were checked by a "
                "maintainer."
            ),
        )
    found = (
        f"{measured.wrong} of {measured.checked} checked verdicts were wrong (at most "
        f"{measured.interval.high:.1%})"
    )
    if measured.interval.high > rules.max_error_rate:
        return ReviewGate(
            open=False, reason=f"{found}; the migration file allows {rules.max_error_rate:.1%}."
        )
    return ReviewGate(
        open=True, reason=f"{found}; the migration file allows {rules.max_error_rate:.1%}."
    )
