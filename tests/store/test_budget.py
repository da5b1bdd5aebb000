"""The budget holds exactly, however many processes spend from it."""

from __future__ import annotations

import itertools

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from migrator.domain.protocol.rate_limit import HOUR, READ, AccountLimits, Demand, Priority
from migrator.store.budget import CLAIM_HOLDS, Budget
from migrator.store.models import ClaimRow, SpendRow
from tests.support.databases import run_together

WRITE = Demand()
COMMAND = Demand(priority=Priority.COMMAND)
START = 1_000_000.0


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self, _session: Session) -> float:
        """Now, in seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The budget's time."""
    return Clock()


@pytest.fixture
def budget(engine: Engine, clock: Clock) -> Budget:
    """One account's budget."""
    return Budget(engine, "app", clock)


def rows(engine: Engine, table: type[SpendRow] | type[ClaimRow]) -> int:
    """How many rows a table has."""
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_minute_holds_no_more_than_its_limit(budget: Budget, clock: Clock) -> None:
    """The next write goes out when the first one leaves the window, not earlier and not later."""
    limits = AccountLimits(content_per_minute=3, gap=0.0, reserve=0)
    assert [budget.ask(str(number), WRITE, limits) for number in range(3)] == [0.0] * 3
    clock.now += 58
    assert budget.ask("fourth", WRITE, limits) == pytest.approx(2.0)
    clock.now += 2
    assert budget.ask("fourth", WRITE, limits) == 0.0


def test_two_writes_are_a_second_apart_whoever_makes_them(
    engine: Engine, budget: Budget, clock: Clock
) -> None:
    """Another process has another object, and the same budget."""
    assert budget.ask("mine", WRITE, AccountLimits()) == 0.0
    clock.now += 0.25
    assert Budget(engine, "app", clock).ask("theirs", WRITE, AccountLimits()) == pytest.approx(0.75)


def test_accounts_do_not_spend_from_each_other(
    engine: Engine, budget: Budget, clock: Clock
) -> None:
    """Two installations run side by side."""
    limits = AccountLimits(content_per_hour=1)
    assert budget.ask("a", WRITE, limits) == 0.0
    assert Budget(engine, "another app", clock).ask("a", WRITE, limits) == 0.0


def test_a_command_goes_before_what_has_waited_longer(budget: Budget, clock: Clock) -> None:
    """Taking back before commands, commands before bulk, and within one priority who came first."""
    budget.ask("first", WRITE, AccountLimits())
    clock.now += 0.1
    assert budget.ask("bulk", WRITE, AccountLimits()) == pytest.approx(0.9)
    assert budget.ask("more bulk", WRITE, AccountLimits()) == pytest.approx(1.9)
    assert budget.ask("command", COMMAND, AccountLimits()) == pytest.approx(0.9)
    clock.now += 1.0
    assert budget.ask("bulk", WRITE, AccountLimits()) > 0
    assert budget.ask("command", COMMAND, AccountLimits()) == 0.0
    clock.now += 1.0
    assert budget.ask("more bulk", WRITE, AccountLimits()) > 0
    assert budget.ask("bulk", WRITE, AccountLimits()) == 0.0


def test_whoever_gives_up_waiting_holds_nobody_up(budget: Budget, clock: Clock) -> None:
    """Be it by saying so, or by dying."""
    budget.ask("first", WRITE, AccountLimits())
    budget.ask("leaves", COMMAND, AccountLimits())
    clock.now += 1.0
    assert budget.ask("bulk", WRITE, AccountLimits()) > 0
    budget.withdraw("leaves")
    assert budget.ask("bulk", WRITE, AccountLimits()) == 0.0
    budget.ask("dies", COMMAND, AccountLimits())
    clock.now += CLAIM_HOLDS
    assert budget.ask("bulk", WRITE, AccountLimits()) == 0.0


def test_reads_cost_points_and_no_content(engine: Engine, budget: Budget, clock: Clock) -> None:
    """And nobody lines up for them."""
    limits = AccountLimits(points_per_minute=3, reserve=0)
    assert [budget.ask("r", READ, limits) for _ in range(3)] == [0.0] * 3
    assert budget.ask("r", READ, limits) > 0
    assert rows(engine, ClaimRow) == 0
    assert budget.outlook().last_hour == 0


def test_a_limit_error_holds_every_process(engine: Engine, budget: Budget, clock: Clock) -> None:
    """What one learned, all know; and a page can show it."""
    budget.on_rate_limit(30.0)
    other = Budget(engine, "app", clock)
    assert other.ask("o", WRITE, AccountLimits()) > 0
    outlook = other.outlook()
    assert outlook.held == 30.0
    assert outlook.share == pytest.approx(0.8)
    clock.now += 31
    assert other.ask("o", WRITE, AccountLimits()) == 0.0


def test_old_spends_are_forgotten(engine: Engine, budget: Budget, clock: Clock) -> None:
    """The table stays as small as the hour is long."""
    for number in range(5):
        budget.ask(f"w{number}", WRITE, AccountLimits(gap=0.0))
        budget.ask("r", READ, AccountLimits(gap=0.0))
    clock.now += 61
    budget.ask("later", WRITE, AccountLimits(gap=0.0))
    assert rows(engine, SpendRow) == 6
    clock.now += HOUR + 1
    budget.ask("much later", WRITE, AccountLimits(gap=0.0))
    assert rows(engine, SpendRow) == 1


def test_the_time_left_counts_what_is_spent_already(budget: Budget, clock: Clock) -> None:
    """Half an hour's share takes longer when the other half has just gone out."""
    limits = AccountLimits(content_per_hour=60, burst=20)
    fresh = budget.seconds_left(40, limits)
    for number in range(30):
        clock.now += 1
        assert budget.ask(str(number), WRITE, limits) == 0.0
    assert budget.seconds_left(40, limits) > fresh


SPENDERS = """
import sys, time
from migrator.domain.protocol.rate_limit import Demand, AccountLimits, Priority
from migrator.store.budget import Budget
from migrator.store.types import scaled
from migrator.store.database import open_engine
me, address, scale = sys.argv[1], sys.argv[2], float(sys.argv[3])
budget = Budget(open_engine(address), "app", scaled(scale))
limits = AccountLimits(content_per_minute=20, content_per_hour=100, gap=1.0, burst=30)
demand = Demand(priority=Priority.COMMAND) if me == "0" else Demand(spread=True)
budget.outlook()
print("ready", flush=True)
input()
end = time.time() + 4
number = 0
while time.time() < end:
    number += 1
    while (wait := budget.ask(f"{me}-{number}", demand, limits)) and time.time() < end:
        time.sleep(min(wait / scale, 0.2))
    if me == "0":
        time.sleep(0.5)
"""


def test_several_processes_together_never_exceed_the_limits(engine: Engine, address: str) -> None:
    """Three processes for some minutes of a clock that runs sixty times as fast; the spends
    themselves are the witness."""
    run_together(3, SPENDERS, [address, "60"])
    with Session(engine) as session:
        times = sorted(session.scalars(select(SpendRow.at)))
    assert len(times) > 20  # more than a minute may hold
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) >= 1.0
    most = max(sum(begin <= each < begin + 60 for each in times) for begin in times)
    assert most <= 20
