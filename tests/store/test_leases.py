"""One worker acts for an installation, and one that was taken over is told so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from migrator.store.leases import Lease, LeaseLost, Leases
from tests.support.databases import run_together

HOLDS = timedelta(seconds=30)


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self, _session: Session) -> float:
        """Now, in seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """The time that all workers share."""
    return Clock()


@pytest.fixture
def leases(engine: Engine, clock: Clock) -> Leases:
    """The leases of all installations."""
    return Leases(engine, clock)


def taken(lease: Lease | None) -> Lease:
    """A lease that must have been got."""
    assert lease is not None
    return lease


def test_a_second_worker_stands_by(leases: Leases) -> None:
    """While the first one renews in time; another installation is free."""
    first = taken(leases.acquire("app", "a"))
    assert leases.acquire("app", "b") is None
    assert leases.current("app") == first
    assert leases.acquire("another app", "b") is not None


def test_a_new_installation_begins_above_all_others(leases: Leases) -> None:
    """It may be an old one at another address: what it left in the ledger under its old numbers
    must not shut it out."""
    for _ in range(3):
        highest = taken(leases.acquire("app at this address", "a"))
    assert taken(leases.acquire("app at another address", "a")).fencing > highest.fencing


def test_a_renewed_lease_outlives_its_first_term(leases: Leases, clock: Clock) -> None:
    """And keeps its fencing number."""
    lease = taken(leases.acquire("app", "a"))
    clock.now += 20
    renewed = leases.renew(lease)
    clock.now += 20
    assert leases.acquire("app", "b") is None
    assert renewed.fencing == lease.fencing


def test_a_silent_holder_is_taken_over_and_told_so(leases: Leases, clock: Clock) -> None:
    """When it wakes it may neither act, nor renew, nor let go of what is no longer its own."""
    asleep = taken(leases.acquire("app", "a"))
    clock.now += 31
    assert leases.current("app") is None
    heir = taken(leases.acquire("app", "b"))
    assert heir.fencing > asleep.fencing
    with pytest.raises(LeaseLost):
        leases.renew(asleep)
    leases.release(asleep)
    assert leases.current("app") == heir


def test_a_late_holder_goes_on_if_nobody_came(leases: Leases, clock: Clock) -> None:
    """A slow moment is no reason to change hands."""
    lease = taken(leases.acquire("app", "a"))
    clock.now += 31
    assert leases.renew(lease) == leases.current("app")


def test_a_released_lease_is_free_at_once(leases: Leases) -> None:
    """The next one need not wait, and gets a higher number."""
    lease = taken(leases.acquire("app", "a"))
    leases.release(lease)
    assert leases.current("app") is None
    assert taken(leases.acquire("app", "b")).fencing == lease.fencing + 1


def test_a_new_process_of_the_same_name_fences_the_old_one_off(leases: Leases) -> None:
    """Two processes with one name must not both act."""
    old = taken(leases.acquire("app", "a"))
    new = taken(leases.acquire("app", "a"))
    leases.renew(new)
    with pytest.raises(LeaseLost):
        leases.renew(old)


def test_silent_workers_are_known(leases: Leases, clock: Clock) -> None:
    """Their work must be taken up by others, once."""
    leases.beat("a")
    clock.now += 60
    leases.beat("b")
    assert leases.alive(HOLDS) == ["b"]
    leases.forget("a")


def test_a_worker_that_stays_silent_is_forgotten_and_its_alert_ends(
    leases: Leases, clock: Clock
) -> None:
    """On PostgreSQL a killed worker never comes back under its name."""
    leases.beat("killed")
    clock.now += 600
    leases.beat("b")
    assert leases.heartbeat_ages() == {"killed": 600, "b": 0}
    leases.forget_silent(timedelta(seconds=600))
    assert set(leases.heartbeat_ages()) == {"killed", "b"}
    clock.now += 1
    leases.forget_silent(timedelta(seconds=600))
    assert leases.heartbeat_ages() == {"b": 1}


RACE = """
import sys, time
from datetime import timedelta
from migrator.store.database import open_engine
from migrator.store.leases import LeaseLost, Leases
me, address = sys.argv[1:]
leases = Leases(open_engine(address))
leases.current("app")
print("ready", flush=True)
input()
end, last = time.time() + 60, 0
while last < 8 and time.time() < end:
    lease = leases.acquire("app", me, timedelta(seconds=0.3))
    if lease is None:
        time.sleep(0.01)
        continue
    last = lease.fencing
    print(last)
    if last % 2:
        leases.release(lease)
    else:
        time.sleep(0.4)  # falls silent
"""


def test_of_several_processes_one_holds_each_number(address: str, engine: Engine) -> None:
    """Three processes take, lose and take over for a while: no fencing number is given out
    twice, and none is left out."""
    outputs = run_together(3, RACE, [address])
    numbers = sorted(int(line) for output in outputs for line in output.split())
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 8
