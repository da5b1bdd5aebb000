"""What is looked at before a request's body is read: who sends it, whether they may, its type, its
length.

FastAPI reads and parses a body before it asks any dependency. A route of this class asks first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol, runtime_checkable

import msgspec
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message

LARGEST_BODY: Final = 64 * 1024
"""Bytes of a form or of a JSON document; the longest reason has 1,000 characters."""
DEEPEST: Final = 20
"""Lists and objects in each other in a JSON document."""
SAFE: Final = frozenset({"GET", "HEAD"})
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"

_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
_NULL = re.compile(rb"\x00|%00|\\u0000")


@runtime_checkable
class Admission(Protocol):
    """A dependency that can judge a request by its headers."""

    async def before_body(self, request: Request) -> None:
        """Raise what keeps the request out."""


class GuardedRoute(APIRoute):
    """A route whose dependencies are asked before its body is read, and whose body has limits."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with everything in front of it."""
        handle = super().get_route_handler()
        calls: list[object] = [each.call for each in self.dependant.dependencies]
        admissions = [call for call in calls if isinstance(call, Admission)]

        async def guarded(request: Request) -> Response:
            for admission in admissions:
                await admission.before_body(request)
            if request.method not in SAFE:
                await read_body(request)
            return await handle(request)

        return guarded


async def read_body(request: Request) -> None:
    """Read a body within its limits; the request keeps it. Raises ``HTTPException`` 400, 411, 413
    or 415.

    A chunked body is read up to the limit. Nothing is written to disk: forms with files are not
    taken.
    """
    kind = media_type(request)
    check_length(request)
    request = _bounded(request)
    try:
        body = await request.body()
    except ClientDisconnect as error:
        raise HTTPException(400, "the body was cut off") from error
    if not body:
        return
    if kind not in (JSON, FORM):
        raise HTTPException(415, f"send {JSON} or {FORM}")
    if _NULL.search(body):
        raise HTTPException(400, "the body holds a null character")
    if kind == JSON:
        check_json(body)


def media_type(request: Request) -> str:
    """The media type of the body, without parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def check_length(request: Request) -> None:
    """Refuse an announced body that is too large. Raises ``HTTPException``."""
    announced = request.headers.get("content-length", "0")
    if not announced.isascii() or not announced.isdigit() or len(announced) > 12:
        raise HTTPException(400, "Content-Length is not a number")
    if int(announced) > LARGEST_BODY:
        raise too_large()


def too_large() -> HTTPException:
    """What a sender of too much is told; the connection is closed, so that the rest is not read."""
    return HTTPException(
        413, f"a body has at most {LARGEST_BODY:,} bytes", headers={"connection": "close"}
    )


def _bounded(request: Request) -> Request:
    """The same request, which stops reading beyond the limit."""
    receive, read = request.receive, 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST_BODY:
            raise too_large()
        return message

    request._receive = bounded
    return request


def check_json(body: bytes) -> None:
    """Refuse what is no JSON in UTF-8, or nested too deep. Raises ``HTTPException``."""
    if depth_of(body) > DEEPEST:
        raise HTTPException(400, f"a document has at most {DEEPEST} levels")
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise HTTPException(400, f"the body is not JSON: {error}") from error


def depth_of(body: bytes) -> int:
    """How many lists and objects stand in each other at most; one pass, no recursion."""
    depth = deepest = 0
    for bracket in _BRACKETS.finditer(_STRINGS.sub(b"", body)):
        depth += 1 if bracket[0] in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest
