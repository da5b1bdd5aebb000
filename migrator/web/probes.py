"""Health and metrics of a process that serves nothing else: a worker that is watched beside the web."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import APIRouter, FastAPI

GRACE = 2
"""Seconds that an answer under way has to end when the process does."""


@contextmanager
def probed(routes: APIRouter, listening: socket.socket) -> Iterator[None]:
    """Answers the routes in a thread of its own for the length of the block. Signals are left to the main thread."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(routes)
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=GRACE)
    server = uvicorn.Server(config)
    answering = threading.Thread(target=server.run, args=([listening],), name="probes", daemon=True)
    answering.start()
    try:
        yield
    finally:
        server.should_exit = True
        answering.join()
