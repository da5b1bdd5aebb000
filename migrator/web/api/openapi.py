"""Routes that answer with our own record types, and their description in OpenAPI: names, types and
docstrings come from the functions and the types themselves."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response

from migrator.domain.items import Frozen
from migrator.services.roles import Role
from migrator.web.admission import GuardedRoute
from migrator.web.auth.dependencies import Dashboard, User

PLACE: Final = "#/components/schemas/{name}"
Endpoint = Callable[..., Any]
Decorator = Callable[[Endpoint], Endpoint]
Refused = tuple[int, ...]
"""Status codes."""


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
    409: "It cannot be done as things stand, or someone else was faster.",
    422: "A parameter is not understood.",
    502: "GitHub did not answer.",
}


def reply(document: Any, *, status: int = 200) -> Response:
    """A record as JSON. Defaults are left out, as everywhere in our documents."""
    return Response(
        msgspec.json.encode(document), status_code=status, media_type="application/json"
    )


class RecordRoutes:
    """The API's routes. A function's return type is the record that it answers with."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.dashboard = dashboard
        self.router = APIRouter(prefix="/api", route_class=GuardedRoute)
        self.kinds: list[Any] = []

    def get(self, path: str, *, role: Role = Role.SEE, missing: bool = False) -> Decorator:
        """Add a route that changes nothing. ``missing``: what it names may not be there."""
        return self._add("GET", path, "look", role, (404,) if missing else ())

    def post(self, path: str, *, role: Role = Role.STEER, refusals: Refused = ()) -> Decorator:
        """Add a route that changes something."""
        return self._add("POST", path, "act", role, (404, 409, *refusals))

    def _add(self, method: str, path: str, tag: str, role: Role, refusals: Refused) -> Decorator:
        """Whoever asks must have the role; a parameter of type :class:`User` is that person."""
        permitted = Depends(self.dashboard.require_role(role))

        def add(endpoint: Endpoint) -> Endpoint:
            signature = inspect.signature(endpoint, eval_str=True)
            given = signature.parameters.values()

            @functools.wraps(endpoint)
            def answer(**arguments: Any) -> Response:
                return reply(endpoint(**arguments))

            vars(answer)["__signature__"] = signature.replace(
                parameters=[
                    one.replace(default=permitted) if one.annotation is User else one
                    for one in given
                ],
                return_annotation=Response,
            )
            self.kinds.append(signature.return_annotation)
            self.router.add_api_route(
                path,
                answer,
                methods=[method],
                tags=[tag],
                dependencies=[] if any(one.annotation is User for one in given) else [permitted],
                responses=_responses(signature.return_annotation, refusals),
                response_class=Response,
            )
            return endpoint

        return add


def _responses(kind: Any, refusals: Refused) -> dict[int | str, dict[str, Any]]:
    schema, _ = msgspec.json.schema_components([kind], ref_template=PLACE)
    answers: dict[int | str, dict[str, Any]] = {
        200: {"description": "Done.", "content": {"application/json": {"schema": schema[0]}}}
    }
    for code in sorted({400, 401, 403, 413, 415, 422, *refusals}):
        answers[code] = {
            "description": REFUSALS[code],
            "content": {"application/json": {"schema": {"$ref": PLACE.format(name="Refusal")}}},
        }
    return answers


def describe(
    app: FastAPI, kinds: Sequence[Any], *, title: str, says: str, tags: list[dict[str, str]]
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
