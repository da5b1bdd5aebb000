"""The web application on a real socket, and one who sends webhooks to it."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
import uvicorn
from fastapi import FastAPI

from migrator.github.signatures import signature
from migrator.store.deliveries import Deliveries
from migrator.web.connections import limits

SECRET = b"It's a Secret to Everybody"


@contextmanager
def serving(app: FastAPI, socket_: socket.socket | None = None) -> Iterator[str]:
    """The address of a running application, on a socket of its own or a given one; it is shut
    down gracefully at the end."""
    with socket_ or socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, **limits()))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive(), "the server did not start"
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


class Sender:
    """Sends webhooks as GitHub does, and as others might."""

    def __init__(self, address: str, deliveries: Deliveries) -> None:
        self.address = address
        self.deliveries = deliveries

    def send(
        self,
        body: bytes | dict[str, Any],
        *,
        event: str = "issues",
        delivery: str | None = None,
        secret: bytes = SECRET,
        headers: dict[str, str] | None = None,
        client: httpx.Client | None = None,
    ) -> httpx.Response:
        """Deliver one webhook, over a connection of its own or a ``client``'s."""
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        named = {
            "content-type": "application/json",
            "x-github-event": event,
            "x-github-delivery": delivery or str(uuid.uuid4()),
            "x-hub-signature-256": signature(secret, content),
            **(headers or {}),
        }
        kept = [(name.encode(), value.encode("latin-1")) for name, value in named.items() if value]
        post = client.post if client is not None else httpx.post
        return post(f"{self.address}/webhooks", content=content, headers=kept, timeout=60)

    @property
    def stored(self) -> list[str]:
        """Ids of all stored deliveries."""
        return [each.id for each in self.deliveries.newest(1000)]
