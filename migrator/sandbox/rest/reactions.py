"""Reactions to items and comments (https://docs.github.com/rest/reactions/reactions)."""

from __future__ import annotations

from migrator.sandbox.acts import edits
from migrator.sandbox.call import Call
from migrator.sandbox.entities import Comment, Item
from migrator.sandbox.errors import not_found
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.names import GRAPHQL_REACTIONS
from migrator.sandbox.rest.comments import comment_named
from migrator.sandbox.rest.common import list_path, seen_item, true_item, wire
from migrator.sandbox.rest.paging import page_of
from migrator.sandbox.rest.shapes.items import reaction
from migrator.sandbox.routing import rest


def _list(call: Call, ask: ApiRequest, part: Item | Comment, tail: str) -> ApiReply:
    wanted = GRAPHQL_REACTIONS.get(ask.text("content").replace(" ", "+"))
    found = [one for one in part.reactions if wanted in (None, one.content)]
    return page_of(
        ask, found, lambda one: reaction(wire(call, ask), one), path=list_path(call, ask, tail)
    )


def _create(call: Call, ask: ApiRequest, item: Item, part: Item | Comment) -> ApiReply:
    content = str(ask.json().get("content", ""))
    made, new = edits.react(
        call.world, call.agent, item, part, GRAPHQL_REACTIONS.get(content, content)
    )
    return ApiReply(status=201 if new else 200, body=reaction(wire(call, ask), made))


def _delete(call: Call, ask: ApiRequest, item: Item, part: Item | Comment) -> ApiReply:
    found = next((one for one in part.reactions if str(one.id) == ask.params["reaction"]), None)
    if found is None:
        raise not_found()
    edits.unreact(call.world, call.agent, item, part, found)
    return ApiReply(status=204)


@rest.route("GET", "/repos/{owner}/{name}/issues/{number}/reactions")
@rest.route("GET", "/repositories/{id}/issues/{number}/reactions")
def list_item_reactions(call: Call, ask: ApiRequest) -> ApiReply:
    """List reactions to an item."""
    item = seen_item(call, ask)
    return _list(call, ask, item, f"/issues/{item.number}/reactions")


@rest.route("POST", "/repos/{owner}/{name}/issues/{number}/reactions")
def react_to_item(call: Call, ask: ApiRequest) -> ApiReply:
    """React to an item; 200 if the reaction was there already."""
    item = true_item(call, ask)
    return _create(call, ask, item, item)


@rest.route("DELETE", "/repos/{owner}/{name}/issues/{number}/reactions/{reaction}")
def unreact_to_item(call: Call, ask: ApiRequest) -> ApiReply:
    """Take a reaction to an item back."""
    item = true_item(call, ask)
    return _delete(call, ask, item, item)


@rest.route("GET", "/repos/{owner}/{name}/issues/comments/{comment}/reactions")
def list_comment_reactions(call: Call, ask: ApiRequest) -> ApiReply:
    """List reactions to a comment."""
    item, found = comment_named(call, ask)
    call.see(item)
    return _list(call, ask, found, f"/issues/comments/{found.id}/reactions")


@rest.route("POST", "/repos/{owner}/{name}/issues/comments/{comment}/reactions")
def react_to_comment(call: Call, ask: ApiRequest) -> ApiReply:
    """React to a comment."""
    return _create(call, ask, *comment_named(call, ask))


@rest.route("DELETE", "/repos/{owner}/{name}/issues/comments/{comment}/reactions/{reaction}")
def unreact_to_comment(call: Call, ask: ApiRequest) -> ApiReply:
    """Take a reaction to a comment back."""
    return _delete(call, ask, *comment_named(call, ask))
