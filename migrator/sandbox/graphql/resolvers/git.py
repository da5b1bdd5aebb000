"""Commits, branches and the files of the default branch."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from migrator.sandbox.entities import Commit, Repository
from migrator.sandbox.errors import Refused
from migrator.sandbox.graphql.pages import ConnectionPage, paginate
from migrator.sandbox.graphql.resolvers.items import home
from migrator.sandbox.graphql.resolvers.pulls import rollup
from migrator.sandbox.graphql.tables import ResolverTable
from migrator.sandbox.ids import commit_oid, node_id
from migrator.sandbox.names import REPOSITORY_CREATED, WEB, avatar
from migrator.sandbox.threads import ThreadPart

_repository = ResolverTable("Repository")


def head_commit(repository: Repository) -> Commit:
    """Return the commit at the tip of the default branch."""
    at = repository.pushed_at or REPOSITORY_CREATED
    return Commit(
        author=repository.owner,
        committed_at=at,
        message="Tip",
        oid=commit_oid(repository.name, "tip"),
    )


@_repository.field("defaultBranchRef")
def default_branch(repository: Repository, info: Any) -> ThreadPart:
    """The branch that ``HEAD`` names."""
    return ThreadPart(repository, repository.default_branch, "Ref")


@_repository.field("ref")
def ref(repository: Repository, info: Any, qualifiedName: str) -> ThreadPart | None:
    """A branch; only the default branch exists."""
    name = qualifiedName.removeprefix("refs/heads/")
    return ThreadPart(repository, name, "Ref") if name == repository.default_branch else None


@_repository.field("object")
def git_object(
    repository: Repository, info: Any, expression: str | None = None, oid: str | None = None
) -> ThreadPart | None:
    """A file, folder or commit: ``HEAD``, ``HEAD:path`` or ``BRANCH:path``; null if it is not
    there."""
    if expression is None:
        raise Refused(
            422,
            "You must provide an `expression` to look up; `oid` is not implemented in this "
            "sandbox.",
        )
    revision, colon, path = expression.partition(":")
    if revision not in (
        "HEAD",
        repository.default_branch,
        f"refs/heads/{repository.default_branch}",
    ):
        return None
    return (
        at_path(repository, path.strip("/"))
        if colon
        else ThreadPart(repository, head_commit(repository), "Commit")
    )


def at_path(repository: Repository, path: str) -> ThreadPart | None:
    """Return the file or folder at a path, or None."""
    if path in repository.files:
        return ThreadPart(repository, path, "Blob")
    prefix = f"{path}/" if path else ""
    return (
        ThreadPart(repository, path, "Tree")
        if any(name.startswith(prefix) for name in repository.files) or not path
        else None
    )


_ref = ResolverTable("Ref")
_ref.attributes(name="it", repository="home")
_ref.constants(prefix="refs/heads/")
_ref.put("id", lambda part, info: node_id("REF", part.home.id) + f"_{part.it}")
_ref.put("target", lambda part, info: ThreadPart(part.home, head_commit(part.home), "Commit"))

_object = ResolverTable("Blob", "Tree")
_object.attributes(repository="home")
_object.put("id", lambda part, info: f"{part.typename[0]}_{commit_oid(part.home.name, part.it)}")
_object.put("oid", lambda part, info: commit_oid(part.home.name, part.it))
_object.put("abbreviatedOid", lambda part, info: commit_oid(part.home.name, part.it)[:7])
_object.put(
    "commitUrl",
    lambda part, info: f"{WEB}/{part.home.name}/commit/{commit_oid(part.home.name, part.it)}",
)
_object.put(
    "commitResourcePath",
    lambda part, info: f"/{part.home.name}/commit/{commit_oid(part.home.name, part.it)}",
)

_blob = ResolverTable("Blob")
_blob.constants(isBinary=False, isTruncated=False)
_blob.put("text", lambda part, info: part.home.files[part.it])
_blob.put("byteSize", lambda part, info: len(part.home.files[part.it].encode()))


@ResolverTable("Tree").field("entries")
def entries(part: ThreadPart, info: Any) -> list[ThreadPart]:
    """What a folder holds, by name."""
    prefix = f"{part.it}/" if part.it else ""
    names = {
        prefix + path.removeprefix(prefix).partition("/")[0]
        for path in part.home.files
        if path.startswith(prefix)
    }
    found = (at_path(part.home, name) for name in sorted(names))
    return [ThreadPart(part.home, entry, "TreeEntry") for entry in found if entry is not None]


_entry = ResolverTable("TreeEntry")
_entry.attributes(object="it", repository="home", path="it.it")
_entry.put("name", lambda part, info: PurePosixPath(part.it.it).name)
_entry.put("type", lambda part, info: part.it.typename.lower())
_entry.put("mode", lambda part, info: 33188 if part.it.typename == "Blob" else 16384)
_entry.put("oid", lambda part, info: commit_oid(part.home.name, part.it.it))
_entry.put("size", lambda part, info: len(part.home.files.get(part.it.it, "").encode()))

_commit = ResolverTable("Commit")
_commit.attributes(
    oid="it.oid",
    message="it.message",
    committedDate="it.committed_at",
    authoredDate="it.committed_at",
)
_commit.constants(viewerCanSubscribe=True, viewerSubscription="UNSUBSCRIBED")
_commit.put("id", lambda part, info: f"C_{part.it.oid}")
_commit.put("abbreviatedOid", lambda part, info: part.it.oid[:7])
_commit.put("messageHeadline", lambda part, info: part.it.message.partition("\n")[0])
_commit.put("messageBody", lambda part, info: part.it.message.partition("\n")[2].strip())
_commit.put("repository", lambda part, info: _place(part, info))
_commit.put("commitResourcePath", lambda part, info: _commit_path(part, info))
_commit.put("resourcePath", lambda part, info: _commit_path(part, info))
_commit.put("commitUrl", lambda part, info: WEB + _commit_path(part, info))
_commit.put("url", lambda part, info: WEB + _commit_path(part, info))
_commit.put("author", lambda part, info: part)
_commit.put("committer", lambda part, info: part)
_commit.put("tree", lambda part, info: ThreadPart(_place(part, info), "", "Tree"))
_commit.put(
    "statusCheckRollup",
    lambda part, info: None if isinstance(part.home, Repository) else rollup(part.home),
)


def _place(part: ThreadPart, info: Any) -> Repository:
    """Commits belong to a repository or to a pull request in one."""
    return part.home if isinstance(part.home, Repository) else home(part.home, info)


def _commit_path(part: ThreadPart, info: Any) -> str:
    return f"/{_place(part, info).name}/commit/{part.it.oid}"


@_commit.field("authors")
def authors(part: ThreadPart, info: Any, **paging: Any) -> ConnectionPage:
    """One author."""
    return paginate([part], lambda author: author.it.oid, **paging)


_git_actor = ResolverTable("GitActor")
_git_actor.attributes(date="it.committed_at", name="it.author")
_git_actor.put(
    "email",
    lambda part, info: f"{part.it.author}@users.noreply.github.com" if part.it.author else None,
)
_git_actor.put("user", lambda part, info: _user(part, info))


def _user(part: ThreadPart, info: Any) -> Any:
    account = info.context.world.account(part.it.author)
    return account if account is not None and account.type == "User" else None


@_git_actor.field("avatarUrl")
def avatar_url(part: ThreadPart, info: Any, size: int | None = None) -> str:
    """A picture, also of those without an account."""
    account = info.context.world.account(part.it.author)
    return (
        avatar(account) if account is not None else "https://avatars.githubusercontent.com/u/0?v=4"
    )


_rollup = ResolverTable("StatusCheckRollup")
_rollup.attributes(state="it")
_rollup.put("id", lambda part, info: node_id("SCR", part.home.id))
_rollup.put(
    "commit", lambda part, info: ThreadPart(part.home, part.home.pull.commits[-1], "Commit")
)
