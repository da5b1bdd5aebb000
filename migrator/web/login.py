"""Coming in and going out: by a one-time link on this machine, or with GitHub."""

from __future__ import annotations

import asyncio
import hmac
from typing import Final
from urllib.parse import urlsplit

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from itsdangerous import BadSignature

from migrator.errors import GitHubError
from migrator.operations.deeds import Doer
from migrator.operations.rights import Role
from migrator.operations.sign_in import Departure
from migrator.web.desk import Desk, NotAllowed, Person
from migrator.web.sessions import IDLE
from migrator.web.templating import Templates

UNDER_WAY: Final = "migrator-login"
"""Cookie of a login under way."""
WAIT: Final = 600
"""Seconds that a person has to sign in at GitHub."""


def own_path(wanted: str) -> str:
    """``wanted`` if it is a path of ours, else the first page: nobody is sent elsewhere after logging in."""
    parts = urlsplit(wanted)
    fine = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return wanted if fine and wanted.isprintable() and "\\" not in wanted else "/"


def router(desk: Desk, templates: Templates) -> APIRouter:
    """Routes of coming in and going out."""
    routes = APIRouter(include_in_schema=False)
    anybody = Depends(desk.seated(Role.NOBODY))
    _with_github(routes, desk)

    @routes.get("/login")
    def login(request: Request, next: str = "/") -> Response:  # noqa: A002 - the parameter's name in addresses
        """How to come in."""
        return templates.page(
            request, "login.html.j2", None, link=desk.links is not None, github=desk.sign_in is not None, next=own_path(next)
        )

    @routes.get("/login/once")
    def once(word: str = "") -> Response:
        """Use a one-time link."""
        if desk.links is None or not desk.links.use(word):
            raise NotAllowed("This link was used already, or is not of this run. The terminal shows the present one.")
        return _come_in(desk, desk.account or "this machine", "link", "/")

    @routes.post("/logout")
    def logout(person: Person = anybody) -> Response:
        """Go out."""
        desk.deeds.note(person.doer, "log out")
        away = RedirectResponse("/login", status_code=303)
        away.delete_cookie(desk.cookie, path="/", secure=desk.https, httponly=True, samesite="lax")
        return away

    return routes


def _with_github(routes: APIRouter, desk: Desk) -> None:
    @routes.get("/login/github")
    def github(next: str = "/") -> Response:  # noqa: A002 - the parameter's name in addresses
        """Off to GitHub."""
        if desk.sign_in is None:
            raise NotAllowed("This dashboard has no GitHub App to sign in with.")
        departure = desk.sign_in.depart()
        away = RedirectResponse(departure.address, status_code=303)
        kept = desk.sessions.sealed({"way": msgspec.to_builtins(departure), "next": own_path(next)})
        away.set_cookie(UNDER_WAY, kept, max_age=WAIT, httponly=True, samesite="lax", secure=desk.https, path="/login")
        return away

    @routes.get("/login/callback")
    def callback(request: Request, code: str = "", state: str = "") -> Response:
        """Back from GitHub."""
        departure, wanted = _under_way(desk, request)
        if desk.sign_in is None or not code or not hmac.compare_digest(state.encode(), departure.state.encode()):
            raise NotAllowed("This login was not begun here. Begin again.")
        try:
            login = asyncio.run(desk.sign_in.arrive(code, departure.verifier))
            role = asyncio.run(desk.rights.role_of(login, fresh=True))
        except GitHubError as error:
            raise NotAllowed(f"{error.cause}. Begin again.") from error
        if role is Role.NOBODY:
            raise NotAllowed(f"{login} has no access to the repositories of this migration.")
        return _come_in(desk, login, "github", wanted)


def _under_way(desk: Desk, request: Request) -> tuple[Departure, str]:
    try:
        kept = desk.sessions.unsealed(request.cookies.get(UNDER_WAY, ""), WAIT)
        return msgspec.convert(kept["way"], Departure), own_path(str(kept["next"]))
    except (BadSignature, KeyError, TypeError, msgspec.ValidationError) as error:
        raise NotAllowed("This login was not begun here, or took too long. Begin again.") from error


def _come_in(desk: Desk, login: str, door: str, to: str) -> Response:
    session = desk.sessions.new(login, door)
    desk.deeds.note(Doer(login=login, door=door), "log in")
    reply = RedirectResponse(to, status_code=303)
    set_session(desk, reply, desk.sessions.cookie(session))
    reply.delete_cookie(UNDER_WAY, path="/login")
    return reply


def set_session(desk: Desk, reply: Response, cookie: str) -> None:
    """Give the browser its session: not for scripts, not for other sites."""
    reply.set_cookie(desk.cookie, cookie, max_age=IDLE, httponly=True, samesite="lax", secure=desk.https, path="/")
