"""One HTTP request and its reply, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import msgspec

from migrator.sandbox.errors import Refused, invalid

API_VERSION = "2022-11-28"


class ApiRequest(msgspec.Struct, kw_only=True):
    """A request: ``path`` without the prefix of GitHub Enterprise, ``base`` the address to build
    links with."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    base: str
    params: dict[str, str] = {}

    def text(self, name: str, default: str = "") -> str:
        """Return the last value of a query parameter."""
        return self.query.get(name, [default])[-1]

    def number(self, name: str, default: int) -> int:
        """Return a query parameter that should be a whole number, or the default."""
        given = self.text(name)
        return int(given) if given.lstrip("-").isdigit() else default

    def json(self) -> dict[str, Any]:
        """Return the body as an object; an empty body is an empty object.

        Raises:
            Refused: 400, it is not JSON; 422, it is no object.
        """
        if not self.body:
            return {}
        try:
            given = msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise Refused(400, "Problems parsing JSON") from error
        if not isinstance(given, dict):
            raise invalid("Invalid request. For 'links/0/schema', the body is not an object.")
        return given

    def form(self) -> dict[str, str]:
        """Return the body as a form or an object of strings, and the query where the body is
        empty."""
        if self.headers.get("content-type", "").startswith("application/json"):
            return {key: str(value) for key, value in self.json().items()}
        found = parse_qs(self.body.decode()) if self.body else self.query
        return {key: values[-1] for key, values in found.items()}


class ApiReply(msgspec.Struct, kw_only=True):
    """A reply: ``body`` is JSON-ready, or bytes as they are, or an iterator of lines; None is an
    empty body."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = {}

    def encoded(self) -> bytes:
        """Return the body's bytes."""
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


def refusal(refused: Refused) -> ApiReply:
    """Return REST's form of a refusal."""
    body: dict[str, Any] = {"message": refused.message}
    if refused.status == 404:
        body["message"] = (
            "Not Found" if refused.message.startswith("Could not resolve") else refused.message
        )
    if refused.errors is not None:
        body = {"message": "Validation Failed", "errors": refused.errors}
    if "location" in refused.headers:
        body["url"] = refused.headers["location"]
    body["documentation_url"] = "https://docs.github.com/rest"
    body["status"] = str(refused.status)
    return ApiReply(status=refused.status, body=body, headers=dict(refused.headers))
