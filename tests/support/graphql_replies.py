"""Answers in GitHub's own shape: our documents executed against the official schema over plain
dictionaries.

A test writes only the fields that it is about, by GitHub's names; everything else that a document
selects is filled with an empty value of its official type. So a converter is tested with what its
document really brings, aliases and all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    execute_sync,
    get_nullable_type,
    is_list_type,
    parse,
)

from migrator.github.http_messages import GraphQLDocument

LONG_AGO = "2020-01-01T00:00:00Z"
_SCALARS: dict[str, Any] = {
    "Int": 0,
    "Boolean": False,
    "DateTime": LONG_AGO,
    "URI": "https://github.com/x",
}


def shaped(
    schema: GraphQLSchema, document: GraphQLDocument, root: Mapping[str, Any], **variables: Any
) -> dict[str, Any]:
    """``data`` of the reply that GitHub would give to ``document`` if the world were ``root``."""
    result = execute_sync(
        schema,
        parse(document.text),
        root_value=root,
        variable_values={**document.sizes, **variables},
        field_resolver=_value,
        type_resolver=_type,
    )
    assert result.errors is None, result.errors
    assert result.data is not None
    return result.data


def _value(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    if isinstance(source, Mapping) and info.field_name in source:
        return source[info.field_name]
    return _empty(info.return_type)


def _empty(kind: GraphQLOutputType) -> Any:
    """Nothing where nothing is allowed, else an empty value of the type."""
    if not isinstance(kind, GraphQLNonNull):
        return None
    inner = get_nullable_type(kind)
    if isinstance(inner, GraphQLScalarType):
        return _SCALARS.get(inner.name, "x")
    if isinstance(inner, GraphQLEnumType):
        return next(iter(inner.values))
    return [] if is_list_type(inner) else {}


def _type(value: Any, info: GraphQLResolveInfo[Any], kind: GraphQLAbstractType) -> str:
    return str(value["__typename"])
