"""How a mutation is registered, and how it finds what its ids name.

Acts get what is, not what a lagging read shows; payloads are read like anything else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from migrator.sandbox.call import Call
from migrator.sandbox.entities import Item
from migrator.sandbox.errors import Refused
from migrator.sandbox.graphql.nodes import find_node
from migrator.sandbox.graphql.tables import ResolverTable
from migrator.sandbox.threads import ThreadPart

_mutation = ResolverTable("Mutation")
Write = Callable[[Call, dict[str, Any]], dict[str, Any]]


def write(name: str) -> Callable[[Write], Write]:
    """Register a function from (call, input) to payload as the mutation ``name``."""

    def register(function: Write) -> Write:
        def resolve(_source: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 - the argument's name at GitHub
            info.context.begin_write()
            return {
                "clientMutationId": input.get("clientMutationId"),
                **function(info.context, input),
            }

        _mutation.put(name, resolve)
        return function

    return register


def names_of(call: Call, ids: list[str]) -> list[str]:
    """Return the names of labels by their ids."""
    found = [find_node(call, wanted) for wanted in ids]
    if any(not isinstance(part, ThreadPart) or part.typename != "Label" for part in found):
        raise Refused(404, "Could not resolve to a Label node.")
    return [part.it.name for part in found]


def logins_of(call: Call, ids: list[str]) -> list[str]:
    """Return the logins of accounts by their ids."""
    return [find_node(call, wanted).login for wanted in ids]


def comment_of(call: Call, wanted: str) -> tuple[Item, Any]:
    """Return a comment by id, and its item, both as they are.

    Raises:
        Refused: NOT_FOUND, also if the id names something else.
    """
    found = find_node(call, wanted)
    if not isinstance(found, ThreadPart) or found.typename != "IssueComment":
        raise Refused(
            404, f"Could not resolve to IssueComment node with the global id of '{wanted}'."
        )
    return call.world.comment(found.it.id)
