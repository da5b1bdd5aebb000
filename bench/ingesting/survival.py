"""Sends deliveries, a tenth of them twice, at a process that is killed three times, and counts the acts afterwards."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from bench.ingesting import servers
from bench.ingesting.load import send

KILLS = 3
TWICE = 10
"""One in so many deliveries is sent twice."""
PATIENCE = 600.0
"""Seconds until everything must have been worked on."""


def survive(database: str, folder: Path, count: int) -> dict[str, float]:
    """``lost`` and ``double``: acts that are missing, and acts that happened more than once."""
    world = folder / "world.sqlite"
    with sqlite3.connect(world) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE act (number INTEGER NOT NULL)")
        connection.execute("CREATE INDEX by_number ON act (number)")
    port, began = servers.free_port(), time.perf_counter()
    numbers = [*range(1, count + 1), *range(1, count + 1, TWICE)]
    random.Random(7).shuffle(numbers)
    share = -(-len(numbers) // (KILLS + 1))
    parts = [numbers[start : start + share] for start in range(0, len(numbers), share)]
    left: list[int] = []
    for place, part in enumerate(parts):
        process = _start(port, database, world)
        try:
            left = asyncio.run(_deliver(port, [*left, *part], process if place < KILLS else None))
        finally:
            if place < KILLS:
                process.wait()
    try:
        _wait(world, count)
    finally:
        process.terminate()
        process.wait()
    return {**_judge(world, count), "kills": KILLS, "survival_seconds": round(time.perf_counter() - began, 1)}


def _start(port: int, database: str, world: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bench.ingesting.victim", str(port), database, str(world)]
    process = subprocess.Popen(command, env={**os.environ, "BENCH_SECRET": servers.SECRET}, stdout=subprocess.DEVNULL)
    servers.wait_for(f"http://127.0.0.1:{port}/healthz", process)
    return process


async def _deliver(port: int, numbers: Sequence[int], victim: subprocess.Popen[bytes] | None) -> list[int]:
    """Deliver in small portions; half way through, the victim is killed. Returns what was not answered with success.

    GitHub knows those by their status, too, and delivers them again under the same id.
    """
    failed: list[int] = []
    portions = [numbers[start : start + 500] for start in range(0, len(numbers), 500)]
    for place, portion in enumerate(portions):
        if victim is not None and place == len(portions) // 2:
            asyncio.get_running_loop().call_later(0.05, victim.kill)  # while requests are in flight
        failed += await _portion(port, portion)
    return failed


async def _portion(port: int, numbers: Sequence[int]) -> list[int]:
    requests = [_request(number) for number in numbers]
    unanswered: set[int] = set(range(len(numbers)))

    def request(place: int) -> tuple[bytes, ...]:
        return (requests[place],)

    with suppress(OSError):
        await send(f"http://127.0.0.1:{port}/webhooks", request, len(requests), connections=16, answered=unanswered.discard)
    return [numbers[place] for place in sorted(unanswered)]


def _request(number: int) -> bytes:
    """The delivery about one item; its id follows from the number, so that a second one is a duplicate."""
    payload = {"action": "opened", "issue": {"number": number, "body": "x" * 500}, "repository": {"full_name": "octo/mono"}}
    body = msgspec.json.encode(payload)
    signed = hmac.new(servers.SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST /webhooks HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        f"x-github-event: issues\r\nx-hub-signature-256: sha256={signed}\r\nx-github-delivery: item-{number}\r\n\r\n"
    )
    return head.encode() + body


def _wait(world: Path, count: int) -> None:
    """Wait until every item was acted on, or nothing more comes."""
    until, before, still = time.monotonic() + PATIENCE, -1, 0
    with sqlite3.connect(world) as connection:
        while time.monotonic() < until and still < 20:
            done = connection.execute("SELECT count(DISTINCT number) FROM act").fetchone()[0]
            if done >= count:
                time.sleep(1.0)  # a double act would come now
                return
            still, before = (still + 1 if done == before else 0), done
            time.sleep(0.5)


def _judge(world: Path, count: int) -> dict[str, float]:
    with sqlite3.connect(world) as connection:
        acts, items = connection.execute("SELECT count(*), count(DISTINCT number) FROM act").fetchone()
    return {"lost": count - items, "double": acts - items}
