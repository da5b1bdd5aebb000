"""Repositories, labels, milestones."""

from __future__ import annotations

from migrator.sandbox.entities import Label, Repository
from migrator.sandbox.ids import node_id
from migrator.sandbox.names import REPOSITORY_CREATED, WEB
from migrator.sandbox.notifications import watcher_count
from migrator.sandbox.rest.shapes import Json, ShapeContext
from migrator.sandbox.rest.shapes.people import user
from migrator.sandbox.rights import Agent, Level, level

_LINKS = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
}

_ALIKE: Json = {
    "fork": False,
    "mirror_url": None,
    "homepage": None,
    "language": "Python",
    "license": None,
    "disabled": False,
    "is_template": False,
    "web_commit_signoff_required": False,
    "allow_forking": True,
    "has_projects": True,
    "has_wiki": True,
    "has_pages": False,
    "has_downloads": True,
    "has_discussions": False,
    "size": 1,
    "created_at": REPOSITORY_CREATED,
    **dict.fromkeys(("forks", "forks_count", "stargazers_count", "network_count"), 0),
}
"""What all repositories here have in common."""


def repository(wire: ShapeContext, found: Repository, agent: Agent | None = None) -> Json:
    """Return ``full-repository``, which is also what lists and webhooks show."""
    owner = wire.world.account(found.owner)
    assert owner is not None
    url = f"{wire.base}/repos/{found.name}"
    web = f"{WEB}/{found.name}"
    watchers = watcher_count(found)
    opened = sum(item.state == "open" for item in wire.world.living(found.name))
    shown: Json = {
        "id": found.id,
        "node_id": node_id("R", found.id),
        "name": found.short,
        "full_name": found.name,
        "owner": user(wire, owner),
        "html_url": web,
        "description": found.description,
        "url": url,
        **_ALIKE,
        **{f"{name}_url": url + tail for name, tail in _LINKS.items()},
        "clone_url": f"{web}.git",
        "git_url": f"git://github.com/{found.name}.git",
        "ssh_url": f"git@github.com:{found.name}.git",
        "svn_url": web,
        "default_branch": found.default_branch,
        "private": found.private,
        "visibility": "private" if found.private else "public",
        "archived": found.archived,
        "topics": [],
        "has_issues": found.has_issues,
        "updated_at": found.pushed_at or REPOSITORY_CREATED,
        "pushed_at": found.pushed_at or REPOSITORY_CREATED,
        **dict.fromkeys(("watchers", "watchers_count", "subscribers_count"), watchers),
        **dict.fromkeys(("open_issues", "open_issues_count"), opened),
    }
    if agent is not None:
        shown["permissions"] = permissions(level(agent, found))
    return shown


def permissions(role: Level) -> dict[str, bool]:
    """Return a role as REST's five flags."""
    return {
        "admin": role >= Level.ADMIN,
        "maintain": role >= Level.MAINTAIN,
        "push": role >= Level.WRITE,
        "triage": role >= Level.TRIAGE,
        "pull": role >= Level.READ,
    }


def label(wire: ShapeContext, home: Repository, found: Label) -> Json:
    """Return ``label``."""
    return {
        "id": found.id,
        "node_id": node_id("LA", found.id),
        "url": f"{wire.base}/repos/{home.name}/labels/{found.name.replace(' ', '%20')}",
        "name": found.name,
        "color": found.color,
        "default": False,
        "description": found.description,
    }


def milestone(wire: ShapeContext, home: Repository, title: str) -> Json:
    """Return ``milestone``."""
    number = home.milestones.index(title) + 1
    url = f"{wire.base}/repos/{home.name}/milestones/{number}"
    inside = [item for item in wire.world.living(home.name) if item.milestone == title]
    opened = sum(item.state == "open" for item in inside)
    return {
        "url": url,
        "html_url": f"{WEB}/{home.name}/milestone/{number}",
        "labels_url": f"{url}/labels",
        "id": home.id * 100 + number,
        "node_id": node_id("MI", number, home.id),
        "number": number,
        "title": title,
        "description": None,
        "creator": None,
        "open_issues": opened,
        "closed_issues": len(inside) - opened,
        "state": "open",
        "created_at": REPOSITORY_CREATED,
        "updated_at": REPOSITORY_CREATED,
        "due_on": home.milestone_due.get(title),
        "closed_at": None,
    }
