"""Turns a validated query into a plan that runs fast.

A page of 100 issues has some 30,000 fields. graphql-core looks each of them up anew for each
object; a plan does that once per query text and type: which resolver, which arguments, how the
value is completed. Parsing, validation and coercion are graphql-core's, and tests hold the answers
of plans against graphql-core's own executor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
)
from graphql.execution.values import get_argument_values
from graphql.language import Visitor, visit

from migrator.sandbox.graphql.tables import Attribute, Constant


class FieldPlan:
    """How one field of one type is answered.

    ``get`` answers from the source alone; where it is None ``resolve`` is called with ``info`` and
    arguments. ``arguments`` are fixed if they hold no variables; otherwise ``index`` is the field's
    place among those computed per request. ``leaf`` tells that values need no selection; ``words``
    are an enum's values; ``lists`` is how many lists are around it.
    """

    __slots__ = (
        "abstract", "arguments", "definition", "get", "index", "key", "leaf", "lists", "node", "nullable",
        "resolve", "selection", "type_name", "words",
    )  # fmt: skip

    def __init__(self, key: str, node: FieldNode, definition: GraphQLField) -> None:
        self.key = key
        self.node = node
        self.definition = definition
        given = definition.resolve
        self.resolve: Callable[..., Any] = given or _unanswered
        self.get: Callable[[Any], Any] | None = (
            given.get if isinstance(given, Attribute | Constant) else None
        )
        named = get_named_type(definition.type)
        self.type_name = named.name
        self.leaf = is_leaf_type(named)
        self.abstract = is_abstract_type(named)
        self.words = frozenset(named.values) if isinstance(named, GraphQLEnumType) else None
        self.nullable, self.lists = _wrapping(definition.type)
        self.arguments: dict[str, Any] | None = {}
        self.index = -1
        self.selection: SelectionPlan | None = None


def _unanswered(source: Any, info: Any, **_: Any) -> Any:
    raise LookupError("no resolver")


def _wrapping(type_: Any) -> tuple[list[bool], int]:
    """Return, from the outside in, whether each level may be null, and how many lists there are."""
    nullable: list[bool] = []
    while True:
        bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        nullable.append(not isinstance(type_, GraphQLNonNull))
        if not isinstance(bare, GraphQLList):
            return nullable, len(nullable) - 1
        type_ = bare.of_type


class SelectionPlan:
    """The fields chosen of whatever object stands here, worked out for each concrete type when
    it first occurs."""

    __slots__ = ("_plan", "_sets", "by_type")

    def __init__(self, plan: Plan, sets: list[SelectionSetNode]) -> None:
        self._plan = plan
        self._sets = sets
        self.by_type: dict[str, list[FieldPlan]] = {}

    def fields(self, type_name: str) -> list[FieldPlan]:
        """Return the plans of the fields for a concrete type."""
        found = self.by_type.get(type_name)
        if found is None:
            found = self.by_type[type_name] = self._plan.collect(type_name, self._sets)
        return found


class Plan:
    """A whole operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDefinitionNode],
        root: str,
        top: SelectionSetNode,
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.root = root
        self.varying: list[FieldPlan] = []
        self.top = SelectionPlan(self, [top])

    def collect(self, type_name: str, sets: list[SelectionSetNode]) -> list[FieldPlan]:
        """Return the fields that ``sets`` choose of a type, those with one response name merged."""
        nodes: dict[str, list[FieldNode]] = {}
        for selected in sets:
            self._gather(type_name, selected, nodes)
        return [self._field(type_name, key, found) for key, found in nodes.items()]

    def _gather(
        self, type_name: str, selected: SelectionSetNode, nodes: dict[str, list[FieldNode]]
    ) -> None:
        for node in selected.selections:
            if isinstance(node, FieldNode):
                nodes.setdefault(node.alias.value if node.alias else node.name.value, []).append(
                    node
                )
            elif isinstance(node, InlineFragmentNode):
                if node.type_condition is None or self._applies(
                    type_name, node.type_condition.name.value
                ):
                    self._gather(type_name, node.selection_set, nodes)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                if self._applies(type_name, fragment.type_condition.name.value):
                    self._gather(type_name, fragment.selection_set, nodes)

    def _applies(self, type_name: str, condition: str) -> bool:
        if type_name == condition:
            return True
        wanted = self.schema.type_map[condition]
        concrete = self.schema.type_map[type_name]
        return (
            is_abstract_type(wanted)
            and isinstance(concrete, GraphQLObjectType)
            and self.schema.is_sub_type(wanted, concrete)
        )

    def _field(self, type_name: str, key: str, nodes: list[FieldNode]) -> FieldPlan:
        node = nodes[0]
        if node.name.value == "__typename":
            text = self.schema.type_map["String"]
            assert isinstance(text, GraphQLScalarType)
            field = GraphQLField(text, resolve=Constant(type_name))
            return FieldPlan(key, node, field)
        type_ = self.schema.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        made = FieldPlan(key, node, type_.fields[node.name.value])
        sets = [one.selection_set for one in nodes if one.selection_set is not None]
        if sets:
            made.selection = SelectionPlan(self, sets)
        self._plan_arguments(made)
        return made

    def _plan_arguments(self, made: FieldPlan) -> None:
        if any(_has_variable(argument) for argument in made.node.arguments or ()):
            made.arguments = None
            made.index = len(self.varying)
            self.varying.append(made)
        elif made.definition.args:
            made.arguments = get_argument_values(made.definition, made.node)


class _VariableSearch(Visitor):
    """Notes whether a variable occurs."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    def enter_variable(self, _node: VariableNode, *_args: Any) -> None:
        self.found = True


def _has_variable(node: Any) -> bool:
    search = _VariableSearch()
    visit(node, search)
    return search.found
