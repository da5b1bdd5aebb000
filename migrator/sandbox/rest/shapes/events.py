"""Events of an item, as ``/events`` and ``/timeline`` show them."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.entities import Comment, Commit, Event, Item, Label, Review
from migrator.sandbox.ids import commit_oid, node_id
from migrator.sandbox.names import EVENT_TYPES, WEB, item_url
from migrator.sandbox.rest.shapes import Json, ShapeContext
from migrator.sandbox.rest.shapes.items import app_of, comment, issue
from migrator.sandbox.rest.shapes.people import maybe_user
from migrator.sandbox.rest.shapes.pulls import review
from migrator.sandbox.threads import ThreadPart

NOT_IN_EVENTS = frozenset({"cross-referenced"})


def event(wire: ShapeContext, item: Item, found: Event) -> Json:
    """Return ``issue-event`` (``/events``), which ``/timeline`` shares for most kinds."""
    shown: Json = {
        "id": found.id,
        "node_id": node_id("".join(filter(str.isupper, EVENT_TYPES[found.kind])), found.id),
        "url": f"{wire.base}/repos/{item.repository}/issues/events/{found.id}",
        "actor": maybe_user(wire, found.actor),
        "event": found.kind,
        "commit_id": commit_oid(item.key, found.id)
        if found.kind in ("referenced", "merged")
        else None,
        "commit_url": None,
        "created_at": found.created_at,
        "performed_via_github_app": app_of(wire, found.app),
    }
    return shown | _details(wire, item, found)


def _details(wire: ShapeContext, item: Item, found: Event) -> Json:
    """Return what only some kinds of events have."""
    match found.kind:
        case "labeled" | "unlabeled":
            home = wire.world.repositories[item.repository.lower()]
            known = wire.world.label(home, found.label) or Label(name=found.label)
            return {"label": {"name": found.label, "color": known.color}}
        case "assigned" | "unassigned":
            return {
                "assignee": maybe_user(wire, found.detail),
                "assigner": maybe_user(wire, found.actor),
            }
        case "milestoned" | "demilestoned":
            return {"milestone": {"title": found.detail}}
        case "renamed":
            return {"rename": {"from": found.before, "to": found.detail}}
        case "locked":
            return {"lock_reason": found.detail or None}
        case "review_requested" | "review_request_removed":
            return {
                "review_requester": maybe_user(wire, found.actor),
                "requested_reviewer": maybe_user(wire, found.detail),
            }
        case "closed":
            return {"state_reason": found.detail or None}
        case _:
            return {}


def timeline_part(wire: ShapeContext, part: ThreadPart) -> Json | None:
    """Return one entry of ``/timeline``, or None for what REST does not show."""
    item, it = part.home, part.it
    if isinstance(it, Comment):
        shown = comment(wire, item, it)
        return {**shown, "event": "commented", "actor": shown["user"]}
    if isinstance(it, Commit):
        return _committed(wire, item, it)
    if isinstance(it, Review):
        return {**review(wire, item, it), "event": "reviewed"}
    return _cross_reference(wire, it) if it.kind == "cross-referenced" else event(wire, item, it)


def _cross_reference(wire: ShapeContext, found: Event) -> Json | None:
    source = wire.world.peek(found.source.repository, found.source.number) if found.source else None
    if source is None:
        return None
    return {
        "actor": maybe_user(wire, found.actor),
        "created_at": found.created_at,
        "updated_at": found.created_at,
        "source": {"type": "issue", "issue": issue(wire, source)},
        "event": "cross-referenced",
    }


def _committed(wire: ShapeContext, item: Item, commit: Commit) -> Json:
    git = f"{wire.base}/repos/{item.repository}/git"
    person: dict[str, Any] = {
        "name": commit.author or "somebody",
        "email": f"{commit.author or 'somebody'}@users.noreply.github.com",
        "date": commit.committed_at,
    }
    tree = commit_oid(commit.oid, "tree")
    parent = commit_oid(commit.oid, "parent")
    return {
        "sha": commit.oid,
        "node_id": f"C_{commit.oid}",
        "url": f"{git}/commits/{commit.oid}",
        "html_url": f"{item_url(item)}/commits/{commit.oid}",
        "author": person,
        "committer": person,
        "message": commit.message,
        "tree": {"sha": tree, "url": f"{git}/trees/{tree}"},
        "parents": [
            {
                "sha": parent,
                "url": f"{git}/commits/{parent}",
                "html_url": f"{WEB}/{item.repository}/commit/{parent}",
            }
        ],
        "verification": {
            "verified": False,
            "reason": "unsigned",
            "signature": None,
            "payload": None,
            "verified_at": None,
        },
        "event": "committed",
    }
