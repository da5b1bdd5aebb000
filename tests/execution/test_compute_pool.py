"""Processes for what takes processor time: started on need, killed at a deadline, ended when idle."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from migrator.errors import ComputeUnavailable
from migrator.execution.compute_pool import OVERRUN, ComputePool, check


@pytest.fixture
def pool() -> Iterator[ComputePool]:
    """One process."""
    with ComputePool() as opened:
        yield opened


def hold(seconds: float = 3600.0) -> int:
    """Take so long, outside of Python; returns the process."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(seconds)
    return os.getpid()


def spin(begun: str) -> None:
    """Go on until nobody waits any more."""
    Path(begun).touch()
    while True:
        check()


def fail() -> None:
    """Raise an error of its own."""
    raise ValueError("wrong")


def wait_for(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    while not holds():
        threading.Event().wait(0.01)


def is_gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_starts_with_the_first_task_in_another_process(pool: ComputePool) -> None:
    """Until then it costs nothing; the second task finds the process there."""
    before = pool.started
    first = pool.submit(60, hold, 0).result()
    assert (before, pool.started) == (False, True)
    assert first != os.getpid()
    assert pool.submit(60, hold, 0).result() == first


def test_a_task_that_overruns_is_killed_and_the_others_go_on(pool: ComputePool) -> None:
    """Its process is replaced."""
    before = pool.submit(60, hold, 0).result()
    late, next_one = pool.submit(0.2, hold), pool.submit(60, hold, 0)
    with pytest.raises(TimeoutError):
        late.result()
    assert next_one.result() != before
    assert is_gone(before)


def test_a_process_that_dies_takes_only_its_task_with_it(pool: ComputePool) -> None:
    """As when the machine's memory runs out."""
    dead, next_one = pool.submit(60, os._exit, 9), pool.submit(60, hold, 0)
    with pytest.raises(OVERRUN):
        dead.result()
    assert next_one.result() != os.getpid()


def test_an_error_of_a_task_is_raised_where_it_is_waited_for(pool: ComputePool) -> None:
    """And the process stays."""
    before = pool.submit(60, hold, 0).result()
    with pytest.raises(ValueError, match="wrong"):
        pool.submit(60, fail).result()
    assert pool.submit(60, hold, 0).result() == before


def test_a_cancelled_task_ends_and_its_process_stays(pool: ComputePool, tmp_path: Path) -> None:
    """One that waits is left out."""
    before = pool.submit(60, hold, 0).result()
    runs, waits = pool.submit(60, spin, str(tmp_path / "begun")), pool.submit(60, hold)
    wait_for(lambda: (tmp_path / "begun").exists() and runs.future.running())
    waits.cancel()
    runs.cancel()
    for task in (runs, waits):
        with pytest.raises(CancelledError):
            task.result()
    assert pool.submit(60, hold, 0).result() == before


def test_its_processes_end_when_nothing_was_asked_for_a_while() -> None:
    """And begin again with the next task."""
    with ComputePool(idle=0.2) as pool:
        before = pool.submit(60, hold, 0).result()
        while pool.started:
            threading.Event().wait(0.02)
        while not is_gone(before):
            threading.Event().wait(0.02)
        assert pool.submit(60, hold, 0).result() != before


def refuse_to_start() -> None:
    """A setup that ends its process, as a machine without memory does."""
    os._exit(9)


def never_get_ready() -> None:
    """A setup that does not end."""
    hold()


@pytest.mark.parametrize("setup", [refuse_to_start, never_get_ready])
def test_where_no_process_starts_all_tasks_end_with_an_error(setup: Callable[..., None]) -> None:
    """Whether its processes die or never get ready. The next task tries again, and says so again."""
    with ComputePool(start_limit=1.0, setup=setup) as pool:
        tasks = [pool.submit(60, hold, 0) for _ in range(3)]
        for task in tasks:
            with pytest.raises(ComputeUnavailable):
                task.result()
        assert pool.waiting == 0
        with pytest.raises(ComputeUnavailable):
            pool.submit(60, hold, 0).result()


def test_a_task_may_take_longer_than_a_start() -> None:
    """The limit is for the process, and not for what it does."""
    with ComputePool(start_limit=2.0) as pool:
        assert pool.submit(60, hold, 3).result() > 0
