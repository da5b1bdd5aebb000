"""Is it alive, is it ready, and how much has it done? For whoever operates it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse

from migrator.web.connections import limits
from migrator.web.metrics import CONTENT_TYPE, Metrics


def router(
    metrics: Metrics,
    obstacles: Callable[[], Sequence[str]],
    alive: Callable[[], bool] = lambda: True,
) -> APIRouter:
    """Routes for probes and Prometheus. None of them tells anything that is not everybody's to
    know.

    ``alive`` says whether this process still does what it is there for; where it does not, it
    should be started anew.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get("/healthz")
    async def healthz() -> JSONResponse:
        """The process answers; whether it can work now is another question, which no database is
        asked here."""
        lives = alive()
        return JSONResponse(
            {"status": "alive" if lives else "ended"}, status_code=200 if lives else 503
        )

    @routes.get("/readyz")
    def readyz() -> JSONResponse:
        """200 if deliveries can be stored and worked on, else 503 with the reasons."""
        found = list(obstacles())
        return JSONResponse(
            {"ready": not found, "obstacles": found}, status_code=503 if found else 200
        )

    @routes.get("/metrics")
    def show() -> Response:
        """Prometheus' text format."""
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    return routes


GRACE = 2
"""Seconds that an answer under way has to end when the process does."""


@contextmanager
def probed(routes: APIRouter, listening: socket.socket) -> Iterator[None]:
    """Answers the routes in a thread of its own for the length of the block. Signals are left to
    the main thread."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.include_router(routes)
    config = uvicorn.Config(app, timeout_graceful_shutdown=GRACE, **limits())
    server = uvicorn.Server(config)
    answering = threading.Thread(target=server.run, args=([listening],), name="probes", daemon=True)
    answering.start()
    try:
        yield
    finally:
        server.should_exit = True
        answering.join()
