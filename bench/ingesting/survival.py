"""Sends deliveries, a tenth of them twice, at a process that is killed three times, and counts
the acts afterwards."""

from __future__ import annotations

import asyncio
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bench.ingesting import servers
from bench.ingesting.load import send

KILLS = 3
TWICE = 10
"""One in so many deliveries is sent twice."""
PATIENCE = 600.0
"""Seconds until everything must have been worked on."""
TOGETHER = 500
"""Deliveries after which it is seen which of them were not answered."""


@dataclass(frozen=True)
class Stage:
    """What is killed, and the world that it acts in.

    ``start`` begins a process on a port and returns once it answers; ``request`` is the delivery
    that tells of a number; ``acts`` counts what was done to each in the world; ``kill_after`` are
    the seconds from its portion of deliveries to a kill.
    """

    start: Callable[[int], subprocess.Popen[bytes]]
    request: Callable[[int], bytes]
    acts: Callable[[], Counter[int]]
    kill_after: float


def survive(stage: Stage, numbers: Sequence[int]) -> dict[str, float]:
    """``lost`` and ``double``: acts that are missing, and acts that happened more than once."""
    port, began = servers.free_port(), time.perf_counter()
    sent = [*numbers, *numbers[::TWICE]]
    random.Random(7).shuffle(sent)
    share = -(-len(sent) // (KILLS + 1))
    left: list[int] = []
    for place in range(KILLS + 1):
        part = sent[place * share : (place + 1) * share]
        process = stage.start(port)
        try:
            left = _deliver(stage, port, [*left, *part], process if place < KILLS else None)
            if place < KILLS:
                process.wait()
            else:
                _wait(stage, len(numbers))
        finally:
            process.terminate()
            process.wait()
    acts = stage.acts()
    lost, double = (
        sum(not acts[number] for number in numbers),
        sum(max(0, acts[number] - 1) for number in numbers),
    )
    return {
        "lost": lost,
        "double": double,
        "kills": KILLS,
        "survival_seconds": round(time.perf_counter() - began, 1),
    }


def _deliver(
    stage: Stage, port: int, numbers: Sequence[int], victim: subprocess.Popen[bytes] | None
) -> list[int]:
    """Deliver in small portions; half way through, the victim is killed. Returns what was not
    answered with success.

    GitHub knows those by their status, too, and delivers them again under the same id.
    """
    failed: list[int] = []
    portions = [numbers[start : start + TOGETHER] for start in range(0, len(numbers), TOGETHER)]
    for place, portion in enumerate(portions):
        if victim is not None and place == len(portions) // 2:
            threading.Timer(stage.kill_after, victim.kill).start()
        failed += asyncio.run(_portion(stage, port, portion))
    return failed


async def _portion(stage: Stage, port: int, numbers: Sequence[int]) -> list[int]:
    requests = [stage.request(number) for number in numbers]
    unanswered: set[int] = set(range(len(numbers)))

    def request(place: int) -> tuple[bytes, ...]:
        return (requests[place],)

    with suppress(OSError):
        await send(
            f"http://127.0.0.1:{port}/webhooks",
            request,
            len(requests),
            connections=16,
            answered=unanswered.discard,
        )
    return [numbers[place] for place in sorted(unanswered)]


def _wait(stage: Stage, count: int) -> None:
    """Wait until every item was acted on, or nothing more comes."""
    until, before, still = time.monotonic() + PATIENCE, -1, 0
    while time.monotonic() < until and still < 40:
        done = len(stage.acts())
        if done >= count:
            time.sleep(2.0)  # a double act would come now
            return
        still, before = (still + 1 if done == before else 0), done
        time.sleep(0.5)
