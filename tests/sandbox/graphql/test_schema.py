"""Our schema text against GitHub's own."""

from __future__ import annotations

import re
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    is_required_argument,
    is_required_input_field,
)

from migrator.sandbox.graphql.schema import executable_schema, schema_text

OURS = executable_schema()
NAMES = sorted(
    re.findall(r"^(?:type|interface|input|enum|union|scalar) (\w+)", schema_text(), re.MULTILINE)
)


SINCE_THE_PACKAGE = {
    "AddBlockedByInput",
    "AddBlockedByPayload",
    "RemoveBlockedByInput",
    "RemoveBlockedByPayload",
    "IssueDependenciesSummary",
    "Issue.blockedBy",
    "Issue.blocking",
    "Issue.issueDependenciesSummary",
    "Mutation.addBlockedBy",
    "Mutation.removeBlockedBy",
}
"""What GitHub added after the npm package was made: 2025-07-30 and 2025-10-15 in
https://docs.github.com/graphql/overview/changelog. Their shapes are those of
https://docs.github.com/graphql/reference."""


def wrong_parts(ours: Any, official: Any) -> list[str]:
    """Return every way in which a type of ours differs from the official one, where they should
    be the same."""
    if type(ours) is not type(official):
        return [f"{ours.name} is another kind of type"]
    match ours:
        case GraphQLObjectType() | GraphQLInterfaceType():
            strangers = {one.name for one in ours.interfaces} - {
                one.name for one in official.interfaces
            }
            return [f"{ours.name} implements {strangers}"] * bool(strangers) + _wrong_fields(
                ours, official
            )
        case GraphQLInputObjectType():
            return _wrong_values(ours.name, ours.fields, official.fields)
        case GraphQLEnumType():
            return [f"{ours.name}.{value}" for value in ours.values if value not in official.values]
        case GraphQLUnionType():
            return [
                f"{ours.name} | {one.name}"
                for one in ours.types
                if one.name not in {it.name for it in official.types}
            ]
        case _:
            return []


def _wrong_fields(ours: Any, official: Any) -> list[str]:
    wrong = []
    for name, field in ours.fields.items():
        known = official.fields.get(name)
        if f"{ours.name}.{name}" in SINCE_THE_PACKAGE:
            wrong += [f"{ours.name}.{name} is there now: compare it"] if known else []
            continue
        if known is None or str(known.type) != str(field.type):
            wrong.append(
                f"{ours.name}.{name}: {field.type}, officially "
                f"{known.type if known else 'not there'}"
            )
        else:
            wrong += _wrong_values(f"{ours.name}.{name}", field.args, known.args)
    return wrong


def _wrong_values(where: str, ours: Any, official: Any) -> list[str]:
    """Arguments or input fields: ours are there with the same type, and none that is required is
    missing."""
    types = {name: str(one.type) for name, one in official.items()}
    wrong = [f"{where}({name})" for name, one in ours.items() if types.get(name) != str(one.type)]
    return wrong + [
        f"{where} lacks {name}"
        for name, one in official.items()
        if _is_required(one) and name not in ours
    ]


def _is_required(value: GraphQLArgument | GraphQLInputField) -> bool:
    return (
        is_required_argument(value)
        if isinstance(value, GraphQLArgument)
        else is_required_input_field(value)
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_type_is_the_official_one(official_schema: GraphQLSchema, name: str) -> None:
    """Types, arguments and nullability of all that we implement."""
    if name in SINCE_THE_PACKAGE:
        assert name not in official_schema.type_map
        return
    assert name in official_schema.type_map
    assert wrong_parts(OURS.type_map[name], official_schema.type_map[name]) == []


def test_a_difference_would_be_seen(official_schema: GraphQLSchema) -> None:
    """The comparison itself finds a wrong type, a lost argument and an invented field."""
    issue, comment = OURS.type_map["Issue"], official_schema.type_map["IssueComment"]
    assert any("Issue.title" in part for part in wrong_parts(issue, comment))
    assert official_schema.query_type is not None
    node = official_schema.query_type.fields["node"]
    assert _wrong_values("node", {}, node.args) == ["node lacks id"]


def test_every_field_has_an_answer() -> None:
    """A field without a resolver would have stopped the start; nothing in the text is only
    pretended."""
    objects = [
        one
        for one in OURS.type_map.values()
        if isinstance(one, GraphQLObjectType) and not one.name.startswith("__")
    ]
    assert all(field.resolve is not None for one in objects for field in one.fields.values())
