"""The web application, put together from built objects; nothing is global and nothing is built
here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter, FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from migrator.web import health
from migrator.web.delivery_buffer import DeliveryBuffer, Store
from migrator.web.metrics import Metrics
from migrator.web.webhooks import PATH, WebhookEndpoint


class Application(FastAPI):
    """Takes webhooks past everything that pages need (sessions, routing, error pages): half of
    the work of a small request."""

    endpoint: WebhookEndpoint | None = None
    local_only = False
    """Whether webhooks, too, must name this machine as their host."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        if (
            self.endpoint is not None
            and not self.local_only
            and scope["type"] == "http"
            and scope["path"] == PATH
            and scope["method"] == "POST"
        ):
            await self.endpoint(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def _is_delivery(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST")


@dataclass(frozen=True)
class AppDependencies:
    """What the application works with.

    ``secrets`` sign webhooks; without any, there is no webhook route. ``store`` puts deliveries on
    disk and ``stored`` is called after each group of them. ``obstacles`` names what keeps this
    process from working (see ``/readyz``), and ``alive`` says whether its own work goes on (see
    ``/healthz``). ``operations`` serves these and ``/metrics`` beside the pages; without it they
    are off, or on a port of their own. ``concerns`` says by a repository's number and name whether
    webhooks about it are stored.
    """

    store: Store
    secrets: Sequence[bytes] = field(repr=False)
    clock: Callable[[], datetime]
    metrics: Metrics = field(default_factory=Metrics)
    stored: Callable[[], None] = lambda: None
    obstacles: Callable[[], Sequence[str]] = tuple
    alive: Callable[[], bool] = lambda: True
    operations: bool = True
    concerns: Callable[[int, str], bool] = lambda _number, _name: True


def create_app(tools: AppDependencies, *, routers: Sequence[APIRouter] = ()) -> Application:
    """The application. ``routers`` are pages and programming interfaces beside the webhook."""
    inbox = DeliveryBuffer(tools.store, stored=tools.stored)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        inbox.start()
        yield
        await inbox.close()

    app = Application(
        title="Migrator",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,  # such a redirect names the host that the request named
    )
    if tools.secrets:
        app.endpoint = WebhookEndpoint(
            inbox, tools.secrets, tools.clock, tools.metrics, tools.concerns
        )
        app.router.routes.insert(0, Route(PATH, app.endpoint, methods=["POST"], name="webhooks"))
    if tools.operations:
        app.include_router(health.router(tools.metrics, tools.obstacles, tools.alive))
    for router in routers:
        app.include_router(router)
    return app
