"""Pull requests, files, commits, reviews (https://docs.github.com/rest/pulls)."""

from __future__ import annotations

from migrator.sandbox.acts import pulls, states
from migrator.sandbox.call import Call
from migrator.sandbox.errors import invalid
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.listings import ListingQuery
from migrator.sandbox.rest.common import list_path, repository, seen_item, true_item, wire
from migrator.sandbox.rest.issues import STATES, change_item
from migrator.sandbox.rest.paging import page_of
from migrator.sandbox.rest.shapes.pulls import (
    changed_file,
    commit,
    pull_of,
    pull_request,
    pull_request_simple,
    review,
)
from migrator.sandbox.routing import rest

EVENTS = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


@rest.route("GET", "/repos/{owner}/{name}/pulls")
@rest.route("GET", "/repositories/{id}/pulls")
def list_pulls(call: Call, ask: ApiRequest) -> ApiReply:
    """List pull requests."""
    state, sort = ask.text("state", "open"), ask.text("sort", "created")
    if state not in STATES:
        raise invalid(
            f"{state} is not a state", resource="PullRequest", field="state", code="invalid"
        )
    descending = ask.text("direction", "desc" if sort == "created" else "asc") == "desc"
    question = ListingQuery(
        kinds=frozenset({"pull_request"}),
        states=STATES[state],
        base=ask.text("base"),
        head=ask.text("head").rpartition(":")[2],
        order="updated_at" if sort == "updated" else "created_at",
        descending=descending,
    )
    found = call.listings.find(repository(call, ask).name, question)
    form = wire(call, ask)
    return page_of(
        ask,
        found,
        lambda item: pull_request_simple(form, call.see(item)),
        path=list_path(call, ask, "/pulls"),
    )


@rest.route("GET", "/repos/{owner}/{name}/pulls/{number}")
@rest.route("GET", "/repositories/{id}/pulls/{number}")
def get_pull(call: Call, ask: ApiRequest) -> ApiReply:
    """Read one pull request."""
    return ApiReply(body=pull_request(wire(call, ask), seen_item(call, ask, pull=True)))


@rest.route("PATCH", "/repos/{owner}/{name}/pulls/{number}")
def update_pull(call: Call, ask: ApiRequest) -> ApiReply:
    """Change title, body or state of a pull request; it has no reason to close."""
    given = {key: value for key, value in ask.json().items() if key in ("title", "body", "state")}
    item = change_item(call, true_item(call, ask, pull=True), given)
    return ApiReply(body=pull_request(wire(call, ask), call.see_now(item)))


@rest.route("GET", "/repos/{owner}/{name}/pulls/{number}/files")
@rest.route("GET", "/repositories/{id}/pulls/{number}/files")
def list_files(call: Call, ask: ApiRequest) -> ApiReply:
    """List changed files."""
    item, form = seen_item(call, ask, pull=True), wire(call, ask)
    path = list_path(call, ask, f"/pulls/{item.number}/files")
    return page_of(
        ask, pull_of(item).paths, lambda changed: changed_file(form, item, changed), path=path
    )


@rest.route("GET", "/repos/{owner}/{name}/pulls/{number}/commits")
@rest.route("GET", "/repositories/{id}/pulls/{number}/commits")
def list_commits(call: Call, ask: ApiRequest) -> ApiReply:
    """List commits, oldest first."""
    item, form = seen_item(call, ask, pull=True), wire(call, ask)
    path = list_path(call, ask, f"/pulls/{item.number}/commits")
    return page_of(ask, pull_of(item).commits, lambda one: commit(form, item, one), path=path)


@rest.route("GET", "/repos/{owner}/{name}/pulls/{number}/reviews")
@rest.route("GET", "/repositories/{id}/pulls/{number}/reviews")
def list_reviews(call: Call, ask: ApiRequest) -> ApiReply:
    """List submitted reviews, oldest first."""
    item, form = seen_item(call, ask, pull=True), wire(call, ask)
    path = list_path(call, ask, f"/pulls/{item.number}/reviews")
    return page_of(ask, pull_of(item).reviews, lambda one: review(form, item, one), path=path)


@rest.route("POST", "/repos/{owner}/{name}/pulls/{number}/reviews")
def create_review(call: Call, ask: ApiRequest) -> ApiReply:
    """Submit a review."""
    item, given = true_item(call, ask, pull=True), ask.json()
    state = EVENTS.get(str(given.get("event", "COMMENT")), "")
    made = pulls.review(call.world, call.agent, item, state, given.get("body") or "")
    return ApiReply(body=review(wire(call, ask), call.see_now(item), made))


@rest.route("GET", "/repos/{owner}/{name}/pulls/{number}/merge")
def is_merged(call: Call, ask: ApiRequest) -> ApiReply:
    """Tell by 204 or 404 whether it was merged."""
    return ApiReply(status=204 if seen_item(call, ask, pull=True).state == "merged" else 404)


@rest.route("PUT", "/repos/{owner}/{name}/pulls/{number}/merge")
def merge(call: Call, ask: ApiRequest) -> ApiReply:
    """Merge a pull request."""
    item = states.merge(call.world, call.agent, true_item(call, ask, pull=True))
    return ApiReply(
        body={
            "sha": pull_of(item).commits[-1].oid,
            "merged": True,
            "message": "Pull Request successfully merged",
        }
    )
