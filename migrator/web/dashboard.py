"""Puts the dashboard beside the webhook: pages, programming interface, login, live progress, and what guards them."""

from __future__ import annotations

from importlib.resources import files

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from migrator.web import live, login
from migrator.web.api import add_api
from migrator.web.desk import Desk
from migrator.web.guarding import Guard, guard_errors
from migrator.web.pages import PAGES
from migrator.web.templating import Templates


def add_dashboard(app: FastAPI, desk: Desk) -> None:
    """Add the dashboard of one migration to an application."""
    templates = Templates(desk)
    app.include_router(login.router(desk, templates))
    for page in PAGES:
        app.include_router(page.router(desk, templates))
    app.include_router(live.router(desk))
    add_api(app, desk)
    app.mount("/static", Static(directory=str(files("migrator.web").joinpath("static"))), name="static")
    guard_errors(app, templates)
    app.add_middleware(Guard, desk=desk, local_only=desk.links is not None)


class Static(StaticFiles):
    """Files whose address changes with their content: browsers may keep them for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be kept."""
        reply = await super().get_response(path, scope)
        reply.headers["cache-control"] = "public, max-age=31536000, immutable"
        return reply
