"""How ownership verdicts fit the stream that is judged: the share of ours in it, the bias, the
bars, and what to expect.

Weights are fitted on labelled items, of which more are ours than in the stream. Two corrections
follow. The bias moves with the share of ours (Saerens, Latinne and Decaestecker 2002, "Adjusting
the Outputs of a Classifier to New a Priori Probabilities"), and the precision that was measured on
labelled items is counted anew for the share of the stream.

A calibration is made when items are classified, frozen by the plan, and used by everything that
follows that plan.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from statistics import fmean

import msgspec

from migrator.domain.items import Frozen
from migrator.domain.rules.ownership import MeasuredVerdicts, OwnershipRules
from migrator.domain.stats import Interval, wilson

LEAST_ITEMS = 200
"""Items of the source below which the share of ours is not estimated from them."""
LEAST_ANSWERS = 25
"""Maintainers' answers below which neither the share nor the precision is taken from them."""
FURTHEST = 1.5
"""Log-odds by which an estimate may move the bias; a stream that asks for more is not the one
that was measured."""
_ROUNDS = 100
_CLOSE_ENOUGH = 1e-5
_ENCODER = msgspec.json.Encoder(order="deterministic")


class ShareSource(StrEnum):
    """Where the share of ours comes from."""

    FILE = "file"
    ESTIMATED = "estimated"
    ANSWERS = "answers"
    OPTION = "option"


class ExpectedPrecision(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """The share of automatic *ours* that are expected to be right, with its 95 % interval.

    ``n`` counts the automatic *ours* that it was measured on; with none, nothing is known and the
    interval is 0 to 1.
    """

    value: float
    low: float
    high: float
    n: int


UNKNOWN = ExpectedPrecision(value=0.0, low=0.0, high=1.0, n=0)
"""Nothing was measured."""


class Calibration(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """One record, the same for the same items, rules and answers.

    ``bias`` is added to the file's, in log-odds. ``bars`` are the file's ``not_ours_at``,
    ``ours_at`` and ``close_at``. ``items`` and ``answers`` count what it was made from,
    ``measured`` says whether the precision was counted on labelled or answered items; otherwise it
    is the mean of the probabilities themselves.
    """

    rules_digest: str
    share: float
    share_source: ShareSource
    bias: float = 0.0
    bars: tuple[float, float, float]
    expected_precision: ExpectedPrecision
    measured: bool = False
    items: int = 0
    answers: int = 0

    @property
    def digest(self) -> str:
        """SHA-256 of the record, in hexadecimal digits."""
        return hashlib.sha256(_ENCODER.encode(self)).hexdigest()


def described(calibration: Calibration | None) -> str:
    """What to expect of automatic *ours*, in one or two sentences; empty without a calibration."""
    if calibration is None:
        return ""
    expected, share = (
        calibration.expected_precision,
        _FROM[calibration.share_source].format(**msgspec.structs.asdict(calibration)),
    )
    if not expected.n:
        return (
            "How many items answered ours are right is not known. Ours are "
            f"{calibration.share:.1%} of the items, {share}."
        )
    basis = (
        f"counted on {expected.n:,} items"
        if calibration.measured
        else "by the probabilities alone, which no one has checked"
    )
    return (
        f"Of the items answered ours without a maintainer, {expected.value:.1%} are expected to "
        "be right "
        f"({expected.low:.1%} to {expected.high:.1%}, {basis}). Ours are {calibration.share:.1%} "
        f"of the items, {share}."
    )


_FROM = {
    ShareSource.FILE: "as the migration file says",
    ShareSource.ESTIMATED: "as estimated from {items:,} of them",
    ShareSource.ANSWERS: "as {answers:,} answers of maintainers show",
    ShareSource.OPTION: "as given",
}


class AnsweredScore(Frozen, frozen=True, kw_only=True):
    """An item that a maintainer answered: its log-odds under the file, the answer, and whether
    the verdict was *ours* before, on an item that was not asked about for its uncertainty."""

    score: float
    ours: bool
    automatic: bool


def calibrate(
    rules: OwnershipRules,
    rules_digest: str,
    scores: Sequence[float],
    answered: Sequence[AnsweredScore] = (),
) -> Calibration:
    """Make the calibration for a stream whose items have these log-odds under the file's own bias.

    The share comes from maintainers' answers if there are at least ``LEAST_ANSWERS``, else from the
    items if there are at least ``LEAST_ITEMS`` and the file says for which share its weights hold,
    else from the file. An estimate from the items may lower the bias, never raise it: what would be
    ours only because much seems to be is for a person.
    """
    base = base_share(rules)
    if len(answered) >= LEAST_ANSWERS:
        source, bias = ShareSource.ANSWERS, _moved(_shift_of(answered))
        share = _mean_chance(scores, bias) if scores else fmean(one.ours for one in answered)
    elif len(scores) >= LEAST_ITEMS and base:
        source, share = ShareSource.ESTIMATED, _within_reach(estimated_share(scores, base), base)
        bias = min(0.0, log_odds(share) - log_odds(base))
    else:
        source, bias = ShareSource.FILE, 0.0
        share = base or (_mean_chance(scores, 0.0) if scores else 0.0)
    expected, measured = _expected(rules, share, bias, scores, answered)
    return Calibration(
        rules_digest=rules_digest,
        share=round(share, 6),
        share_source=source,
        bias=round(bias, 6),
        bars=(rules.not_ours_at, rules.ours_at, rules.close_at),
        expected_precision=expected,
        measured=measured,
        items=len(scores),
        answers=len(answered),
    )


def base_share(rules: OwnershipRules) -> float:
    """The share of ours for which the file's probabilities hold: stated, else that of the rows
    it was fitted on, else 0."""
    if rules.share:
        return rules.share
    return rules.fitted.ours / rules.fitted.rows if rules.fitted.rows else 0.0


def is_calibrated(rules: OwnershipRules, calibration: Calibration | None) -> bool:
    """Whether an item without any evidence may be answered: the weights were fitted, or the
    stream itself was looked at."""
    return rules.fitted.rows > 0 or (
        calibration is not None and calibration.share_source is not ShareSource.FILE
    )


def estimated_share(scores: Sequence[float], base: float) -> float:
    """The most likely share of ours among items with these log-odds, which hold for the share
    ``base`` (between 0 and 1).

    The fixed point of "the mean of the corrected probabilities is the share", found by repetition.
    """
    share = base
    for _ in range(_ROUNDS):
        after = min(max(_mean_chance(scores, log_odds(share) - log_odds(base)), 1e-6), 1 - 1e-6)
        if abs(after - share) < _CLOSE_ENOUGH:
            return after
        share = after
    return share


def at_share(share: float, right: tuple[int, int], wrong: tuple[int, int]) -> ExpectedPrecision:
    """The precision of *ours* in a stream with this share of ours, from counts on labelled items.

    ``right`` is how many items of ours were answered *ours*, out of how many; ``wrong`` the same of
    items of others. The interval joins the Wilson intervals of both rates on the scale of their
    ratio (Donner and Zou 2012, method MOVER-R).
    """
    n = right[0] + wrong[0]
    if not n or not 0.0 < share < 1.0:
        return UNKNOWN
    found, erred = wilson(*right), wilson(*wrong)
    low, high = _ratio_bounds(found, erred)
    return ExpectedPrecision(
        value=_precision(share, found.share, erred.share),
        low=_of_ratio(share, low),
        high=_of_ratio(share, high),
        n=n,
    )


def log_odds(chance: float) -> float:
    """Log-odds of a probability, at most 35 either way."""
    bounded = min(max(chance, 1e-15), 1 - 1e-15)
    return math.log(bounded / (1.0 - bounded))


def chance_of(score: float) -> float:
    """Probability for log-odds, without overflow at either end."""
    if score >= 0:
        return 1.0 / (1.0 + math.exp(-score))
    power = math.exp(score)
    return power / (1.0 + power)


def _mean_chance(scores: Sequence[float], bias: float) -> float:
    return fmean(chance_of(score + bias) for score in scores)


def _within_reach(share: float, base: float) -> float:
    """The share, but no further below the file's than the bias may move."""
    return max(share, chance_of(log_odds(base) - FURTHEST))


def _moved(bias: float) -> float:
    return max(-FURTHEST, min(FURTHEST, bias))


def _shift_of(answered: Sequence[AnsweredScore]) -> float:
    """The bias that makes answers most likely, given scores, with a normal prior of 1 around 0
    (Newton's method).

    That maintainers are asked about unsure items first does no harm: scores are given, only the
    answers are explained.
    """
    bias = 0.0
    for _ in range(_ROUNDS):
        chances = [chance_of(one.score + bias) for one in answered]
        slope = sum(chance - one.ours for chance, one in zip(chances, answered, strict=True)) + bias
        step = slope / (sum(chance * (1.0 - chance) for chance in chances) + 1.0)
        bias -= step
        if abs(step) < _CLOSE_ENOUGH:
            break
    return bias


def _expected(
    rules: OwnershipRules,
    share: float,
    bias: float,
    scores: Sequence[float],
    answered: Sequence[AnsweredScore],
) -> tuple[ExpectedPrecision, bool]:
    """What to expect, and whether it was measured: by answers on automatic verdicts, else by
    labelled items."""
    checked = [one.ours for one in answered if one.automatic]
    if len(checked) >= LEAST_ANSWERS:
        found = wilson(sum(checked), len(checked))
        return ExpectedPrecision(
            value=found.share, low=found.low, high=found.high, n=len(checked)
        ), True
    counted = _counts_at(rules.measured, chance_of(log_odds(rules.ours_at) - bias))
    if counted is not None:
        return at_share(share, *counted), True
    chances = [
        chance
        for chance in (chance_of(score + bias) for score in scores)
        if chance >= rules.ours_at
    ]
    if not chances:
        return UNKNOWN, False
    found = wilson(round(sum(chances)), len(chances))
    return ExpectedPrecision(
        value=fmean(chances), low=found.low, high=max(found.high, fmean(chances)), n=len(chances)
    ), False


def _counts_at(
    measured: MeasuredVerdicts, bar: float
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """What was counted at the highest of the measured bars that is not above this one; ``None``
    if nothing was."""
    place = bisect_right(measured.at, bar + 1e-9) - 1
    if place < 0:
        return None
    return (measured.ours_above[place], measured.ours), (
        measured.not_ours_above[place],
        measured.not_ours,
    )


def _precision(share: float, found: float, erred: float) -> float:
    hits, slips = share * found, (1.0 - share) * erred
    return hits / (hits + slips) if hits + slips else 0.0


def _ratio_bounds(found: Interval, erred: Interval) -> tuple[float, float]:
    """Bounds of the logarithm of ``found / erred``; infinite where a rate of 0 lies within
    reach."""
    if not found.share:
        return -math.inf, _log(found.high) - _log(erred.low)
    low_of_found = _log(found.share) - _log(found.low)
    up_of_found = _log(found.high) - _log(found.share)
    if not erred.share:
        return _log(found.low) - _log(erred.high), math.inf
    middle = _log(found.share) - _log(erred.share)
    below = math.hypot(low_of_found, _log(erred.high) - _log(erred.share))
    above = math.hypot(up_of_found, _log(erred.share) - _log(erred.low))
    return middle - below, middle + above


def _log(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf


def _of_ratio(share: float, ratio: float) -> float:
    if math.isinf(ratio):
        return 1.0 if ratio > 0 else 0.0
    return chance_of(log_odds(share) + ratio)
