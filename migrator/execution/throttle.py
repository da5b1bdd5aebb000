"""Keeps requests within the account's budget, which all processes share."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from migrator.domain.planning.plan import PlanKind
from migrator.domain.protocol.rate_limit import READ, AccountLimits, Demand, Priority
from migrator.domain.rules import BudgetRules
from migrator.store.budget import Budget
from migrator.store.runs import Run

Sleep = Callable[[float], Awaitable[object]]
"""Waits for so many seconds of the budget's clock."""


def limits_of(rules: BudgetRules) -> AccountLimits:
    """The limits that the migration file sets, below GitHub's own."""
    return AccountLimits(
        content_per_minute=rules.content_per_minute,
        content_per_hour=rules.content_per_hour,
        points_per_minute=rules.points_per_minute,
        gap=rules.seconds_between_writes,
        burst=rules.burst,
        reserve=rules.reserve,
    )


def listener_limits(rules: BudgetRules, part: float = 1.0) -> AccountLimits:
    """The limits of what the listener writes because of others, or of a ``part`` of that."""
    share = rules.listener_share * part
    return replace(
        limits_of(rules),
        content_per_hour=max(1, int(rules.content_per_hour * share)),
        gap=0.0,
    )


class Pacer:
    """Gives each kind of work its pace. ``sleep`` follows the budget's clock, which a test may
    let run faster; ``listener`` counts what the listener has used of its share."""

    def __init__(
        self,
        budget: Budget,
        rules: BudgetRules,
        sleep: Sleep = asyncio.sleep,
        listener: Budget | None = None,
    ) -> None:
        self._budget = budget
        self._limits = limits_of(rules)
        self._rules = rules
        self._sleep = sleep
        self._listener = listener

    def admit(self, content: int, *, part: float = 1.0) -> bool:
        """Charge the listener's share with so many writes; false, and nothing is charged, where it
        is used up.

        ``part``: how much of the share may be used, for those who must not use it up. What was
        admitted is sent at the account's own pace.
        """
        if self._listener is None:
            return True
        asker = uuid.uuid4().hex
        wait = self._listener.ask(
            asker, Demand(content=content), listener_limits(self._rules, part)
        )
        if wait:
            self._listener.withdraw(asker)  # there is no queue for the share
        return not wait

    def of(self, run: Run) -> Callable[[int], Awaitable[bool]]:
        """The pace of a run: the budget's, or none at all for an unpaced rehearsal."""
        if not run.options.paced:
            return _unpaced
        if run.kind == PlanKind.FOLLOW.value:
            return self.at(Priority[run.options.priority])
        takes_back = run.kind == PlanKind.UNDO.value
        return self.at(Priority.TAKE_BACK if takes_back else Priority.BATCH, spread=True)

    def at(self, priority: Priority, *, spread: bool = False) -> Callable[[int], Awaitable[bool]]:
        """The pace of single acts of this priority, or (``spread``) of work in bulk."""

        async def pace(content: int) -> bool:
            return await self.take(Demand(content=content, priority=priority, spread=spread))

        return pace

    async def read(self) -> bool:
        """Wait until one read may go out; says whether that took a while."""
        return await self.take(READ)

    async def take(self, demand: Demand) -> bool:
        """Wait until the request may go out; says whether that took a while. Whoever is
        cancelled stops waiting."""
        asker, waited = uuid.uuid4().hex, False
        try:
            while wait := self._budget.ask(asker, demand, self._limits):
                waited = True
                await self._sleep(wait)
        except BaseException:
            self._budget.withdraw(asker)
            raise
        return waited

    def on_rate_limit(self, wait: float) -> None:
        """Take in a limit error that asks for ``wait`` seconds."""
        self._budget.on_rate_limit(wait)


async def _unpaced(_content: int) -> bool:
    return False
