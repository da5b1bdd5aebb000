"""Deliveries share commits, and none is answered before its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from migrator.store.deliveries import Arrived
from migrator.web.delivery_buffer import MOST_TOGETHER, DeliveryBuffer


def arrived(name: str) -> Arrived:
    """A delivery."""
    return Arrived(
        id=name,
        event="issues",
        action="opened",
        received_at=datetime(2024, 1, 1, tzinfo=UTC),
        payload=b"{}",
    )


class Disk:
    """Takes groups, one after the other, each when it is let; ``broken`` refuses them."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.begun = threading.Semaphore(0)
        self.let = threading.Semaphore(0)
        self.broken = False

    def store(self, batch: Sequence[Arrived]) -> frozenset[str]:
        """Keep a group; whose name begins with "old" was finished before."""
        self.begun.release()
        self.let.acquire()
        if self.broken:
            raise OSError("full")
        self.groups.append([each.id for each in batch])
        return frozenset(each.id for each in batch if each.id.startswith("old"))

    async def at_work(self) -> None:
        """Wait until a commit is under way."""
        await asyncio.to_thread(self.begun.acquire)


async def put(inbox: DeliveryBuffer, *names: str) -> list[asyncio.Task[bool]]:
    """Begin to put deliveries in, in this order."""
    tasks = [asyncio.create_task(inbox.put(arrived(name))) for name in names]
    await asyncio.sleep(0)  # each runs up to its wait
    return tasks


async def test_what_arrives_during_a_commit_shares_the_next_one() -> None:
    """And nobody has an answer while the disk has not."""
    disk, woken = Disk(), threading.Semaphore(0)
    inbox = DeliveryBuffer(disk.store, stored=woken.release)
    inbox.start()
    first = await put(inbox, "a")
    await disk.at_work()
    others = await put(inbox, "b", "old", "c")
    assert not any(task.done() for task in (*first, *others))
    disk.let.release()
    assert [await task for task in first] == [False]
    await disk.at_work()
    assert not any(task.done() for task in others)
    disk.let.release()
    assert [await task for task in others] == [False, True, False]
    assert disk.groups == [["a"], ["b", "old", "c"]]
    await inbox.close()
    assert [woken.acquire(blocking=False) for _ in range(3)] == [True, True, False]


async def test_a_group_has_its_bound() -> None:
    """However many wait: each waits for the whole."""
    disk = Disk()
    inbox = DeliveryBuffer(disk.store)
    inbox.start()
    first = await put(inbox, "a")
    await disk.at_work()
    others = await put(inbox, *(str(number) for number in range(MOST_TOGETHER + 1)))
    disk.let.release(3)
    await asyncio.gather(*first, *others)
    assert [len(group) for group in disk.groups] == [1, MOST_TOGETHER, 1]
    await inbox.close()


async def test_closing_stores_what_waits_and_takes_no_more() -> None:
    """In flight finishes."""
    disk = Disk()
    inbox = DeliveryBuffer(disk.store)
    inbox.start()
    first = await put(inbox, "a")
    await disk.at_work()
    others = await put(inbox, "b", "c")
    closing = asyncio.create_task(inbox.close())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError):
        await inbox.put(arrived("d"))
    disk.let.release(2)
    await closing
    assert disk.groups == [["a"], ["b", "c"]]
    assert [await task for task in (*first, *others)] == [False] * 3


async def test_who_waits_for_a_refused_commit_is_told_and_the_next_one_is_stored() -> None:
    """Also where one of them has gone meanwhile."""
    disk = Disk()
    inbox = DeliveryBuffer(disk.store)
    inbox.start()
    disk.broken = True
    (gone,) = await put(inbox, "gone")
    await disk.at_work()
    refused = await put(inbox, "a", "b")
    gone.cancel()
    disk.let.release(2)
    for task in refused:
        with pytest.raises(OSError, match="full"):
            await task
    disk.broken = False
    (later,) = await put(inbox, "c")
    disk.let.release()
    assert await later is False
    await inbox.close()
