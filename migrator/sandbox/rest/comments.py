"""Comments (https://docs.github.com/rest/issues/comments)."""

from __future__ import annotations

from migrator.sandbox.acts import comments
from migrator.sandbox.call import Call
from migrator.sandbox.entities import Comment, Item
from migrator.sandbox.errors import not_found
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.rest.common import list_path, repository, seen_item, true_item, wire
from migrator.sandbox.rest.issues import since_of
from migrator.sandbox.rest.paging import page_of
from migrator.sandbox.rest.shapes.items import comment
from migrator.sandbox.routing import rest


@rest.route("GET", "/repos/{owner}/{name}/issues/{number}/comments")
@rest.route("GET", "/repositories/{id}/issues/{number}/comments")
def list_comments(call: Call, ask: ApiRequest) -> ApiReply:
    """List the comments of one item, oldest first."""
    item, since = seen_item(call, ask), since_of(ask)
    found = [one for one in item.comments if one.updated_at >= since]
    path = list_path(call, ask, f"/issues/{item.number}/comments")
    return page_of(ask, found, lambda one: comment(wire(call, ask), item, one), path=path)


@rest.route("GET", "/repos/{owner}/{name}/issues/comments")
@rest.route("GET", "/repositories/{id}/issues/comments")
def list_all_comments(call: Call, ask: ApiRequest) -> ApiReply:
    """List the comments of all items of a repository, by id, or by ``sort``."""
    since, form = since_of(ask), wire(call, ask)
    everything = [
        (item, one)
        for item in call.world.living(repository(call, ask).name)
        for one in item.comments
    ]
    found = [pair for pair in everything if pair[1].updated_at >= since]
    by = {"created": "created_at", "updated": "updated_at"}.get(ask.text("sort"), "id")
    found.sort(
        key=lambda pair: getattr(pair[1], by),
        reverse=by != "id" and ask.text("direction", "desc") == "desc",
    )
    return page_of(
        ask,
        found,
        lambda pair: comment(form, call.see(pair[0]), pair[1]),
        path=list_path(call, ask, "/issues/comments"),
    )


@rest.route("POST", "/repos/{owner}/{name}/issues/{number}/comments")
@rest.route("POST", "/repositories/{id}/issues/{number}/comments")
def create_comment(call: Call, ask: ApiRequest) -> ApiReply:
    """Comment on an item."""
    item = true_item(call, ask)
    made = comments.add_comment(
        call.world, call.agent, item, ask.json().get("body"), read=call.last_read(item)
    )
    return ApiReply(status=201, body=comment(wire(call, ask), call.see_now(item), made))


def comment_named(call: Call, ask: ApiRequest) -> tuple[Item, Comment]:
    """Return the comment that the path names, and its item.

    Raises:
        Refused: 404, also if it is in another repository.
    """
    item, found = call.world.comment(int(ask.params["comment"]))
    if item.repository.lower() != repository(call, ask).name.lower():
        raise not_found()
    return item, found


@rest.route("GET", "/repos/{owner}/{name}/issues/comments/{comment}")
def get_comment(call: Call, ask: ApiRequest) -> ApiReply:
    """Read one comment."""
    item, found = comment_named(call, ask)
    return ApiReply(body=comment(wire(call, ask), call.see(item), found))


@rest.route("PATCH", "/repos/{owner}/{name}/issues/comments/{comment}")
def update_comment(call: Call, ask: ApiRequest) -> ApiReply:
    """Change a comment's text."""
    item, found = comment_named(call, ask)
    comments.edit_comment(call.world, call.agent, item, found, ask.json().get("body"))
    return ApiReply(body=comment(wire(call, ask), call.see_now(item), found))


@rest.route("DELETE", "/repos/{owner}/{name}/issues/comments/{comment}")
def delete_comment(call: Call, ask: ApiRequest) -> ApiReply:
    """Delete a comment."""
    item, found = comment_named(call, ask)
    comments.delete_comment(call.world, call.agent, item, found)
    return ApiReply(status=204)
