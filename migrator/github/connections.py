"""The connections of a client, one pool for each event loop, closed when the last who held them
lets go.

Over TLS it is HTTP/2, and one connection carries all requests. Without TLS (a sandbox on this
machine) it is HTTP/1.1, one request to a connection; then each place has a pool of its own, as the
bookkeeping of a shared one grows with the square of its connections.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from weakref import WeakKeyDictionary

import httpx

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Pool:
    """What belongs to one event loop: clients with ``at_once`` places among them, which bound the
    requests under way, and one more (``browser``) for pages on the web; all made when they are
    needed. ``shared``: whether one client has all places, or each has its own."""

    def __init__(
        self,
        at_once: int,
        make: Callable[[], httpx.AsyncClient],
        browser: Callable[[], httpx.AsyncClient],
        *,
        shared: bool,
    ) -> None:
        self._make, self._make_browser = make, browser
        self._shared = shared
        self._places = asyncio.Semaphore(at_once)
        self._clients: list[httpx.AsyncClient] = []
        self._free: list[httpx.AsyncClient] = []
        self._browser: httpx.AsyncClient | None = None

    @asynccontextmanager
    async def place(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client for one request, as soon as there is a place."""
        async with self._places:
            client = self._free.pop() if self._free else self._another()
            if self._shared:
                self._free.append(client)
            try:
                yield client
            finally:
                if not self._shared:
                    self._free.append(client)

    def _another(self) -> httpx.AsyncClient:
        self._clients.append(self._make())
        return self._clients[-1]

    @asynccontextmanager
    async def reader(self, url: str) -> AsyncIterator[httpx.AsyncClient]:
        """A client for a page that may be anywhere on the web: it trusts whom this machine
        trusts. Reading the certificates is left out for a page on this machine."""
        where = httpx.URL(url)
        if where.scheme == "http" and where.host in LOOPBACK:
            async with self.place() as client:
                yield client
            return
        if self._browser is None:
            self._browser = self._make_browser()
        yield self._browser

    @property
    def is_closed(self) -> bool:
        """Whether its connections were closed."""
        return all(client.is_closed for client in self._clients)

    async def aclose(self) -> None:
        """Close all connections."""
        for client in [*self._clients, *([self._browser] if self._browser else [])]:
            await client.aclose()


class Connections:
    """Pools with ``at_once`` places each; timeouts are in seconds. ``over_tls``: whether all
    requests go over TLS."""

    def __init__(
        self, *, at_once: int, connect_timeout: float, read_timeout: float, over_tls: bool = True
    ) -> None:
        self._at_once = at_once
        self._over_tls = over_tls
        self._timeout = httpx.Timeout(read_timeout, connect=connect_timeout, pool=None)
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, Pool] = WeakKeyDictionary()
        self._holders: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()

    def pool(self) -> Pool:
        """The running event loop's; a pool cannot be shared between loops."""
        loop = asyncio.get_running_loop()
        found = self._pools.get(loop)
        if found is None:
            trusted = _trusted if self._over_tls else _trusting_nobody
            found = self._pools[loop] = Pool(
                self._at_once,
                lambda: self._client(trusted()),
                lambda: self._client(_trusted()),
                shared=self._over_tls,
            )
        return found

    def _client(self, verify: ssl.SSLContext) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=self._at_once)
        return httpx.AsyncClient(http2=True, timeout=self._timeout, limits=limits, verify=verify)

    def hold(self) -> None:
        """Keep the connections of the running event loop open until :meth:`release`; may be
        called several times."""
        loop = asyncio.get_running_loop()
        self._holders[loop] = self._holders.get(loop, 0) + 1

    async def release(self) -> None:
        """Let go; whoever is the last to do so closes the running event loop's connections."""
        loop = asyncio.get_running_loop()
        self._holders[loop] = self._holders.get(loop, 1) - 1
        if not self._holders[loop]:
            await self.close()

    async def close(self) -> None:
        """Close the connections of the running event loop."""
        pool = self._pools.pop(asyncio.get_running_loop(), None)
        if pool is not None:
            await pool.aclose()


@cache
def _trusted() -> ssl.SSLContext:
    """Whom we trust. Reading the certificates takes longer than most requests, so once is
    enough."""
    return httpx.create_ssl_context()


@cache
def _trusting_nobody() -> ssl.SSLContext:
    """For clients that never speak TLS: made without reading a certificate, and refusing all."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
