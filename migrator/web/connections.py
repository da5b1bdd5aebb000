"""How long a connection may take to say what it wants: limits below the application, which it never
hears of.

A sender that opens connections and says nothing, or one byte at a time, would otherwise hold each
of them for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

HEADER_SECONDS: Final = 10.0
"""Time from the connection, or the last answer, to the end of the next request's headers."""
BODY_SECONDS: Final = 30.0
"""Time from the headers to the end of the body; GitHub itself gives up on a delivery after 10."""
IDLE_SECONDS: Final = 5
"""Time that a connection may stay open between two requests."""
MOST_HEAD_BYTES: Final = 32 * 1024
"""Bytes of a request's first line and headers."""
MOST_WAITING: Final = 400
"""Connections that have not sent a whole request yet; the one that waits longest makes room for
the next."""
MOST_AT_ONCE: Final = 1000
"""Connections served at a time; more are told to come back."""


class BoundedConnection(HttpToolsProtocol):
    """One connection whose requests have to come in time and in size."""

    _waiting: dict[BoundedConnection, None]
    """All of this server's connections without a whole request, the longest waiting first."""
    _timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._waiting = _WAITING.setdefault(self.server_state, {})
        self._wait(HEADER_SECONDS)
        if len(self._waiting) > MOST_WAITING:
            next(iter(self._waiting)).give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, as long as the headers do not grow without end."""
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request's headers are too large.")

    def on_headers_complete(self) -> None:
        """From here on the body has its time."""
        self._in_head, self._head_bytes = False, 0
        self._wait(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The whole request is here: the rest is our own time."""
        self._in_head = True
        self._stop_waiting()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, if there is one to come."""
        super().on_response_complete()
        if self._in_head and not self.pipeline and not self.transport.is_closing():
            self._wait(HEADER_SECONDS)

    def give_up(self) -> None:
        """Close the connection at once, whatever was sent."""
        self._stop_waiting()
        self.transport.abort()

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._waiting[self] = None
        self._timer = self.loop.call_later(seconds, self.give_up)

    def _stop_waiting(self) -> None:
        self._waiting.pop(self, None)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


_WAITING: Final[WeakKeyDictionary[ServerState, dict[BoundedConnection, None]]] = WeakKeyDictionary()
"""Of each server of this process."""


def limits() -> Mapping[str, Any]:
    """The options of uvicorn that every server of ours starts with."""
    return {
        "http": BoundedConnection,
        "ws": "none",
        "timeout_keep_alive": IDLE_SECONDS,
        "limit_concurrency": MOST_AT_ONCE,
        "log_config": None,
        "access_log": False,
        "server_header": False,
    }
