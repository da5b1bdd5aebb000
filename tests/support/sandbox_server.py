"""A sandbox in a thread of the test's own process, asked over real HTTP."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
import uvicorn

from migrator.sandbox.app import create_app
from migrator.sandbox.apps import ensure_app
from migrator.sandbox.entities import App
from migrator.sandbox.owners import ensure_owner
from migrator.sandbox.server import Options, Server
from migrator.sandbox.world import World
from migrator.sandbox.world_reader import build_world, read_records
from tests.support.small_world import SMALL, SOURCE, TARGET


def build(records: list[dict[str, Any]], now: str | None = None) -> World:
    """Return the world that records describe."""
    return build_world(read_records(map(msgspec.json.encode, records)), now=now)


class Local:
    """A running sandbox and what a test asks of it."""

    def __init__(self, server: Server, url: str) -> None:
        self.server = server
        self.world = server.world
        self.url = url
        self.client = httpx.Client(base_url=url, timeout=60)

    @property
    def app(self) -> App:
        """The App that is there from the start."""
        return next(iter(self.world.apps.values()))

    def rest(
        self, method: str, path: str, *, by: str | None = "root", **given: Any
    ) -> httpx.Response:
        """Send a REST request as an account; ``json`` and ``params`` as httpx takes them."""
        headers = {"authorization": f"token sandbox-{by}"} if by else {}
        return self.client.request(
            method, path, headers={**headers, **given.pop("headers", {})}, **given
        )

    def graphql(self, text: str, *, by: str = "root", **variables: Any) -> dict[str, Any]:
        """Send a query and return the whole answer."""
        reply = self.client.post(
            "/graphql",
            json={"query": text, "variables": variables},
            headers={"authorization": f"bearer sandbox-{by}"},
        )
        return dict(reply.json())

    def control(self, method: str, name: str, **given: Any) -> Any:
        """Ask the control surface; fails the test if it refuses."""
        reply = self.client.request(method, f"/_sandbox/{name}", **given)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def act(
        self, login: str, do: str, number: int = 1, repository: str = SOURCE, **more: Any
    ) -> Any:
        """Let a person act."""
        return self.control(
            "POST",
            "act",
            json={"as": login, "do": do, "repository": repository, "number": number, **more},
        )

    def item(self, number: int = 1, repository: str = SOURCE) -> dict[str, Any]:
        """Return an item's record."""
        return dict(self.control("GET", f"item/{repository}/{number}"))


@contextmanager
def serving(world: World, options: Options | None = None) -> Iterator[Local]:
    """Serve a world until the block ends."""
    ensure_owner(world)
    ensure_app(world)
    server = Server(world, options or Options())
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    running = uvicorn.Server(
        uvicorn.Config(create_app(server), log_level="warning", access_log=False, date_header=False)
    )
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.005)
    local = Local(server, url)
    try:
        yield local
    finally:
        local.client.close()
        running.should_exit = True
        thread.join(60)
        listening.close()


__all__ = ["SMALL", "SOURCE", "TARGET", "Local", "build", "serving"]
