"""Events and the timeline (https://docs.github.com/rest/issues/events,
https://docs.github.com/rest/issues/timeline)."""

from __future__ import annotations

from migrator.sandbox.call import Call
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.rest.common import list_path, repository, seen_item, wire
from migrator.sandbox.rest.paging import page_of
from migrator.sandbox.rest.shapes.events import NOT_IN_EVENTS, event, timeline_part
from migrator.sandbox.rest.shapes.items import issue
from migrator.sandbox.routing import rest
from migrator.sandbox.threads import ISSUE_TIMELINE, PULL_TIMELINE, timeline


@rest.route("GET", "/repos/{owner}/{name}/issues/{number}/events")
@rest.route("GET", "/repositories/{id}/issues/{number}/events")
def list_events(call: Call, ask: ApiRequest) -> ApiReply:
    """List the events of one item, oldest first; cross-references stand only in the timeline."""
    item, form = seen_item(call, ask), wire(call, ask)
    found = [one for one in item.events if one.kind not in NOT_IN_EVENTS]
    return page_of(
        ask,
        found,
        lambda one: event(form, item, one),
        path=list_path(call, ask, f"/issues/{item.number}/events"),
    )


@rest.route("GET", "/repos/{owner}/{name}/issues/events")
@rest.route("GET", "/repositories/{id}/issues/events")
def list_all_events(call: Call, ask: ApiRequest) -> ApiReply:
    """List the events of all items of a repository, newest first."""
    form = wire(call, ask)
    items = call.world.living(repository(call, ask).name)
    found = [(item, one) for item in items for one in item.events if one.kind not in NOT_IN_EVENTS]
    found.sort(key=lambda pair: (pair[1].created_at, pair[1].id), reverse=True)
    path = list_path(call, ask, "/issues/events")
    return page_of(
        ask,
        found,
        lambda pair: {**event(form, *pair), "issue": issue(form, call.see(pair[0]))},
        path=path,
    )


@rest.route("GET", "/repos/{owner}/{name}/issues/{number}/timeline")
@rest.route("GET", "/repositories/{id}/issues/{number}/timeline")
def list_timeline(call: Call, ask: ApiRequest) -> ApiReply:
    """List everything that happened to one item, comments included, oldest first."""
    item, form = seen_item(call, ask), wire(call, ask)
    found = timeline(item, PULL_TIMELINE if item.is_pull else ISSUE_TIMELINE)
    return page_of(
        ask,
        found,
        lambda part: timeline_part(form, part),
        path=list_path(call, ask, f"/issues/{item.number}/timeline"),
    )
