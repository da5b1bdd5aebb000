"""Who may do what: every route for every role, and nothing without the session's token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.routing import APIRoute

from migrator.services.roles import Role
from migrator.web.auth.dependencies import HEADER_TOKEN
from tests.support.dashboard import Hall

ROLES = {"": None, "stranger": Role.NOBODY, "halfway": Role.SEE, "rita": Role.SEE, "tria": Role.REVIEW, "wally": Role.REVIEW,
         "mia": Role.STEER, "ada": Role.STEER}  # fmt: skip
"""Login -> role by the permissions of :mod:`tests.support.dashboard`; the empty login is nobody
at all, ``halfway`` has one repository."""

LEAST = {
    ("GET", "/"): Role.SEE,
    ("GET", "/plan"): Role.SEE,
    ("GET", "/plan/{prefix}"): Role.SEE,
    ("GET", "/plan/{prefix}/changes"): Role.SEE,
    ("GET", "/plan/{prefix}/items.csv"): Role.SEE,
    ("POST", "/plan/{plan_hash}/approve"): Role.STEER,
    ("POST", "/plan/{plan_hash}/start"): Role.STEER,
    ("GET", "/plan/{plan_hash}/discard"): Role.STEER,
    ("POST", "/plan/{plan_hash}/discard"): Role.STEER,
    ("GET", "/what-if"): Role.SEE,
    ("GET", "/what-if/patch"): Role.SEE,
    ("GET", "/review"): Role.REVIEW,
    ("POST", "/review/answer"): Role.REVIEW,
    ("POST", "/review/withdraw"): Role.REVIEW,
    ("GET", "/item/{owner}/{name}/{number}"): Role.SEE,
    ("POST", "/item/{owner}/{name}/{number}/decide"): Role.REVIEW,
    ("POST", "/item/{owner}/{name}/{number}/undo"): Role.STEER,
    ("GET", "/runs"): Role.SEE,
    ("GET", "/runs/{run_id}"): Role.SEE,
    ("POST", "/runs/{run_id}/pause"): Role.STEER,
    ("POST", "/runs/{run_id}/resume"): Role.STEER,
    ("GET", "/runs/{run_id}/cancel"): Role.STEER,
    ("POST", "/runs/{run_id}/cancel"): Role.STEER,
    ("POST", "/runs/{run_id}/retry"): Role.STEER,
    ("POST", "/runs/{run_id}/undo"): Role.STEER,
    ("GET", "/jobs"): Role.SEE,
    ("GET", "/jobs/{job_id}"): Role.SEE,
    ("POST", "/jobs"): Role.STEER,
    ("POST", "/jobs/{job_id}/cancel"): Role.STEER,
    ("GET", "/deliveries"): Role.SEE,
    ("GET", "/deliveries/{delivery_id}"): Role.REVIEW,
    ("POST", "/deliveries/{delivery_id}/replay"): Role.STEER,
    ("GET", "/people"): Role.REVIEW,
    ("GET", "/docs"): Role.SEE,
    ("GET", "/docs/{name:path}"): Role.SEE,
    ("GET", "/live"): Role.SEE,
    ("POST", "/logout"): Role.NOBODY,
    ("POST", "/logout/everywhere"): Role.NOBODY,
    ("GET", "/api/me"): Role.SEE,
    ("GET", "/api/overview"): Role.SEE,
    ("GET", "/api/plans"): Role.SEE,
    ("GET", "/api/plans/{prefix}"): Role.SEE,
    ("GET", "/api/plans/{prefix}/items"): Role.SEE,
    ("GET", "/api/plans/{prefix}/changes/{since}"): Role.SEE,
    ("GET", "/api/items/{owner}/{name}/{number}"): Role.SEE,
    ("GET", "/api/runs"): Role.SEE,
    ("GET", "/api/runs/{run_id}"): Role.SEE,
    ("GET", "/api/runs/{run_id}/waves"): Role.SEE,
    ("GET", "/api/jobs"): Role.SEE,
    ("GET", "/api/jobs/{job_id}"): Role.SEE,
    ("POST", "/api/jobs"): Role.STEER,
    ("POST", "/api/jobs/{job_id}/cancel"): Role.STEER,
    ("GET", "/api/what-if"): Role.SEE,
    ("GET", "/api/people"): Role.REVIEW,
    ("GET", "/api/deliveries"): Role.SEE,
    ("GET", "/api/deliveries/{delivery_id}"): Role.REVIEW,
    ("GET", "/api/review"): Role.REVIEW,
    ("GET", "/api/troubles"): Role.SEE,
    ("GET", "/api/deeds"): Role.REVIEW,
    ("POST", "/api/items/{owner}/{name}/{number}/answer"): Role.REVIEW,
    ("POST", "/api/items/{owner}/{name}/{number}/answer/alike"): Role.REVIEW,
    ("POST", "/api/items/{owner}/{name}/{number}/answer/withdraw"): Role.REVIEW,
    ("POST", "/api/plans/{plan_hash}/approve"): Role.STEER,
    ("POST", "/api/plans/{plan_hash}/start"): Role.STEER,
    ("POST", "/api/plans/{plan_hash}/discard"): Role.STEER,
    ("POST", "/api/runs/{run_id}/{verb}"): Role.STEER,
    ("POST", "/api/retry/runs/{run_id}"): Role.STEER,
    ("POST", "/api/deliveries/{delivery_id}/replay"): Role.STEER,
    ("POST", "/api/undo/runs/{run_id}"): Role.STEER,
    ("POST", "/api/undo/items/{owner}/{name}/{number}"): Role.STEER,
}
OPEN = {
    ("GET", "/login"),
    ("GET", "/login/once"),
    ("GET", "/login/github"),
    ("GET", "/login/callback"),
}
PROGRAMS = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")}
NOTHING = {"prefix": "0" * 8, "plan_hash": "0" * 64, "run_id": "none", "owner": "o", "name": "n", "number": "1",
           "delivery_id": "none", "job_id": "job-none", "since": "0" * 8, "verb": "pause"}  # fmt: skip
"""Names of nothing: whoever is let in finds out that it does not exist, and nothing happens."""


def routes(hall: Hall) -> Iterator[tuple[str, str]]:
    """Every route of the application."""

    def walk(found: list[Any]) -> Iterator[APIRoute]:
        for route in found:
            if isinstance(route, APIRoute):
                yield route
            else:
                inner = getattr(route, "original_router", None) or getattr(route, "router", None)
                yield from walk(getattr(inner, "routes", []))

    app: Any = hall.app
    while not hasattr(app, "routes"):
        app = app.app
    for route in walk(app.routes):
        yield from ((method, route.path) for method in (route.methods or set()) - {"HEAD"})


def test_every_route_has_a_least_role(seen: Hall) -> None:
    """A new route fails here until somebody says who may use it."""
    assert set(routes(seen)) - OPEN - PROGRAMS == set(LEAST)


@pytest.mark.parametrize("login", ROLES)
def test_a_route_lets_in_exactly_who_may(seen: Hall, login: str) -> None:
    """Too small a role is refused before anything is looked up; a large enough one gets past the
    door."""
    role = ROLES[login]
    for (method, path), least in LEAST.items():
        if path == "/live" and role is not None and role >= least:
            continue  # it would not end
        client = seen.client(login)  # logging out ends the session
        reply = client.request(method, path.replace(":path}", "}").format(**NOTHING))
        if role is None:
            assert reply.status_code in (303, 401), (method, path)
            assert reply.status_code == 401 or reply.headers["location"].startswith("/login"), (
                method,
                path,
            )
        elif role < least:
            assert reply.status_code == 403, (method, path, login)
        else:
            assert reply.status_code not in (401, 403), (method, path, login, reply.text[:300])


@pytest.mark.parametrize(("method", "path"), [key for key in LEAST if key[0] == "POST"])
def test_a_write_without_the_token_is_refused(seen: Hall, method: str, path: str) -> None:
    """A form of another site carries the cookie, but not the token."""
    client = seen.client("ada")
    del client.headers[HEADER_TOKEN]
    for given in ({}, {HEADER_TOKEN: "0" * 64}):
        assert (
            client.request(
                method, path.replace(":path}", "}").format(**NOTHING), headers=given
            ).status_code
            == 403
        )


def test_the_token_of_another_session_is_refused(seen: Hall) -> None:
    """Tokens belong to one session."""
    mine, other = seen.client("ada"), seen.client("ada")
    reply = mine.post("/logout", headers={HEADER_TOKEN: str(other.headers[HEADER_TOKEN])})
    assert reply.status_code == 403


def test_a_request_that_another_site_started_is_refused(seen: Hall) -> None:
    """Even with a token: browsers say where a request comes from."""
    assert (
        seen.client("ada").post("/logout", headers={"sec-fetch-site": "cross-site"}).status_code
        == 403
    )


def test_another_host_name_is_refused_on_this_machine(seen: Hall) -> None:
    """A name that somebody points here must not open the dashboard."""
    assert seen.client("ada").get("/", headers={"host": "harmless.example"}).status_code == 400


def test_whoever_lost_the_right_cannot_write_any_more(fresh: Hall) -> None:
    """Looking may be remembered for two minutes; for a write GitHub is asked anew."""
    client = fresh.client("mia")
    assert client.get("/").status_code == 200
    account = fresh.sandbox.world.account("mia")
    assert account is not None
    before = dict(account.permissions)
    account.permissions.clear()
    try:
        assert client.post("/runs/none/pause").status_code == 403
    finally:
        account.permissions.update(before)
