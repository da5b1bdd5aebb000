"""What goes over the wire and what comes back, without I/O: requests are built, replies become data or a typed error.

Written after the sans-I/O habit: bytes and headers in, data or :mod:`migrator.errors` out. Whether a failed request
may be repeated follows from one question: could it have written? (``Request.writes``)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import msgspec

from migrator import __version__
from migrator.errors import (
    AuthenticationError,
    GitHubError,
    LimitExceeded,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RequestRefused,
    ServerUnavailable,
)
from migrator.github.document import Document
from migrator.github.limits import limit_error

API_VERSION = "2022-11-28"


class Counted(StrEnum):
    """What a request is counted as."""

    QUERY = "query"
    MUTATION = "mutation"
    REST = "rest"


class Endpoints(msgspec.Struct, frozen=True):
    """Where one GitHub answers; no trailing slashes."""

    rest: str
    graphql: str
    web: str

    @property
    def is_loopback(self) -> bool:
        """Whether the address is on this machine: the only place where a sandbox can be."""
        return (urlsplit(self.rest).hostname or "") in {"127.0.0.1", "localhost", "::1"}


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request, all but the token. ``writes`` holds if repeating it blindly could write twice."""

    method: str
    url: str
    counted: Counted
    writes: bool = False
    content: bytes | None = None
    name: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP reply. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a GraphQL reply's ``errors`` (https://spec.graphql.org/October2021/#sec-Errors)."""

    message: str
    type: str = ""
    path: tuple[str | int, ...] = ()

    @property
    def root(self) -> str:
        """Alias of the root field it belongs to; empty if it belongs to the whole request."""
        return str(self.path[0]) if self.path else ""


class GraphQLReply(msgspec.Struct, frozen=True, kw_only=True):
    """Data with whatever errors came beside it.

    ``failures`` holds, by alias, the typed error of each root field that came back empty with an error;
    ``errors`` all errors as they came (one below a root field that has data is no failure).
    """

    data: dict[str, Any]
    failures: Mapping[str, GitHubError] = {}
    errors: tuple[FieldError, ...] = ()

    def at(self, root: str, what: str) -> dict[str, Any]:
        """Value of a root field. Raises its typed error, or :class:`NotFound` naming ``what`` where GitHub says just ``null``."""
        node = self.data.get(root)
        if node is None:
            raise self.failures.get(root) or NotFound(f"{what} does not exist, or not for this account")
        return node  # type: ignore[no-any-return]


def endpoints(base_url: str) -> Endpoints:
    """Addresses for a base address such as ``https://api.github.com``, ``https://HOST/api/v3`` or a sandbox's.

    https://docs.github.com/enterprise-server/graphql/guides/managing-enterprise-accounts#sending-requests
    """
    base = base_url.rstrip("/")
    if base.endswith("/api/v3"):
        host = base.removesuffix("/api/v3")
        return Endpoints(rest=base, graphql=f"{host}/api/graphql", web=host)
    web = "https://github.com" if base == "https://api.github.com" else base
    return Endpoints(rest=base, graphql=f"{base}/graphql", web=web)


def names(repository: str) -> dict[str, str]:
    """``owner/name`` as the two variables that our queries take."""
    owner, _, name = repository.partition("/")
    return {"owner": owner, "name": name}


def graphql_request(where: Endpoints, document: Document, variables: Mapping[str, Any]) -> Request:
    """The POST that asks ``document``; page sizes of the document stand unless ``variables`` name them."""
    counted = Counted.MUTATION if document.writes else Counted.QUERY
    payload = {"query": document.text, "operationName": document.name, "variables": {**document.sizes, **variables}}
    content = msgspec.json.encode(payload)
    return Request(method="POST", url=where.graphql, counted=counted, writes=document.writes, content=content, name=document.name)


def rest_request(where: Endpoints, method: str, path: str, payload: Any = None) -> Request:
    """A REST request; everything but GET and HEAD counts as a write."""
    content = None if payload is None else msgspec.json.encode(payload)
    writes = method not in {"GET", "HEAD"}
    url = path if path.startswith("http") else where.rest + path
    return Request(method=method, url=url, counted=Counted.REST, writes=writes, content=content, name=path)


def headers_of(request: Request, token: str) -> dict[str, str]:
    """Headers of a request, the credentials among them (https://docs.github.com/rest/about-the-rest-api/api-versions)."""
    headers = {
        "accept": "application/vnd.github+json",
        "user-agent": f"migrator/{__version__}",
        "x-github-api-version": API_VERSION,
    }
    if token:
        headers["authorization"] = f"Bearer {token}"
    if request.content is not None:
        headers["content-type"] = "application/json"
    return headers


def read_graphql(request: Request, reply: Reply, *, now: float, streak: int = 0) -> GraphQLReply:
    """Data and field errors of a GraphQL reply.

    Raises the typed error if the request as a whole failed: a limit (also with status 200), credentials, a time-out.
    Errors below a root field that still has data stay in ``errors``: another's private repository in a timeline is ordinary.
    """
    error = error_of(request, reply, now=now, streak=streak)
    if error is not None:
        raise error
    data, errors = _envelope(request, reply)
    limited = _limit_among(errors, reply, now=now, streak=streak)
    if data is None or not all(error.path for error in errors):
        raise limited or _whole_failure(request, errors, reply.status)
    failures = {error.root: _failure(request, error, limited) for error in reversed(errors) if data.get(error.root) is None}
    if limited is not None and len(failures) == len(data):
        raise limited
    return GraphQLReply(data=data, failures=failures, errors=errors)


def _limit_among(errors: tuple[FieldError, ...], reply: Reply, *, now: float, streak: int) -> LimitExceeded | None:
    """The limit that one of these errors names, with the wait that the reply's headers ask for."""
    found = (limit_error(200, reply.headers, error.message, frozenset({error.type}), now=now, streak=streak) for error in errors)
    return next((limited for limited in found if limited is not None), None)


def _failure(request: Request, error: FieldError, limited: LimitExceeded | None) -> GitHubError:
    """Typed error of one root field; an act that GitHub broke off has an unknown outcome."""
    found = typed(error)
    if isinstance(found, LimitExceeded):
        return limited or found
    if isinstance(found, ServerUnavailable) and request.writes:
        return OutcomeUnknown(f"{request.name}: {found.cause}", status=200)
    return found


class _RawError(msgspec.Struct):
    """An error as it is sent: GitHub puts the type beside the message, parse errors say theirs in ``extensions.code``."""

    message: str = ""
    type: str | None = None
    path: tuple[str | int, ...] | None = None
    extensions: dict[str, Any] | None = None


class _Envelope(msgspec.Struct):
    data: dict[str, Any] | None = None
    errors: tuple[_RawError, ...] | None = None


def _envelope(request: Request, reply: Reply) -> tuple[dict[str, Any] | None, tuple[FieldError, ...]]:
    """The two halves of a GraphQL reply; anything else raises :func:`unreadable`."""
    try:
        body = msgspec.json.decode(reply.content, type=_Envelope)
    except msgspec.DecodeError as cause:
        raise unreadable(request, reply.status) from cause
    return body.data, tuple(_field_error(raw) for raw in body.errors or ())


def _field_error(raw: _RawError) -> FieldError:
    kind = raw.type or (raw.extensions or {}).get("code") or ""
    return FieldError(message=raw.message, type=str(kind).upper(), path=raw.path or ())


def _whole_failure(request: Request, errors: tuple[FieldError, ...], status: int) -> GitHubError:
    """No usable data: GitHub declined the document, or broke off while running it (a time-out answers 200, too)."""
    if not errors:
        return unreadable(request, status)
    return _failure(request, errors[0], None)


_BY_TYPE: dict[str, type[GitHubError]] = {
    "FORBIDDEN": PermissionDenied,
    "INSUFFICIENT_SCOPES": PermissionDenied,
    "NOT_FOUND": NotFound,
    "UNPROCESSABLE": RequestRefused,
    "UNAUTHENTICATED": AuthenticationError,
    "SERVICE_UNAVAILABLE": ServerUnavailable,
    "INTERNAL": ServerUnavailable,
    "TIMEOUT": ServerUnavailable,
    "RESOURCE_LIMITS_EXCEEDED": ServerUnavailable,
}
_BROKEN_OFF = (
    "something went wrong while executing your query",
    "timedout",
    "timeout",
    "couldn't respond to your request in time",
)
_LOCKED = re.compile(r"\blocked\b", re.IGNORECASE)


def typed(error: FieldError) -> GitHubError:
    """The typed error of one GraphQL error. A refusal because the thread is locked is a refusal, whatever its type says."""
    message = error.message.lower()
    if any(words in message for words in _BROKEN_OFF):
        return ServerUnavailable(error.message, status=200)
    if _LOCKED.search(message) and error.type in {"FORBIDDEN", "UNPROCESSABLE", ""}:
        return RequestRefused(error.message, status=200)
    limited = limit_error(200, {}, error.message, frozenset({error.type}), now=0.0, streak=0)
    return limited or _BY_TYPE.get(error.type, RequestRefused)(error.message, status=200)


def error_of(request: Request, reply: Reply, *, now: float, streak: int = 0) -> GitHubError | None:
    """The typed error of an HTTP reply, ``None`` for 2xx and 3xx.

    A 5xx after a write is :class:`OutcomeUnknown`: GitHub may have stored it before the reply was lost.
    """
    status = reply.status
    if status < 400:
        return None
    message = _message(reply)
    limited = limit_error(status, reply.headers, message, frozenset(), now=now, streak=streak)
    if limited is not None:
        return limited
    return _by_status(request, status, f"{request.name}: {message or f'status {status}'}")


def _by_status(request: Request, status: int, cause: str) -> GitHubError:
    if status >= 500:
        return OutcomeUnknown(cause, status=status) if request.writes else ServerUnavailable(cause, status=status)
    if status == 401:
        return AuthenticationError(cause, cure="check the token or the App's key; it may be expired or revoked", status=status)
    if status == 403:
        locked = _LOCKED.search(cause) is not None
        return RequestRefused(cause, status=status) if locked else PermissionDenied(cause, status=status)
    if status in (404, 410):
        return NotFound(cause, status=status)
    return RequestRefused(cause, status=status)


def _message(reply: Reply) -> str:
    try:
        body = msgspec.json.decode(reply.content)
    except msgspec.DecodeError:
        return ""
    return str(body.get("message", "")) if isinstance(body, dict) else ""


def unreadable(request: Request, status: int | None) -> GitHubError:
    """The reply came and says nothing that we understand."""
    cause = f"{request.name}: the reply is not what GitHub documents"
    return OutcomeUnknown(cause, status=status) if request.writes else ServerUnavailable(cause, status=status)


@contextmanager
def understood(name: str, *, writes: bool) -> Iterator[None]:
    """Turns what goes wrong while data are taken apart into a typed error: GitHub answered in a form that we do not know.

    After a write that is :class:`OutcomeUnknown`: something was done, and we cannot read what.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        cause = f"{name}: GitHub answers in a form that this version does not know ({type(error).__name__}: {error})"
        raise OutcomeUnknown(cause) if writes else GitHubError(cause, cure="update the migrator, or report it") from error


def lost(request: Request, cause: str, *, sent: bool) -> GitHubError:
    """No reply came. A request that never left (``sent`` false) changed nothing and may be repeated, even a write."""
    if request.writes and sent:
        return OutcomeUnknown(f"{request.name}: {cause}")
    return ServerUnavailable(f"{request.name}: {cause}")
