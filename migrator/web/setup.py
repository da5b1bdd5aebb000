"""``/setup``: makes the GitHub App, for as long as there is none. An application of its own, which
ends when that is done.

Who may use it: a browser on this machine, without a proxy in front, that came in by the link with
the one-time word that the terminal shows.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.background import BackgroundTask
from starlette.types import ASGIApp, Receive, Scope, Send

from migrator.errors import MigratorError
from migrator.services.app_setup import AppSetup
from migrator.web.auth.one_time_links import OneTimeLinks
from migrator.web.build import Static
from migrator.web.middleware import HEADERS, LOOPBACK, POLICY, host_of, obstacle
from migrator.web.rendering import environment, versions

PATH: Final = "/setup"
COOKIE: Final = "migrator-setup"
FORWARDED: Final = frozenset({"forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"})
"""Headers of proxies: whoever sends them may be anywhere."""


@dataclass(frozen=True)
class Site:
    """What the pages say of the migration, and where they send the browser: ``web`` is GitHub's
    own address."""

    name: str
    title: str
    source: str
    web: str


class SetupAccess:
    """Who may set up. The server must listen on this machine only."""

    def __init__(self, links: OneTimeLinks) -> None:
        self._links = links
        self._word = secrets.token_urlsafe(24)

    def admits(self, request: Request) -> bool:
        """Whether the browser is on this machine and came in by the link."""
        return self._is_here(request) and hmac.compare_digest(
            request.cookies.get(COOKIE, "").encode(), self._word.encode()
        )

    def opened_by(self, request: Request, word: str) -> Response | None:
        """The way in for the link's one-time word; ``None`` if it is not the present one, or if
        the browser may be elsewhere."""
        if not word or not self._is_here(request) or not self._links.use(word):
            return None
        reply = RedirectResponse(PATH, status_code=303)
        reply.set_cookie(COOKIE, self._word, httponly=True, samesite="lax", path=PATH)
        return reply

    def _is_here(self, request: Request) -> bool:
        return host_of(request.scope) in LOOPBACK and FORWARDED.isdisjoint(request.headers)


def create_setup_app(
    setting_up: AppSetup,
    site: Site,
    gate: SetupAccess,
    *,
    clock: Callable[[], datetime],
    done: Callable[[], None],
) -> FastAPI:
    """The application. ``done`` is called after the page that says so was sent; from then on it
    should not be served."""
    app = FastAPI(
        title="Migrator", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.add_middleware(Refusing)
    page = _SetupPage(site, clock)

    app.include_router(_around())
    app.include_router(_setup_routes(setting_up, page, site, gate, done))
    app.mount(
        "/static", Static(directory=str(files("migrator.web").joinpath("static"))), name="static"
    )
    return app


def _setup_routes(
    setting_up: AppSetup,
    page: _SetupPage,
    site: Site,
    gate: SetupAccess,
    done: Callable[[], None],
) -> APIRouter:
    """The page that leads to GitHub, and the one to which GitHub leads back."""
    routes = APIRouter()

    @routes.get(PATH)
    def setup(request: Request, word: str = "", address: str = "") -> Response:
        """What will be made, and the way to GitHub."""
        if setting_up.done:
            return page.gone(request)
        if word:
            return gate.opened_by(request, word) or page.refusal(request)
        if not gate.admits(request):
            return page.refusal(request)
        try:
            beginning = setting_up.begin(_origin(request), address.strip())
        except MigratorError as error:
            return page.error(request, error, 422)
        return page.show(request, "setup.html.j2", beginning=beginning, source=site.source)

    @routes.get(f"{PATH}/created")
    async def created(request: Request, code: str = "", state: str = "") -> Response:
        """Back from GitHub, which made the App."""
        if setting_up.done:
            return page.gone(request)
        if not gate.admits(request):
            return page.refusal(request)
        try:
            made = await setting_up.finish(code, state)
        except MigratorError as error:
            return page.error(request, error, 409)
        reply = page.show(request, "setup_done.html.j2", made=made)
        reply.delete_cookie(COOKIE, path=PATH)
        reply.background = BackgroundTask(done)
        return reply

    return routes


class Refusing:
    """Refuses malformed requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        reason = obstacle(scope, local_only=False) if scope["type"] == "http" else ""
        await (Response(reason, status_code=400) if reason else self._app)(scope, receive, send)


def _around() -> APIRouter:
    """What else is asked for meanwhile."""
    routes = APIRouter()

    @routes.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @routes.get("/readyz")
    async def readyz() -> JSONResponse:
        """Nothing can be done without an App."""
        return JSONResponse(
            {"ready": False, "obstacles": ["there is no GitHub App yet: open /setup"]},
            status_code=503,
        )

    @routes.get("/")
    async def home() -> Response:
        """There is only one thing to do."""
        return RedirectResponse(PATH, status_code=303)

    return routes


def _origin(request: Request) -> str:
    """The address by which the browser reaches us."""
    return str(request.base_url).rstrip("/")


class _SetupPage:
    """Renders the pages, each with the headers that the dashboard has; forms may go to GitHub,
    too."""

    def __init__(self, site: Site, clock: Callable[[], datetime]) -> None:
        self._site, self._clock = site, clock
        self._environment = environment()
        policy = POLICY.replace("form-action 'self'", f"form-action 'self' {site.web}")
        self._headers = {**HEADERS, "content-security-policy": policy, "cache-control": "no-store"}

    def show(
        self, request: Request, name: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """One page."""
        html = self._environment.get_template(name).render(
            site=self._site,
            person=None,
            sees_private=False,
            path=request.url.path,
            now=self._clock(),
            versions=versions(),
            tour=None,
            **values,
        )
        return HTMLResponse(html, status_code=status, headers=self._headers)

    def error(self, request: Request, error: MigratorError, status: int) -> HTMLResponse:
        """What went wrong, and what to do about it."""
        told = {"title": "This did not work", "cause": error.cause, "cure": error.cure}
        return self.show(request, "setup_error.html.j2", status=status, **told)

    def gone(self, request: Request) -> HTMLResponse:
        """For everybody, from the moment on that there is an App."""
        cause, cure = (
            "The App is made, and this page is gone.",
            "wait a minute, then open the dashboard",
        )
        return self.show(
            request, "error.html.j2", status=404, title="Not here any more", cause=cause, cure=cure
        )

    def refusal(self, request: Request) -> HTMLResponse:
        """For strangers: where the way in is shown."""
        cause, cure = (
            "This page is for whoever started the server.",
            "open the link that its terminal shows; it works once",
        )
        return self.show(
            request, "setup_error.html.j2", status=403, title="Not for you", cause=cause, cure=cure
        )
