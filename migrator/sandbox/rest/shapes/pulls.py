"""Pull requests, their files, commits and reviews."""

from __future__ import annotations

from migrator.sandbox.entities import ChangedPath, Commit, Item, Pull, Review
from migrator.sandbox.ids import commit_oid, node_id
from migrator.sandbox.names import WEB, item_node_id, item_url
from migrator.sandbox.rest.shapes import Json, ShapeContext
from migrator.sandbox.rest.shapes.items import issue, issue_url
from migrator.sandbox.rest.shapes.people import maybe_user
from migrator.sandbox.rest.shapes.repositories import repository
from migrator.sandbox.rights import association

_SHARED = [
    "node_id",
    "html_url",
    "number",
    "title",
    "user",
    "labels",
    "state",
    "locked",
    "active_lock_reason",
    "assignee",
    "assignees",
    "milestone",
    "created_at",
    "updated_at",
    "closed_at",
    "author_association",
    "body",
    "id",
]


def pull_of(item: Item) -> Pull:
    """Return the part that only a pull request has."""
    assert item.pull is not None
    return item.pull


def pull_request_simple(wire: ShapeContext, item: Item) -> Json:
    """Return ``pull-request-simple``: what lists show."""
    pull = pull_of(item)
    as_issue = issue(wire, item)
    api = f"{wire.base}/repos/{item.repository}"
    url = f"{api}/pulls/{item.number}"
    head = pull.commits[-1].oid
    return {
        **{key: as_issue[key] for key in _SHARED},
        "node_id": item_node_id(item),
        "url": url,
        "issue_url": issue_url(wire, item),
        "diff_url": f"{item_url(item)}.diff",
        "patch_url": f"{item_url(item)}.patch",
        "commits_url": f"{url}/commits",
        "comments_url": f"{issue_url(wire, item)}/comments",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{api}/pulls/comments{{/number}}",
        "statuses_url": f"{api}/statuses/{head}",
        "merged_at": pull.merged_at,
        "merge_commit_sha": head if pull.merged_at else None,
        "draft": pull.draft,
        "requested_reviewers": [
            shown for login in pull.review_requests if (shown := maybe_user(wire, login))
        ],
        "requested_teams": [],
        "auto_merge": None,
        "base": _end(
            wire,
            item,
            pull.base_ref,
            item.repository.partition("/")[0],
            commit_oid(item.repository, pull.base_ref),
        ),
        "head": _end(wire, item, pull.head_ref, item.author, head, gone=pull.head_deleted),
        "_links": _links(wire, item, url, head),
    }


def _end(
    wire: ShapeContext, item: Item, ref: str, login: str | None, sha: str, *, gone: bool = False
) -> Json:
    """Return ``base`` or ``head``. A head whose repository is gone has none (``repo: null``)."""
    home = wire.world.repositories[item.repository.lower()]
    return {
        "label": f"{login or 'unknown'}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": maybe_user(wire, login),
        "repo": None if gone else repository(wire, home),
    }


def _links(wire: ShapeContext, item: Item, url: str, head: str) -> Json:
    targets = {
        "self": url,
        "html": item_url(item),
        "issue": issue_url(wire, item),
        "comments": f"{issue_url(wire, item)}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{wire.base}/repos/{item.repository}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{wire.base}/repos/{item.repository}/statuses/{head}",
    }
    return {name: {"href": target} for name, target in targets.items()}


def pull_request(wire: ShapeContext, item: Item) -> Json:
    """Return ``pull-request``: what asking for one shows."""
    pull = pull_of(item)
    mergeable = {"MERGEABLE": True, "CONFLICTING": False}.get(pull.mergeable.upper())
    return {
        **pull_request_simple(wire, item),
        "merged": item.state == "merged",
        "mergeable": mergeable,
        "rebaseable": None,
        "mergeable_state": {True: "clean", False: "dirty", None: "unknown"}[mergeable],
        "merged_by": maybe_user(wire, pull.merged_by),
        "comments": len(item.comments),
        "review_comments": 0,
        "maintainer_can_modify": True,
        "commits": len(pull.commits),
        "additions": sum(path.additions for path in pull.paths),
        "deletions": sum(path.deletions for path in pull.paths),
        "changed_files": len(pull.paths),
    }


def changed_file(wire: ShapeContext, item: Item, changed: ChangedPath) -> Json:
    """Return ``diff-entry``."""
    head = pull_of(item).commits[-1].oid
    return {
        "sha": commit_oid(head, changed.path),
        "filename": changed.path,
        "status": "modified",
        "additions": changed.additions,
        "deletions": changed.deletions,
        "changes": changed.additions + changed.deletions,
        "blob_url": f"{WEB}/{item.repository}/blob/{head}/{changed.path}",
        "raw_url": f"{WEB}/{item.repository}/raw/{head}/{changed.path}",
        "contents_url": f"{wire.base}/repos/{item.repository}/contents/{changed.path}?ref={head}",
    }


def commit(wire: ShapeContext, item: Item, found: Commit) -> Json:
    """Return ``commit``."""
    api = f"{wire.base}/repos/{item.repository}"
    name = found.author or "somebody"
    person = {"name": name, "email": f"{name}@users.noreply.github.com", "date": found.committed_at}
    tree = commit_oid(found.oid, "tree")
    return {
        "url": f"{api}/commits/{found.oid}",
        "sha": found.oid,
        "node_id": f"C_{found.oid}",
        "html_url": f"{WEB}/{item.repository}/commit/{found.oid}",
        "comments_url": f"{api}/commits/{found.oid}/comments",
        "commit": {
            "url": f"{api}/git/commits/{found.oid}",
            "author": person,
            "committer": person,
            "message": found.message,
            "comment_count": 0,
            "tree": {"sha": tree, "url": f"{api}/git/trees/{tree}"},
            "verification": {
                "verified": False,
                "reason": "unsigned",
                "signature": None,
                "payload": None,
                "verified_at": None,
            },
        },
        "author": maybe_user(wire, found.author),
        "committer": maybe_user(wire, found.author),
        "parents": [],
    }


def review(wire: ShapeContext, item: Item, found: Review) -> Json:
    """Return ``pull-request-review``."""
    home = wire.world.repositories[item.repository.lower()]
    html = f"{item_url(item)}#pullrequestreview-{found.id}"
    url = f"{wire.base}/repos/{item.repository}/pulls/{item.number}"
    return {
        "id": found.id,
        "node_id": node_id("PRR", found.id),
        "user": maybe_user(wire, found.author),
        "body": found.body,
        "state": found.state,
        "html_url": html,
        "pull_request_url": url,
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        "submitted_at": found.submitted_at,
        "commit_id": pull_of(item).commits[-1].oid,
        "author_association": association(wire.world, found.author, home),
    }
