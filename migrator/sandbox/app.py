"""The sandbox on the web: which address belongs to which part."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from functools import partial
from itertools import islice

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from migrator.sandbox.control import routes
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.names import item_path
from migrator.sandbox.rest import load as load_rest
from migrator.sandbox.rest import unimplemented
from migrator.sandbox.routing import rest
from migrator.sandbox.server import Server
from migrator.sandbox.work import graphql_work, rest_work

METHODS = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"]
LINES_AT_ONCE = 200
JSON = "application/json; charset=utf-8"
_ENTERPRISE = re.compile(r"/api/v3(?=/|$)")
_PAGE = re.compile(r"/(?P<name>[^/_][^/]*/[^/]+)(?:/(?P<kind>issues|pull)/(?P<number>\d+))?/?")


def create_app(server: Server) -> Starlette:
    """Return the application. It dates its replies itself: the server that runs it must not."""
    load_rest()

    async def endpoint(request: Request) -> Response:
        try:
            ask = await _ask(request)
        except ClientDisconnect:  # whoever asked has gone in the middle of it
            return BrokenOff()
        reply = await _answer(server, ask)
        if reply is None:
            return BrokenOff()
        reply.headers.setdefault(
            "date", formatdate(time.time() + server.world.access.clock_offset, usegmt=True)
        )
        return _response(reply)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await server.webhooks.finish()
        if server.journal is not None:
            await asyncio.to_thread(server.journal.close)

    return Starlette(routes=[Route("/{path:path}", endpoint, methods=METHODS)], lifespan=lifespan)


async def _ask(request: Request) -> ApiRequest:
    path = request.scope["path"]
    prefix = _ENTERPRISE.match(path)
    base = str(request.base_url).rstrip("/")
    query: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        query.setdefault(name, []).append(value)
    return ApiRequest(
        method="GET" if request.method == "HEAD" else request.method,
        path=path[prefix.end() :] or "/" if prefix else path,
        query=query,
        headers=request.headers,
        body=await request.body(),
        base=f"{base}/api/v3" if prefix else base,
    )


async def _answer(server: Server, ask: ApiRequest) -> ApiReply | None:
    if ask.path.startswith("/_sandbox/"):
        return routes.answer(server, ask)
    if ask.path in ("/graphql", "/api/graphql"):
        return await server.answer(graphql_work, ask, "graphql")
    found = rest.find(ask.method, ask.path)
    if found is not None:
        route, ask.params = found
        return await server.answer(partial(rest_work, route), ask, "rest")
    page = _PAGE.fullmatch(ask.path) if ask.method == "GET" else None
    if page is not None and page["name"].partition("/")[0] not in unimplemented.API_ROOTS:
        return _web_page(server, page)
    return unimplemented.answer(server, ask)


def _web_page(server: Server, page: re.Match[str]) -> ApiReply:
    """Return a plain page, so that links resolve."""
    html = {"content-type": "text/html; charset=utf-8"}
    renamed = server.world.renamed(page["name"])
    if renamed is not None:
        return ApiReply(
            status=301,
            headers={"location": f"/{renamed.name}{page[0].removeprefix('/' + page['name'])}"},
        )
    there = page["name"].lower() in server.world.repositories
    if there and page["number"]:
        found = server.world.threads[page["name"].lower()].get(int(page["number"]))
        if found is not None and not found.is_here and found.moved_to is not None:
            return ApiReply(status=301, headers={"location": item_path(server.world.moved(found))})
        there = found is not None and found.is_here
    return ApiReply(
        status=200 if there else 404, body=b"found" if there else b"not found", headers=html
    )


class BrokenOff(Response):
    """No response: the connection is reset, as when GitHub or the way to it breaks down."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Cut the connection; uvicorn hands its transport out only by the receiving end."""
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        if transport is not None:
            transport.abort()


async def _in_chunks(lines: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield lines, many at a time: a large world is never in memory as a whole text."""
    while chunk := list(islice(lines, LINES_AT_ONCE)):
        yield b"\n".join(chunk) + b"\n"


def _response(reply: ApiReply) -> Response:
    if isinstance(reply.body, Iterator):
        return StreamingResponse(_in_chunks(reply.body), headers=reply.headers)
    headers = {"content-type": JSON, **reply.headers} if reply.body is not None else reply.headers
    return Response(reply.encoded(), status_code=reply.status, headers=headers)
