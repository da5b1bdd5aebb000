"""Is it alive, is it ready, and how much has it done? For whoever operates it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from migrator.web.metrics import CONTENT_TYPE, Metrics


def router(metrics: Metrics, obstacles: Callable[[], Sequence[str]]) -> APIRouter:
    """Routes for probes and Prometheus. None of them tells anything that is not everybody's to know."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers; whether it can work is another question."""
        return {"status": "alive"}

    @routes.get("/readyz")
    def readyz() -> JSONResponse:
        """200 if deliveries can be stored and worked on, else 503 with the reasons."""
        found = list(obstacles())
        return JSONResponse({"ready": not found, "obstacles": found}, status_code=503 if found else 200)

    @routes.get("/metrics")
    def show() -> Response:
        """Prometheus' text format."""
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    return routes
