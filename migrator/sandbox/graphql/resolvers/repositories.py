"""Repositories and their issue templates."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.entities import Account, Repository
from migrator.sandbox.graphql.pages import ConnectionPage
from migrator.sandbox.graphql.resolvers.labels import label_page
from migrator.sandbox.graphql.resolvers.people import people
from migrator.sandbox.graphql.tables import ResolverTable
from migrator.sandbox.ids import node_id
from migrator.sandbox.names import REPOSITORY_CREATED, WEB
from migrator.sandbox.rights import Level, level
from migrator.sandbox.templates import (
    blank_issues_enabled,
    contact_links,
    issue_templates,
    pull_request_templates,
)
from migrator.sandbox.threads import ThreadPart

_repository = ResolverTable("Repository")
_repository.attributes(
    databaseId="id",
    name="short",
    nameWithOwner="name",
    description="description",
    isArchived="archived",
)
_repository.attributes(hasIssuesEnabled="has_issues", isPrivate="private")
_repository.put(
    "visibility", lambda repository, info: "PRIVATE" if repository.private else "PUBLIC"
)
_repository.put("id", lambda repository, info: node_id("R", repository.id))
_repository.put("url", lambda repository, info: f"{WEB}/{repository.name}")
_repository.put("resourcePath", lambda repository, info: f"/{repository.name}")
_repository.put(
    "archivedAt", lambda repository, info: REPOSITORY_CREATED if repository.archived else None
)
_repository.put("isBlankIssuesEnabled", lambda repository, info: blank_issues_enabled(repository))
_repository.put("contactLinks", lambda repository, info: contact_links(repository))
_repository.put(
    "issueTemplates",
    lambda repository, info: [
        ThreadPart(repository, t, "IssueTemplate") for t in issue_templates(repository)
    ],
)
_repository.put("pushedAt", lambda repository, info: repository.pushed_at or REPOSITORY_CREATED)
_repository.put("updatedAt", lambda repository, info: repository.pushed_at or REPOSITORY_CREATED)
_repository.constants(
    homepageUrl=None, isFork=False, isLocked=False, isDisabled=False, isEmpty=False, isMirror=False,
    isTemplate=False, hasWikiEnabled=True, hasDiscussionsEnabled=False, hasProjectsEnabled=True,
    viewerCanSubscribe=True, viewerSubscription="UNSUBSCRIBED", viewerHasStarred=False, stargazerCount=0, forkCount=0,
    createdAt=REPOSITORY_CREATED,
)  # fmt: skip


@_repository.field("owner")
def owner(repository: Repository, info: Any) -> Account | None:
    """Who owns it."""
    found: Account | None = info.context.world.account(repository.owner)
    return found


@_repository.field("isInOrganization")
def in_organization(repository: Repository, info: Any) -> bool:
    """Whether the owner is an organization."""
    account = info.context.world.account(repository.owner)
    return account is not None and account.type == "Organization"


@_repository.field("viewerPermission")
def viewer_permission(repository: Repository, info: Any) -> str:
    """The role of who asks."""
    return level(info.context.agent, repository).name


@_repository.field("viewerCanAdminister")
def viewer_can_administer(repository: Repository, info: Any) -> bool:
    """Whether who asks is an admin."""
    return level(info.context.agent, repository) is Level.ADMIN


@_repository.field("pullRequestTemplates")
def pull_templates(repository: Repository, info: Any) -> list[dict[str, Any]]:
    """Texts that new pull requests begin with."""
    return [
        {**template, "repository": repository} for template in pull_request_templates(repository)
    ]


_template = ResolverTable("IssueTemplate")
for _name in ("filename", "name", "about", "title", "body"):
    _template.put(_name, lambda part, info, _name=_name: part.it[_name])


@_template.field("labels")
def template_labels(
    part: ThreadPart, info: Any, orderBy: dict[str, str] | None = None, **paging: Any
) -> ConnectionPage:
    """Labels that the template puts on."""
    found = [info.context.world.label(part.home, name) for name in part.it["label_names"]]
    return label_page(part.home, [label for label in found if label is not None], orderBy, paging)


@_template.field("assignees")
def template_assignees(part: ThreadPart, info: Any, **paging: Any) -> ConnectionPage:
    """People that the template assigns."""
    return people(
        [info.context.world.account(login) for login in part.it["assignee_names"]], paging
    )
