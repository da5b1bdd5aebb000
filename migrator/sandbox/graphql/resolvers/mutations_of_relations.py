"""Writes: sub-issues and dependencies.

https://docs.github.com/graphql/reference/mutations#addsubissue; dependencies are in the schema
since 2025-07-30 (https://docs.github.com/graphql/overview/changelog).
"""

from __future__ import annotations

import re
from typing import Any

from migrator.sandbox.acts import relations
from migrator.sandbox.call import Call
from migrator.sandbox.entities import Item
from migrator.sandbox.errors import Refused
from migrator.sandbox.graphql.nodes import true_item
from migrator.sandbox.graphql.resolvers.writing import write
from migrator.sandbox.names import WEB

_URL = re.compile(rf"{re.escape(WEB)}/([^/]+/[^/]+)/issues/(\d+)")


@write("addSubIssue")
def add_sub_issue(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Make an issue a part of another; it is named by id or by URL."""
    parent, child = true_item(call, given["issueId"], "I"), _child(call, given)
    relations.add_sub_issue(
        call.world,
        call.agent,
        parent,
        child,
        replace_parent=bool(given.get("replaceParent")),
    )
    return {"issue": call.see_now(parent), "subIssue": call.see_now(child)}


def _child(call: Call, given: dict[str, Any]) -> Item:
    if given.get("subIssueId"):
        return true_item(call, given["subIssueId"], "I")
    named = _URL.fullmatch(given.get("subIssueUrl") or "")
    if named is None:
        raise Refused(422, "Either subIssueId or subIssueUrl must be given", "UNPROCESSABLE")
    return call.world.item(named[1], int(named[2]))


@write("removeSubIssue")
def remove_sub_issue(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Take a part out of an issue."""
    parent = true_item(call, given["issueId"], "I")
    child = true_item(call, given["subIssueId"], "I")
    relations.remove_sub_issue(call.world, call.agent, parent, child)
    return {"issue": call.see_now(parent), "subIssue": call.see_now(child)}


@write("addBlockedBy")
def add_blocked_by(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Say that an issue waits for another."""
    item, blocker = _waiting(call, given)
    relations.add_blocked_by(call.world, call.agent, item, blocker)
    return {"issue": call.see_now(item), "blockingIssue": call.see_now(blocker)}


@write("removeBlockedBy")
def remove_blocked_by(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Say that an issue no longer waits for another."""
    item, blocker = _waiting(call, given)
    relations.remove_blocked_by(call.world, call.agent, item, blocker)
    return {"issue": call.see_now(item), "blockingIssue": call.see_now(blocker)}


def _waiting(call: Call, given: dict[str, Any]) -> tuple[Item, Item]:
    return true_item(call, given["issueId"], "I"), true_item(call, given["blockingIssueId"], "I")
