"""The order of everything: each request, with what it was shown of which item, and each act, by
the world's sequence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from heapq import merge

import msgspec

from migrator.sandbox.events import ActRecord
from migrator.sandbox.http_messages import ApiRequest
from migrator.sandbox.world import World

_ENCODER = msgspec.json.Encoder()


class LoggedRequest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One request.

    ``sequence`` is its place in the world's order when it began, ``until`` the world's place when
    it was answered: what it wrote lies between. ``seen`` gives, by item, the newest sequence that
    it was shown. ``fault`` names what struck it, ``stored`` whether its work was done nevertheless.
    ``at`` is when it came, in real seconds; ``limited`` says that a limit in force refused it.
    """

    request: int
    sequence: int
    until: int = 0
    by: str = ""
    method: str = ""
    path: str = ""
    operation: str = ""
    status: int = 0
    fault: str = ""
    stored: bool = True
    at: float = 0.0
    limited: bool = False
    seen: dict[str, int] = {}


class RequestLog:
    """All requests, in order."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.entries: list[LoggedRequest] = []

    def begin(self, ask: ApiRequest) -> LoggedRequest:
        """Begin the entry of a request. It takes a number of the world's order, so that reads
        have their place in it too."""
        number, place = len(self.entries) + 1, self._world.tick()
        entry = LoggedRequest(
            request=number, sequence=place, method=ask.method, path=ask.path, at=time.time()
        )
        self.entries.append(entry)
        return entry

    def lines(self) -> Iterator[bytes]:
        """Yield requests and acts as JSON lines, in the world's order."""
        both: Iterator[LoggedRequest | ActRecord] = merge(
            self.entries, self._world.deeds, key=lambda one: one.sequence
        )
        return map(_ENCODER.encode, both)
