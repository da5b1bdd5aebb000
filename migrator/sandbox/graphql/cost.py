"""What a query costs, computed before it runs.

https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api

*Nodes*: each connection gives up to ``first`` or ``last`` nodes for each node of the connection
around it; all are added. *Points*: each connection needs one request for each node of the
connection around it; their sum divided by 100, rounded, at least 1. ``nodes(ids:)`` counts as a
connection of as many nodes as there are ids.
"""

from __future__ import annotations

from typing import Any

import msgspec
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

from migrator.sandbox.errors import Refused

MOST_NODES = 500_000
LARGEST_PAGE = 100


class Cost(msgspec.Struct, frozen=True):
    """Points and nodes of one operation."""

    points: int
    nodes: int


class _Count:
    """Walks one operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDefinitionNode],
        variables: dict[str, Any],
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.variables = variables
        self.requests = 0
        self.nodes = 0

    def walk(self, selections: SelectionSetNode, type_name: str, around: int) -> None:
        """Count what stands under ``around`` nodes of a type."""
        type_ = self.schema.type_map[type_name]
        fields = getattr(type_, "fields", {})
        for node in selections.selections:
            if isinstance(node, FieldNode) and node.selection_set is not None:
                self._field(node, fields.get(node.name.value), around)
            elif isinstance(node, InlineFragmentNode):
                inner = node.type_condition.name.value if node.type_condition else type_name
                self.walk(node.selection_set, inner, around)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                self.walk(fragment.selection_set, fragment.type_condition.name.value, around)

    def _field(self, node: FieldNode, field: Any, around: int) -> None:
        if field is None or node.selection_set is None:
            return
        inner = get_named_type(field.type).name
        if inner.endswith("Connection") and "first" in field.args:
            size = self._page_size(node)
            self.requests += around
            self.nodes += around * size
            around *= size
        elif node.name.value == "nodes" and "ids" in field.args:
            size = self._ids(node)
            self.requests += 1
            self.nodes += size
            around *= size
        self.walk(node.selection_set, inner, around)

    def _page_size(self, node: FieldNode) -> int:
        given = {
            argument.name.value: self._value(argument.value) for argument in node.arguments or ()
        }
        first, last = given.get("first"), given.get("last")
        name = node.name.value
        if first is None and last is None:
            raise Refused(
                422,
                f"You must provide a `first` or `last` value to properly paginate the `{name}` "
                "connection.",
                "MISSING_PAGINATION_BOUNDARIES",
            )
        if first is not None and last is not None:
            message = (
                f"Passing both `first` and `last` to paginate the `{name}` connection is not "
                "supported."
            )
            raise Refused(422, message, "INVALID_PAGINATION_BOUNDARIES")
        return _check_size(
            name, "first" if first is not None else "last", first if first is not None else last
        )

    def _ids(self, node: FieldNode) -> int:
        given = next(
            (
                self._value(argument.value)
                for argument in node.arguments or ()
                if argument.name.value == "ids"
            ),
            None,
        )
        size = len(given) if isinstance(given, list | tuple) else 1
        if size > LARGEST_PAGE:
            message = f"You may not provide more than {LARGEST_PAGE} node ids; you provided {size}."
            raise Refused(422, message, "ARGUMENT_LIMIT")
        return size

    def _value(self, value: ValueNode) -> Any:
        if isinstance(value, VariableNode):
            return self.variables.get(value.name.value)
        if isinstance(value, IntValueNode):
            return int(value.value)
        return list(value.values) if isinstance(value, ListValueNode) else None


def _check_size(name: str, argument: str, size: Any) -> int:
    if size > LARGEST_PAGE:
        message = (
            f"Requesting {size} records on the `{name}` connection exceeds the `{argument}` "
            f"limit of {LARGEST_PAGE} records."
        )
        raise Refused(422, message, "EXCESSIVE_PAGINATION")
    if size < 0:
        raise Refused(
            422,
            f"`{argument}` on the `{name}` connection cannot be less than zero.",
            "INVALID_PAGINATION_BOUNDARIES",
        )
    return int(size)


def count(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: dict[str, FragmentDefinitionNode],
    variables: dict[str, Any],
) -> Cost:
    """Return what an operation costs; ``variables`` hold coerced values, defaults included.

    Raises:
        Refused: a connection without page size, a page size over 100, or more than 500,000 nodes.
    """
    counting = _Count(schema, fragments, variables)
    root = (
        schema.mutation_type if operation.operation is OperationType.MUTATION else schema.query_type
    )
    assert isinstance(root, GraphQLObjectType)
    counting.walk(operation.selection_set, root.name, 1)
    if counting.nodes > MOST_NODES:
        raise Refused(
            422,
            f"This query requests up to {counting.nodes:,} possible nodes which exceeds the "
            f"maximum limit of {MOST_NODES:,}.",
            "MAX_NODE_LIMIT_EXCEEDED",
        )
    return Cost(points=max(1, round(counting.requests / 100)), nodes=counting.nodes)
