"""From the text of a query to GitHub's answer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from migrator.sandbox.call import Call
from migrator.sandbox.errors import Refused
from migrator.sandbox.graphql.cost import Cost, count
from migrator.sandbox.graphql.plan_execution import PlanRun
from migrator.sandbox.graphql.query_plans import Plan
from migrator.sandbox.graphql.schema import executable_schema


class ParsedQuery(msgspec.Struct, frozen=True):
    """A query that parses and fits the schema."""

    node: DocumentNode
    operations: dict[str, OperationDefinitionNode]
    fragments: dict[str, FragmentDefinitionNode]
    special: bool
    teams: bool
    plans: dict[str, Plan]


class Prepared(msgspec.Struct, frozen=True):
    """A request for one operation, with what it will cost."""

    document: ParsedQuery
    operation: OperationDefinitionNode
    variables: dict[str, Any]
    values: Any
    cost: Cost

    @property
    def is_mutation(self) -> bool:
        """Whether it writes."""
        return self.operation.operation is OperationType.MUTATION

    def root_fields(self) -> list[str]:
        """Return the names of the fields at the root, in their order; fragments at the root are
        not looked into."""
        return [
            part.name.value
            for part in self.operation.selection_set.selections
            if isinstance(part, FieldNode)
        ]


@lru_cache(maxsize=512)
def _document(text: str) -> ParsedQuery | list[dict[str, Any]]:
    """Return a document, or GitHub's errors; kept, as clients send the same texts again and
    again."""
    try:
        node = parse(text)
    except GraphQLSyntaxError as error:
        return [
            {
                "message": error.message,
                "locations": [location.formatted for location in error.locations or ()],
            }
        ]
    errors = validate(executable_schema(), node)
    if errors:
        return [_validation_error(error) for error in errors]
    operations = {
        part.name.value if part.name else "": part
        for part in node.definitions
        if isinstance(part, OperationDefinitionNode)
    }
    fragments = {
        part.name.value: part
        for part in node.definitions
        if isinstance(part, FragmentDefinitionNode)
    }
    special = any(word in text for word in ("__schema", "__type(", "@include", "@skip"))
    return ParsedQuery(node, operations, fragments, special, "... on Team" in text, {})


def _validation_error(error: GraphQLError) -> dict[str, Any]:
    code = "undefinedField" if "Cannot query field" in error.message else "invalid"
    return {
        "message": error.message,
        "locations": [location.formatted for location in error.locations or ()],
        "extensions": {"code": code},
    }


def prepare(
    text: str, operation_name: str | None, variables: dict[str, Any] | None
) -> Prepared | list[dict[str, Any]]:
    """Return what is to run, or the errors that keep it from running.

    Raises:
        Refused: it asks for too much, or pages wrongly.
    """
    document = _document(text)
    if isinstance(document, list):
        return document
    if operation_name:
        operation = document.operations.get(operation_name)
    else:
        operation = (
            next(iter(document.operations.values())) if len(document.operations) == 1 else None
        )
    if operation is None:
        return [
            {
                "message": f"No operation named {operation_name!r}"
                if operation_name
                else "An operation name is required"
            }
        ]
    schema = executable_schema()
    values = get_variable_values(schema, operation.variable_definitions or (), variables or {})
    if isinstance(values, list):
        return [_validation_error(error) for error in values]
    coerced: dict[str, Any] = getattr(values, "coerced", {})
    return Prepared(
        document,
        operation,
        variables or {},
        values,
        count(schema, operation, document.fragments, coerced),
    )


def run(call: Call, prepared: Prepared) -> dict[str, Any]:
    """Return ``{"data": ..., "errors": [...]}``."""
    if prepared.document.special:
        return run_by_graphql_core(call, prepared)
    return PlanRun(_plan(prepared), call, prepared.values).execute()


def _plan(prepared: Prepared) -> Plan:
    """Return the plan of an operation, made once for each text."""
    name = prepared.operation.name.value if prepared.operation.name else ""
    plan = prepared.document.plans.get(name)
    if plan is None:
        root = "Mutation" if prepared.is_mutation else "Query"
        plan = Plan(
            executable_schema(), prepared.document.fragments, root, prepared.operation.selection_set
        )
        prepared.document.plans[name] = plan
    return plan


def run_by_graphql_core(call: Call, prepared: Prepared) -> dict[str, Any]:
    """Return the same answer by graphql-core's executor: for introspection and conditional
    fields, and to compare with."""
    name = prepared.operation.name
    result = execute_sync(
        executable_schema(),
        prepared.document.node,
        context_value=call,
        variable_values=prepared.variables,
        operation_name=name.value if name else None,
    )
    answer: dict[str, Any] = {"data": result.data}
    if result.errors:
        answer["errors"] = [_error(error) for error in result.errors]
    return answer


def _error(error: GraphQLError) -> dict[str, Any]:
    """Return an error as GitHub writes it: the type stands beside the message.

    Raises:
        Exception: whatever a resolver raised that is no refusal; that is a defect of the sandbox
        and answers 500.
    """
    cause = error.original_error
    if cause is not None and not isinstance(cause, Refused):
        raise cause
    formatted: dict[str, Any] = (
        {"type": cause.type} if isinstance(cause, Refused) and cause.type else {}
    )
    formatted["path"] = error.path
    formatted["locations"] = [location.formatted for location in error.locations or ()]
    formatted["message"] = cause.message if isinstance(cause, Refused) else error.message
    return formatted


def refusal(refused: Refused) -> dict[str, Any]:
    """Return the answer to a query that is refused as a whole."""
    return {"data": None, "errors": [{"type": refused.type, "message": refused.message}]}
