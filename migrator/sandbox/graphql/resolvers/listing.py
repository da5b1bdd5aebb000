"""Lists of a repository's issues and pull requests, and one of them by number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from migrator.sandbox.call import Call
from migrator.sandbox.entities import Item, Repository
from migrator.sandbox.errors import Refused
from migrator.sandbox.graphql.pages import ConnectionPage, paginate
from migrator.sandbox.graphql.tables import ResolverTable
from migrator.sandbox.ids import node_id
from migrator.sandbox.listings import ListingQuery, after, sort_key
from migrator.sandbox.threads import ThreadPart

_repository = ResolverTable("Repository")


def items_page(
    call: Call, repository: Repository, question: ListingQuery, paging: dict[str, Any]
) -> ConnectionPage:
    """Return one page of a repository's items, as the call sees them."""
    found = call.listings.find(repository.name, question)
    order, descending = question.order, question.descending
    page = paginate(
        found,
        lambda item: sort_key(item, order),
        lambda key: after(found, order, descending, key),
        **paging,
    )
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
) -> ConnectionPage:
    """Issues of a repository, without its pull requests. With several ``labels``, any of them
    will do."""
    chosen = filterBy or {}
    question = ListingQuery(
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
) -> ConnectionPage:
    """Pull requests of a repository."""
    question = ListingQuery(
        kinds=frozenset({"pull_request"}),
        states=frozenset(_lower(states)),
        labels=_lower(labels),
        any_label=True,
        base=baseRefName or "",
        head=headRefName or "",
        **_order(orderBy),
    )
    return items_page(info.context, repository, question, paging)


def _one(
    repository: Repository, info: Any, number: int, kinds: tuple[str, ...], called: str
) -> Item:
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
def pinned_issues(repository: Repository, info: Any, **paging: Any) -> ConnectionPage:
    """Issues pinned to the repository's page."""
    pinned = [item for item in info.context.world.living(repository.name) if item.pinned]
    return paginate(
        [ThreadPart(repository, item, "PinnedIssue") for item in pinned],
        lambda part: part.it.number,
        **paging,
    )


_pinned = ResolverTable("PinnedIssue")
_pinned.attributes(databaseId="it.id", issue="it", repository="home")
_pinned.put("id", lambda part, info: node_id("PI", part.it.id))
_pinned.put("pinnedBy", lambda part, info: info.context.world.account(part.home.owner))
