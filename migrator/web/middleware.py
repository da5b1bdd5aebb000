"""What holds for every answer: headers that keep browsers from doing anything we did not mean,
and errors told in our words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from migrator.errors import (
    ComputeUnavailable,
    ConfigError,
    DatabaseError,
    GitHubError,
    MigratorError,
    PlanRefused,
    UsageError,
)
from migrator.services.review_answers import AnsweredMeanwhile
from migrator.services.what_if import Superseded, TookTooLong
from migrator.store.database import OUTAGES
from migrator.web.admission import SAFE
from migrator.web.auth.dependencies import Dashboard, NotAllowed, NotSignedIn, User
from migrator.web.auth.login import set_session
from migrator.web.rendering import Templates

log = structlog.get_logger(__name__)

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
    "'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # with no-referrer browsers hide the origin of our own forms, too
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NOT_OURS: Final = ("/webhooks", "/healthz", "/readyz", "/metrics")
"""Paths of programs: no browser looks at them, and no header is added to them."""
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
_NULL = re.compile(rb"%00|\x00")


def host_of(scope: Scope) -> str | None:
    """The name in the ``Host`` header without its port, in lower case; empty without one,
    ``None`` if it is malformed."""
    given = [value for name, value in scope["headers"] if name == b"host"]
    if not given:
        return ""
    found = _HOST.fullmatch(given[0].decode("latin-1")) if len(given) == 1 else None
    return found["name"].strip("[]").lower() if found else None


def obstacle(scope: Scope, *, local_only: bool) -> str:
    """Why a request is not looked at any further; empty if it is.

    With ``local_only``, requests must name this machine as their host: a page of another site could
    have its own name point here (https://owasp.org/www-community/attacks/DNS_Rebinding).
    """
    host = host_of(scope)
    if host is None:
        return "the Host header is malformed"
    if local_only and host not in LOOPBACK:
        return "this dashboard answers to this machine only"
    if _NULL.search(scope.get("raw_path") or b"") or _NULL.search(scope.get("query_string") or b""):
        return "the URL holds a null character"
    return ""


def _refused(path: str, reason: str) -> Response:
    """The answer to a malformed request: the API's own form below ``/api/``, else plain text."""
    close = {"connection": "close"}
    if path.startswith("/api/"):
        fault = {"error": {"cause": reason, "cure": "send a well-formed request"}}
        return JSONResponse(fault, status_code=400, headers=close)
    return PlainTextResponse(reason, status_code=400, headers=close)


class SecurityHeaders:
    """Refuses malformed requests, adds the headers, and renews sessions."""

    def __init__(self, app: ASGIApp, dashboard: Dashboard, *, local_only: bool) -> None:
        self._app = app
        self._dashboard = dashboard
        self._local_only = local_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if reason := obstacle(scope, local_only=self._local_only):
            await _refused(scope["path"], reason)(scope, receive, send)
            return
        if scope["path"] in NOT_OURS:
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        cookie = self._renewed(request)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(MutableHeaders(scope=message), request, cookie)
            await send(message)

        await self._app(scope, receive, guarded)

    def _renewed(self, request: Request) -> str:
        """A new cookie if the request's session is valid and its cookie old, else an empty word."""
        found = self._dashboard.session_of(request)
        return self._dashboard.sessions.cookie(found[0]) if found is not None and found[1] else ""

    def _complete(self, headers: MutableHeaders, request: Request, cookie: str) -> None:
        for name, value in HEADERS.items():
            headers[name] = value
        if self._dashboard.https:
            headers["strict-transport-security"] = "max-age=31536000"
        if not request.url.path.startswith("/static/"):
            headers["cache-control"] = "no-store"
            if cookie and not any(
                self._dashboard.cookie in value for value in headers.getlist("set-cookie")
            ):
                renewed = Response()
                set_session(self._dashboard, renewed, cookie)
                headers.append("set-cookie", renewed.headers["set-cookie"])


_STATUS: Final[tuple[tuple[type[MigratorError], int], ...]] = (
    (AnsweredMeanwhile, 409),
    (Superseded, 409),
    (TookTooLong, 503),
    (ComputeUnavailable, 503),
    (ConfigError, 422),
    (PlanRefused, 409),
    (UsageError, 409),
    (GitHubError, 502),
    (DatabaseError, 503),
)


def status_of(error: MigratorError, method: str) -> int:
    """The HTTP status of an error of ours. Looking at what does not exist is 404; a write that
    cannot be is a conflict."""
    if (
        method in ("GET", "HEAD")
        and isinstance(error, UsageError | PlanRefused)
        and not isinstance(error, ConfigError)
    ):
        return 404
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def guard_errors(app: FastAPI, templates: Templates) -> None:
    """Tell errors as pages to people and as JSON to programs, always with cause and cure."""
    told = _teller(templates)
    app.add_exception_handler(NotSignedIn, _signed_out)

    @app.exception_handler(NotAllowed)
    async def refused(request: Request, error: NotAllowed) -> Response:
        return told(request, 403, error.says, "")

    @app.exception_handler(MigratorError)
    async def ours(request: Request, error: MigratorError) -> Response:
        return told(request, status_of(error, request.method), error.cause, error.cure)

    async def away(request: Request, error: Exception) -> Response:
        kind, path = type(error).__name__, request.url.path
        log.warning("a request found the database unavailable", error=kind, path=path)
        cure = "retry in a minute; what was stored is not lost"
        return told(request, 503, "the database does not answer", cure)

    for outage in OUTAGES:
        app.add_exception_handler(outage, away)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        cure = "correct it in the URL or the form, and retry"
        return told(request, 422, _invalid(error.errors()), cure)

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> Response:
        reply = told(request, error.status_code, str(error.detail), "")
        reply.headers.update(error.headers or {})
        return reply


def _teller(templates: Templates) -> Callable[[Request, int, str, str], Response]:
    def told(request: Request, status: int, cause: str, cure: str) -> Response:
        if request.url.path.startswith("/api/") or request.url.path in NOT_OURS:
            return JSONResponse({"error": {"cause": cause, "cure": cure}}, status_code=status)
        person = getattr(request.state, "person", None)
        sitting = person if isinstance(person, User) else None
        title = HTTPStatus(status).phrase
        return templates.page(
            request, "error.html.j2", sitting, status=status, title=title, cause=cause, cure=cure
        )

    return told


async def _signed_out(request: Request, _error: Exception) -> Response:
    """Send people to the login, and back afterwards if they only looked."""
    if request.url.path.startswith("/api/") or request.url.path == "/live":
        headers = {"connection": "close"} if request.method not in SAFE else {}
        told = {"error": {"cause": "not signed in", "cure": "open /login"}}
        return JSONResponse(told, status_code=401, headers=headers)
    away = RedirectResponse(f"/login?next={quote(_page_of(request), safe='/')}", status_code=303)
    if request.method not in SAFE:
        away.headers["connection"] = "close"  # what the sender still has to say is not read
    return away


def _page_of(request: Request) -> str:
    """The page to come back to after signing in: the one that was asked for, or the one whose
    form was sent."""
    if request.method in SAFE:
        query = request.scope.get("query_string", b"").decode("latin-1")
        return str(request.scope["path"]) + (f"?{query}" if query else "")
    try:
        came_from = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/"
    ours = came_from.netloc == request.headers.get("host", "") and came_from.path.startswith("/")
    return came_from.path + (f"?{came_from.query}" if came_from.query else "") if ours else "/"


_INVALID: Final = {
    "missing": "is missing",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large",
    "bool_parsing": "must be true or false",
    "float_parsing": "must be a number",
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "string_too_long": "may have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "string_pattern_mismatch": "has characters that are not allowed",
    "string_type": "must be text",
    "literal_error": "must be one of these: {expected}",
    "enum": "must be one of these: {expected}",
    "datetime_from_date_parsing": "must be a date and time such as 2026-01-31T12:00:00Z",
    "datetime_parsing": "must be a date and time such as 2026-01-31T12:00:00Z",
    "json_invalid": "is not valid JSON",
    "extra_forbidden": "is not known here",
}
"""Kind of a fault as Pydantic names it (https://docs.pydantic.dev/latest/errors/validation_errors/)
-> what it says to a reader."""


def _invalid(errors: Iterable[dict[str, Any]]) -> str:
    """The first fault in a sentence: which value, and what it must be."""
    first = next(iter(errors), {})
    place = [part for part in first.get("loc", ()) if part != "body"]
    name = f"`{place[-1]}`" if place and isinstance(place[-1], str) else "the request"
    says = _INVALID.get(str(first.get("type")), "is not understood")
    return f"{name} {says.format_map(_Known(first.get('ctx') or {}))}"


class _Known(dict[str, Any]):
    """What is known of a fault; a part that is missing is left out."""

    def __missing__(self, _key: str) -> str:
        return "what the page offers"
