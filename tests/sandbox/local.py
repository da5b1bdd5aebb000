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
from migrator.sandbox.loading import build_world, read_records
from migrator.sandbox.owners import ensure_owner
from migrator.sandbox.server import Options, Server
from migrator.sandbox.world import World

SOURCE = "acme/mono"
TARGET = "acme/widget"

SMALL: list[dict[str, Any]] = [
    {"record": "world", "version": 1, "source": SOURCE, "target": TARGET},
    {"record": "account", "login": "acme", "type": "Organization"},
    {"record": "account", "login": "root", "permissions": {SOURCE: "admin", TARGET: "admin"}},
    {"record": "account", "login": "walt", "permissions": {SOURCE: "write"}},
    {"record": "account", "login": "tria", "permissions": {SOURCE: "triage"}},
    {"record": "account", "login": "rex", "type": "Bot"},
    {"record": "account", "login": "amy"},
    {"record": "account", "login": "bob"},
    {
        "record": "repository",
        "name": SOURCE,
        "labels": [{"name": "bug", "color": "d73a4a", "description": "Broken"}, {"name": "help wanted"}],
        "watchers": 40,
        "files": {
            ".github/ISSUE_TEMPLATE/bug.md": "---\nname: Bug\nabout: Something broke\nlabels: bug\n---\nWhat broke?\n",
            ".github/ISSUE_TEMPLATE/config.yml": "blank_issues_enabled: false\ncontact_links:\n  - name: Forum\n    url: https://forum.example\n    about: Ask\n",
            ".github/workflows/stale.yml": "on:\n  schedule:\n",
        },
    },
    {"record": "repository", "name": TARGET, "labels": [{"name": "bug"}]},
    {
        "record": "item", "repository": SOURCE, "number": 1, "title": "Widget breaks", "body": "It does.", "author": "amy",
        "created_at": "2020-01-01T10:00:00+02:00", "labels": ["bug", "help wanted"], "assignees": ["tria"], "milestone": "1.0",
        "reactions": [{"content": "THUMBS_UP", "user": "bob", "created_at": "2020-01-02T00:00:00Z"}],
        "comments": [
            {"author": "tria", "body": "Which version?", "created_at": "2020-01-03T00:00:00Z",
             "reactions": [{"content": "HEART", "user": "amy", "created_at": "2020-01-03T01:00:00Z"}]},
            {"author": None, "body": "Me too", "created_at": "2020-01-04T00:00:00Z"},
            {"author": "rex", "body": "Stale?", "created_at": "2020-02-04T00:00:00Z"},
        ],
        "events": [
            {"kind": "labeled", "actor": "tria", "label": "bug", "created_at": "2020-01-02T00:00:00Z"},
            {"kind": "assigned", "actor": "tria", "detail": "tria", "created_at": "2020-01-02T00:00:01Z"},
            {"kind": "milestoned", "actor": "tria", "detail": "1.0", "created_at": "2020-01-02T00:00:02Z"},
            {"kind": "renamed", "actor": "amy", "detail": "Widget breaks", "before": "Brakes", "created_at": "2020-01-02T00:00:03Z"},
            {"kind": "cross-referenced", "actor": "bob", "source": {"repository": SOURCE, "number": 2}, "created_at": "2020-01-05T00:00:00Z"},
        ],
    },
    {
        "record": "item", "repository": SOURCE, "number": 2, "kind": "pull_request", "title": "Mend widget", "author": "bob",
        "created_at": "2020-01-05T00:00:00Z",
        "comments": [{"author": "amy", "body": "Thanks", "created_at": "2020-01-06T00:00:00Z"}],
        "events": [{"kind": "review_requested", "actor": "bob", "detail": "walt", "created_at": "2020-01-05T02:00:00Z"}],
        "pull": {
            "paths": [{"path": "widget/core.py", "additions": 3, "deletions": 1}], "closes": [1], "review_requests": ["walt"],
            "reviews": [{"author": "tria", "state": "APPROVED", "body": "Good", "submitted_at": "2020-01-07T00:00:00Z"}],
            "checks": "SUCCESS", "mergeable": "MERGEABLE",
        },
    },
    {
        "record": "item", "repository": SOURCE, "number": 3, "title": "Old", "author": None, "created_at": "2019-01-01T00:00:00Z",
        "state": "closed", "closed_at": "2019-02-01T00:00:00Z", "closed_by": "tria", "state_reason": "not_planned",
    },
    {
        "record": "item", "repository": SOURCE, "number": 4, "title": "Heated", "author": "amy", "locked": True,
        "lock_reason": "too heated", "created_at": "2020-03-01T00:00:00Z",
    },
    {"record": "item", "repository": TARGET, "number": 1, "title": "New home", "author": "bob", "created_at": "2020-04-01T00:00:00Z"},
]  # fmt: skip
"""A small world: an issue with a full thread, a pull request, a closed and a locked issue."""


def build(records: list[dict[str, Any]], now: str | None = None) -> World:
    """Return the world that records describe."""
    return build_world(read_records(map(msgspec.json.encode, records)), now=now)


class Local:
    """A running sandbox and what a test asks of it."""

    def __init__(self, server: Server, url: str) -> None:
        self.server = server
        self.world = server.world
        self.url = url
        self.client = httpx.Client(base_url=url, timeout=20)

    @property
    def app(self) -> App:
        """The App that is there from the start."""
        return next(iter(self.world.apps.values()))

    def rest(self, method: str, path: str, *, by: str | None = "root", **given: Any) -> httpx.Response:
        """Send a REST request as an account; ``json`` and ``params`` as httpx takes them."""
        headers = {"authorization": f"token sandbox-{by}"} if by else {}
        return self.client.request(method, path, headers={**headers, **given.pop("headers", {})}, **given)

    def graphql(self, text: str, *, by: str = "root", **variables: Any) -> dict[str, Any]:
        """Send a query and return the whole answer."""
        reply = self.client.post(
            "/graphql", json={"query": text, "variables": variables}, headers={"authorization": f"bearer sandbox-{by}"}
        )
        return dict(reply.json())

    def control(self, method: str, name: str, **given: Any) -> Any:
        """Ask the control surface; fails the test if it refuses."""
        reply = self.client.request(method, f"/_sandbox/{name}", **given)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def act(self, login: str, do: str, number: int = 1, repository: str = SOURCE, **more: Any) -> Any:
        """Let a person act."""
        return self.control("POST", "act", json={"as": login, "do": do, "repository": repository, "number": number, **more})

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
    running = uvicorn.Server(uvicorn.Config(create_app(server), log_level="warning", access_log=False))
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
        thread.join(10)
        listening.close()
