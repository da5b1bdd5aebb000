"""Builds the schema from our own text and ties each field to its resolver; a field that nothing
answers stops the start."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
)

from migrator.sandbox.entities import Account, Item
from migrator.sandbox.errors import SandboxError
from migrator.sandbox.graphql import resolvers
from migrator.sandbox.graphql.tables import TABLES, Resolver
from migrator.sandbox.threads import ThreadPart

_FROM_SOURCE = ("Payload", "Connection", "Edge", "PageInfo")


def schema_text() -> str:
    """Return the whole schema in GraphQL's language."""
    folder = files("migrator.sandbox.graphql") / "schema"
    parts = sorted(
        (part for part in folder.iterdir() if part.name.endswith(".graphql")),
        key=lambda part: part.name,
    )
    return "\n".join(part.read_text("utf-8") for part in parts)


@cache
def executable_schema() -> GraphQLSchema:
    """Return the schema with its resolvers.

    Raises:
        SandboxError: a field has no resolver, or a resolver no field.
    """
    resolvers.load()
    schema = build_schema(schema_text())
    for name, type_ in schema.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(type_, GraphQLObjectType):
            _bind(type_)
        elif isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            type_.resolve_type = _resolve_type
        elif isinstance(type_, GraphQLScalarType):
            _loosen(type_)
    unknown = TABLES.keys() - schema.type_map.keys()
    if unknown:
        raise SandboxError(f"resolvers for types that the schema lacks: {sorted(unknown)}")
    return schema


def _bind(type_: GraphQLObjectType) -> None:
    table = TABLES.get(type_.name, {})
    if stray := table.keys() - type_.fields.keys():
        raise SandboxError(f"{type_.name} has no fields {sorted(stray)}")
    for name, field in type_.fields.items():
        if name in table:
            field.resolve = table[name]
        elif type_.name.endswith(_FROM_SOURCE) or not table:
            field.resolve = _from_source(name)
        else:
            raise SandboxError(f"nothing answers {type_.name}.{name}")


def _from_source(name: str) -> Resolver:
    """Answer a field from a dictionary's key or an object's attribute of its name."""

    def resolve(source: Any, info: Any, **_: Any) -> Any:
        return source.get(name) if isinstance(source, dict) else getattr(source, name)

    return resolve


def _resolve_type(value: Any, info: Any, type_: GraphQLAbstractType) -> str:
    return type_of(value)


def type_of(value: Any) -> str:
    """Return the name of the object type of a value that stands for an interface or union."""
    if isinstance(value, ThreadPart):
        return value.typename
    if isinstance(value, Item):
        return "PullRequest" if value.is_pull else "Issue"
    return value.type if isinstance(value, Account) else type(value).__name__


def _loosen(scalar: GraphQLScalarType) -> None:
    """Values are written as they are; dates that come in are brought into GitHub's form."""
    if scalar.name == "DateTime":
        # the schema is built from its text, and so its scalars can only be changed afterwards
        scalar.parse_value = _parse_moment  # type: ignore[method-assign]


def _parse_moment(value: Any) -> str:
    from migrator.sandbox.clock import moment

    try:
        return moment(value)
    except (TypeError, ValueError) as error:
        raise GraphQLError(f"{value!r} is not an ISO 8601 date and time") from error
