"""Labels and milestones of a repository."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.entities import Label, Repository
from migrator.sandbox.graphql.pages import ConnectionPage, paginate
from migrator.sandbox.graphql.tables import ResolverTable
from migrator.sandbox.ids import node_id
from migrator.sandbox.names import REPOSITORY_CREATED, WEB
from migrator.sandbox.threads import ThreadPart

_repository = ResolverTable("Repository")


def label_page(
    repository: Repository,
    labels: list[Label],
    order: dict[str, str] | None,
    paging: dict[str, Any],
) -> ConnectionPage:
    """Return a page of labels of a repository."""
    if order is not None:
        by_name = order["field"] == "NAME"
        labels = sorted(
            labels,
            key=lambda label: label.name.lower() if by_name else f"{label.id:012}",
            reverse=order["direction"] == "DESC",
        )
    return paginate(
        [ThreadPart(repository, label, "Label") for label in labels],
        lambda part: part.it.id,
        **paging,
    )


@_repository.field("labels")
def labels(
    repository: Repository,
    info: Any,
    orderBy: dict[str, str] | None = None,
    query: str | None = None,
    **paging: Any,
) -> ConnectionPage:
    """The labels that items may carry."""
    words = (query or "").lower()
    found = [
        label
        for label in repository.labels
        if words in f"{label.name} {label.description or ''}".lower()
    ]
    return label_page(repository, found, orderBy, paging)


@_repository.field("label")
def label(repository: Repository, info: Any, name: str) -> ThreadPart | None:
    """One label by name."""
    found = info.context.world.label(repository, name)
    return None if found is None else ThreadPart(repository, found, "Label")


_label = ResolverTable("Label")
_label.attributes(name="it.name", color="it.color", description="it.description", repository="home")
_label.constants(isDefault=False, createdAt=REPOSITORY_CREATED, updatedAt=REPOSITORY_CREATED)
_label.put("id", lambda part, info: node_id("LA", part.it.id))
_label.put("resourcePath", lambda part, info: f"/{part.home.name}/labels/{part.it.name}")
_label.put("url", lambda part, info: f"{WEB}/{part.home.name}/labels/{part.it.name}")


# -- milestones


@_repository.field("milestones")
def milestones(
    repository: Repository, info: Any, query: str | None = None, **paging: Any
) -> ConnectionPage:
    """The repository's milestones; all are open."""
    if paging.pop("states", None) == ["CLOSED"]:
        return paginate([], lambda part: part.it, **paging)
    found = [
        ThreadPart(repository, title, "Milestone")
        for title in repository.milestones
        if (query or "") in title
    ]
    return paginate(found, lambda part: part.it, **paging)


@_repository.field("milestone")
def milestone(repository: Repository, info: Any, number: int) -> ThreadPart | None:
    """One milestone."""
    titles = repository.milestones
    return (
        ThreadPart(repository, titles[number - 1], "Milestone")
        if 0 < number <= len(titles)
        else None
    )


def milestone_number(part: ThreadPart) -> int:
    """Return a milestone's number: its place in the repository's list."""
    return int(part.home.milestones.index(part.it)) + 1


_milestone = ResolverTable("Milestone")
_milestone.attributes(title="it", repository="home")
_milestone.constants(
    description=None, state="OPEN", closed=False, closedAt=None, createdAt=REPOSITORY_CREATED, updatedAt=REPOSITORY_CREATED,
    creator=None, viewerCanClose=False, viewerCanReopen=False,
)  # fmt: skip
_milestone.put("dueOn", lambda part, info: part.home.milestone_due.get(part.it))
_milestone.put("number", lambda part, info: milestone_number(part))
_milestone.put("id", lambda part, info: node_id("MI", milestone_number(part), part.home.id))
_milestone.put(
    "resourcePath", lambda part, info: f"/{part.home.name}/milestone/{milestone_number(part)}"
)
_milestone.put(
    "url", lambda part, info: f"{WEB}/{part.home.name}/milestone/{milestone_number(part)}"
)
