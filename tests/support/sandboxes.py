"""A sandbox GitHub in a process of its own, for tests that speak to it as to the real one, over
HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from migrator.domain.items import Item
from migrator.github.client import GitHubClient
from migrator.github.client_pool import ClientPool
from migrator.github.models import Page
from migrator.github.tokens import StaticToken

OLD, NEW = "old/home", "new/home"
CONTROL = httpx.Client()
Record = Mapping[str, Any]


def account(login: str, **fields: Any) -> Record:
    """An account of the world."""
    return {"record": "account", "login": login, **fields}


def repository(name: str, **fields: Any) -> Record:
    """A repository of the world."""
    return {"record": "repository", "name": name, **fields}


def issue(number: int, **fields: Any) -> Record:
    """An issue of the old repository, by robin, from January 2021."""
    plain = {
        "repository": OLD,
        "title": f"Issue {number}",
        "body": "It breaks.",
        "author": "robin",
        "created_at": _day(number),
    }
    return {"record": "item", "number": number, **plain, **fields}


def pull(number: int, **fields: Any) -> Record:
    """A pull request of the old repository, by robin."""
    commits = [{"author": "robin", "committed_at": _day(number), "message": "Change it"}]
    change = {
        "paths": [{"path": "a/b.py", "additions": 1, "deletions": 1}],
        "commits": commits,
        **fields.pop("pull", {}),
    }
    return issue(number, kind="pull_request", pull=change, **fields)


def comments(number: int, author: str = "robin", **fields: Any) -> list[Record]:
    """``number`` comments by ``author``, a minute apart in March 2021."""
    return [
        {
            "author": author,
            "body": f"Comment {at}",
            "created_at": f"2021-03-01T{at // 60:02d}:{at % 60:02d}:00Z",
            **fields,
        }
        for at in range(number)
    ]


def _day(number: int) -> str:
    return f"2021-01-{1 + number % 28:02d}T12:00:00Z"


OWNERS = (account("old", type="Organization"), account("new", type="Organization"))
PEOPLE = (
    *OWNERS,
    account("owner", permissions={OLD: "admin", NEW: "admin"}),
    account("triager", permissions={OLD: "triage"}),
    account("robin"),
    account("butler", type="Bot"),
)
HOMES = (
    repository(OLD, labels=[{"name": "bug", "color": "ff0000", "description": ""}]),
    repository(NEW),
)


def small_world(home: str) -> list[Record]:
    """What most tests need: issue 1 with two comments (robin, then a bot), pull request 2, issue 3
    with 130 comments.

    Of the 130, the first is robin's and all others are the bot's.
    """
    short = [*comments(1), *comments(2, author="butler")[1:]]
    long = [*comments(1), *comments(130, author="butler")[1:]]
    items = (issue(1, labels=["bug"], comments=short), pull(2), issue(3, comments=long))
    return [{**item, "repository": home} for item in items]


async def all_items(pages: AsyncIterator[Page]) -> list[Item]:
    """Everything that a scan brings."""
    return [item async for page in pages for item in page.items]


async def first_issue(client: GitHubClient, home: str) -> Item:
    """Issue 1 of a repository."""
    return await client.item_by_number(home, 1)


class Sandbox:
    """A running sandbox, and the acts of people in it."""

    def __init__(self, started: Mapping[str, Any], home: str = OLD) -> None:
        self.started = started
        self.url: str = started["url"]
        self.app: Mapping[str, Any] = started["app"]
        self.home = home

    def client(self, login: str = "owner", **options: Any) -> GitHubClient:
        """The client under test, with the token of ``login``."""
        return GitHubClient(self.url, StaticToken(f"sandbox-{login}"), **options)

    def clients(self, login: str = "owner") -> ClientPool:
        """All ways to it with the token of ``login``."""
        return ClientPool(self.url, token=f"sandbox-{login}")

    def app_clients(self) -> ClientPool:
        """All ways to it as the App."""
        return ClientPool(
            self.url,
            app_id=self.app["id"],
            private_key=Path(self.app["private_key_file"]).read_text(),
        )

    def installation(self, owner: str, **changes: Any) -> None:
        """Change the App's installation for an owner: ``removed``, ``suspended``,
        ``permissions``, ``repositories``."""
        self._control(
            "POST", "installation", {"id": self.app["installation_ids"][owner], **changes}
        )

    def install_again(self) -> None:
        """Install the App wherever it is not (any more): it gets new installations there."""
        assert CONTROL.get(f"{self.url}/apps/{self.app['slug']}/installations/new").is_success

    def act(self, login: str, do: str, number: int = 0, **given: Any) -> Mapping[str, Any]:
        """A person does something in the home repository, unless ``repository`` names another."""
        body = {"as": login, "do": do, "repository": self.home, "number": number, **given}
        return self._control("POST", "act", body)

    def stats(self) -> Mapping[str, Any]:
        """What the sandbox counted."""
        return self._control("GET", "stats")

    def _control(self, method: str, path: str, body: Any = None) -> Mapping[str, Any]:
        reply = CONTROL.request(method, f"{self.url}/_sandbox/{path}", json=body)
        assert reply.is_success, reply.text
        found: Mapping[str, Any] = reply.json()
        return found


class Sandboxes:
    """Starts sandboxes and stops them all at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[str]] = []

    def start(
        self,
        *records: Record,
        people: Sequence[Record] = PEOPLE,
        homes: Sequence[Record] = HOMES,
        **options: str,
    ) -> Sandbox:
        """A sandbox with these records; ``options`` are those of ``python -m migrator.sandbox``."""
        world = {"record": "world", "version": 1, "source": OLD, "target": NEW}
        file = self._folder / f"world-{len(self._running)}.jsonl"
        file.write_text(
            "".join(json.dumps(record) + "\n" for record in (world, *people, *homes, *records))
        )
        chosen = [part for name, value in options.items() for part in (f"--{name}", value)]
        command = [
            sys.executable,
            "-m",
            "migrator.sandbox",
            "--port",
            "0",
            "--world",
            str(file),
            *chosen,
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self._running.append(process)
        assert process.stdout is not None
        return Sandbox(json.loads(process.stdout.readline()))

    def stop(self) -> None:
        """End every process."""
        for process in self._running:
            process.terminate()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
