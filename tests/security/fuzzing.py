"""Requests that no browser sends, byte by byte: every route with values that some layer may
choke on."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fastapi.routing import APIRoute
from pydantic import BaseModel

T = TypeVar("T")

VALUES = (
    "%00",
    "%ff",
    "%ed%a0%80",
    "%",
    "%zz",
    "%C0%AF",
    "%E2%80%AE",
    "%F0%9F%98%80",
    "%D9%A3",
    "..%2F..%2F",
    "//%5B",
    "%5B::1",
    "%22%3E%3Cb%3E",
    "-1",
    "0",
    "1e999",
    "nan",
    "9223372036854775808",
    "99999999999999999999999999999999",
    "2147483648",
    "1" * 4300,
    "x" * 3000,
    "2020-01-01",
    "0001-01-01T00:00:00%2B14:00",
    "9999-12-31T23:59:59-14:00",
    "-9999999999999",
    "a/b%23" + "9" * 30,
    "a/b%23%D9%A3",
    "a%0D%0Ab",
    "%7B%7B1%7D%7D",
    "%5C%5Cx",
    "%7F",
    "true",
    "",
)
HOSTS = (
    "[::1",
    "[",
    "::1]",
    "a b",
    "a@b",
    "127.0.0.1:99999999",
    "127.0.0.1, evil",
    "xn--",
    "\xbd",
    "/",
    "..",
    "%00",
    "127.0.0.1:x",
)
HEADERS = (
    "Cookie: migrator=%s" % ("x" * 8000),
    "Cookie: migrator=\xff\xfe; migrator=",
    "Cookie: ;;;===;",
    "Cookie: migrator-login=x.y.z",
    "X-Form-Token: \xe9",
    "Referer: //[",
    "Referer: http://127.0.0.1/\xff",
    "Sec-Fetch-Site: \xff",
    "Accept: \xff",
    "Range: bytes=0-,1-,2-",
    "Content-Type: application/jsonx",
    "Content-Type: multipart/form-data; boundary=",
    "Content-Type: text/plain; charset=rot13",
    "Content-Type: application/x-www-form-urlencoded; charset=utf-7",
    "Content-Length: 1e3",
    "Content-Length: -1",
    "Content-Length: 99999999999999",
    "Expect: 100-continue",
    "Upgrade: websocket\r\nConnection: upgrade",
    "If-None-Match: \xff",
    "X-Forwarded-For: %s" % ("1," * 500),
)
BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json", b"[" * 60_000),
    ("application/json", b'{"a":' * 5_000),
    ("application/json", b'{"reason":"\\ud800","typed":"\\ud800"}'),
    ("application/json", b'{"reason":"\\u0000","typed":"\\u0000"}'),
    ("application/json", b'{"seen":%s,"wave":%s,"first_wave":%s}' % ((b"9" * 5000,) * 3)),
    ("application/json", b'{"seen":1e400,"wave":-1}'),
    ("application/json", b"\xff\xfe"),
    ("application/json", b"null"),
    ("application/json; charset=utf-16", b"{}"),
    ("application/jsonx", b"{}"),
    (
        "application/x-www-form-urlencoded",
        b"reason=%00&decision=leave&seen=1&item=a&key=o&typed=%ff",
    ),
    ("application/x-www-form-urlencoded", b"seen=" + b"9" * 5000 + b"&decision=leave&reason=x"),
    (
        "application/x-www-form-urlencoded",
        b"item=a/b%23"
        + b"9" * 30
        + b"&key=o&seen=2147483648&wave=999999&first_wave=99999999999999",
    ),
    ("application/x-www-form-urlencoded", b"a&" * 30_000),
    ("application/x-www-form-urlencoded", b"\x00\xff%"),
    (
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name=token\r\n\r\na\r\n--x--\r\n",
    ),
    ("multipart/form-data", b"--x"),
    ("text/plain", b"x" * 100_000),
    ("", b"x"),
)
FILLED = {"owner": "tensorflow", "name": "tensorflow", "number": "1", "verb": "pause"}


def send(address: str, request: bytes, seconds: float = 20.0) -> int:
    """The status of the answer; 0 if there was none at all."""
    where = urlsplit(address)
    with socket.create_connection(
        (where.hostname or "", where.port or 80), timeout=seconds
    ) as connection:
        try:
            connection.sendall(request)
            answer = connection.recv(4096)
        except ConnectionError:
            return 0
    return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def message(
    method: str, target: str, *, headers: str = "", body: bytes = b"", host: str = "127.0.0.1"
) -> bytes:
    """One request as bytes; ``headers`` are whole lines."""
    length = f"Content-Length: {len(body)}\r\n" if body and "Content-Length" not in headers else ""
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{length}{headers}\r\n"
    )
    return head.encode("latin-1") + body


def requests(
    routes: list[APIRoute], signed_in: str, known: dict[str, str], *, step: int = 1
) -> Iterator[bytes]:
    """Every route with hostile values in each part of the path, each parameter, in headers and in
    the body.

    ``signed_in`` are the header lines of a session, ``known`` values that exist for parts of the
    path; one in ``step`` of the values is taken, drawn anew for each route but the same in each
    run.
    """
    for route in sorted(routes, key=lambda route: "logout" in route.path):  # which ends the session
        for method in sorted((route.methods or set()) - {"HEAD"}):
            for target in _some(list(_targets(route, known)), step):
                yield message(method, target, headers=signed_in)
            plain = _filled(route.path, known)
            for host in _some(HOSTS, step):
                yield message(method, plain, headers=signed_in, host=host)
            for header in _some(HEADERS, step):
                yield message(method, plain, headers=f"{signed_in}{header}\r\n")
            for kind, body in _some(BODIES, step) if method != "GET" else ():
                yield message(
                    method, plain, headers=f"{signed_in}Content-Type: {kind}\r\n", body=body
                )


_DICE = Random(7)


def _some(values: Sequence[T], step: int) -> list[T]:
    return _DICE.sample(values, -(-len(values) // step))


def _filled(path: str, known: dict[str, str], **other: str) -> str:
    path = path.replace(":path}", "}")
    names = {part.strip("{}"): "" for part in path.split("/") if part.startswith("{")}
    return path.format(
        **{name: other.get(name, known.get(name, FILLED.get(name, "none"))) for name in names}
    )


def _targets(route: APIRoute, known: dict[str, str]) -> Iterator[str]:
    parts = [field.name for field in route.dependant.path_params]
    for value in VALUES:
        for part in parts:
            yield _filled(route.path, known, **{part: value})
        for name in _queries(route):
            yield f"{_filled(route.path, known)}?{name}={value}"


def _queries(route: APIRoute) -> Iterator[str]:
    yield "unknown"
    for field in route.dependant.query_params:
        kind: Any = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from kind.model_fields
        else:
            yield field.alias
