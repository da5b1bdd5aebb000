"""The connections of a client: HTTP/2, one pool for each event loop, closed when the last who
held them lets go."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from functools import cache
from weakref import WeakKeyDictionary

import httpx


@dataclass(frozen=True)
class Pool:
    """What belongs to one event loop. ``places`` bound the requests under way: over HTTP/2 one
    connection carries many."""

    client: httpx.AsyncClient
    places: asyncio.Semaphore


class Connections:
    """Pools with ``at_once`` places each; timeouts are in seconds."""

    def __init__(self, *, at_once: int, connect_timeout: float, read_timeout: float) -> None:
        self._at_once = at_once
        self._timeout = httpx.Timeout(read_timeout, connect=connect_timeout, pool=None)
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, Pool] = WeakKeyDictionary()
        self._holders: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()

    def pool(self) -> Pool:
        """The running event loop's; a pool cannot be shared between loops."""
        loop = asyncio.get_running_loop()
        found = self._pools.get(loop)
        if found is None:
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=self._at_once)
            client = httpx.AsyncClient(
                http2=True, timeout=self._timeout, limits=limits, verify=_trusted()
            )
            found = self._pools[loop] = Pool(client=client, places=asyncio.Semaphore(self._at_once))
        return found

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
            await pool.client.aclose()


@cache
def _trusted() -> ssl.SSLContext:
    """Whom we trust. Reading the certificates takes longer than most requests, so once is
    enough."""
    return httpx.create_ssl_context()
