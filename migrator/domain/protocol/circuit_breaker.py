"""When a run must stop by itself: people tell us that we are wrong, or GitHub does."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.domain.items import Frozen
from migrator.domain.protocol.causes import HoldCause, StopReason
from migrator.domain.rules.sending import BreakerRules


class Counts(Frozen, frozen=True, kw_only=True):
    """What was seen of one run so far.

    ``notices`` stand, ``closes`` were done; ``reopens`` are closed items that others opened again,
    ``appeals`` notices answered by a command against the decision, ``thumbs_down`` notices with at
    least one; ``refused_in_a_row`` the latest writes of one kind, all refused; ``limit_errors``
    those of the last hour; ``repeated_acts`` items with one act done twice.
    """

    notices: int = 0
    closes: int = 0
    reopens: int = 0
    appeals: int = 0
    thumbs_down: int = 0
    refused_in_a_row: int = 0
    limit_errors: int = 0
    repeated_acts: int = 0


def tripped(counts: Counts, rules: BreakerRules) -> StopReason | None:
    """Why the run must stop; ``None`` if it may go on."""
    return next(_reasons(counts, rules), None)


def _reasons(counts: Counts, rules: BreakerRules) -> Iterator[StopReason]:
    """Every bound that was passed, the gravest first."""
    if counts.repeated_acts >= rules.repeated_acts:
        items = _count(counts.repeated_acts, "item")
        words = f"one act was done twice on {items}, which must never happen"
        yield StopReason(HoldCause.REPEATED_ACTS, words)
    if rules.refused_in_a_row and counts.refused_in_a_row >= rules.refused_in_a_row:
        words = f"GitHub refused {_count(counts.refused_in_a_row, 'write')} in a row"
        yield StopReason(HoldCause.REFUSED_IN_A_ROW, words)
    if rules.limit_errors and counts.limit_errors >= rules.limit_errors:
        words = f"GitHub named a limit {_count(counts.limit_errors, 'time')} within an hour"
        yield StopReason(HoldCause.LIMIT_ERRORS, words)
    if _is_over(counts.reopens, counts.closes, counts.notices, rules.reopens, rules):
        words = f"people opened {counts.reopens} of {_count(counts.closes, 'closed item')} again"
        yield StopReason(HoldCause.REOPENS, words)
    if _is_over(counts.appeals, counts.notices, counts.notices, rules.appeals, rules):
        words = f"people appealed against {counts.appeals} of {_count(counts.notices, 'notice')}"
        yield StopReason(HoldCause.APPEALS, words)
    if _is_over(counts.thumbs_down, counts.notices, counts.notices, rules.thumbs_down, rules):
        words = f"{counts.thumbs_down} of {_count(counts.notices, 'notice')} got a thumbs-down"
        yield StopReason(HoldCause.THUMBS_DOWN, words)


def _is_over(part: int, whole: int, notices: int, bound: float, rules: BreakerRules) -> bool:
    """Whether a share passes its bound, once enough notices stand for a share to mean something."""
    return bool(bound) and notices >= rules.least_notices and part > bound * whole


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
