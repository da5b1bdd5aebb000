"""Where a query begins."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.call import Call
from migrator.sandbox.entities import Account, Repository
from migrator.sandbox.errors import Refused
from migrator.sandbox.graphql.nodes import find_node
from migrator.sandbox.graphql.tables import ResolverTable

_query = ResolverTable("Query")
_query.constants(id="Q_sandbox")


@_query.field("viewer")
def viewer(_source: Any, info: Any) -> Account:
    """Who asks."""
    account: Account = info.context.agent.account
    return account


@_query.field("rateLimit")
def rate_limit(_source: Any, info: Any, dryRun: bool = False) -> dict[str, Any]:
    """What this query costs and what is left
    (https://docs.github.com/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api)."""
    call: Call = info.context
    return {"cost": call.cost, "nodeCount": call.nodes, **call.limits}


@_query.field("repository")
def repository(
    _source: Any, info: Any, owner: str, name: str, followRenames: bool = True
) -> Repository:
    """A repository by owner and name, or by a name that it had before
    (https://docs.github.com/graphql/reference/queries#repository)."""
    call: Call = info.context
    found = call.world.repository(f"{owner}/{name}")
    if not followRenames and call.world.renamed(f"{owner}/{name}") is not None:
        raise Refused(404, f"Could not resolve to a Repository with the name '{owner}/{name}'.")
    call.world.access.admit(call.agent, found.name)
    return found


@_query.field("user")
def user(_source: Any, info: Any, login: str) -> Account:
    """A person by login."""
    return _account(info.context, login, "User")


@_query.field("organization")
def organization(_source: Any, info: Any, login: str) -> Account:
    """An organization by login."""
    return _account(info.context, login, "Organization")


def _account(call: Call, login: str, type_: str) -> Account:
    found = call.world.account(login)
    if found is None or found.type != type_:
        raise Refused(
            404,
            f"Could not resolve to {'a User' if type_ == 'User' else 'an Organization'} with the "
            f"login of '{login}'.",
        )
    return found


@_query.field("node")
def node(_source: Any, info: Any, id: str) -> Any:  # noqa: A002 - the argument's name at GitHub
    """Anything by its node id."""
    return find_node(info.context, id)


@_query.field("nodes")
def nodes(_source: Any, info: Any, ids: list[str]) -> list[Any]:
    """Several things; each that is not found is null and has an error of its own."""
    found: list[Any] = []
    for wanted in ids:
        try:
            found.append(find_node(info.context, wanted))
        except Refused as refused:
            found.append(refused)
    return found
