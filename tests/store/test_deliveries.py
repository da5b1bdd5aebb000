"""Deliveries and landings on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from migrator.store.deliveries import MOST_ATTEMPTS, Arrived, Deliveries
from migrator.store.landings import Landing, Landings

NOW = datetime(2024, 1, 10, 12, 0, 0, 123456, tzinfo=UTC)


def arrived(name: str, seconds: float = 0, payload: bytes = b"{}") -> Arrived:
    """A webhook to be stored."""
    return Arrived(
        id=name,
        event="issues",
        action="opened",
        received_at=NOW + timedelta(seconds=seconds),
        payload=payload,
    )


@pytest.fixture
def deliveries(engine: Engine) -> Deliveries:
    """An empty table."""
    return Deliveries(engine)


def test_what_was_stored_comes_back_as_it_was(deliveries: Deliveries) -> None:
    """Every byte and every microsecond, on every database."""
    payload = bytes(range(256)) * 100 + "ä % %s ? :name \\".encode()
    deliveries.accept([arrived("a", payload=payload), arrived("b", 1)])
    (first, second) = deliveries.unfinished(10)
    assert (first.id, first.event, first.action, first.received_at, first.payload) == (
        "a",
        "issues",
        "opened",
        NOW,
        payload,
    )
    assert second.received_at == NOW + timedelta(seconds=1)


def test_a_group_is_stored_whole_or_not_at_all(deliveries: Deliveries, engine: Engine) -> None:
    """What makes one of them fail keeps the others out, and the connection goes on as before."""
    broken = msgspec.structs.replace(arrived("b"), event=None)
    with pytest.raises(IntegrityError):
        deliveries.accept([arrived("a"), broken])
    assert deliveries.known(["a", "b"]) == frozenset()
    assert deliveries.accept([arrived("a")]) == frozenset()
    with engine.begin() as connection:  # still one transaction, begun as a writer
        connection.exec_driver_sql("UPDATE mig_delivery SET result = 'x'")
        connection.rollback()
    assert [each.result for each in deliveries.newest()] == [""]


def test_an_id_is_stored_once_also_within_one_group(deliveries: Deliveries) -> None:
    """The first one stays; only what is finished is reported."""
    assert (
        deliveries.accept([arrived("a", payload=b"1"), arrived("a", payload=b"2"), arrived("b")])
        == frozenset()
    )
    deliveries.finish([("a", "done")], NOW)
    assert deliveries.accept([arrived("a", payload=b"3"), arrived("b"), arrived("c")]) == {"a"}
    assert {each.id: each.payload for each in deliveries.unfinished(10)} == {"b": b"{}", "c": b"{}"}
    stored = deliveries.get("a")
    assert stored is not None
    assert (stored.payload, stored.result, stored.finished_at) == (b"1", "done", NOW)


def test_the_longest_waiting_come_first_and_some_can_be_left_out(deliveries: Deliveries) -> None:
    """By arrival, whatever the order in which they were stored."""
    deliveries.accept([arrived("late", 9), arrived("early"), arrived("between", 5)])
    assert [each.id for each in deliveries.unfinished(2)] == ["early", "between"]
    assert [each.id for each in deliveries.unfinished(2, but=["early"])] == ["between", "late"]
    assert deliveries.backlog().unfinished == 3
    assert deliveries.backlog().oldest == NOW


def test_finishing_again_changes_nothing(deliveries: Deliveries) -> None:
    """The first result stands."""
    deliveries.accept([arrived("a")])
    deliveries.finish([("a", "first"), ("unheard of", "x")], NOW)
    deliveries.finish([("a", "second")], NOW + timedelta(days=1))
    stored = deliveries.get("a")
    assert stored is not None
    assert (stored.result, stored.finished_at) == ("first", NOW)


def test_failures_are_counted_until_it_is_given_up(deliveries: Deliveries) -> None:
    """Then it is finished as failed, and a person can replay it."""
    deliveries.accept([arrived("a")])
    assert [deliveries.fail("a", "odd", NOW) for _ in range(MOST_ATTEMPTS)] == [False] * (
        MOST_ATTEMPTS - 1
    ) + [True]
    assert deliveries.backlog().unfinished == 0
    assert deliveries.replay("a")
    (again,) = deliveries.unfinished(10)
    assert (again.attempts, again.result) == (0, "")
    assert not deliveries.fail("unheard of", "odd", NOW)


def test_known_ids_are_told(deliveries: Deliveries) -> None:
    """For the look at what GitHub could not deliver."""
    deliveries.accept([arrived("a")])
    assert deliveries.known(["a", "b"]) == {"a"}
    assert deliveries.known([]) == frozenset()


def test_a_landing_keeps_its_first_date_and_its_latest_way(engine: Engine) -> None:
    """Found again is found once; a link may become a fix."""
    landings = Landings(engine, "widget")

    def landing(how: str, days: int, old: str = "o/r#1", new: str = "n/r#2") -> Landing:
        return Landing(
            old_key=old,
            new_key=new,
            new_url="https://x",
            how=how,
            found_at=NOW + timedelta(days=days),
        )

    assert landings.record(landing("linked", 0))
    assert not landings.record(landing("fixes", 3))
    assert landings.record(landing("linked", 1, new="n/r#9"))
    assert landings.record(landing("linked", 1, old="o/r#5"))
    assert [(each.new_key, each.how, each.found_at) for each in landings.of_old("o/r#1")] == [
        ("n/r#2", "fixes", NOW),
        ("n/r#9", "linked", NOW + timedelta(days=1)),
    ]
    assert landings.count() == 2
    assert Landings(engine, "other").count() == 0
