"""No request gets an answer of 500, or none, whatever stands in its path, query, headers and
body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from migrator.web.app import AppDependencies, create_app
from migrator.web.auth.dependencies import HEADER_TOKEN
from migrator.web.build import add_dashboard
from tests.security import fuzzing
from tests.support.dashboard import Hall, hall
from tests.support.webhook_sender import SECRET, serving


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A migration whose plan waits for approval, with a way to sign in at GitHub."""
    with hall(tmp_path_factory.mktemp("attacked"), items=30, applies=False, signs_in=True) as found:
        yield found


@pytest.fixture(scope="module")
def app(attacked: Hall) -> FastAPI:
    """Its application, with the webhook."""
    found = create_app(
        AppDependencies(
            store=lambda _: frozenset(), secrets=(SECRET,), clock=attacked.context.clock
        )
    )
    add_dashboard(found, attacked.dashboard)
    return found


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    """Where it listens."""
    with serving(app) as found:
        yield found


def routes_of(app: Any) -> list[APIRoute]:
    """Every route, however deep it is included."""

    def walk(routes: list[Any]) -> Iterator[APIRoute]:
        for route in routes:
            if isinstance(route, APIRoute):
                yield route
            else:
                inner = getattr(route, "original_router", None) or getattr(route, "router", None)
                yield from walk(getattr(inner, "routes", []))

    return list(walk(app.routes))


def unhandled(address: str, requests: Iterator[bytes]) -> list[tuple[int, bytes]]:
    """The requests that were answered with 500 or not at all."""
    found = [(fuzzing.send(address, request), request[:300]) for request in requests]
    return [(status, request) for status, request in found if status in (0, 500)]


def session_of(hall: Hall, login: str) -> str:
    """Header lines of a session."""
    sessions = hall.dashboard.sessions
    session = hall.session(login)
    return (
        f"Cookie: {hall.dashboard.cookie}={sessions.cookie(session)}\r\n{HEADER_TOKEN}: "
        f"{sessions.form_token(session)}\r\n"
    )


@pytest.mark.slow
def test_every_route_answers_every_request_of_somebody_signed_in(
    attacked: Hall, app: FastAPI, address: str
) -> None:
    """As an administrator, who gets furthest."""
    item = next(attacked.context.store.plans.items(attacked.plan.hash))
    owner, name = item.repository.split("/")
    known = {
        "owner": owner,
        "name": name,
        "number": str(item.number),
        "prefix": attacked.plan.hash[:16],
    }
    known |= {
        "since": attacked.plan.hash[:16],
        "plan_hash": attacked.plan.hash,
        "delivery_id": "large",
    }
    assert (
        unhandled(
            address, fuzzing.requests(routes_of(app), session_of(attacked, "ada"), known, step=4)
        )
        == []
    )


def test_every_route_answers_every_request_of_a_stranger(app: FastAPI, address: str) -> None:
    """Without a session hardly anything is looked at."""
    assert unhandled(address, fuzzing.requests(routes_of(app), "", {}, step=5)) == []


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/login?next=//[", 200),
        ("/login/github?next=//[", 303),
        ("/deliveries?before=2020-01-01", 200),
        ("/deliveries?before=0001-01-01T00:00:00%2B14:00", 422),
        ("/api/deliveries?before=2020-01-01", 200),
        ("/review?after=99999999999999999999", 200),
        ("/review?after=a/b%23" + "9" * 30, 200),
        ("/api/review?after=a/b%23%D9%A3", 200),
        ("/plan?q=%2399999999999", 303),
        ("/item/a/b/99999999999999999999", 422),
        ("/people?q=%00", 400),
    ],
)
def test_a_request_that_once_was_an_error_is_answered(
    attacked: Hall, address: str, target: str, status: int
) -> None:
    """Each of them ended in a traceback."""
    assert (
        fuzzing.send(address, fuzzing.message("GET", target, headers=session_of(attacked, "ada")))
        == status
    )


def test_paths_that_are_no_route_are_answered(address: str) -> None:
    """Redirects name no host, and neither files nor half addresses are errors."""
    targets = [
        "*",
        "//",
        "/static/%2e%2e/x",
        "/static/%ff",
        "/static/" + "a/" * 2000,
        "http://[/",
        "/%2F%5B",
        "/webhooks/",
        "/api/",
        "/login/",
    ]
    requests = [
        fuzzing.message(method, target)
        for target in targets
        for method in ("GET", "POST", "OPTIONS", "PUT", "TRACE")
    ]
    assert unhandled(address, iter(requests)) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (
            "X-Hub-Signature-256: sha256=00\r\nX-Hub-Signature-256: sha256=00\r\nContent-Type: "
            "application/json\r\n",
            400,
        ),
        ("X-Hub-Signature-256: sha256=00\r\nContent-Type: application/jsonx\r\n", 415),
        ("X-Hub-Signature-256: \xff\r\nContent-Type: application/json\r\n", 401),
        (
            "X-Hub-Signature-256: sha256=00\r\nContent-Type: application/json; charset=utf-8\r\n",
            401,
        ),
        (
            "X-Hub-Signature-256: sha256=00\r\nContent-Type: application/json\r\nContent-Length: "
            "99999999999\r\n",
            413,
        ),
    ],
)
def test_a_webhook_with_ambiguous_headers_is_refused(
    address: str, headers: str, status: int
) -> None:
    """Two signatures, or a type that only begins like JSON."""
    named = f"X-GitHub-Event: issues\r\nX-GitHub-Delivery: 1\r\n{headers}"
    assert (
        fuzzing.send(address, fuzzing.message("POST", "/webhooks", headers=named, body=b"{}"))
        == status
    )
