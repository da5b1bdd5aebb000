"""Keeps writes within the account's budget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from migrator.domain.rules import BudgetRules
from migrator.store.budget import Budget, Window
from migrator.store.runs import Run


def windows(rules: BudgetRules) -> tuple[Window, ...]:
    """The limits of the migration file as windows. The last one keeps two writes apart."""
    return (
        Window(limit=rules.content_per_minute, seconds=60.0),
        Window(limit=rules.content_per_hour, seconds=3600.0),
    )


class Pacer:
    """Gives each run its pace. ``now`` is in seconds since 1970: budgets live in real time, whatever the run's clock says."""

    def __init__(self, budget: Budget, rules: BudgetRules, now: Callable[[], float]) -> None:
        self._budget = budget
        self._windows = windows(rules)
        self._gap = rules.seconds_between_writes
        self._now = now
        self._last = 0.0

    def of(self, run: Run) -> Callable[[int], Awaitable[bool]]:
        """The pace of a run: the budget's, or none at all for an unpaced rehearsal."""
        return self._paced if run.options.get("paced", True) else _unpaced

    async def _paced(self, cost: int) -> bool:
        """Wait until ``cost`` units may be written; says whether that took a while."""
        waited = False
        while True:
            now = self._now()
            gap = self._last + self._gap - now
            wait = gap if gap > 0 else self._budget.reserve(cost, now, self._windows)
            if wait <= 0:
                self._last = self._now()
                return waited
            waited = True
            await asyncio.sleep(wait)


async def _unpaced(_cost: int) -> bool:
    return False
