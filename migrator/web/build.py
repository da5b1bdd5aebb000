"""Opens a dashboard's desk from the settings: which doors there are follows from where it
listens and what it was given."""

from __future__ import annotations

import getpass
import secrets
from collections.abc import Callable
from importlib.resources import files
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from pydantic import SecretStr
from starlette.responses import Response
from starlette.types import Scope

from migrator.config.settings import LOOPBACK, Settings
from migrator.errors import ConfigError
from migrator.execution.context import Context
from migrator.services.audited_actions import AuditedActions, Enqueue
from migrator.services.roles import RoleLookup
from migrator.services.sign_in import SignIn
from migrator.services.tour import TourNotes
from migrator.web import progress_stream
from migrator.web.api import add_api
from migrator.web.app import Application
from migrator.web.auth import login
from migrator.web.auth.dependencies import Dashboard
from migrator.web.auth.one_time_links import OneTimeLinks
from migrator.web.auth.sessions import Sessions
from migrator.web.ended_sessions import EndedSessions
from migrator.web.middleware import SecurityHeaders, guard_errors
from migrator.web.pages import PAGES, tour
from migrator.web.rendering import Templates

CALLBACK = "/login/callback"
"""The App's callback address is the dashboard's address with this path."""


def open_dashboard(
    context: Context,
    *,
    address: str,
    enqueue: Enqueue,
    tell: Callable[[str], None],
    stopping: Callable[[], bool] = lambda: False,
    tour: TourNotes | None = None,
) -> Dashboard:
    """The desk of a dashboard that listens at ``address`` (scheme, host and port).

    People reach it there, or at the settings' ``public_url``. With an App's client id and secret
    they log in with GitHub; without, and on this machine only, by a one-time link that is told to
    ``tell``. Raises ``ConfigError`` where neither is possible: a dashboard without a door is of no
    use, and one without a lock must not be.
    """
    settings = context.settings
    address = settings.public_url or address
    sign_in = _sign_in(settings, address)
    local = urlsplit(address).hostname in LOOPBACK
    if sign_in is None and not local:
        raise ConfigError(
            f"people at {address} could not log in to the dashboard",
            cure=(
                "set MIGRATOR_OAUTH_CLIENT_ID and MIGRATOR_OAUTH_CLIENT_SECRET, or listen on "
                "127.0.0.1"
            ),
        )
    links = OneTimeLinks(address, tell) if sign_in is None else None
    audited = AuditedActions(context, enqueue)
    return Dashboard(
        context=context,
        audited=audited,
        sessions=Sessions(_keys(settings)),
        ended=EndedSessions(audited),
        rights=RoleLookup(context),
        account=f"{getpass.getuser()} on this machine",
        links=links,
        sign_in=sign_in,
        https=urlsplit(address).scheme == "https",
        stopping=stopping,
        tour=tour,
    )


def _sign_in(settings: Settings, address: str) -> SignIn | None:
    if settings.oauth_client_id is None or settings.oauth_client_secret is None:
        return None
    return SignIn(
        github_url=settings.github_url,
        client_id=settings.oauth_client_id,
        client_secret=settings.oauth_client_secret,
        return_to=address.rstrip("/") + CALLBACK,
    )


def _keys(settings: Settings) -> tuple[str, ...]:
    """The keys that sign sessions, newest first. Without any, everybody logs in again after a
    restart."""
    named: list[SecretStr] = [
        key
        for key in (settings.session_secret, settings.session_secret_previous)
        if key is not None
    ]
    return tuple(key.get_secret_value() for key in named) or (secrets.token_hex(32),)


def add_dashboard(app: FastAPI, dashboard: Dashboard) -> None:
    """Add the dashboard of one migration to an application."""
    templates = Templates(dashboard)
    app.include_router(login.router(dashboard, templates))
    for page in PAGES:
        app.include_router(page.router(dashboard, templates))
    if dashboard.tour is not None:
        app.include_router(tour.router(dashboard, dashboard.tour))
    app.include_router(progress_stream.router(dashboard))
    add_api(app, dashboard)
    app.mount(
        "/static", Static(directory=str(files("migrator.web").joinpath("static"))), name="static"
    )
    guard_errors(app, templates)
    app.add_middleware(SecurityHeaders, dashboard=dashboard, local_only=dashboard.links is not None)
    if isinstance(app, Application):
        app.local_only = dashboard.links is not None  # then webhooks pass the guard, too


class Static(StaticFiles):
    """Files whose address changes with their content: browsers may keep them for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be kept."""
        reply = await super().get_response(path, scope)
        reply.headers["cache-control"] = "public, max-age=31536000, immutable"
        return reply
