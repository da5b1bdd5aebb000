"""The order of everything: each request, with what it was shown of which item, and each act, by the world's sequence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from migrator.sandbox.exchange import Ask
from migrator.sandbox.rights import Agent
from migrator.sandbox.world import World


class Entry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One request. ``sequence`` is where the world stood when it began, ``until`` where it stood when it was answered:
    what it wrote lies between. ``seen`` gives, by item, the newest sequence that it was shown."""

    request: int
    sequence: int
    until: int = 0
    by: str = ""
    method: str = ""
    path: str = ""
    operation: str = ""
    status: int = 0
    fault: str = ""
    seen: dict[str, int] = {}

    def finish(self, until: int, status: int, seen: dict[str, int]) -> None:
        """Complete the entry once the request is answered."""
        self.until, self.status, self.seen = until, status, seen


class Logbook:
    """All requests, in order."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.entries: list[Entry] = []

    def request(self, ask: Ask, agent: Agent) -> Entry:
        """Begin the entry of a request. Each takes a number of the world's sequence, so that reads are ordered too."""
        entry = Entry(
            request=len(self.entries) + 1, sequence=self._world.tick(), by=agent.login, method=ask.method, path=ask.path
        )
        self.entries.append(entry)
        return entry

    def lines(self) -> Iterator[bytes]:
        """Yield the entries as JSON lines."""
        return map(msgspec.json.encode, self.entries)

    def as_list(self) -> list[Any]:
        """Return the entries as plain data."""
        return [msgspec.to_builtins(entry) for entry in self.entries]
