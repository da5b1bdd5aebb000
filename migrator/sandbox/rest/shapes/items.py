"""Issues (pull requests among them), comments, reactions."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.entities import Comment, Item, Reaction, Reference
from migrator.sandbox.ids import node_id
from migrator.sandbox.names import REST_REACTIONS, comment_url, item_node_id, item_url
from migrator.sandbox.rest.shapes import Json, ShapeContext
from migrator.sandbox.rest.shapes.apps import integration
from migrator.sandbox.rest.shapes.people import maybe_user
from migrator.sandbox.rest.shapes.repositories import label, milestone
from migrator.sandbox.rights import association


def reactions(url: str, found: list[Reaction]) -> Json:
    """Return ``reaction-rollup``."""
    counts = {
        rest: sum(reaction.content == word for reaction in found)
        for word, rest in REST_REACTIONS.items()
    }
    return {"url": f"{url}/reactions", "total_count": len(found), **counts}


def reaction(wire: ShapeContext, found: Reaction) -> Json:
    """Return ``reaction``."""
    return {
        "id": found.id,
        "node_id": node_id("REA", found.id),
        "user": maybe_user(wire, found.user),
        "content": REST_REACTIONS[found.content],
        "created_at": found.created_at,
    }


def issue_url(wire: ShapeContext, item: Item) -> str:
    """Return an item's address as an issue in the API."""
    return f"{wire.base}/repos/{item.repository}/issues/{item.number}"


def app_of(wire: ShapeContext, slug: str) -> Json | None:
    """Return ``performed_via_github_app``."""
    app = wire.world.apps.get(slug) if slug else None
    return None if app is None else integration(wire, app)


def issue(wire: ShapeContext, item: Item) -> Json:
    """Return ``issue``: pull requests are issues too, with a ``pull_request`` key.

    https://docs.github.com/rest/issues/issues#list-repository-issues
    """
    world = wire.world
    home = world.repositories[item.repository.lower()]
    url = issue_url(wire, item)
    assignees = [
        person for login in item.assignees if (person := maybe_user(wire, login)) is not None
    ]
    found_labels = [
        label(wire, home, found)
        for name in item.labels
        if (found := world.label(home, name)) is not None
    ]
    shown: Json = {
        "url": url,
        "repository_url": f"{wire.base}/repos/{item.repository}",
        "labels_url": url + "/labels{/name}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": item_url(item),
        "id": item.id,
        "node_id": item_node_id(item),
        "number": item.number,
        "title": item.title,
        "user": maybe_user(wire, item.author),
        "labels": found_labels,
        "state": "open" if item.state == "open" else "closed",
        "state_reason": item.state_reason,
        "locked": item.locked,
        "active_lock_reason": item.lock_reason,
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": milestone(wire, home, item.milestone) if item.milestone else None,
        "comments": len(item.comments),
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "closed_at": item.closed_at,
        "closed_by": maybe_user(wire, item.closed_by),
        "author_association": association(world, item.author, home),
        "body": item.body or None,
        "reactions": reactions(url, item.reactions),
        "performed_via_github_app": app_of(wire, item.app),
        **_relations(wire, item),
    }
    if item.pull is not None:
        shown |= _pull_part(wire, item)
    return shown


def _relations(wire: ShapeContext, item: Item) -> Json:
    """Return what an issue shows of its relations; issues that are gone do not count."""
    parent = next(iter(_there(wire, [item.parent] if item.parent else [])), None)
    parts = _there(wire, item.sub_issues)
    before, behind = _there(wire, item.blocked_by), _there(wire, item.blocking)
    done = sum(part.state != "open" for part in parts)
    return {
        "parent_issue_url": None if parent is None else issue_url(wire, parent),
        "sub_issues_summary": {
            "total": len(parts),
            "completed": done,
            "percent_completed": 100 * done // len(parts) if parts else 0,
        },
        "issue_dependencies_summary": {
            "blocked_by": sum(one.state == "open" for one in before),
            "blocking": sum(one.state == "open" for one in behind),
            "total_blocked_by": len(before),
            "total_blocking": len(behind),
        },
    }


def _there(wire: ShapeContext, references: list[Reference]) -> list[Item]:
    found = (wire.world.peek(one.repository, one.number) for one in references)
    return [item for item in found if item is not None]


def _pull_part(wire: ShapeContext, item: Item) -> dict[str, Any]:
    assert item.pull is not None
    links = {
        "url": f"{wire.base}/repos/{item.repository}/pulls/{item.number}",
        "html_url": item_url(item),
        "diff_url": f"{item_url(item)}.diff",
        "patch_url": f"{item_url(item)}.patch",
        "merged_at": item.pull.merged_at,
    }
    return {"pull_request": links, "draft": item.pull.draft}


def comment(wire: ShapeContext, item: Item, found: Comment) -> Json:
    """Return ``issue-comment``."""
    home = wire.world.repositories[item.repository.lower()]
    url = f"{wire.base}/repos/{item.repository}/issues/comments/{found.id}"
    return {
        "url": url,
        "html_url": comment_url(item, found),
        "issue_url": issue_url(wire, item),
        "id": found.id,
        "node_id": node_id("IC", found.id),
        "user": maybe_user(wire, found.author),
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "author_association": association(wire.world, found.author, home),
        "body": found.body,
        "reactions": reactions(url, found.reactions),
        "performed_via_github_app": app_of(wire, found.app),
    }
