"""``POST /graphql``."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.call import Call
from migrator.sandbox.errors import Refused
from migrator.sandbox.exchange import Ask, Reply
from migrator.sandbox.graphql.execute import prepare, refusal, run


def graphql(call: Call, ask: Ask) -> Reply:
    """Answer a query or mutation. Errors of a query come with status 200, as on GitHub."""
    given = ask.json()
    text = given.get("query")
    if not isinstance(text, str):
        raise Refused(400, "A query attribute must be specified and must be a string.")
    return Reply(body=_answer(call, text, given.get("operationName"), given.get("variables")))


def _answer(call: Call, text: str, operation: str | None, variables: dict[str, Any] | None) -> dict[str, Any]:
    try:
        prepared = prepare(text, operation, variables)
    except Refused as refused:
        return refusal(refused)
    if isinstance(prepared, list):
        return {"errors": prepared}
    call.cost, call.nodes = prepared.cost.points, prepared.cost.nodes
    call.operation = prepared.operation.name.value if prepared.operation.name else ""
    return run(call, prepared)
