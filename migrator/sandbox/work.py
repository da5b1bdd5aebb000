"""What one request asks to be done: who would be billed what for it, and how to do it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from migrator.sandbox.billing import Bill, graphql_bill, rest_bill
from migrator.sandbox.call import Call
from migrator.sandbox.errors import Refused
from migrator.sandbox.graphql.execute import Prepared, prepare, refusal, run
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.routing import Route

Do = Callable[[Call], ApiReply]


class Work(msgspec.Struct, kw_only=True, frozen=True):
    """``mutations`` are a request's writing root fields in their order; ``given`` is what it
    names (variables or path)."""

    bill: Bill
    do: Do
    operation: str = ""
    mutations: Sequence[str] = ()
    given: Any = None

    @property
    def is_graphql(self) -> bool:
        """Whether it came by GraphQL."""
        return self.bill.resource == "graphql"


def rest_work(route: Route, ask: ApiRequest) -> Work:
    """Return the work of a REST request."""
    given = {
        **ask.params,
        "repository": ask.params.get("owner", "") + "/" + ask.params.get("name", ""),
    }
    return Work(
        bill=rest_bill(ask.method, ask.path),
        do=lambda call: route(call, ask),
        operation=route.__name__,
        given=given,
    )


def graphql_work(ask: ApiRequest) -> Work:
    """Return the work of ``POST /graphql``. Errors of a query come with status 200, as on GitHub.

    Raises:
        Refused: 400, the request has no query.
    """
    given = ask.json()
    text = given.get("query")
    if not isinstance(text, str):
        raise Refused(400, "A query attribute must be specified and must be a string.")
    try:
        prepared = prepare(text, given.get("operationName"), given.get("variables"))
    except Refused as refused:
        return _answered(refusal(refused))
    if isinstance(prepared, list):
        return _answered({"errors": prepared})
    return _prepared_work(prepared)


def _answered(body: dict[str, Any]) -> Work:
    """Return work whose answer is known before anything runs."""
    return Work(bill=graphql_bill(1, ()), do=lambda call: ApiReply(body=body))


def _prepared_work(prepared: Prepared) -> Work:
    def do(call: Call) -> ApiReply:
        if (
            prepared.document.teams
            and (answer := call.world.access.lacking_scope(call.agent)) is not None
        ):
            return ApiReply(body=answer)
        call.cost, call.nodes = prepared.cost.points, prepared.cost.nodes
        return ApiReply(body=run(call, prepared))

    name = prepared.operation.name
    fields = prepared.root_fields() if prepared.is_mutation else []
    bill = graphql_bill(prepared.cost.points, fields, prepared.cost.nodes)
    return Work(
        bill=bill,
        do=do,
        operation=name.value if name else "",
        mutations=fields,
        given=prepared.variables,
    )
