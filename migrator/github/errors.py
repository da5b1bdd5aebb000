"""What a reply that is no success means, as one of :mod:`migrator.errors`.

Whether a failed request may be repeated follows from one question: could it have written?
(``HttpRequest.writes``)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from migrator.errors import (
    AuthenticationError,
    GitHubError,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RequestRefused,
    ServerUnavailable,
)
from migrator.github.http_messages import HttpReply, HttpRequest
from migrator.github.rate_limit_headers import LEAST_SECONDARY_WAIT, limit_error
from migrator.github.refusals import account_refusal


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a GraphQL reply's ``errors``
    (https://spec.graphql.org/October2021/#sec-Errors)."""

    message: str
    type: str = ""
    path: tuple[str | int, ...] = ()

    @property
    def root(self) -> str:
        """Alias of the root field it belongs to; empty if it belongs to the whole request."""
        return str(self.path[0]) if self.path else ""


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
    """The typed error of one GraphQL error. A refusal because the thread is locked is a refusal,
    whatever its type says."""
    message = error.message.lower()
    if any(words in message for words in _BROKEN_OFF):
        return ServerUnavailable(error.message, status=200)
    if _LOCKED.search(message) and error.type in {"FORBIDDEN", "UNPROCESSABLE", ""}:
        return RequestRefused(error.message, status=200)
    refused = account_refusal(error.message, status=200) if error.type != "NOT_FOUND" else None
    if refused is not None and refused.why != "api_version":
        return refused
    limited = limit_error(200, {}, error.message, frozenset({error.type}), now=0.0, streak=0)
    return limited or _BY_TYPE.get(error.type, RequestRefused)(error.message, status=200)


def error_of(
    request: HttpRequest,
    reply: HttpReply,
    *,
    now: float,
    streak: int = 0,
    least: float = LEAST_SECONDARY_WAIT,
) -> GitHubError | None:
    """The typed error of an HTTP reply, ``None`` for 2xx and 3xx.

    A 5xx after a write is :class:`OutcomeUnknown`: GitHub may have stored it before the reply was
    lost.
    """
    status = reply.status
    if status < 400:
        return None
    message = _message(reply)
    limited = limit_error(
        status, reply.headers, message, frozenset(), now=now, streak=streak, least=least
    )
    if limited is not None:
        return limited
    refused = account_refusal(message, status=status, headers=reply.headers)
    if refused is not None and _refuses(status, refused.why):
        return refused
    if status == 403 and _TAG.search(reply.content):
        status = 503  # a page of whatever stands before GitHub's API, which speaks JSON
    return _by_status(
        request, status, f"{message or f'GitHub answers with status {status}'} ({request.name})"
    )


_TAG = re.compile(rb"<[^<>]*>")
MOST_OF_A_PAGE = 2000
"""Bytes of a page in which words of GitHub's are looked for."""
_ENDED_VERSION = frozenset({400, 410})
"""How GitHub answers an API version that it has ended; 410 is also a deleted issue's."""


def _refuses(status: int, why: str) -> bool:
    """Whether a status goes with an account-wide refusal of this kind."""
    if why == "issues_disabled":
        return True
    return status in (_ENDED_VERSION if why == "api_version" else (401, 403, 422, 451))


def _by_status(request: HttpRequest, status: int, cause: str) -> GitHubError:
    if status >= 500:
        return (
            OutcomeUnknown(cause, status=status)
            if request.writes
            else ServerUnavailable(cause, status=status)
        )
    if status == 401:
        return AuthenticationError(cause, status=status)
    if status == 403:
        locked = _LOCKED.search(cause) is not None
        return (
            RequestRefused(cause, status=status)
            if locked
            else PermissionDenied(cause, status=status)
        )
    if status in (404, 410):
        return NotFound(cause, status=status)
    return RequestRefused(cause, status=status)


def _message(reply: HttpReply) -> str:
    """GitHub's words; of a page in HTML, which may tell of a limit,
    the beginning of its text."""
    try:
        body = msgspec.json.decode(reply.content)
    except msgspec.DecodeError:
        text = _TAG.sub(b" ", reply.content[:MOST_OF_A_PAGE]).decode("utf-8", "replace")
        return " ".join(text.split())
    if not isinstance(body, dict):
        return ""
    first = next(
        iter(body.get("errors") or ()), None
    )  # GraphQL's own form, also with a status of 5xx
    return str(
        body.get("message") or (first.get("message") if isinstance(first, dict) else "") or ""
    )


def unreadable(request: HttpRequest, status: int | None) -> GitHubError:
    """The reply came and says nothing that we understand."""
    cause = f"{request.name}: the reply is not what GitHub documents"
    return (
        OutcomeUnknown(cause, status=status)
        if request.writes
        else ServerUnavailable(cause, status=status)
    )


@contextmanager
def understood(name: str, *, writes: bool) -> Iterator[None]:
    """Turns what goes wrong while data are taken apart into a typed error: GitHub answered in a
    form that we do not know.

    After a write that is :class:`OutcomeUnknown`: something was done, and we cannot read what.
    """
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        cause = (
            f"{name}: GitHub answers in a form that this version does not know "
            f"({type(error).__name__}: {error})"
        )
        raise (
            OutcomeUnknown(cause)
            if writes
            else GitHubError(cause, cure="update the migrator, or report it")
        ) from error


def lost(request: HttpRequest, cause: str, *, sent: bool) -> GitHubError:
    """No reply came. A request that never left (``sent`` false) changed nothing and may be
    repeated, even a write."""
    if request.writes and sent:
        return OutcomeUnknown(f"GitHub's reply never came: {cause} ({request.name})")
    return ServerUnavailable(f"GitHub cannot be reached: {cause} ({request.name})")
