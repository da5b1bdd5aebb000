"""What maintainers' answers teach: how often the automatic verdict was wrong, and whether that is good enough."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.domain.evidence import Ownership
from migrator.domain.intervals import Interval, wilson
from migrator.domain.items import Frozen
from migrator.domain.rules import ReviewRules


class Reviewed(Frozen, frozen=True, kw_only=True):
    """One item that was judged by us and answered by a maintainer.

    ``judged`` is the automatic verdict, as it was without the answer.
    """

    key: str
    judged: Ownership
    answered: Ownership


class ErrorRate(Frozen, frozen=True, kw_only=True):
    """How often maintainers disagreed with an automatic verdict.

    ``checked`` counts automatic verdicts that were answered, ``wrong`` those among them that were answered otherwise.
    ``asked`` counts items on which we had asked for a person ourselves, which is no error. An answer of ``unsure`` is
    no answer and counts nowhere.
    """

    checked: int
    wrong: int
    asked: int
    interval: Interval
    wrong_keys: tuple[str, ...] = ()


class Gate(Frozen, frozen=True, kw_only=True):
    """Whether a wave may begin; ``reason`` is a sentence either way."""

    open: bool
    reason: str


def error_rate(reviewed: Iterable[Reviewed], *, confidence: float = 0.95) -> ErrorRate:
    """The error rate of automatic verdicts on reviewed items, with Wilson's interval at that confidence."""
    answered = [each for each in reviewed if each.answered is not Ownership.UNSURE]
    checked = [each for each in answered if each.judged is not Ownership.UNSURE]
    wrong = sorted(each.key for each in checked if each.judged is not each.answered)
    return ErrorRate(
        checked=len(checked),
        wrong=len(wrong),
        asked=len(answered) - len(checked),
        interval=wilson(len(wrong), len(checked), confidence=confidence),
        wrong_keys=tuple(wrong),
    )


def gate(measured: ErrorRate, rules: ReviewRules) -> Gate:
    """Whether the file's demands on reviewed items are met. ``measured`` must use ``rules.confidence``."""
    if rules.needs_reviewed == 0:
        return Gate(open=True, reason="The migration file demands no reviewed items.")
    if measured.checked < rules.needs_reviewed:
        return Gate(open=False, reason=f"{measured.checked} of {rules.needs_reviewed} verdicts were checked by a maintainer.")
    found = f"{measured.wrong} of {measured.checked} checked verdicts were wrong (at most {measured.interval.high:.1%})"
    if measured.interval.high > rules.max_error_rate:
        return Gate(open=False, reason=f"{found}; the migration file allows {rules.max_error_rate:.1%}.")
    return Gate(open=True, reason=f"{found}; the migration file allows {rules.max_error_rate:.1%}.")
