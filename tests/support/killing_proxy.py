"""A proxy on loopback between migrator and sandbox: things happen at one exact request, before it
arrives or before its reply.

It can kill whoever speaks through it, let a person act in that very gap, or lose the reply.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]
HOP_BY_HOP = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "content-encoding"}
)


OPERATION = re.compile(rb"(?:query|mutation) (\w+)")
Act = Callable[[], object]
"""Something that happens once, at the named operation."""


class When(StrEnum):
    """When the client dies: before the request arrives, when GitHub has done it, or when its
    reply is on the client's side."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@dataclass
class KillingProxy:
    """Passes requests on and counts them; ``victim`` is killed at request ``at`` (from 1), once.
    ``at=0`` kills nobody.

    ``before`` and ``after`` hold acts by the GraphQL operation at which they happen
    (``LabelAndClose``), or by operation and item (``LabelAndClose I_abc``); ``lost`` names
    operations whose next reply is lost although GitHub did what it was asked. ``renames``: replies
    name the proxy where they name GitHub, for clients that follow the URLs in them.
    """

    upstream: str
    url: str = ""
    at: int = 0
    when: When = When.BEFORE
    victim: int = 0
    seen: int = 0
    killed: bool = False
    before: dict[str, Act] = field(default_factory=dict)
    after: dict[str, Act] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    renames: bool = False

    def arm(self, at: int, when: When) -> None:
        """Start counting anew, with another death planned."""
        self.at, self.when, self.seen, self.killed = at, when, 0, False

    async def answer(self, request: Request) -> Response:
        """Pass one request on, unless its sender has to die first."""
        counted = not request.url.path.startswith("/_sandbox")
        self.seen += counted
        now = counted and self.seen == self.at
        if now and self.when is When.BEFORE:
            self._kill()
            return Response(status_code=503)
        try:
            names = _names(await request.body())
        except ClientDisconnect:  # the killed one had begun to send it
            return Response(status_code=503)
        await _happen(self.before, names)
        reply = await self._pass_on(request)
        await _happen(self.after, names)
        if self.lost.intersection(names):
            self.lost.difference_update(names)
            return Response(status_code=502)
        if now and self.when is When.DURING:
            self._kill()
        if now and self.when is When.AFTER:
            reply.background = BackgroundTask(self._kill)
        return reply

    async def _pass_on(self, request: Request) -> Response:
        headers = [
            (name, value) for name, value in request.headers.items() if name not in HOP_BY_HOP
        ]
        address = f"{self.upstream}{request.url.path}" + (
            f"?{request.url.query}" if request.url.query else ""
        )
        async with httpx.AsyncClient(timeout=60) as client:
            reply = await client.request(
                request.method, address, headers=headers, content=await request.body()
            )
        kept = {name: value for name, value in reply.headers.items() if name not in HOP_BY_HOP}
        content = reply.content
        if self.renames:
            kept = {name: value.replace(self.upstream, self.url) for name, value in kept.items()}
            content = content.replace(self.upstream.encode(), self.url.encode())
        return Response(content, status_code=reply.status_code, headers=kept)

    def _kill(self) -> None:
        if self.victim and not self.killed:
            self.killed = True
            os.kill(self.victim, signal.SIGKILL)


def _names(body: bytes) -> tuple[str, ...]:
    """The GraphQL operation that a request asks for, alone and with the item that it is about;
    none for others."""
    found = OPERATION.search(body)
    if not found:
        return ()
    operation, variables = found[1].decode(), json.loads(body).get("variables", {})
    item = variables.get("item") or variables.get("subject")
    return (operation, f"{operation} {item}") if item else (operation,)


async def _happen(acts: dict[str, Act], names: tuple[str, ...]) -> None:
    for act in [acts.pop(name) for name in names if name in acts]:
        await asyncio.to_thread(act)


@contextmanager
def killing_proxy(upstream: str) -> Iterator[KillingProxy]:
    """Run a proxy on a free port of loopback, in a thread of this process."""
    proxy = KillingProxy(upstream)
    app = Starlette(routes=[Route("/{path:path}", proxy.answer, methods=METHODS)])
    listening = socket.socket(
        socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # named, or asyncio delays replies by 40 ms
    listening.bind(("127.0.0.1", 0))
    proxy.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.should_exit = True
        thread.join(timeout=60)
