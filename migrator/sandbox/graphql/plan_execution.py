"""Runs a plan: the fields of one request, in order, with GraphQL's rules for nulls and errors."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError
from graphql.execution.values import get_argument_values

from migrator.sandbox.call import Call
from migrator.sandbox.errors import Refused
from migrator.sandbox.graphql.query_plans import FieldPlan, Plan, SelectionPlan
from migrator.sandbox.graphql.schema import type_of


class _Null(Exception):
    """A value that may not be null is: whatever may be null around it becomes null."""


class PlanRun:
    """One execution. It is the ``info`` that resolvers get: only ``context`` is there."""

    __slots__ = ("_arguments", "_path", "_plan", "_variables", "context", "errors")

    def __init__(self, plan: Plan, call: Call, variables: Any) -> None:
        self._plan = plan
        self._variables = variables
        self._arguments: dict[int, dict[str, Any]] = {}
        self._path: list[str | int] = []
        self.context = call
        self.errors: list[dict[str, Any]] = []

    def execute(self) -> dict[str, Any]:
        """Return ``{"data": ..., "errors": [...]}``."""
        data: dict[str, Any] | None
        try:
            data = self._object(self._plan.top, self._plan.root, None)
        except _Null:
            data = None
        return {"data": data, "errors": self.errors} if self.errors else {"data": data}

    def _object(self, selection: SelectionPlan, type_name: str, source: Any) -> dict[str, Any]:
        fields = selection.by_type.get(type_name)
        if fields is None:
            fields = selection.fields(type_name)
        made: dict[str, Any] = {}
        for field in fields:
            if field.get is not None and field.leaf and not field.lists and field.words is None:
                value = field.get(source)
                made[field.key] = value
                if value is None:
                    self._nothing(field)
            else:
                made[field.key] = self._field(field, source)
        return made

    def _field(self, field: FieldPlan, source: Any) -> Any:
        self._path.append(field.key)
        try:
            value = field.get(source) if field.get is not None else self._resolve(field, source)
            return self._complete(field, value, 0)
        except (Refused, GraphQLError) as error:
            self._note(field, error)
        except _Null:
            pass
        finally:
            self._path.pop()
        if not field.nullable[0]:
            raise _Null
        return None

    def _resolve(self, field: FieldPlan, source: Any) -> Any:
        arguments = field.arguments
        if arguments is None:
            arguments = self._arguments.get(field.index)
            if arguments is None:
                arguments = get_argument_values(field.definition, field.node, self._variables)
                self._arguments[field.index] = arguments
        return (
            field.resolve(source, self, **arguments) if arguments else field.resolve(source, self)
        )

    def _complete(self, field: FieldPlan, value: Any, depth: int) -> Any:
        if value is None:
            return None if field.nullable[depth] else self._forbidden(field)
        if depth < field.lists:
            return self._list(field, value, depth)
        if field.leaf:
            if field.words is not None and value not in field.words:
                raise LookupError(f"{value!r} is no {field.type_name}")
            return value
        assert field.selection is not None
        return self._object(
            field.selection, type_of(value) if field.abstract else field.type_name, value
        )

    def _list(self, field: FieldPlan, values: Any, depth: int) -> list[Any]:
        made: list[Any] = []
        path = self._path
        for index, value in enumerate(values):
            path.append(index)
            try:
                if isinstance(value, Exception):
                    raise value
                made.append(self._complete(field, value, depth + 1))
            except (Refused, GraphQLError) as error:
                self._note(field, error)
                self._null_element(field, depth)
                made.append(None)
            except _Null:
                self._null_element(field, depth)
                made.append(None)
            finally:
                path.pop()
        return made

    def _null_element(self, field: FieldPlan, depth: int) -> None:
        if not field.nullable[depth + 1]:
            raise _Null

    def _nothing(self, field: FieldPlan) -> None:
        """Let a leaf be null if it may."""
        if not field.nullable[0]:
            self._path.append(field.key)
            try:
                self._forbidden(field)
            finally:
                self._path.pop()

    def _forbidden(self, field: FieldPlan) -> None:
        """A defect of the sandbox or of the world, said as GraphQL says it."""
        self._note(
            field,
            GraphQLError(f"Cannot return null for non-nullable field {field.node.name.value}."),
        )
        raise _Null

    def _note(self, field: FieldPlan, error: Refused | GraphQLError) -> None:
        """Remember an error in GitHub's form: the type stands beside the message."""
        made: dict[str, Any] = (
            {"type": error.type} if isinstance(error, Refused) and error.type else {}
        )
        location = field.node.loc.start_token if field.node.loc else None
        if isinstance(error, Refused) and error.type:
            self.context.headers.update(error.headers)
        made["path"] = list(self._path)
        made["locations"] = [{"line": location.line, "column": location.column}] if location else []
        made["message"] = error.message
        self.errors.append(made)
