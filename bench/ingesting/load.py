"""Sends webhooks over kept-alive connections, as fast as they are answered or at a fixed rate,
and times the answers."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec


class Load(msgspec.Struct, kw_only=True):
    """What came of it: answers by status, seconds in all, and each answer's seconds."""

    statuses: dict[int, int]
    seconds: float
    latencies: list[float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(self.statuses.values()) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which that share of the answers came."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class _Connection(asyncio.Protocol):
    """One request at a time; understands just enough of HTTP to know when an answer is whole."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def ask(self, *parts: bytes) -> asyncio.Future[int]:
        """Send a request; the future gives the status."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.writelines(parts)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._seen += data
        head, end, body = self._seen.partition(b"\r\n\r\n")
        if not end or self._answer is None:
            return
        if len(body) >= _length(head.lower(), body):
            self._seen = b""
            if not self._answer.done():
                self._answer.set_result(int(head[9:12]))

    def connection_lost(self, _exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the server hung up"))


def _length(head: bytes, body: bytes) -> int:
    if b"transfer-encoding: chunked" in head:
        return len(body) if body.endswith(b"0\r\n\r\n") else len(body) + 1
    return int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or b"0")


async def send(
    address: str,
    request: Callable[[int], tuple[bytes, ...]],
    count: int,
    *,
    connections: int = 48,
    rate: float = 0.0,
    answered: Callable[[int], None] = lambda _number: None,
) -> Load:
    """Send ``count`` requests; ``request(n)`` gives the bytes of the n-th.

    With a ``rate`` (a second), each has its moment, and its latency counts from that moment, even
    if all connections were busy. ``answered`` is told of each success. Raises ``OSError`` once the
    server is gone; every other request was given its chance.
    """
    where, loop = urlsplit(address), asyncio.get_running_loop()
    statuses: Counter[int] = Counter()
    latencies: list[float] = []
    numbers = iter(range(count))
    began = time.perf_counter()

    async def one() -> None:
        _, connection = await loop.create_connection(
            _Connection, where.hostname or "", where.port or 80
        )
        for number in numbers:
            due = began + number / rate if rate else time.perf_counter()
            if rate:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
            status = await connection.ask(*request(number))
            statuses[status] += 1
            latencies.append(time.perf_counter() - due)
            if 200 <= status < 300:
                answered(number)

    ended = await asyncio.gather(*(one() for _ in range(connections)), return_exceptions=True)
    for problem in ended:
        if isinstance(problem, BaseException):
            raise problem
    return Load(statuses=dict(statuses), seconds=time.perf_counter() - began, latencies=latencies)
