"""Nobody makes us read: who sends it, whether they may, its type and its length come before the
body."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from migrator.web import connections
from migrator.web.admission import DEEPEST, LARGEST_BODY, depth_of
from migrator.web.app import AppDependencies, create_app
from migrator.web.build import add_dashboard
from tests.support.dashboard import Hall, hall
from tests.support.webhook_sender import SECRET, serving

FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A migration whose plan waits for approval."""
    with hall(
        tmp_path_factory.mktemp("admission"), items=30, applies=False, signs_in=True
    ) as found:
        yield found


@pytest.mark.parametrize(
    ("login", "path", "status"),
    [
        ("", "/review/answer", 303),
        ("", "/api/undo/runs/x", 401),
        ("rita", "/review/answer", 403),
        ("stranger", "/logout", 403),
    ],
)
def test_a_body_of_somebody_who_may_not_is_not_read(
    waiting: Hall, login: str, path: str, status: int
) -> None:
    """Neither without a session, nor with too small a role, nor without the session's token in
    the header."""
    app: Any = waiting.client(login).app
    read: list[str] = []

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        async def receiving() -> Any:
            read.append(path)
            return await receive()

        await app(scope, receiving, send)

    client = TestClient(watched, base_url="http://127.0.0.1", follow_redirects=False)
    client.cookies = waiting.client(login).cookies
    headers = {**FORM, "x-form-token": "wrong"} if login == "stranger" else FORM
    assert client.post(path, content=b"token=x", headers=headers).status_code == status
    assert read == []


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x--", 415),
        ({"content-type": "application/jsonx"}, b"{}", 415),
        ({"content-type": "application/json"}, b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), 400),
        ({"content-type": "application/json"}, b'{"reason": "\\ud800"}', 400),
        ({"content-type": "application/json"}, b'{"reason": "\\u0000"}', 400),
        ({"content-type": "application/json"}, b" " * (LARGEST_BODY + 1), 413),
        (FORM, b"reason=%00", 400),
    ],
)
def test_a_body_of_a_maintainer_has_limits_too(
    waiting: Hall, headers: dict[str, str], body: bytes, status: int
) -> None:
    """Their browser may have been told to send it."""
    client = waiting.client("ada")
    for path in ("/review/answer", "/api/undo/runs/none"):
        assert client.post(path, content=body, headers=headers).status_code == status
        chunks = client.post(path, content=iter([body[:10], body[10:]]), headers=headers)
        assert chunks.status_code == status


@pytest.mark.parametrize(
    ("body", "depth"),
    [(b"", 0), (b'{"a": [1, {"b": 2}]}', 3), (b'"[[[["', 0), (b'["\\"[["]', 1), (b"]]]][", 0)],
)
def test_depth_is_counted_outside_of_strings(body: bytes, depth: int) -> None:
    """Each list and object counts, whether it is closed or not."""
    assert depth_of(body) == depth


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "[::1", "127.0.0.1@evil.example", ""]
)
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/login",
        "/healthz",
        "/readyz",
        "/metrics",
        "/static/app.css",
        "/webhooks",
        "/api/me",
        "/nothing",
    ],
)
def test_a_link_opens_a_machine_by_its_own_name_only(linked: FastAPI, path: str, host: str) -> None:
    """Every route, also those that are for programs: another site could have its own name point
    here."""
    client = TestClient(linked, base_url="http://127.0.0.1")
    method = "POST" if path == "/webhooks" else "GET"
    assert client.request(method, path, headers={"host": host}).status_code == 400


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """A dashboard that is opened by a one-time link."""
    with hall(tmp_path_factory.mktemp("linked"), items=20, applies=False) as found:
        app = create_app(
            AppDependencies(
                store=lambda _: frozenset(), secrets=(SECRET,), clock=found.context.clock
            )
        )
        add_dashboard(app, found.dashboard)
        yield app


def _now() -> datetime:
    return datetime.now(UTC)


def test_where_others_can_reach_us_health_and_metrics_are_off() -> None:
    """They are on a port of their own then, or nowhere."""
    app = create_app(
        AppDependencies(store=lambda _: frozenset(), secrets=(), clock=_now, operations=False)
    )
    client = TestClient(app)
    assert [client.get(path).status_code for path in ("/healthz", "/readyz", "/metrics")] == [
        404,
        404,
        404,
    ]


def test_no_redirect_names_the_host_that_was_asked_for(waiting: Hall) -> None:
    """A slash too many is not found; redirects are paths."""
    client = waiting.client()
    assert client.get("/login/", headers={"host": "evil.example"}).status_code == 404
    assert (
        client.get("/plan", headers={"host": "evil.example"}).headers["location"]
        == "/login?next=/plan"
    )


def test_after_a_form_without_a_session_the_same_page_comes_again(waiting: Hall) -> None:
    """It can be filled in again there; another site's page is not gone to."""
    client = waiting.client()
    ours = client.post(
        "/review/answer", headers={**FORM, "referer": "http://127.0.0.1/review?after=a"}
    )
    assert ours.headers["location"] == "/login?next=/review%3Fafter%3Da"
    theirs = client.post(
        "/review/answer", headers={**FORM, "referer": "http://evil.example/review"}
    )
    assert theirs.headers["location"] == "/login?next=/"


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A service with short times and few connections."""
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.3)
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(connections, "MOST_WAITING", 5)
    with serving(
        create_app(AppDependencies(store=lambda _: frozenset(), secrets=(SECRET,), clock=_now))
    ) as address:
        yield address


@pytest.mark.parametrize(
    "said", [b"", b"GET / HT", b"POST /webhooks HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab"]
)
def test_a_connection_that_does_not_say_what_it_wants_is_closed(hasty: str, said: bytes) -> None:
    """Whether nothing came, half of the headers, or half of the body."""
    with socket.create_connection(
        ("127.0.0.1", int(hasty.rpartition(":")[2])), timeout=60
    ) as connection:
        connection.sendall(said)
        try:
            rest = connection.recv(1000)
            while rest and (more := connection.recv(1000)):
                rest += more
        except ConnectionError:
            rest = b""
    assert not rest or rest.startswith(b"HTTP/1.1 4")


def test_headers_without_end_are_refused(hasty: str) -> None:
    """One header of 100 KB, and no end to it."""
    with socket.create_connection(
        ("127.0.0.1", int(hasty.rpartition(":")[2])), timeout=60
    ) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000)
        assert connection.recv(12) == b"HTTP/1.1 400"


def test_half_open_connections_make_room_for_whole_requests(hasty: str) -> None:
    """Of those that say nothing the oldest is closed, and whoever asks is answered."""
    port = int(hasty.rpartition(":")[2])
    silent = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(20)]
    assert httpx.get(f"{hasty}/healthz").status_code == 200
    time.sleep(0.1)
    for each in silent:
        each.close()
