"""Labels of repositories and items (https://docs.github.com/rest/issues/labels)."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import msgspec

from migrator.sandbox.acts import labels
from migrator.sandbox.call import Call
from migrator.sandbox.entities import Item, Label
from migrator.sandbox.errors import invalid, not_found
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.rest.common import list_path, repository, seen_item, true_item, wire
from migrator.sandbox.rest.paging import page_of
from migrator.sandbox.rest.shapes.repositories import label
from migrator.sandbox.routing import rest


@rest.route("GET", "/repos/{owner}/{name}/labels")
@rest.route("GET", "/repositories/{id}/labels")
def list_labels(call: Call, ask: ApiRequest) -> ApiReply:
    """List a repository's labels."""
    home, form = repository(call, ask), wire(call, ask)
    return page_of(
        ask, home.labels, lambda one: label(form, home, one), path=list_path(call, ask, "/labels")
    )


@rest.route("POST", "/repos/{owner}/{name}/labels")
def create_label(call: Call, ask: ApiRequest) -> ApiReply:
    """Create a label."""
    home, given = repository(call, ask), ask.json()
    made = labels.create_label(
        call.world,
        call.agent,
        home,
        str(given.get("name", "")),
        str(given.get("color") or "ededed"),
        given.get("description"),
    )
    return ApiReply(status=201, body=label(wire(call, ask), home, made))


def _named(call: Call, ask: ApiRequest) -> Label:
    found = call.world.label(repository(call, ask), unquote(ask.params["label"]))
    if found is None:
        raise not_found()
    return found


@rest.route("GET", "/repos/{owner}/{name}/labels/{label}")
def get_label(call: Call, ask: ApiRequest) -> ApiReply:
    """Read one label."""
    return ApiReply(body=label(wire(call, ask), repository(call, ask), _named(call, ask)))


@rest.route("PATCH", "/repos/{owner}/{name}/labels/{label}")
def update_label(call: Call, ask: ApiRequest) -> ApiReply:
    """Rename, recolour or describe a label."""
    home, given = repository(call, ask), ask.json()
    changed = labels.update_label(
        call.world,
        call.agent,
        home,
        _named(call, ask),
        name=given.get("new_name"),
        color=given.get("color"),
        description=given.get("description"),
    )
    return ApiReply(body=label(wire(call, ask), home, changed))


@rest.route("DELETE", "/repos/{owner}/{name}/labels/{label}")
def delete_label(call: Call, ask: ApiRequest) -> ApiReply:
    """Delete a label everywhere."""
    labels.delete_label(call.world, call.agent, repository(call, ask), _named(call, ask))
    return ApiReply(status=204)


# -- on an item


def _shown(call: Call, ask: ApiRequest, item: Item) -> list[Any]:
    home = repository(call, ask)
    found = (call.world.label(home, name) for name in item.labels)
    return [label(wire(call, ask), home, one) for one in found if one is not None]


def _given(ask: ApiRequest) -> list[str]:
    """The body is ``{"labels": [...]}``, or the list alone; each a name or an object with one."""
    given: Any = (
        msgspec.json.decode(ask.body) if ask.body.lstrip()[:1] == b"[" else ask.json().get("labels")
    )
    if not isinstance(given, list):
        raise invalid("labels is missing", resource="Label", field="labels", code="missing_field")
    return [one["name"] if isinstance(one, dict) else str(one) for one in given]


@rest.route("GET", "/repos/{owner}/{name}/issues/{number}/labels")
@rest.route("GET", "/repositories/{id}/issues/{number}/labels")
def list_item_labels(call: Call, ask: ApiRequest) -> ApiReply:
    """List an item's labels."""
    item = seen_item(call, ask)
    return page_of(
        ask,
        _shown(call, ask, item),
        lambda one: one,
        path=list_path(call, ask, f"/issues/{item.number}/labels"),
    )


@rest.route("POST", "/repos/{owner}/{name}/issues/{number}/labels")
def add_labels(call: Call, ask: ApiRequest) -> ApiReply:
    """Put labels on an item; refused below triage, unlike labels sent with an issue."""
    item, names = true_item(call, ask), _given(ask)
    if not call.drops_labels():
        labels.add_labels(call.world, call.agent, item, names)
    return ApiReply(body=_shown(call, ask, call.see_now(item)))


@rest.route("PUT", "/repos/{owner}/{name}/issues/{number}/labels")
def set_labels(call: Call, ask: ApiRequest) -> ApiReply:
    """Replace an item's labels."""
    item = labels.replace_labels(call.world, call.agent, true_item(call, ask), _given(ask))
    return ApiReply(body=_shown(call, ask, call.see_now(item)))


@rest.route("DELETE", "/repos/{owner}/{name}/issues/{number}/labels")
def clear_labels(call: Call, ask: ApiRequest) -> ApiReply:
    """Take all labels off an item."""
    item = true_item(call, ask)
    labels.remove_labels(call.world, call.agent, item, list(item.labels))
    return ApiReply(status=204)


@rest.route("DELETE", "/repos/{owner}/{name}/issues/{number}/labels/{label}")
def remove_label(call: Call, ask: ApiRequest) -> ApiReply:
    """Take one label off an item; 404 if it does not carry it."""
    item, name = true_item(call, ask), unquote(ask.params["label"])
    if name.lower() not in {known.lower() for known in item.labels}:
        raise not_found("Label does not exist")
    labels.remove_labels(call.world, call.agent, item, [name])
    return ApiReply(body=_shown(call, ask, call.see_now(item)))
