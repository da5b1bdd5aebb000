"""Writes ``docs/api.md`` from the API's own description, the one that
``/api/openapi.json`` serves."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from fastapi import FastAPI
from fastapi.routing import APIRoute

from migrator.services.roles import Role
from migrator.web.api import SAYS, TAGS, add_api, api_routes
from migrator.web.auth.dependencies import Dashboard

INTRODUCTION = """\
# The API

This page is made from the routes and record types (`make docs-reference`); a test keeps it in step. `migrator serve` describes
the same for programs at `/api/openapi.json` (OpenAPI 3.1).

"""
TITLES = {"look": "Looking", "act": "Acting"}
Row = tuple[str, str]


class Described:
    """The interface's description, and what each route asks of a person. Nothing is served and
    no database opened."""

    def __init__(self) -> None:
        seats: dict[Callable[..., Any], Role] = {}

        def require_role(least: Role) -> Callable[[], None]:
            def seat() -> None: ...

            seats[seat] = least
            return seat

        dashboard = cast(
            Dashboard,
            SimpleNamespace(
                context=None, audited=None, require_role=require_role, private=Role.REVIEW
            ),
        )
        app = FastAPI(openapi_url="/api/openapi.json")
        add_api(app, dashboard)
        self.document: dict[str, Any] = app.openapi()
        self.schemas: dict[str, Any] = self.document["components"]["schemas"]
        routes = api_routes(dashboard).router.routes
        self._roles = {
            route.path: _least(route, seats) for route in routes if isinstance(route, APIRoute)
        }

    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(method and path, description) of every route, in order."""
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield f"{method.upper()} {path}", {**operation, "role": self._roles[path]}


def _least(route: APIRoute, seats: dict[Callable[..., Any], Role]) -> str:
    return next(
        seats[each.call].word for each in route.dependant.dependencies if each.call in seats
    )


def api_page() -> str:
    """The page as Markdown: how to come in, every route with its parameters, every record with
    its fields."""
    described = Described()
    lines = [*_routes(described), *_refusals(described), *_records(described)]
    return INTRODUCTION + SAYS + "\n" + "\n".join(lines).rstrip() + "\n"


def _routes(described: Described) -> Iterator[str]:
    for tag in TAGS:
        yield f"## {TITLES[tag['name']]}\n\n{tag['description']}\n"
        for place, operation in described.operations():
            if tag["name"] in operation["tags"]:
                yield from _route(place, operation, described.schemas)


def _route(place: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    answer = next(iter(operation["responses"].values()))["content"]["application/json"]["schema"]
    yield f"### {place}\n"
    yield f"{_flat(operation['description'])} For people who {operation['role']}. Answers with: {_kind(answer)}.\n"
    rows = [
        (f"`{one['name']}` ({one['in']})", _meaning(one["schema"]))
        for one in operation.get("parameters", ())
    ]
    if "requestBody" in operation:
        fields = schemas[_name(operation["requestBody"]["content"]["application/json"]["schema"])][
            "properties"
        ]
        rows += [(f"`{name}` (body)", _meaning(schema)) for name, schema in fields.items()]
    yield from _table(("parameter", "meaning"), rows)


def _refusals(described: Described) -> Iterator[str]:
    yield "## Refusals\n\nEvery answer that is not a success holds a [Refusal](#refusal).\n"
    found = {
        code: answer["description"]
        for _, operation in described.operations()
        for code, answer in operation["responses"].items()
        if int(code) >= 400
    }
    yield from _table(("status", "means"), sorted(found.items()))


def _records(described: Described) -> Iterator[str]:
    yield "## Records\n\nA field with a default is left out where it has that value.\n"
    for name, schema in sorted(described.schemas.items()):
        if "HTTPValidationError" in name or name == "ValidationError":
            continue
        yield f"### {name}\n"
        if about := schema.get("description"):
            yield f"{_flat(about)}\n"
        if "enum" in schema:
            yield "One of " + ", ".join(f"`{value}`" for value in schema["enum"]) + ".\n"
        yield from _table(
            ("field", "type"),
            [(f"`{key}`", _meaning(one)) for key, one in schema.get("properties", {}).items()],
        )


def _meaning(schema: dict[str, Any]) -> str:
    """What a value means, of which kind it is, and its default."""
    says, kind = schema.get("description", ""), _kind(schema)
    default = schema.get("default")
    told = (
        f"; default `{json.dumps(default).strip(chr(34))}`"
        if default not in (None, "", (), [], {})
        else ""
    )
    return f"{_flat(says)} ({kind}{told})" if says else f"{kind}{told}"


def _kind(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return f"[{_name(schema)}](#{_name(schema).lower()})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    if "const" in schema:
        return f"`{schema['const']}`" if schema["const"] else "nothing"
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    kind = schema.get("type", "anything")
    if "prefixItems" in schema:
        return "list of " + " and ".join(_kind(one) for one in schema["prefixItems"])
    if kind == "array":
        return f"list of {_kind(schema['items'])}" if "items" in schema else "list"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object: name to {_kind(schema['additionalProperties'])}"
    return f"{kind}, {schema['format']}" if "format" in schema else str(kind)


def _name(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _table(head: Row, rows: list[Row]) -> Iterator[str]:
    if rows:
        cells = [
            tuple(cell.replace("|", "\\|") for cell in row) for row in (head, ("---", "---"), *rows)
        ]
        yield "\n".join(f"| {left} | {right} |" for left, right in cells) + "\n"


def _flat(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(api_page(), encoding="utf-8")
