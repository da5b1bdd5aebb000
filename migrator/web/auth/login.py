"""Coming in and going out: by a one-time link on this machine, or with GitHub."""

from __future__ import annotations

import asyncio
import hmac
from typing import Final
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from migrator.errors import GitHubError
from migrator.services.audited_actions import Principal
from migrator.services.roles import Role
from migrator.services.sign_in import Departure
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, NotAllowed, User
from migrator.web.auth.sessions import IDLE, NotSealed, Session
from migrator.web.rendering import Templates

UNDER_WAY: Final = "migrator-login"
"""Cookie of a login under way."""
LONGEST_NEXT: Final = 2000
"""Characters of the address to come back to; it travels in a cookie, of which browsers keep 4
KB."""
WAIT: Final = 600
"""Seconds that a person has to sign in at GitHub."""


def own_path(wanted: str) -> str:
    """``wanted`` if it is a path of ours, else the first page: nobody is sent elsewhere after
    logging in."""
    if (
        not wanted.startswith("/")
        or wanted.startswith("//")
        or "\\" in wanted
        or not wanted.isprintable()
    ):
        return "/"
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return "/"
    return wanted if not parts.scheme and not parts.netloc and len(wanted) <= LONGEST_NEXT else "/"


def router(dashboard: Dashboard, templates: Templates) -> APIRouter:
    """Routes of coming in and going out."""
    routes = APIRouter(include_in_schema=False, route_class=GuardedRoute)
    anybody = Depends(dashboard.require_role(Role.NOBODY))
    _with_github(routes, dashboard)

    @routes.get("/login")
    def login(request: Request, next: str = "/") -> Response:  # noqa: A002 - the parameter's name in addresses
        """How to come in."""
        return templates.page(
            request,
            "login.html.j2",
            None,
            link=dashboard.links is not None,
            github=dashboard.sign_in is not None,
            next=own_path(next),
        )

    @routes.get("/login/once")
    def once(word: str = "") -> Response:
        """Use a one-time link."""
        if dashboard.links is None or not dashboard.links.use(word):
            raise NotAllowed(
                "This link was used already, or is not of this run. The terminal shows the "
                "present one."
            )
        session = dashboard.sessions.new(dashboard.account or "this machine", "link")
        return _come_in(dashboard, session, "/")

    @routes.post("/logout")
    def logout(request: Request, person: User = anybody) -> Response:
        """End this session, here and on the server."""
        del person
        dashboard.ended.end(request.state.session)
        return _gone(dashboard)

    @routes.post("/logout/everywhere")
    def logout_everywhere(request: Request, person: User = anybody) -> Response:
        """End every session of this account."""
        del person
        dashboard.ended.end_all(request.state.session)
        return _gone(dashboard)

    return routes


def _with_github(routes: APIRouter, dashboard: Dashboard) -> None:
    @routes.get("/login/github")
    def github(next: str = "/") -> Response:  # noqa: A002 - the parameter's name in addresses
        """Off to GitHub."""
        if dashboard.sign_in is None:
            raise NotAllowed("This dashboard has no GitHub App to sign in with.")
        departure = dashboard.sign_in.depart()
        away = RedirectResponse(departure.address, status_code=303)
        kept = dashboard.sessions.sealed(
            {"way": msgspec.to_builtins(departure), "next": own_path(next)}
        )
        away.set_cookie(
            UNDER_WAY,
            kept,
            max_age=WAIT,
            httponly=True,
            samesite="lax",
            secure=dashboard.https,
            path="/login",
        )
        return away

    @routes.get("/login/callback")
    def callback(request: Request, code: str = "", state: str = "") -> Response:
        """Back from GitHub."""
        departure, wanted = _under_way(dashboard, request)
        if (
            dashboard.sign_in is None
            or not code
            or not hmac.compare_digest(state.encode(), departure.state.encode())
        ):
            raise NotAllowed("This login was not begun here. Begin again.")
        try:
            account = asyncio.run(dashboard.sign_in.arrive(code, departure.verifier))
            role = asyncio.run(
                dashboard.rights.role_of(account.token, account=account.id, fresh=True)
            )
        except GitHubError as error:
            raise NotAllowed(f"{error.cause}. Begin again.") from error
        if role is Role.NOBODY:
            raise NotAllowed(
                f"{account.login} has no access to the repositories of this migration."
            )
        session = dashboard.sessions.new(account.login, "github", account.id, account.token)
        return _come_in(dashboard, session, wanted)


def _gone(dashboard: Dashboard) -> Response:
    away = RedirectResponse("/login", status_code=303)
    away.delete_cookie(
        dashboard.cookie, path="/", secure=dashboard.https, httponly=True, samesite="lax"
    )
    return away


def _under_way(dashboard: Dashboard, request: Request) -> tuple[Departure, str]:
    try:
        kept = dashboard.sessions.unsealed(request.cookies.get(UNDER_WAY, ""), WAIT)
        return msgspec.convert(kept["way"], Departure), own_path(str(kept["next"]))
    except (NotSealed, KeyError, TypeError, msgspec.ValidationError) as error:
        raise NotAllowed("This login was not begun here, or took too long. Begin again.") from error


def _come_in(dashboard: Dashboard, session: Session, to: str) -> Response:
    who = Principal(login=session.login, auth_method=session.door)
    dashboard.audited.record(who, "log in")
    reply = RedirectResponse(to, status_code=303)
    set_session(dashboard, reply, dashboard.sessions.cookie(session))
    reply.delete_cookie(UNDER_WAY, path="/login")
    return reply


def set_session(dashboard: Dashboard, reply: Response, cookie: str) -> None:
    """Give the browser its session: not for scripts, not for other sites."""
    reply.set_cookie(
        dashboard.cookie,
        cookie,
        max_age=IDLE,
        httponly=True,
        samesite="lax",
        secure=dashboard.https,
        path="/",
    )
