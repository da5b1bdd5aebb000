"""Describes our own record types in OpenAPI: names, types and docstrings come from the types
themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response

from migrator.domain.items import Frozen

PLACE: Final = "#/components/schemas/{name}"


class Fault(Frozen, frozen=True, kw_only=True):
    """Why a request was not answered: what is the matter, and what to do about it."""

    cause: str
    cure: str = ""


class Refusal(Frozen, frozen=True, kw_only=True):
    """Every answer that is not a success."""

    error: Fault


REFUSALS: Final[dict[int, str]] = {
    400: "The request cannot be read at all.",
    401: "Nobody is signed in.",
    403: "The role is too small, or the form token is missing.",
    404: "There is no such thing.",
    413: "The body is too large.",
    415: "The body is of a type that is not taken.",
    409: "It cannot be done as things stand, or somebody else was faster.",
    422: "A parameter is not understood.",
    502: "GitHub did not answer.",
}


def reply(document: Any, *, status: int = 200) -> Response:
    """A record as JSON. Defaults are left out, as everywhere in our documents."""
    return Response(
        msgspec.json.encode(document), status_code=status, media_type="application/json"
    )


def described(
    kind: Any, says: str, *, status: int = 200, refusals: tuple[int, ...] = ()
) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that answers with a record of that type."""
    schema, _ = msgspec.json.schema_components([kind], ref_template=PLACE)
    answers: dict[int | str, dict[str, Any]] = {
        status: {"description": says, "content": {"application/json": {"schema": schema[0]}}}
    }
    for code in sorted({400, 401, 403, 413, 415, 422, *refusals}):
        answers[code] = {
            "description": REFUSALS[code],
            "content": {"application/json": {"schema": {"$ref": PLACE.format(name="Refusal")}}},
        }
    return answers


def describe(
    app: FastAPI, kinds: tuple[Any, ...], *, title: str, says: str, tags: list[dict[str, str]]
) -> None:
    """Have the application describe its interface with the schemas of these types and of all
    that they hold."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=title, version="1", description=says, routes=app.routes, tags=tags
            )
            _, components = msgspec.json.schema_components([*kinds, Refusal], ref_template=PLACE)
            schemas: Mapping[str, Any] = document.setdefault("components", {}).setdefault(
                "schemas", {}
            )
            document["components"]["schemas"] = {**schemas, **components}
            document["components"]["securitySchemes"] = _SECURITY
            document["security"] = [{"session": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


_SECURITY: Final = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "migrator",
        "description": (
            "The session cookie that a login gives. Writes also need the `X-Form-Token` header: "
            "see `GET /api/me`."
        ),
    }
}
