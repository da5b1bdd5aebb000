"""What maintainers' answers teach: how often the automatic verdict was wrong, and whether that
is good enough."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from migrator.domain.calibration import LEAST_ANSWERS
from migrator.domain.evidence import Activity, ActivityVerdict, Ownership
from migrator.domain.items import Frozen
from migrator.domain.rules import ReviewRules
from migrator.domain.stats import Interval, least_sample, wilson


class Reviewed(Frozen, frozen=True, kw_only=True):
    """One item that was judged by us and answered by a maintainer; what was not answered is
    ``None``.

    ``judged`` and ``alive`` are the automatic verdicts, as they are without the answer. Whether an
    item is alive matters only if it was judged ours: nothing is done to the others. ``chosen``: the
    item was not taken as it came, so its answer does not tell how often verdicts are wrong.
    """

    key: str
    judged: Ownership
    answered: Ownership | None = None
    alive: Activity | None = None
    said_alive: Activity | None = None
    chosen: bool = False

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
    ourselves, which is no error; those of the review queue's random sample count as ``checked``
    where they have automatic verdicts. An answer of ``unsure`` is no answer and counts nowhere.
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
    checked = [each for each in answered if each.judged is not Ownership.UNSURE and not each.chosen]
    wrong = sorted(each.key for each in checked if each.wrong)
    return ErrorRate(
        checked=len(checked),
        wrong=len(wrong),
        asked=len(answered) - len(checked),
        interval=wilson(len(wrong), len(checked), confidence=confidence),
        wrong_keys=tuple(wrong),
    )


class AnswersNeeded(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """How many more verdicts must be checked until the error rate is known to be as low as the
    migration file wants; ``None`` if no number would show it. ``reason`` is a sentence."""

    more: int | None
    reason: str


def answers_needed(measured: ErrorRate, rules: ReviewRules) -> AnswersNeeded:
    """How many more verdicts must be checked, if as many of them are wrong as so far.

    Wilson's upper bound of a share is at most ``max_error_rate`` from the number on that
    :func:`least_sample` gives. Below ``needs_reviewed`` the gate stays closed, and below
    :data:`LEAST_ANSWERS` the migration file's own precision is used.
    """
    share, most = measured.interval.share, rules.max_error_rate
    least = least_sample(share, most, confidence=rules.confidence)
    if least is None:
        return AnswersNeeded(more=None, reason=_UNREACHABLE.format(share=share, most=most))
    wanted = max(least, rules.needs_reviewed, LEAST_ANSWERS)
    more = wanted - measured.checked
    if more <= 0:
        enough = _ENOUGH.format(high=measured.interval.high, sure=rules.confidence)
        return AnswersNeeded(more=0, reason=enough)
    if wanted == least:
        wrong = f"if {share:.1%} of them are wrong, as so far" if share else "if none is wrong"
        why = _TO_KNOW.format(sure=rules.confidence, most=most, wrong=wrong)
    elif wanted == rules.needs_reviewed:
        why = f": the migration file demands {wanted:,}"
    else:
        why = f": below {wanted} the precision is that of the migration file"
    checks = f"Check {more:,} more automatic {'verdict' if more == 1 else 'verdicts'}"
    return AnswersNeeded(more=more, reason=f"{checks}{why}.")


_TO_KNOW: Final = " to know with {sure:.0%} confidence that at most {most:.1%} are wrong, {wrong}"
_ENOUGH: Final = (
    "Enough automatic verdicts were checked: with {sure:.0%} confidence at most {high:.1%} are "
    "wrong."
)
_UNREACHABLE: Final = (
    "If {share:.1%} of the automatic verdicts are wrong, as so far, no number of answers can show "
    "that at most {most:.1%} are: change the rules, and classify again."
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
