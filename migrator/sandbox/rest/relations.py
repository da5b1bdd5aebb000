"""Sub-issues and dependencies (https://docs.github.com/rest/issues/sub-issues,
https://docs.github.com/rest/issues/issue-dependencies).

Other issues are named by database id.
"""

from __future__ import annotations

from typing import Any

from migrator.sandbox.acts import relations
from migrator.sandbox.call import Call
from migrator.sandbox.entities import Item, Reference
from migrator.sandbox.errors import not_found
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.rest.common import list_path, seen_item, true_item, wire
from migrator.sandbox.rest.paging import page_of
from migrator.sandbox.rest.shapes.items import issue
from migrator.sandbox.routing import rest


def _page(call: Call, ask: ApiRequest, found: list[Reference], tail: str) -> ApiReply:
    others = (call.world.peek(one.repository, one.number) for one in found)
    form, path = wire(call, ask), f"/issues/{ask.params['number']}/{tail}"
    return page_of(
        ask,
        [other for other in others if other is not None],
        lambda other: issue(form, call.see(other)),
        path=list_path(call, ask, path),
    )


def _by_id(call: Call, number: Any) -> Item:
    """Return an issue by database id.

    Raises:
        Refused: 404.
    """
    found = call.world.items_by_id.get(int(number or 0))
    if found is None or not found.is_here or found.is_pull:
        raise not_found("The provided issue does not exist")
    return found


@rest.route("GET", "/repos/{owner}/{name}/issues/{number}/parent")
@rest.route("GET", "/repositories/{id}/issues/{number}/parent")
def get_parent(call: Call, ask: ApiRequest) -> ApiReply:
    """Read the issue that this one is a part of; 404 if there is none."""
    parent = seen_item(call, ask).parent
    found = call.world.peek(parent.repository, parent.number) if parent else None
    if found is None:
        raise not_found()
    return ApiReply(body=issue(wire(call, ask), call.see(found)))


@rest.route("GET", "/repos/{owner}/{name}/issues/{number}/sub_issues")
@rest.route("GET", "/repositories/{id}/issues/{number}/sub_issues")
def list_sub_issues(call: Call, ask: ApiRequest) -> ApiReply:
    """List the parts of an issue, in their order."""
    return _page(call, ask, seen_item(call, ask).sub_issues, "sub_issues")


@rest.route("POST", "/repos/{owner}/{name}/issues/{number}/sub_issues")
def add_sub_issue(call: Call, ask: ApiRequest) -> ApiReply:
    """Make an issue a part of this one."""
    given, parent = ask.json(), true_item(call, ask)
    child = _by_id(call, given.get("sub_issue_id"))
    relations.add_sub_issue(
        call.world,
        call.agent,
        parent,
        child,
        replace_parent=bool(given.get("replace_parent")),
    )
    return ApiReply(status=201, body=issue(wire(call, ask), call.see_now(parent)))


@rest.route("DELETE", "/repos/{owner}/{name}/issues/{number}/sub_issue")
def remove_sub_issue(call: Call, ask: ApiRequest) -> ApiReply:
    """Take a part out of this issue."""
    parent, child = true_item(call, ask), _by_id(call, ask.json().get("sub_issue_id"))
    relations.remove_sub_issue(call.world, call.agent, parent, child)
    return ApiReply(body=issue(wire(call, ask), call.see_now(parent)))


@rest.route("GET", "/repos/{owner}/{name}/issues/{number}/dependencies/blocked_by")
@rest.route("GET", "/repositories/{id}/issues/{number}/dependencies/blocked_by")
def list_blocked_by(call: Call, ask: ApiRequest) -> ApiReply:
    """List what an issue waits for."""
    return _page(call, ask, seen_item(call, ask).blocked_by, "dependencies/blocked_by")


@rest.route("GET", "/repos/{owner}/{name}/issues/{number}/dependencies/blocking")
@rest.route("GET", "/repositories/{id}/issues/{number}/dependencies/blocking")
def list_blocking(call: Call, ask: ApiRequest) -> ApiReply:
    """List what waits for an issue."""
    return _page(call, ask, seen_item(call, ask).blocking, "dependencies/blocking")


@rest.route("POST", "/repos/{owner}/{name}/issues/{number}/dependencies/blocked_by")
def add_blocked_by(call: Call, ask: ApiRequest) -> ApiReply:
    """Say that this issue waits for another."""
    item, blocker = true_item(call, ask), _by_id(call, ask.json().get("issue_id"))
    relations.add_blocked_by(call.world, call.agent, item, blocker)
    return ApiReply(status=201, body=issue(wire(call, ask), call.see_now(item)))


@rest.route("DELETE", "/repos/{owner}/{name}/issues/{number}/dependencies/blocked_by/{issue}")
def remove_blocked_by(call: Call, ask: ApiRequest) -> ApiReply:
    """Say that this issue no longer waits for another."""
    item, blocker = true_item(call, ask), _by_id(call, ask.params["issue"])
    relations.remove_blocked_by(call.world, call.agent, item, blocker)
    return ApiReply(body=issue(wire(call, ask), call.see_now(item)))
