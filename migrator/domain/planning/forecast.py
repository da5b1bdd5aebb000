"""What decisions will cost: writes, mails, and hours at the speed that the budget allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from migrator.domain.decisions import Decided
from migrator.domain.items import Frozen
from migrator.domain.rules import BudgetRules

HOUR = 3600.0
MINUTE = 60.0


class Forecast(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """Sums over many decisions.

    ``mails`` counts messages to participants and assignees, one for each notice and each close.
    Every watcher of a repository gets ``notices + closes`` more. ``hours`` is the time for the
    writes alone, without graces and waits between waves.
    """

    items: int = 0
    decisions: dict[str, int] = {}
    notices: int = 0
    closes: int = 0
    mails: int = 0
    hours: float = 0.0


def forecast(decided: Iterable[tuple[Decided, int]], budget: BudgetRules) -> Forecast:
    """Sum up decisions, each with the number of people that one write on its item mails."""
    counts: Counter[str] = Counter()
    notices = closes = second_requests = mails = 0
    for each, people in decided:
        counts[each.decision.value] += 1
        if not each.notice:
            continue
        notices += 1
        closes += each.closes
        second_requests += each.closes or bool(each.label)
        mails += people * (1 + each.closes)
    return Forecast(
        items=counts.total(),
        decisions=dict(sorted(counts.items())),
        notices=notices,
        closes=closes,
        mails=mails,
        hours=round(writing_hours(notices, second_requests, budget), 3),
    )


def writing_hours(notices: int, label_or_close_requests: int, budget: BudgetRules) -> float:
    """Hours from the first write to the last, with both windows empty at the start.

    Windows slide: a full hour's share may go out in its first minutes, and the next write waits
    until the hour is over.
    """
    requests = notices + label_or_close_requests
    units = notices + label_or_close_requests * budget.close_costs
    paced = max(0, requests - 1) * budget.seconds_between_writes
    return max(paced, _windowed(units, budget)) / HOUR


def _windowed(units: int, budget: BudgetRules) -> float:
    """Seconds until the last of ``units`` may go out under the hour's and the minute's limit."""
    if units == 0:
        return 0.0
    hours, rest = divmod(units - 1, budget.content_per_hour)
    minutes, within = divmod(rest, budget.content_per_minute)
    return hours * HOUR + max(
        minutes * MINUTE + within * budget.seconds_between_writes,
        rest * budget.seconds_between_writes,
    )
