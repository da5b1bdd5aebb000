"""Repositories, their lists, labels, milestones and issue templates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from migrator.sandbox.call import Call
from migrator.sandbox.entities import Account, Item, Label, Repository
from migrator.sandbox.errors import Refused
from migrator.sandbox.graphql.pages import Page, paginate
from migrator.sandbox.graphql.tables import Table
from migrator.sandbox.ids import node_id
from migrator.sandbox.listings import Question, after, sort_key
from migrator.sandbox.mailing import watcher_count
from migrator.sandbox.names import WEB
from migrator.sandbox.rights import Level, level
from migrator.sandbox.templates import blank_issues_enabled, contact_links, issue_templates, pull_request_templates
from migrator.sandbox.threads import Part

REPOSITORY_CREATED = "2015-01-01T00:00:00Z"

_repository = Table("Repository")
_repository.attributes(databaseId="id", name="short", nameWithOwner="name", description="description", isArchived="archived")
_repository.attributes(hasIssuesEnabled="has_issues")
_repository.put("id", lambda repository, info: node_id("R", repository.id))
_repository.put("url", lambda repository, info: f"{WEB}/{repository.name}")
_repository.put("resourcePath", lambda repository, info: f"/{repository.name}")
_repository.put("archivedAt", lambda repository, info: REPOSITORY_CREATED if repository.archived else None)
_repository.put("isBlankIssuesEnabled", lambda repository, info: blank_issues_enabled(repository))
_repository.put("contactLinks", lambda repository, info: contact_links(repository))
_repository.put(
    "issueTemplates", lambda repository, info: [Part(repository, t, "IssueTemplate") for t in issue_templates(repository)]
)
_repository.put("pushedAt", lambda repository, info: repository.pushed_at or REPOSITORY_CREATED)
_repository.put("updatedAt", lambda repository, info: repository.pushed_at or REPOSITORY_CREATED)
_repository.constants(
    homepageUrl=None, isPrivate=False, isFork=False, isLocked=False, isDisabled=False, isEmpty=False, isMirror=False,
    isTemplate=False, visibility="PUBLIC", hasWikiEnabled=True, hasDiscussionsEnabled=False, hasProjectsEnabled=True,
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
    return [{**template, "repository": repository} for template in pull_request_templates(repository)]


_template = Table("IssueTemplate")
for _name in ("filename", "name", "about", "title", "body"):
    _template.put(_name, lambda part, info, _name=_name: part.it[_name])


@_template.field("labels")
def template_labels(part: Part, info: Any, orderBy: dict[str, str] | None = None, **paging: Any) -> Page:
    """Labels that the template puts on."""
    found = [info.context.world.label(part.home, name) for name in part.it["label_names"]]
    return label_page(part.home, [label for label in found if label is not None], orderBy, paging)


@_template.field("assignees")
def template_assignees(part: Part, info: Any, **paging: Any) -> Page:
    """People that the template assigns."""
    return people([info.context.world.account(login) for login in part.it["assignee_names"]], paging)


# -- lists of items


def items_page(call: Call, repository: Repository, question: Question, paging: dict[str, Any]) -> Page:
    """Return one page of a repository's items, as the call sees them."""
    found = call.listings.find(repository.name, question)
    order, descending = question.order, question.descending
    page = paginate(found, lambda item: sort_key(item, order), lambda key: after(found, order, descending, key), **paging)
    page.nodes = [call.see(item) for item in page.nodes]
    return page


def _order(order_by: dict[str, str] | None) -> dict[str, Any]:
    if order_by is None:
        return {"order": "created_at", "descending": False}
    return {"order": order_by["field"].lower(), "descending": order_by["direction"] == "DESC"}


def _lower(words: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(word.lower() for word in words or ())


@_repository.field("issues")
def issues(
    repository: Repository,
    info: Any,
    states: list[str] | None = None,
    labels: list[str] | None = None,
    filterBy: dict[str, Any] | None = None,
    orderBy: dict[str, str] | None = None,
    **paging: Any,
) -> Page:
    """Issues of a repository, without its pull requests. With several ``labels``, any of them will do."""
    chosen = filterBy or {}
    question = Question(
        kinds=frozenset({"issue"}),
        states=frozenset(_lower(chosen.get("states") or states)),
        labels=_lower(chosen.get("labels") or labels),
        any_label=True,
        since=chosen.get("since") or "",
        creator=chosen.get("createdBy") or "",
        assignee=_any(chosen, "assignee"),
        mentioned=chosen.get("mentioned") or "",
        milestone=_milestone_filter(repository, chosen),
        **_order(orderBy),
    )
    return items_page(info.context, repository, question, paging)


def _any(chosen: dict[str, Any], name: str) -> str:
    """A filter given as null means *none*; left out it means no filter."""
    return "none" if name in chosen and chosen[name] is None else chosen.get(name) or ""


def _milestone_filter(repository: Repository, chosen: dict[str, Any]) -> str:
    number = chosen.get("milestoneNumber")
    if number and number not in ("*", "none"):
        return dict(enumerate(repository.milestones, 1)).get(int(number), "none of that number")
    return number or _any(chosen, "milestone")


@_repository.field("pullRequests")
def pull_requests(
    repository: Repository,
    info: Any,
    states: list[str] | None = None,
    labels: list[str] | None = None,
    orderBy: dict[str, str] | None = None,
    baseRefName: str | None = None,
    headRefName: str | None = None,
    **paging: Any,
) -> Page:
    """Pull requests of a repository."""
    question = Question(
        kinds=frozenset({"pull_request"}),
        states=frozenset(_lower(states)),
        labels=_lower(labels),
        any_label=True,
        base=baseRefName or "",
        head=headRefName or "",
        **_order(orderBy),
    )
    return items_page(info.context, repository, question, paging)


def _one(repository: Repository, info: Any, number: int, kinds: tuple[str, ...], called: str) -> Item:
    item = info.context.world.peek(repository.name, number)
    if item is None or item.kind not in kinds:
        raise Refused(404, f"Could not resolve to {called} with the number of {number}.")
    seen: Item = info.context.see(item)
    return seen


@_repository.field("issue")
def issue(repository: Repository, info: Any, number: int) -> Item:
    """One issue."""
    return _one(repository, info, number, ("issue",), "an Issue")


@_repository.field("pullRequest")
def pull_request(repository: Repository, info: Any, number: int) -> Item:
    """One pull request."""
    return _one(repository, info, number, ("pull_request",), "a PullRequest")


@_repository.field("issueOrPullRequest")
def issue_or_pull_request(repository: Repository, info: Any, number: int) -> Item:
    """One issue or pull request."""
    return _one(repository, info, number, ("issue", "pull_request"), "an issue or pull request")


@_repository.field("pinnedIssues")
def pinned_issues(repository: Repository, info: Any, **paging: Any) -> Page:
    """Issues pinned to the repository's page."""
    pinned = [item for item in info.context.world.living(repository.name) if item.pinned]
    return paginate([Part(repository, item, "PinnedIssue") for item in pinned], lambda part: part.it.number, **paging)


_pinned = Table("PinnedIssue")
_pinned.attributes(databaseId="it.id", issue="it", repository="home")
_pinned.put("id", lambda part, info: node_id("PI", part.it.id))
_pinned.put("pinnedBy", lambda part, info: info.context.world.account(part.home.owner))


# -- labels


def label_page(repository: Repository, labels: list[Label], order: dict[str, str] | None, paging: dict[str, Any]) -> Page:
    """Return a page of labels of a repository."""
    if order is not None:
        by_name = order["field"] == "NAME"
        labels = sorted(
            labels, key=lambda label: label.name.lower() if by_name else f"{label.id:012}", reverse=order["direction"] == "DESC"
        )
    return paginate([Part(repository, label, "Label") for label in labels], lambda part: part.it.id, **paging)


@_repository.field("labels")
def labels(
    repository: Repository,
    info: Any,
    orderBy: dict[str, str] | None = None,
    query: str | None = None,
    **paging: Any,
) -> Page:
    """The labels that items may carry."""
    words = (query or "").lower()
    found = [label for label in repository.labels if words in f"{label.name} {label.description or ''}".lower()]
    return label_page(repository, found, orderBy, paging)


@_repository.field("label")
def label(repository: Repository, info: Any, name: str) -> Part | None:
    """One label by name."""
    found = info.context.world.label(repository, name)
    return None if found is None else Part(repository, found, "Label")


_label = Table("Label")
_label.attributes(name="it.name", color="it.color", description="it.description", repository="home")
_label.constants(isDefault=False, createdAt=REPOSITORY_CREATED, updatedAt=REPOSITORY_CREATED)
_label.put("id", lambda part, info: node_id("LA", part.it.id))
_label.put("resourcePath", lambda part, info: f"/{part.home.name}/labels/{part.it.name}")
_label.put("url", lambda part, info: f"{WEB}/{part.home.name}/labels/{part.it.name}")


# -- milestones


@_repository.field("milestones")
def milestones(repository: Repository, info: Any, query: str | None = None, **paging: Any) -> Page:
    """The repository's milestones; all are open."""
    if paging.pop("states", None) == ["CLOSED"]:
        return paginate([], lambda part: part.it, **paging)
    found = [Part(repository, title, "Milestone") for title in repository.milestones if (query or "") in title]
    return paginate(found, lambda part: part.it, **paging)


@_repository.field("milestone")
def milestone(repository: Repository, info: Any, number: int) -> Part | None:
    """One milestone."""
    titles = repository.milestones
    return Part(repository, titles[number - 1], "Milestone") if 0 < number <= len(titles) else None


def milestone_number(part: Part) -> int:
    """Return a milestone's number: its place in the repository's list."""
    return int(part.home.milestones.index(part.it)) + 1


_milestone = Table("Milestone")
_milestone.attributes(title="it", repository="home")
_milestone.constants(
    description=None, state="OPEN", closed=False, closedAt=None, createdAt=REPOSITORY_CREATED, updatedAt=REPOSITORY_CREATED,
    dueOn=None, creator=None, viewerCanClose=False, viewerCanReopen=False,
)  # fmt: skip
_milestone.put("number", lambda part, info: milestone_number(part))
_milestone.put("id", lambda part, info: node_id("MI", milestone_number(part), part.home.id))
_milestone.put("resourcePath", lambda part, info: f"/{part.home.name}/milestone/{milestone_number(part)}")
_milestone.put("url", lambda part, info: f"{WEB}/{part.home.name}/milestone/{milestone_number(part)}")


# -- people


def people(accounts: Iterable[Account | None], paging: dict[str, Any]) -> Page:
    """Return a page of accounts."""
    return paginate([account for account in accounts if account is not None], lambda account: account.id, **paging)


def _with_role(call: Call, repository: Repository) -> list[Account]:
    return [account for account in call.world.accounts.values() if repository.name in account.permissions and not account.deleted]


@_repository.field("collaborators")
def collaborators(repository: Repository, info: Any, affiliation: str | None = None, **paging: Any) -> Page:
    """Accounts with a role on the repository, for those who may push."""
    if level(info.context.agent, repository) < Level.WRITE:
        raise Refused(403, "Must have push access to view repository collaborators.")
    login, words = paging.pop("login", None), (paging.pop("query", None) or "").lower()
    found = [
        account for account in _with_role(info.context, repository) if account.type == "User" and words in account.login.lower()
    ]
    page = people([account for account in found if login in (None, account.login)], paging)
    page.edge = lambda account: {"permission": account.permissions[repository.name].upper()}
    return page


@_repository.field("assignableUsers")
@_repository.field("mentionableUsers")
def assignable(repository: Repository, info: Any, query: str | None = None, **paging: Any) -> Page:
    """People with a role on the repository."""
    words = (query or "").lower()
    found = [
        account for account in _with_role(info.context, repository) if account.type == "User" and words in account.login.lower()
    ]
    return people(found, paging)


@_repository.field("watchers")
def watchers(repository: Repository, info: Any, **paging: Any) -> Page:
    """Who gets every mail; a world may know only how many."""
    named = repository.watchers if isinstance(repository.watchers, list) else []
    page = people([info.context.world.account(login) for login in named], paging)
    page.total = watcher_count(repository)
    return page
