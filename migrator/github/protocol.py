"""GraphQL replies: bytes and headers in, data or a typed error out, without I/O.

Written after the sans-I/O habit: :mod:`.http_messages` builds the request, :mod:`.errors` names
what went wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from migrator.errors import (
    GitHubError,
    IncompleteReply,
    LimitExceeded,
    NotFound,
    OutcomeUnknown,
    ServerUnavailable,
)
from migrator.github.completeness import unexplained
from migrator.github.errors import FieldError, error_of, typed, unreadable
from migrator.github.http_messages import HttpReply, HttpRequest
from migrator.github.rate_limit_headers import LEAST_SECONDARY_WAIT, limit_error
from migrator.github.unstorable_text import decoded


class GraphQLReply(msgspec.Struct, frozen=True, kw_only=True):
    """Data with whatever errors came beside it.

    ``failures`` holds, by alias, the typed error of each root field that came back empty with an
    error; ``errors`` all errors as they came (one below a root field that has data is no failure).
    """

    data: dict[str, Any]
    failures: Mapping[str, GitHubError] = {}
    errors: tuple[FieldError, ...] = ()

    def at(self, root: str, what: str) -> dict[str, Any]:
        """Value of a root field. Raises its typed error, or :class:`IncompleteReply` where GitHub
        says just ``null``.

        :class:`NotFound` names ``what``.
        """
        node = self.data.get(root)
        if node is None:
            raise self._why_empty(root, what)
        return node  # type: ignore[no-any-return]

    def _why_empty(self, root: str, what: str) -> GitHubError:
        found = self.failures.get(root)
        if isinstance(found, NotFound):
            return NotFound(
                f"{what} does not exist, or not for this account ({found.cause})",
                status=found.status,
            )
        return found or IncompleteReply(f"GitHub answers null for {what} and does not say why")

    def require_whole(self) -> None:
        """Raise :class:`IncompleteReply` if GitHub broke off below a root field, or a retryable
        error if it did at one."""
        for error in unexplained(self.errors):
            found = self.failures.get(error.root)
            if found is None:
                raise IncompleteReply(error.message or error.type, status=200)
            if isinstance(found, ServerUnavailable):
                raise found


def read_graphql(
    request: HttpRequest,
    reply: HttpReply,
    *,
    now: float,
    streak: int = 0,
    least: float = LEAST_SECONDARY_WAIT,
) -> GraphQLReply:
    """Data and field errors of a GraphQL reply.

    Raises the typed error if the request as a whole failed: a limit (also with status 200),
    credentials, a time-out. Errors below a root field that still has data stay in ``errors``:
    another's private repository in a timeline is ordinary. Whether something is missing is asked by
    :meth:`GraphQLReply.require_whole` or by who takes the data apart.
    """
    error = error_of(request, reply, now=now, streak=streak, least=least)
    if error is not None:
        raise error
    data, errors = _envelope(request, reply)
    limited = _limit_among(errors, reply, now=now, streak=streak, least=least)
    if data is None or not all(error.path for error in errors):
        raise limited or _whole_failure(request, errors, reply.status)
    failures = {
        error.root: _failure(request, error, limited)
        for error in reversed(errors)
        if data.get(error.root) is None
    }
    if limited is not None and len(failures) == len(data):
        raise limited
    return GraphQLReply(data=data, failures=failures, errors=errors)


def _limit_among(
    errors: tuple[FieldError, ...], reply: HttpReply, *, now: float, streak: int, least: float
) -> LimitExceeded | None:
    """The limit that one of these errors names, with the wait that the reply's headers ask for."""
    found = (
        limit_error(
            200,
            reply.headers,
            error.message,
            frozenset({error.type}),
            now=now,
            streak=streak,
            least=least,
        )
        for error in errors
    )
    return next((limited for limited in found if limited is not None), None)


def _failure(request: HttpRequest, error: FieldError, limited: LimitExceeded | None) -> GitHubError:
    """Typed error of one root field; an act that GitHub broke off has an unknown outcome."""
    found = typed(error)
    if isinstance(found, LimitExceeded):
        return limited or found
    if isinstance(found, ServerUnavailable) and request.writes:
        return OutcomeUnknown(f"{request.name}: {found.cause}", status=200)
    return found


class _RawError(msgspec.Struct):
    """An error as it is sent: GitHub puts the type beside the message, parse errors say theirs
    in ``extensions.code``."""

    message: str = ""
    type: str | None = None
    path: tuple[str | int, ...] | None = None
    extensions: dict[str, Any] | None = None


class _Envelope(msgspec.Struct):
    data: dict[str, Any] | None = None
    errors: tuple[_RawError, ...] | None = None


def _envelope(
    request: HttpRequest, reply: HttpReply
) -> tuple[dict[str, Any] | None, tuple[FieldError, ...]]:
    """The two halves of a GraphQL reply; anything else raises :func:`unreadable`."""
    try:
        body = msgspec.convert(decoded(reply.content), type=_Envelope)
    except ValueError as cause:
        raise unreadable(request, reply.status) from cause
    return body.data, tuple(_field_error(raw) for raw in body.errors or ())


def _field_error(raw: _RawError) -> FieldError:
    kind = raw.type or (raw.extensions or {}).get("code") or ""
    return FieldError(message=raw.message, type=str(kind).upper(), path=raw.path or ())


def _whole_failure(
    request: HttpRequest, errors: tuple[FieldError, ...], status: int
) -> GitHubError:
    """No usable data: GitHub declined the document, or broke off while running it (a time-out
    answers 200, too)."""
    if not errors:
        return unreadable(request, status)
    return _failure(request, errors[0], None)
