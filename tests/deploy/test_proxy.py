"""The reverse proxy of `deploy/`, started before a running application: what it lets through,
and what it keeps away."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI, Request

from tests.support.nginx import proxied_by_nginx
from tests.support.webhook_sender import serving


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of the proxy before an application that echoes."""
    with (
        serving(behind()) as address,
        proxied_by_nginx(address, tmp_path_factory.mktemp("proxy")) as client,
    ):
        yield client


def behind() -> FastAPI:
    """An application that tells what reached it."""
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def echo(request: Request) -> dict[str, object]:
        return {
            "path": request.url.path,
            "bytes": len(await request.body()),
            "headers": dict(request.headers),
        }

    return app


def test_a_large_delivery_gets_through(proxied: httpx.Client) -> None:
    """GitHub sends up to 25 MB; larger ones stop at the proxy."""
    assert proxied.post("/webhooks", content=b"x" * 2_000_000).json()["bytes"] == 2_000_000
    assert proxied.post("/webhooks", content=b"x" * (25 * 1024 * 1024 + 1)).status_code == 413


def test_deliveries_are_posted_and_nothing_else(proxied: httpx.Client) -> None:
    """No other method reaches that route."""
    assert proxied.get("/webhooks").status_code == 403


def test_forms_are_small(proxied: httpx.Client) -> None:
    """Before the application sees them."""
    assert proxied.post("/review/answer", content=b"x" * 60_000).status_code == 200
    assert proxied.post("/review/answer", content=b"x" * 70_000).status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/readyz", "/metrics", "/setup", "/setup/created", "//metrics", "/x/../metrics"],
)
def test_what_is_for_operators_is_not_reached(proxied: httpx.Client, path: str) -> None:
    """However the path is written."""
    assert proxied.get(f"https://localhost:{proxied.base_url.port}{path}").status_code == 404


def test_a_client_cannot_say_where_it_comes_from(proxied: httpx.Client) -> None:
    """The proxy tells the address that it sees, the host that was asked for, and that it was
    https."""
    headers = proxied.get(
        "/plan", headers={"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "http"}
    ).json()["headers"]
    assert (headers["x-forwarded-for"], headers["x-forwarded-proto"], headers["host"]) == (
        "127.0.0.1",
        "https",
        "localhost",
    )


def test_one_client_cannot_ask_for_ever(proxied: httpx.Client) -> None:
    """After a burst, requests are refused until some time has passed."""
    statuses = {proxied.get("/login").status_code for _ in range(150)}
    assert statuses == {200, 429}
