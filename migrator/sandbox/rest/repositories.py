"""Repositories, their people, milestones and files."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import quote

from migrator.sandbox.acts import edits
from migrator.sandbox.call import Call
from migrator.sandbox.entities import Repository
from migrator.sandbox.errors import forbidden, not_found
from migrator.sandbox.http_messages import ApiReply, ApiRequest
from migrator.sandbox.ids import commit_oid
from migrator.sandbox.names import WEB
from migrator.sandbox.rest.common import list_path, wire
from migrator.sandbox.rest.common import repository as named
from migrator.sandbox.rest.paging import page_of
from migrator.sandbox.rest.shapes.people import user
from migrator.sandbox.rest.shapes.repositories import milestone, permissions, repository
from migrator.sandbox.rights import Agent, Level, level
from migrator.sandbox.routing import rest


@rest.route("GET", "/repos/{owner}/{name}")
@rest.route("GET", "/repositories/{id}")
def get_repository(call: Call, ask: ApiRequest) -> ApiReply:
    """Read a repository."""
    return ApiReply(body=repository(wire(call, ask), named(call, ask), call.agent))


@rest.route("GET", "/repos/{owner}/{name}/milestones")
@rest.route("GET", "/repositories/{id}/milestones")
def list_milestones(call: Call, ask: ApiRequest) -> ApiReply:
    """List milestones; all are open."""
    home = named(call, ask)
    found = [] if ask.text("state") == "closed" else home.milestones
    return page_of(
        ask,
        found,
        lambda title: milestone(wire(call, ask), home, title),
        path=list_path(call, ask, "/milestones"),
    )


@rest.route("GET", "/repos/{owner}/{name}/milestones/{milestone}")
def get_milestone(call: Call, ask: ApiRequest) -> ApiReply:
    """Read one milestone by number."""
    home = named(call, ask)
    return ApiReply(body=milestone(wire(call, ask), home, _title(home, ask)))


def _title(home: Repository, ask: ApiRequest) -> str:
    number = int(ask.params["milestone"])
    if not 0 < number <= len(home.milestones):
        raise not_found()
    return home.milestones[number - 1]


@rest.route("POST", "/repos/{owner}/{name}/milestones")
def create_milestone(call: Call, ask: ApiRequest) -> ApiReply:
    """Create a milestone (https://docs.github.com/rest/issues/milestones#create-a-milestone)."""
    home, given = named(call, ask), ask.json()
    made = edits.create_milestone(
        call.world, call.agent, home, str(given.get("title") or ""), given.get("due_on")
    )
    return ApiReply(status=201, body=milestone(wire(call, ask), home, made))


# -- people


@rest.route("GET", "/repos/{owner}/{name}/collaborators/{login}/permission")
def collaborator_permission(call: Call, ask: ApiRequest) -> ApiReply:
    """Tell the role of an account. The five roles are folded into four words in ``permission``
    (https://docs.github.com/rest/collaborators/collaborators#get-repository-permissions-for-a-user).
    """
    home = named(call, ask)
    account = call.world.account(ask.params["login"].removesuffix("[bot]"))
    if account is None:
        raise not_found(f"{ask.params['login']} is not a user")
    role = level(Agent(account=account), home)
    word = {Level.MAINTAIN: "write", Level.TRIAGE: "read"}.get(role, role.name.lower())
    shown = {
        **user(wire(call, ask), account),
        "permissions": permissions(role),
        "role_name": role.name.lower(),
    }
    return ApiReply(body={"permission": word, "role_name": role.name.lower(), "user": shown})


@rest.route("GET", "/repos/{owner}/{name}/collaborators")
@rest.route("GET", "/repositories/{id}/collaborators")
def list_collaborators(call: Call, ask: ApiRequest) -> ApiReply:
    """List accounts with a role, for those who may push."""
    home, form = named(call, ask), wire(call, ask)
    if level(call.agent, home) < Level.WRITE:
        raise forbidden("Must have push access to view repository collaborators.")
    found = [
        one
        for one in call.world.accounts.values()
        if home.name in one.permissions and not one.deleted
    ]

    def show(account: Any) -> dict[str, Any]:
        role = level(Agent(account=account), home)
        return {
            **user(form, account),
            "permissions": permissions(role),
            "role_name": role.name.lower(),
        }

    return page_of(ask, found, show, path=list_path(call, ask, "/collaborators"))


@rest.route("GET", "/repos/{owner}/{name}/collaborators/{login}")
def is_collaborator(call: Call, ask: ApiRequest) -> ApiReply:
    """Tell by 204 or 404 whether an account has a role."""
    account = call.world.account(ask.params["login"])
    return ApiReply(
        status=204 if account is not None and named(call, ask).name in account.permissions else 404
    )


# -- files


@rest.route("GET", "/repos/{owner}/{name}/contents/{path:path}")
@rest.route("GET", "/repos/{owner}/{name}/contents")
def get_contents(call: Call, ask: ApiRequest) -> ApiReply:
    """Read a file, or list a folder, of the default branch
    (https://docs.github.com/rest/repos/contents)."""
    home, path = named(call, ask), ask.params.get("path", "").strip("/")
    if ask.text("ref") not in ("", "HEAD", home.default_branch):
        raise not_found("No commit found for the ref " + ask.text("ref"))
    if path in home.files:
        return ApiReply(body=_file(home, path, ask))
    prefix = f"{path}/" if path else ""
    names = {
        prefix + name.removeprefix(prefix).partition("/")[0]
        for name in home.files
        if name.startswith(prefix)
    }
    if not names:
        raise not_found()
    return ApiReply(body=[_entry(home, name, ask) for name in sorted(names)])


def _entry(home: Repository, path: str, ask: ApiRequest) -> dict[str, Any]:
    kind = "file" if path in home.files else "dir"
    sha, quoted = commit_oid(home.name, path), quote(path)
    url = f"{ask.base}/repos/{home.name}/contents/{quoted}?ref={home.default_branch}"
    git = f"{ask.base}/repos/{home.name}/git/{'blobs' if kind == 'file' else 'trees'}/{sha}"
    html = (
        f"{WEB}/{home.name}/{'blob' if kind == 'file' else 'tree'}/{home.default_branch}/{quoted}"
    )
    raw = (
        f"https://raw.githubusercontent.com/{home.name}/{home.default_branch}/{quoted}"
        if kind == "file"
        else None
    )
    return {
        "type": kind,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": len(home.files.get(path, "").encode()),
        "url": url,
        "git_url": git,
        "html_url": html,
        "download_url": raw,
        "_links": {"self": url, "git": git, "html": html},
    }


def _file(home: Repository, path: str, ask: ApiRequest) -> dict[str, Any]:
    return {
        **_entry(home, path, ask),
        "encoding": "base64",
        "content": b64encode(home.files[path].encode()).decode(),
    }
