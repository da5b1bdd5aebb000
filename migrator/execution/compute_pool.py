"""Processes for what takes processor time, so that no page, delivery or run waits for it.

1. A pool starts on need, and its processes end when nothing was asked for :data:`IDLE` seconds.
2. Each task has a deadline. One that overruns it, or whose process dies, is given up: its process
   is killed and replaced, and the other tasks go on.
3. A task reads the database through connections that cannot write (``query_only`` on SQLite), and
   what is to be stored is returned and stored by whoever asked.

A task is a function of a module and takes and returns what can be pickled. It can be cancelled: one
that waits is left out, one that runs sees that by :func:`cancelled`.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as TaskTimeout
from functools import cache
from multiprocessing.sharedctypes import RawArray
from types import TracebackType
from typing import Any, Final, Generic, ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

IDLE: Final = 60.0
"""Seconds without a task after which the processes of a pool end."""
NICENESS: Final = 10
"""How far a shared pool steps back where others want the processor: the run and the pages first."""
_FLAGS: Final = 64
"""Tasks of one pool that can be told to stop at a time."""

OVERRUN: Final = (TaskTimeout, ProcessExpired)
"""What :meth:`Task.result` raises for a task that overran its deadline, or whose process died."""

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


class Task(Generic[_Found]):
    """A task that was given to a pool."""

    def __init__(self, future: Future[_Found], cancel: Callable[[], None]) -> None:
        self.future = future
        self._cancel = cancel

    def result(self) -> _Found:
        """Wait for what the task returns. Raises what it raised, one of :data:`OVERRUN`, or
        ``CancelledError``."""
        return self.future.result()

    def cancel(self) -> None:
        """Say that nobody waits for it any more."""
        self._cancel()
        if not self.future.running():  # to kill the process would cost more than to wait for it
            self.kill()

    def kill(self) -> None:
        """End the task at once, if need be with its process."""
        self.future.cancel()


class ComputePool:
    """A number of processes that start with the first task. ``setup`` is called in each of them
    with ``given``; ``nice`` ones leave the processor to others."""

    def __init__(
        self,
        processes: int = 1,
        *,
        idle: float = IDLE,
        nice: bool = False,
        setup: Callable[..., None] | None = None,
        given: tuple[Any, ...] = (),
    ) -> None:
        self._processes = processes
        self._idle = idle
        self._begin = (NICENESS if nice else 0, setup, given)
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._flags: Any = None
        self._counter = itertools.count()
        self._waiting = 0
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def started(self) -> bool:
        """Whether its processes are there."""
        return self._pool is not None

    @property
    def waiting(self) -> int:
        """Tasks that have not ended yet."""
        return self._waiting

    def submit(
        self,
        seconds: float,
        task: Callable[_Given, _Found],
        *args: _Given.args,
        **kwargs: _Given.kwargs,
    ) -> Task[_Found]:
        """Have a task done, within ``seconds`` from when it begins."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            pool, flags = self._running()
            place = next(self._counter) % _FLAGS
            flags[place] = 0
            self._waiting += 1
            future = pool.schedule(_numbered, args=(place, task, args, kwargs), timeout=seconds)
        future.add_done_callback(self._done)

        def cancel() -> None:
            flags[place] = 1

        return Task(future, cancel)

    def _running(self) -> tuple[ProcessPool, Any]:
        """The pool; a new one where none runs, or where the last one broke."""
        if self._pool is not None and not self._pool.active:
            _end(self._pool)
            self._pool = None
        if self._pool is None:
            # a forked copy of a process with threads may wait for a lock that nobody will give back
            context = multiprocessing.get_context("spawn")
            self._flags = RawArray("b", _FLAGS)
            self._pool = ProcessPool(
                max_workers=self._processes,
                initializer=_set_up,
                initargs=(self._flags, *self._begin),
                context=context,
            )
        return self._pool, self._flags

    def _done(self, _future: Future[Any]) -> None:
        with self._lock:
            self._waiting -= 1
            if self._waiting or self._pool is None:
                return
            self._timer = threading.Timer(self._idle, self._end_if_idle)
            self._timer.daemon = True
            self._timer.start()

    def _end_if_idle(self) -> None:
        with self._lock:
            pool = self._pool if not self._waiting else None
            self._pool = self._pool if pool is None else None
        if pool is not None:
            _end(pool)

    def close(self) -> None:
        """End the processes now, and with them what they work on."""
        with self._lock:
            pool, self._pool = self._pool, None
            if self._timer is not None:
                self._timer.cancel()
        if pool is not None:
            _end(pool)


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


@cache
def judging_pool() -> ComputePool:
    """This process's pool for judging items as they come: milliseconds each, and people wait."""
    return ComputePool()


@cache
def asking_pool() -> ComputePool:
    """This process's pool for what people ask on pages; judging does not wait for them."""
    return ComputePool(nice=True)


_place = 0
_cancel_flags: Any = None


def _set_up(
    flags: Any, niceness: int, setup: Callable[..., None] | None, given: tuple[Any, ...]
) -> None:
    """The first thing that a process of the pool does."""
    global _cancel_flags
    _cancel_flags = flags
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    if setup is not None:
        setup(*given)


def _numbered(
    place: int, task: Callable[..., _Found], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> _Found:
    global _place
    _place = place
    check()
    return task(*args, **kwargs)


def cancelled() -> bool:
    """Within a task: whether nobody waits for it any more."""
    return _cancel_flags is not None and bool(_cancel_flags[_place])


def check() -> None:
    """Within a task: raise ``CancelledError`` if nobody waits for it any more. Outside of one this
    does nothing."""
    if cancelled():
        raise CancelledError
