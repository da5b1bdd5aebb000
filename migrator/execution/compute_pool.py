"""Processes for what takes processor time, so that no page, delivery or run waits for it.

1. A pool starts on need, and its processes end when nothing was asked for :data:`IDLE` seconds.
2. Each task has a deadline. One that overruns it, or whose process dies, is given up: its process
   is killed and replaced, and the other tasks go on.
3. Where no process has started within :data:`START_LIMIT` of the first task, all tasks end with
   ``ComputeUnavailable``; the next one tries again.
4. A task reads the database through connections that cannot write (``query_only`` on SQLite), and
   what is to be stored is returned and stored by whoever asked.

A task is a function of a module and takes and returns what can be pickled. It can be cancelled: one
that waits is left out, one that runs sees that by :func:`cancelled`.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError
from concurrent.futures import TimeoutError as TaskTimeout
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.sharedctypes import RawArray
from types import TracebackType
from typing import Any, Final, Generic, ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from migrator.errors import ComputeUnavailable

IDLE: Final = 60.0
"""Seconds without a task after which the processes of a pool end."""
START_LIMIT: Final = 60.0
"""Seconds in which the first process of a pool has to start. One takes about half a second; a
machine without memory for it, or a database that its setup cannot open, gives none."""
NICENESS: Final = 10
"""How far a shared pool steps back where others want the processor: the run and the pages first."""
_FLAGS: Final = 64
"""Tasks of one pool that can be told to stop at a time."""
_STARTED: Final = _FLAGS
"""Where, behind the tasks' flags, a process says that it has started."""

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
        """Wait for what the task returns. Raises what it raised, one of :data:`OVERRUN`,
        ``ComputeUnavailable`` or ``CancelledError``."""
        with _broken_is_unavailable():
            return self.future.result()

    async def answer(self) -> _Found:
        """The same, for a coroutine to wait for."""
        with _broken_is_unavailable():
            return await asyncio.wrap_future(self.future)

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
        start_limit: float = START_LIMIT,
        nice: bool = False,
        setup: Callable[..., None] | None = None,
        given: tuple[Any, ...] = (),
    ) -> None:
        self._processes = processes
        self._idle = idle
        self._start_limit = start_limit
        self._begin = (NICENESS if nice else 0, setup, given)
        self._lock = threading.Lock()
        self._pool: ProcessPool | None = None
        self._flags: Any = None
        self._counter = itertools.count()
        self._waiting = set[Future[Any]]()
        self._timer: threading.Timer | None = None
        self._start_timer: threading.Timer | None = None

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
        return len(self._waiting)

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
            future = pool.schedule(_numbered, args=(place, task, args, kwargs), timeout=seconds)
            self._waiting.add(future)
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
            self._flags = RawArray("b", _FLAGS + 1)
            self._pool = ProcessPool(
                max_workers=self._processes,
                initializer=_set_up,
                initargs=(self._flags, *self._begin),
                context=context,
            )
            self._start_timer = _later(
                self._start_limit, self._give_up_unless_started, self._pool, self._flags
            )
        return self._pool, self._flags

    def _give_up_unless_started(self, pool: ProcessPool, flags: Any) -> None:
        """End a pool whose first process has not begun in time: it would begin new ones for
        ever."""
        with self._lock:
            if flags[_STARTED] or self._pool is not pool:
                return
            self._pool, waiting = None, list(self._waiting)
        _end(pool)  # first: it ends some of them itself, and does not expect others to
        for future in waiting:
            with suppress(InvalidStateError):
                future.set_exception(
                    _no_process(f"no process that judges items began in {self._start_limit:g} s")
                )

    def _done(self, future: Future[Any]) -> None:
        with self._lock:
            self._waiting.discard(future)
            if not self._waiting and self._pool is not None:
                self._timer = _later(self._idle, self._end_if_idle)

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
            for timer in (self._timer, self._start_timer):
                if timer is not None:
                    timer.cancel()
        if pool is not None:
            _end(pool)


def _later(seconds: float, call: Callable[..., None], *args: Any) -> threading.Timer:
    """Call a function later, unless the program has ended by then."""
    timer = threading.Timer(seconds, call, args)
    timer.daemon = True
    timer.start()
    return timer


@contextmanager
def _broken_is_unavailable() -> Iterator[None]:
    """Tell by our own error that the processes of a pool ended before they began."""
    try:
        yield
    except BrokenProcessPool as error:
        raise _no_process("the processes that judge items end before they begin") from error


def _no_process(cause: str) -> ComputeUnavailable:
    return ComputeUnavailable(
        cause,
        cure="look at this program's error output, and at the machine's memory and limits on "
        "processes; then repeat the command (the listener tries again by itself)",
    )


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
    flags[_STARTED] = 1


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
