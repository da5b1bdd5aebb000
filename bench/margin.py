"""How close to GitHub's hourly limit may the budget go? Many pretended hours at several settings,
by the pacing's own arithmetic.

    python -m bench.margin [--hours 12] [--json]

We count a write when it is granted, GitHub when it arrives, so what GitHub sees in an hour is
shifted by whatever happens in between: the fresh reading that follows a long wait, a slow network,
a busy machine. `worst_hour` is the most that GitHub sees in any sixty minutes (limit 500),
`utilisation` the least share of 500 that is used in a full hour, `listener_wait_max_s` the longest
that a person's command waits, thirty an hour arriving at random.
"""

from __future__ import annotations

import argparse
import bisect
import heapq
import itertools
import json
import random
import sys
from dataclasses import dataclass, field
from typing import Any

from migrator.domain.protocol.rate_limit import (
    HOUR,
    MINUTE,
    AccountLimits,
    AccountUsage,
    Demand,
    Priority,
    Spend,
    wait_for,
)
from migrator.store.budget import LOOK_AGAIN

HOURLY = 500
COMMANDS_PER_HOUR = 30
BULK = Demand(spread=True)
COMMAND = Demand(priority=Priority.COMMAND)
DELAYS = {
    "prompt": (0.3, 0.2, 0.0),
    "usual": (1.0, 2.0, 0.0),
    "slow": (2.0, 8.0, 0.0),
    "stalling": (1.0, 2.0, 0.02),
}
"""Seconds from the grant to the arrival: at least the first number, and up to the second more; the
third is the share that takes

:data:`STALL` seconds longer.
"""
STALL = 20.0
SETTINGS = (
    *(AccountLimits(content_per_hour=hour) for hour in (485, 490, 495, 498, 500)),
    AccountLimits(content_per_hour=495, burst=0),
    AccountLimits(content_per_hour=495, burst=495, reserve=0),
    AccountLimits(content_per_hour=495, reserve=0),
    AccountLimits(content_per_hour=495, reserve=10),
)


@dataclass
class World:
    """An account on which bulk work always waits and commands come at random; GitHub's view of
    it in ``arrivals``."""

    limits: AccountLimits
    delay: tuple[float, float, float]
    chance: random.Random
    spends: list[Spend] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    waiting: dict[int, tuple[float, Demand]] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)

    def run(self, hours: float) -> None:
        """Let the time pass."""
        numbers = itertools.count(1)
        events = [(0.0, 0, BULK)]
        at = 0.0
        while (at := at + self.chance.expovariate(COMMANDS_PER_HOUR / HOUR)) < hours * HOUR:
            events.append((at, next(numbers), COMMAND))
        heapq.heapify(events)
        while events and events[0][0] < hours * HOUR:
            now, number, demand = heapq.heappop(events)
            asked, _ = self.waiting.setdefault(number, (now, demand))
            if wait := wait_for(
                demand, self._account(number, asked, demand, now), self.limits, now
            ):
                heapq.heappush(events, (now + min(wait, LOOK_AGAIN), number, demand))
                continue
            del self.waiting[number]
            arrived = self._granted(demand, asked, now)
            if demand is BULK:
                heapq.heappush(events, (arrived + 0.3, number, demand))

    def _account(self, number: int, asked: float, demand: Demand, now: float) -> AccountUsage:
        first = bisect.bisect_right(self.spends, (now - HOUR, HOURLY, 0))
        others = [(since, one) for each, (since, one) in self.waiting.items() if each != number]
        ahead = [one for since, one in others if (one.priority, since) < (demand.priority, asked)]
        return AccountUsage(spends=self.spends[first:], ahead=ahead)

    def _granted(self, demand: Demand, asked: float, now: float) -> float:
        self.spends.append(Spend(now, demand.content, demand.points))
        least, more, stalls = self.delay
        arrived = (
            now
            + least
            + self.chance.random() * more
            + (STALL if self.chance.random() < stalls else 0.0)
        )
        bisect.insort(self.arrivals, arrived)
        if demand is COMMAND:
            self.waits.append(now - asked)
        return arrived

    def figures(self) -> dict[str, Any]:
        """What came of it."""
        full = int((self.arrivals[-1] - self.arrivals[0]) // HOUR)
        begins = [self.arrivals[0] + HOUR * number for number in range(full)]
        return {
            "utilisation": round(min(self._between(at, at + HOUR) for at in begins) / HOURLY, 4),
            "worst_hour": max(self._between(at, at + HOUR) for at in self.arrivals),
            "worst_minute": max(self._between(at, at + MINUTE) for at in self.arrivals),
            "listener_wait_max_s": round(max(self.waits), 1),
        }

    def _between(self, begin: float, end: float) -> int:
        return bisect.bisect_left(self.arrivals, end) - bisect.bisect_left(self.arrivals, begin)


def main() -> int:
    """Run every setting under every delay, and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.margin", description=__doc__)
    parser.add_argument("--hours", type=float, default=12.0, help="pretended hours for each row")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    rows = [_row(limits, name, given.hours) for limits in SETTINGS for name in DELAYS]
    if given.json:
        print(json.dumps({"rows": rows}, indent=2))
    else:
        print("".join(f"{name:>21}" for name in rows[0]))
        print("\n".join("".join(f"{value!s:>21}" for value in row.values()) for row in rows))
    return 0


def _row(limits: AccountLimits, delay: str, hours: float) -> dict[str, Any]:
    world = World(limits, DELAYS[delay], random.Random(1))
    world.run(hours)
    chosen = {
        "content_per_hour": limits.content_per_hour,
        "burst": limits.burst,
        "reserve": limits.reserve,
        "delay": delay,
    }
    return {**chosen, **world.figures()}


if __name__ == "__main__":
    sys.exit(main())
