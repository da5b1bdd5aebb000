"""A server that answers as a test tells it to, at the level of bytes: for what no well-behaved
GitHub does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.support.sandboxes import (
    NEW,
    OWNERS,
    Sandbox,
    Sandboxes,
    account,
    repository,
    small_world,
)

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any

    @property
    def variables(self) -> dict[str, Any]:
        """Variables of a GraphQL request."""
        return dict(self.body["variables"])


class ScriptedServer:
    """Plays its script, one behaviour a request, the last one for ever; keeps what it saw."""

    def __init__(self) -> None:
        self.script: list[Behaviour] = []
        self.seen: list[Seen] = []
        self.url = ""

    def plays(self, *script: Behaviour) -> None:
        """Set what comes next."""
        self.script = list(script)

    @staticmethod
    def answers(status: int = 200, body: Any = None, **headers: str) -> Behaviour:
        """Replies with JSON; header names are written with underscores."""

        async def behave(writer: asyncio.StreamWriter) -> None:
            content = b"" if body is None else msgspec.json.encode(body)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            lines = [
                f"HTTP/1.1 {status} X",
                f"content-length: {len(content)}",
                "content-type: application/json",
            ]
            lines += [f"{name}: {value}" for name, value in named.items()]
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
            await writer.drain()

        return behave

    @staticmethod
    def hangs_up() -> Behaviour:
        """Takes the request and closes without a word."""

        async def behave(writer: asyncio.StreamWriter) -> None:
            writer.close()

        return behave

    @staticmethod
    def cuts_off() -> Behaviour:
        """Announces more bytes than it sends."""

        async def behave(writer: asyncio.StreamWriter) -> None:
            writer.write(b'HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{"data": {')
            await writer.drain()
            writer.close()

        return behave

    @staticmethod
    def stays_silent() -> Behaviour:
        """Takes the request and never answers."""

        async def behave(writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(60)

        return behave

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive."""
        try:
            while not writer.is_closing():
                self.seen.append(await _read(reader))
                behaviour = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                await behaviour(writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    content = await reader.readexactly(int(headers.get("content-length", 0)))
    method, path, _ = first.split(" ")
    return Seen(
        method=method,
        path=path,
        headers=headers,
        body=msgspec.json.decode(content) if content else None,
    )


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedServer]:
    """A scripted server on loopback."""
    server = ScriptedServer()
    listening = await asyncio.start_server(server.converse, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    yield server
    listening.close()


@pytest.fixture
def sandboxes(tmp_path: Path) -> Iterator[Sandboxes]:
    """Starts sandbox GitHubs, each in its own process, for one test."""
    started = Sandboxes(tmp_path)
    yield started
    started.stop()


HOMES = 60
"""How many tests can have a repository of their own in the shared sandbox."""


@pytest.fixture(scope="session")
def shared_sandbox(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Sandbox, Iterator[str]]]:
    """One sandbox for all, and the names of repositories in it that nobody used yet."""
    homes = [f"old/home-{number}" for number in range(HOMES)]
    people = (
        *OWNERS,
        account("owner", permissions=dict.fromkeys((*homes, NEW), "admin")),
        account("triager", permissions=dict.fromkeys(homes, "triage")),
        account("robin"),
        account("butler", type="Bot"),
    )
    bug = {"name": "bug", "color": "ff0000", "description": ""}
    started = Sandboxes(tmp_path_factory.mktemp("shared"))
    records = [record for home in homes for record in small_world(home)]
    repositories = [*(repository(home, labels=[bug]) for home in homes), repository(NEW)]
    yield started.start(*records, people=people, homes=repositories), iter(homes)
    started.stop()


@pytest.fixture
def sandbox(shared_sandbox: tuple[Sandbox, Iterator[str]]) -> Sandbox:
    """The shared sandbox with a repository of this test's own: see
    :func:`~tests.support.sandboxes.small_world`."""
    started, homes = shared_sandbox
    return Sandbox(started.started, next(homes))
