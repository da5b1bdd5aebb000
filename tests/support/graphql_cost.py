"""What a document costs by GitHub's rules: nodes and points, computed before it is sent.

https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#node-limit
https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api#predicting-the-point-value-of-a-query
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    parse,
)

from migrator.github.http_messages import GraphQLDocument

NODE_LIMIT = 500_000
POINTS_AN_HOUR = 5_000


class RequestCost(msgspec.Struct, frozen=True):
    """``nodes`` that a full answer may hold; ``points`` of the primary limit (a request with
    mutations has at least 1)."""

    nodes: int
    points: int


def cost(document: GraphQLDocument, variables: Mapping[str, Any]) -> RequestCost:
    """Cost of ``document`` with ``variables`` over its own sizes. Branches for other types are
    added up: an upper bound."""
    tree = _parsed(document.text)
    count = _Count(tree, {**document.sizes, **variables})
    operation = next(part for part in tree.definitions if isinstance(part, OperationDefinitionNode))
    count.walk(operation.selection_set, 1)
    return RequestCost(nodes=count.nodes, points=max(1, round(count.connections / 100)))


@lru_cache(maxsize=256)
def _parsed(text: str) -> DocumentNode:
    return parse(text, no_location=True)


class _Count:
    """Walks selections; ``times`` is how often the current selection is answered at most."""

    def __init__(self, tree: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._fragments = {
            part.name.value: part
            for part in tree.definitions
            if isinstance(part, FragmentDefinitionNode)
        }
        self._variables = variables
        self.nodes = 0
        self.connections = 0

    def walk(self, selections: SelectionSetNode | None, times: int) -> None:
        """Add what these selections cost."""
        for selection in selections.selections if selections is not None else ():
            if isinstance(selection, FieldNode):
                self.walk(selection.selection_set, self._field(selection, times))
            elif isinstance(selection, FragmentSpreadNode):
                self.walk(self._fragments[selection.name.value].selection_set, times)
            else:
                self.walk(selection.selection_set, times)  # type: ignore[attr-defined]

    def _field(self, field: FieldNode, times: int) -> int:
        """Count ``field`` if it holds many, and return how often what lies below it is answered."""
        size = self._size(field)
        if size is None:
            return times
        self.nodes += times * size
        if field.name.value != "nodes" or "ids" not in self._arguments(field):
            self.connections += times
        return times * size

    def _size(self, field: FieldNode) -> int | None:
        """Page size of a connection, length of the ids of ``nodes``, ``None`` for other fields."""
        arguments = self._arguments(field)
        value = arguments.get("first", arguments.get("last"))
        if field.name.value == "nodes" and "ids" in arguments:
            return len(arguments["ids"])
        return None if value is None else int(value)

    def _arguments(self, field: FieldNode) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for argument in field.arguments or ():
            if isinstance(argument.value, VariableNode):
                found[argument.name.value] = self._variables.get(argument.value.name.value)
            elif isinstance(argument.value, IntValueNode):
                found[argument.name.value] = int(argument.value.value)
        return found
