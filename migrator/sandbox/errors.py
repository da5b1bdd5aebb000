"""How the sandbox says no.

SandboxError
├── WorldFileError   a world file cannot be read; names the line
└── Refused          GitHub declines a request; carries the HTTP status and GraphQL's error type
"""

from __future__ import annotations

from typing import Any


class SandboxError(Exception):
    """Root of the tree."""


class WorldFileError(SandboxError):
    """A world file cannot be read; the message names the line."""


class Refused(SandboxError):
    """GitHub declines a request.

    ``status`` is what REST answers, ``type`` (``kind``) what GraphQL puts beside the message,
    ``errors`` REST's list of details
    (https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed).
    """

    def __init__(
        self,
        status: int,
        message: str,
        kind: str = "",
        *,
        errors: list[Any] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = kind or {
            403: "FORBIDDEN",
            404: "NOT_FOUND",
            410: "NOT_FOUND",
            422: "UNPROCESSABLE",
        }.get(status, "")
        self.errors = errors
        self.headers = headers or {}


def not_found(message: str = "Not Found") -> Refused:
    """Return the refusal for what does not exist, or not for this viewer."""
    return Refused(404, message)


def forbidden(message: str) -> Refused:
    """Return the refusal for a missing right."""
    return Refused(403, message)


def invalid(
    message: str, *, resource: str = "Issue", field: str = "", code: str = "custom"
) -> Refused:
    """Return the refusal of a value: REST's 422 with one detail."""
    return Refused(
        422,
        message,
        errors=[{"resource": resource, "code": code, "field": field, "message": message}],
    )
