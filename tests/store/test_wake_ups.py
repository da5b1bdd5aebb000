"""A process that stores a delivery wakes the one that works."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from sqlalchemy import Engine

from migrator.store.deliveries import Arrived, Deliveries
from migrator.store.wake_ups import WakeUps
from tests.support.databases import opened

AT = datetime(2024, 1, 10, 12, tzinfo=UTC)
SOON = 10.0
"""Seconds that a busy machine may take."""


def delivery(number: int) -> Arrived:
    """A delivery of an issue."""
    return Arrived(id=f"d{number}", event="issues", action="opened", received_at=AT, payload=b"{}")


def test_a_delivery_that_another_process_stores_wakes_the_worker(
    address: str, engine: Engine
) -> None:
    """By a connection of its own, as another process has one."""
    woken = threading.Event()
    watching = WakeUps(engine, woken.set)
    watching.start()
    try:
        assert woken.wait(SOON), "it looks once when it begins to watch"
        woken.clear()
        with opened(address) as other:
            Deliveries(other).accept([delivery(1)])
        assert woken.wait(SOON)
    finally:
        watching.stop()


def test_nothing_wakes_a_worker_that_has_stopped(address: str, engine: Engine) -> None:
    """And to stop one that never began is no error."""
    woken = threading.Event()
    watching = WakeUps(engine, woken.set)
    watching.stop()
    watching.start()
    watching.stop()
    woken.clear()
    Deliveries(engine).accept([delivery(2)])
    assert not woken.is_set()
