"""Issues: list, read, open, change, lock (https://docs.github.com/rest/issues/issues)."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.acts import creation, edits, labels, states
from migrator.sandbox.call import Call
from migrator.sandbox.clock import moment
from migrator.sandbox.entities import Item, Repository
from migrator.sandbox.errors import invalid
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.listings import Field, ListingQuery
from migrator.sandbox.rest.common import list_path, repository, seen_item, true_item, wire
from migrator.sandbox.rest.paging import page_of
from migrator.sandbox.rest.shapes.items import issue
from migrator.sandbox.rights import may_triage, require_write
from migrator.sandbox.routing import rest

SORTS: dict[str, Field] = {"created": "created_at", "updated": "updated_at", "comments": "comments"}
STATES = {
    "open": frozenset({"open"}),
    "closed": frozenset({"closed", "merged"}),
    "all": frozenset[str](),
}


@rest.route("GET", "/repos/{owner}/{name}/issues")
@rest.route("GET", "/repositories/{id}/issues")
def list_issues(call: Call, ask: ApiRequest) -> ApiReply:
    """List issues and pull requests of a repository, newest first unless asked otherwise."""
    found = call.listings.find(repository(call, ask).name, _question(call, ask))
    form = wire(call, ask)
    return page_of(
        ask, found, lambda item: issue(form, call.see(item)), path=list_path(call, ask, "/issues")
    )


def _question(call: Call, ask: ApiRequest) -> ListingQuery:
    state, sort = ask.text("state", "open"), ask.text("sort", "created")
    if state not in STATES or sort not in SORTS:
        raise invalid(
            f"{state} or {sort} is not one of the values allowed",
            field="state or sort",
            code="invalid",
        )
    return ListingQuery(
        states=STATES[state],
        labels=tuple(
            word.strip().lower() for word in ask.text("labels").split(",") if word.strip()
        ),
        since=since_of(ask),
        creator=ask.text("creator"),
        assignee=ask.text("assignee"),
        mentioned=ask.text("mentioned"),
        milestone=_milestone(repository(call, ask), ask.text("milestone")),
        order=SORTS[sort],
        descending=ask.text("direction", "desc") == "desc",
    )


def since_of(ask: ApiRequest) -> str:
    """Return the ``since`` parameter as a moment, empty if it is not there.

    Raises:
        Refused: 422, it is no time.
    """
    given = ask.text("since")
    try:
        return moment(given.replace(" ", "+")) if given else ""
    except ValueError as error:
        raise invalid("since is not a date and time", field="since", code="invalid") from error


def _milestone(home: Repository, given: str) -> str:
    """The parameter is a number, ``*`` or ``none``; items know their milestone by title."""
    if not given.isdigit():
        return given
    if not 0 < int(given) <= len(home.milestones):
        raise invalid("milestone does not exist", field="milestone", code="invalid")
    return home.milestones[int(given) - 1]


@rest.route("POST", "/repos/{owner}/{name}/issues")
@rest.route("POST", "/repositories/{id}/issues")
def create_issue(call: Call, ask: ApiRequest) -> ApiReply:
    """Open an issue. Labels and assignees from those below triage are silently dropped."""
    given = ask.json()
    item = creation.open_item(
        call.world,
        call.agent,
        repository(call, ask),
        given.get("title"),
        given.get("body"),
        labels=[] if call.drops_labels() else _names(given.get("labels")),
        assignees=given.get("assignees") or [],
    )
    return ApiReply(status=201, body=issue(wire(call, ask), call.see_now(item)))


def _names(given: Any) -> list[str]:
    """Labels come as names or as objects with a name."""
    return [one["name"] if isinstance(one, dict) else str(one) for one in given or ()]


@rest.route("GET", "/repos/{owner}/{name}/issues/{number}")
@rest.route("GET", "/repositories/{id}/issues/{number}")
def get_issue(call: Call, ask: ApiRequest) -> ApiReply:
    """Read one issue or pull request."""
    return ApiReply(body=issue(wire(call, ask), seen_item(call, ask)))


@rest.route("PATCH", "/repos/{owner}/{name}/issues/{number}")
@rest.route("PATCH", "/repositories/{id}/issues/{number}")
def update_issue(call: Call, ask: ApiRequest) -> ApiReply:
    """Change an issue. ``labels`` replace the set, and are silently dropped below triage;
    ``state_reason`` counts only when the state changes
    (https://docs.github.com/rest/issues/issues#update-an-issue)."""
    item = change_item(call, true_item(call, ask), ask.json())
    return ApiReply(body=issue(wire(call, ask), call.see_now(item)))


def change_item(call: Call, item: Item, given: dict[str, Any]) -> Item:
    """Do what a PATCH of an issue or pull request asks for."""
    world, agent = call.world, call.agent
    require_write(agent, world.repository(item.repository), item)
    trusted = may_triage(agent, world.repository(item.repository))
    if "title" in given or "body" in given:
        edits.edit_item(world, agent, item, title=given.get("title"), body=given.get("body"))
    if given.get("labels") is not None and trusted and not call.drops_labels():
        labels.replace_labels(world, agent, item, _names(given["labels"]))
    if given.get("assignees") is not None and trusted:
        edits.assign(
            world,
            agent,
            item,
            [login for login in item.assignees if login not in given["assignees"]],
            on=False,
        )
        edits.assign(world, agent, item, given["assignees"])
    if "milestone" in given and trusted:
        edits.set_milestone(
            world,
            agent,
            item,
            _milestone(world.repository(item.repository), str(given["milestone"] or "")) or None,
        )
    _change_state(call, item, given)
    return item


def _change_state(call: Call, item: Item, given: dict[str, Any]) -> None:
    match given.get("state"):
        case None:
            pass
        case "closed":
            states.close(
                call.world, call.agent, item, given.get("state_reason"), read=call.last_read(item)
            )
        case "open":
            states.reopen(call.world, call.agent, item)
        case other:
            raise invalid(f"{other} is not a state", field="state", code="invalid")


@rest.route("PUT", "/repos/{owner}/{name}/issues/{number}/lock")
@rest.route("PUT", "/repositories/{id}/issues/{number}/lock")
def lock(call: Call, ask: ApiRequest) -> ApiReply:
    """Lock a conversation."""
    edits.lock(call.world, call.agent, true_item(call, ask), ask.json().get("lock_reason"))
    return ApiReply(status=204)


@rest.route("DELETE", "/repos/{owner}/{name}/issues/{number}/lock")
@rest.route("DELETE", "/repositories/{id}/issues/{number}/lock")
def unlock(call: Call, ask: ApiRequest) -> ApiReply:
    """Unlock a conversation."""
    edits.lock(call.world, call.agent, true_item(call, ask), on=False)
    return ApiReply(status=204)


@rest.route("POST", "/repos/{owner}/{name}/issues/{number}/assignees")
def add_assignees(call: Call, ask: ApiRequest) -> ApiReply:
    """Assign people."""
    item = edits.assign(
        call.world, call.agent, true_item(call, ask), ask.json().get("assignees") or []
    )
    return ApiReply(status=201, body=issue(wire(call, ask), call.see_now(item)))


@rest.route("DELETE", "/repos/{owner}/{name}/issues/{number}/assignees")
def remove_assignees(call: Call, ask: ApiRequest) -> ApiReply:
    """Unassign people."""
    item = edits.assign(
        call.world, call.agent, true_item(call, ask), ask.json().get("assignees") or [], on=False
    )
    return ApiReply(body=issue(wire(call, ask), call.see_now(item)))
