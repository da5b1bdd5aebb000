"""Finds things by node id."""

from __future__ import annotations

from typing import Any, TypeVar

from migrator.sandbox.call import Call
from migrator.sandbox.entities import Account, Item, Repository
from migrator.sandbox.errors import Refused
from migrator.sandbox.ids import home_of, parse_node_id
from migrator.sandbox.names import account_node_id, item_node_id
from migrator.sandbox.threads import ThreadPart

T = TypeVar("T")


def find_node(call: Call, wanted: str) -> Any:
    """Return what a node id names, as the call sees it.

    Raises:
        Refused: NOT_FOUND, in GitHub's words; also for what was deleted or transferred.
    """
    parsed = parse_node_id(wanted)
    found = _look_up(call, *parsed, home_of(wanted)) if parsed else None
    if found is None:
        raise Refused(404, f"Could not resolve to a node with the global id of '{wanted}'.")
    _admit(call, found)
    return found


def _admit(call: Call, found: Any) -> None:
    """Refuse what belongs to an owner who keeps the caller out."""
    if call.world.access.is_open:
        return
    while isinstance(found, ThreadPart):
        found = found.home
    if isinstance(found, Item | Repository):
        call.world.access.admit(
            call.agent, found.repository if isinstance(found, Item) else found.name
        )


def _look_up(call: Call, prefix: str, number: int, home_id: int) -> Any:
    match prefix:
        case "I" | "PR":
            found = _followed(call, call.world.items_by_id.get(number))
            return _living(call, found, prefix)
        case "IC" | "PRR":
            return _part(call, prefix, number)
        case "R":
            return call.world.repositories_by_id.get(number)
        case "LA":
            home, label = call.world.labels_by_id.get(number, (None, None))
            return None if label is None else ThreadPart(home, label, "Label")
        case "MI":
            return _milestone(call, home_id, number)
        case _:
            return _account(call, prefix, number)


def _followed(call: Call, item: Item | None) -> Item | None:
    """Return what a transferred issue has become, where old node ids lead to it (a knob)."""
    follows = call.world.transfers.old_node == "follows"
    if item is None or item.deleted or item.moved_to is None or not follows:
        return item
    return call.world.moved(item)


def _living(call: Call, item: Item | None, prefix: str) -> Item | None:
    if item is None or not item.is_here or (prefix == "PR") is not item.is_pull:
        return None
    return call.see(item)


def _milestone(call: Call, home_id: int, number: int) -> ThreadPart | None:
    home = call.world.repositories_by_id.get(home_id)
    if home is None or not 0 < number <= len(home.milestones):
        return None
    return ThreadPart(home, home.milestones[number - 1], "Milestone")


def _part(call: Call, prefix: str, number: int) -> ThreadPart | None:
    try:
        if prefix == "IC":
            item, comment = call.world.comment(number)
            return ThreadPart(call.see(item), comment, "IssueComment")
        item, review = call.world.review(number)
        return ThreadPart(call.see(item), review, "PullRequestReview")
    except Refused:
        return None


def _account(call: Call, prefix: str, number: int) -> Account | None:
    account = call.world.accounts_by_id.get(number)
    return (
        account
        if account is not None
        and not account.deleted
        and account_node_id(account).startswith(f"{prefix}_")
        else None
    )


def true_item(call: Call, item_id: str, *prefixes: str) -> Item:
    """Return the item itself (writes act on what is, not on what is seen); raises as
    :func:`find_node` does."""
    parsed = parse_node_id(item_id)
    named = (
        call.world.items_by_id.get(parsed[1])
        if parsed and parsed[0] in (prefixes or ("I", "PR"))
        else None
    )
    found = _followed(call, named)
    if named is None or item_node_id(named) != item_id or found is None or not found.is_here:
        raise Refused(404, f"Could not resolve to a node with the global id of '{item_id}'.")
    _admit(call, found)
    return found


def true_repository(call: Call, repository_id: str) -> Repository:
    """Return a repository by node id; raises as :func:`find_node` does."""
    found = find_node(call, repository_id)
    if not isinstance(found, Repository):
        raise Refused(
            404, f"Could not resolve to Repository node with the global id of '{repository_id}'."
        )
    return found
