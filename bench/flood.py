"""A live service under floods of strangers: `migrator serve` on a sandbox, with health checks and
deliveries meanwhile.

The flood comes from processes of its own and is bounded in time and connections. Where there are
two cores, the flood has one of them and the service the other, so that the service is measured and
not the share of a core that it got.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import psutil

from bench.ingest import fresh_database
from bench.ingesting.servers import free_port, wait_for
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate

SECRET: Final = "It's a Secret to Everybody"
SOURCE: Final = "tensorflow/tensorflow"
SECONDS: Final = 8.0
"""Of each flood."""
BASELINE: Final = 4.0


class Service(NamedTuple):
    """The service that is attacked."""

    port: int
    operations: int
    process: psutil.Process
    log: Path


class Seen(NamedTuple):
    """What health checks and a legitimate sender saw: seconds of each check, statuses of
    deliveries."""

    checks: list[float]
    statuses: list[int]


def floods() -> dict[str, Any]:
    """Figures of a service under large, deep, slow and many requests of nobody."""
    with tempfile.TemporaryDirectory(prefix="flood-") as name, served(Path(name)) as service:
        calm = watched(service, BASELINE, None)
        attacked = {kind: watched(service, SECONDS, attack) for kind, attack in ATTACKS.items()}
        statuses = [status for seen in attacked.values() for status in seen.statuses]
        frozen = {
            kind: round(percentile(seen.checks, 0.99) * 1000, 1) for kind, seen in attacked.items()
        }
        return {
            "frozen_ms_max": max(frozen.values()),
            "frozen_ms": frozen,
            "frozen_ms_baseline": round(percentile(calm.checks, 0.99) * 1000, 1),
            "rss_mb_max": round(PEAK[0] / 1e6, 1),
            "unhandled": unhandled(service.log),
            "delivered": statuses.count(202),
            "refused": len(statuses) - statuses.count(202),
        }


PEAK = [0]
"""The most memory of the service, in bytes."""


@contextmanager
def served(folder: Path) -> Iterator[Service]:
    """A service with the sandbox's App, so that people sign in by GitHub, and health on a port
    of its own."""
    write_world(generate(items=40, seed=5), folder / "world.jsonl")
    with running_sandbox("--world", str(folder / "world.jsonl")) as sandbox:
        given = {
            **sandbox.credentials,
            "database_url": fresh_database(folder),
            "github_url": sandbox.url,
            "webhook_secret": SECRET,
        }
        port, operations, log = free_port(), free_port(), folder / "serve.log"
        command = [
            sys.executable,
            "-m",
            "migrator",
            "serve",
            "-m",
            "keras",
            "--port",
            str(port),
            "--operations-port",
            str(operations),
        ]
        variables = {
            **os.environ,
            **{f"MIGRATOR_{name.upper()}": str(value) for name, value in given.items()},
        }
        with log.open("wb") as written:
            process = subprocess.Popen(command, env=variables, stdout=written, stderr=written)
            try:
                wait_for(f"http://127.0.0.1:{operations}/healthz", process)
                found = psutil.Process(process.pid)
                share_cores(found)
                yield Service(port, operations, found, log)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=60)


def share_cores(service: psutil.Process) -> None:
    """The service on the first core; floods go to the second, if there is one."""
    if len(os.sched_getaffinity(0)) > 1:
        service.cpu_affinity([min(os.sched_getaffinity(0))])


def watched(service: Service, seconds: float, attack: Callable[[int, float], None] | None) -> Seen:
    """Ask for health ten times a second and deliver five times a second for so long, under an
    attack or in peace."""
    seen, until = Seen([], []), time.monotonic() + seconds
    watchers = [
        threading.Thread(target=run, args=(service, until, seen))
        for run in (_check, _deliver, _weigh)
    ]
    attackers: list[Any] = (
        [multiprocessing.Process(target=_attacking, args=(attack, service.port, seconds))]
        if attack
        else []
    )
    for each in (*attackers, *watchers):
        each.start()
    for each in (*watchers, *attackers):
        each.join()
    return seen


def _attacking(attack: Callable[[int, float], None], port: int, seconds: float) -> None:
    cores = os.sched_getaffinity(0)
    if len(cores) > 1:
        os.sched_setaffinity(0, {max(cores)})
    attack(port, time.monotonic() + seconds)


def _check(service: Service, until: float, seen: Seen) -> None:
    """Health, on the port of the pages' process; a check that fails counts as long as it took."""
    while time.monotonic() < until:
        began = time.perf_counter()
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", service.operations, timeout=20)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            connection.close()
        seen.checks.append(time.perf_counter() - began)
        time.sleep(0.1)


def _deliver(service: Service, until: float, seen: Seen) -> None:
    """Signed deliveries, as GitHub sends them."""
    payload = {
        "action": "opened",
        "issue": {"number": 1, "body": "x" * 5000},
        "repository": {"full_name": SOURCE},
    }
    body = msgspec.json.encode(payload)
    headers = {
        "content-type": "application/json",
        "x-github-event": "issues",
        "x-hub-signature-256": "sha256="
        + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(),
    }
    while time.monotonic() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
            connection.request(
                "POST", "/webhooks", body, {**headers, "x-github-delivery": str(uuid.uuid4())}
            )
            seen.statuses.append(connection.getresponse().status)
            connection.close()
        except (OSError, http.client.HTTPException):
            seen.statuses.append(0)
        time.sleep(0.2)


def _weigh(service: Service, until: float, _seen: Seen) -> None:
    while time.monotonic() < until:
        with suppress(psutil.Error):
            PEAK[0] = max(PEAK[0], service.process.memory_info().rss)
        time.sleep(0.05)


def unhandled(log: Path) -> int:
    """Tracebacks in the service's log."""
    text = log.read_text(errors="replace")
    return text.count("Exception in ASGI application") + text.count(
        "Traceback (most recent call last)"
    )


def percentile(values: list[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _head(path: str, length: int, kind: str = "application/json") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n".encode()


def large(port: int, until: float) -> None:
    """Bodies of 300 MB to pages, the API and the webhook, as fast as they are taken, on eight
    connections."""
    targets = ["/review/answer", "/api/undo/runs/x", "/webhooks", "/logout"]
    asyncio.run(_crowd(until, 8, lambda number: _pour(port, targets[number % 4], until)))


async def _pour(port: int, path: str, until: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(_head(path, 300_000_000))
        while time.monotonic() < until and not reader.at_eof():
            writer.write(b"x" * 65_536)
            await writer.drain()
    finally:
        writer.transport.abort()


def deep(port: int, until: float) -> None:
    """JSON of lists in lists, 20 MB or what is taken of it, on eight connections."""
    body = b"[" * 20_000_000
    asyncio.run(
        _crowd(
            until,
            8,
            lambda number: _once(
                port, _head(["/api/plans/x/approve", "/webhooks"][number % 2], len(body)) + body
            ),
        )
    )


def slow(port: int, until: float) -> None:
    """Two thousand connections that send a byte now and then; those that are closed come again."""
    asyncio.run(_crowd(until, 2000, lambda number: _drip(port, number, until)))


async def _drip(port: int, number: int, until: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write([b"", b"GET / HTTP/1.1\r\nHost: ", _head("/webhooks", 1000)][number % 3])
        while time.monotonic() < until and not reader.at_eof():
            await asyncio.sleep(1.0)
            writer.write(b"x")
            await writer.drain()
    finally:
        writer.transport.abort()


def many(port: int, until: float) -> None:
    """Small requests, one after the other, on sixteen connections: pages, logins, forged
    webhooks, nonsense."""
    plain = [
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        for path in ("/", "/login", "/login/github", "/x", "/static/app.js")
    ]
    forged = _head("/webhooks", 2).replace(
        b"\r\n\r\n",
        b"\r\nX-GitHub-Event: issues\r\nX-GitHub-Delivery: 1\r\nX-Hub-Signature-256: "
        b"sha256=00\r\n\r\n{}",
    )
    asyncio.run(
        _crowd(until, 16, lambda number: _once(port, [*plain, forged, b"\x00\r\n\r\n"][number % 7]))
    )


async def _once(port: int, request: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        async with asyncio.timeout(20):
            await reader.read(4096)
    finally:
        writer.transport.abort()


async def _crowd(until: float, width: int, act: Callable[[int], Any]) -> None:
    """``width`` attackers, each acting again and again until the time is over."""

    async def one(number: int) -> None:
        while time.monotonic() < until:
            with suppress(OSError, TimeoutError):
                await act(number)
            number += width
            await asyncio.sleep(0.01)

    await asyncio.gather(*(one(number) for number in range(width)))


ATTACKS: Final[dict[str, Callable[[int, float], None]]] = {
    "large": large,
    "deep": deep,
    "slow": slow,
    "many": many,
}
