"""What only pull requests have: branches, commits, files, reviews."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.entities import Item, Pull, Review
from migrator.sandbox.graphql.pages import ConnectionPage, paginate
from migrator.sandbox.graphql.resolvers.items import home
from migrator.sandbox.graphql.tables import ResolverTable
from migrator.sandbox.ids import commit_oid, node_id
from migrator.sandbox.names import WEB, item_path
from migrator.sandbox.rights import Level, association, level
from migrator.sandbox.threads import ThreadPart

_pull = ResolverTable("PullRequest")
_pull.attributes(
    isDraft="pull.draft",
    baseRefName="pull.base_ref",
    headRefName="pull.head_ref",
    mergedAt="pull.merged_at",
)
_pull.constants(maintainerCanModify=True, isCrossRepository=True)
_pull.put("merged", lambda item, info: item.state == "merged")
_pull.put("mergedBy", lambda item, info: info.context.world.account(item.pull.merged_by))
_pull.put("additions", lambda item, info: sum(path.additions for path in item.pull.paths))
_pull.put("deletions", lambda item, info: sum(path.deletions for path in item.pull.paths))
_pull.put("changedFiles", lambda item, info: len(item.pull.paths))
_pull.put("baseRefOid", lambda item, info: commit_oid(item.repository, item.pull.base_ref))
_pull.put("headRefOid", lambda item, info: item.pull.commits[-1].oid)
_pull.put("permalink", lambda item, info: WEB + item_path(item))
_pull.put("baseRepository", lambda item, info: home(item, info))
_pull.put("headRepositoryOwner", lambda item, info: info.context.world.account(item.author))
_pull.put("baseRef", lambda item, info: ThreadPart(home(item, info), item.pull.base_ref, "Ref"))
_pull.put(
    "headRef",
    lambda item, info: (
        None if item.pull.head_deleted else ThreadPart(home(item, info), item.pull.head_ref, "Ref")
    ),
)
_pull.put(
    "mergeCommit",
    lambda item, info: (
        ThreadPart(item, item.pull.commits[-1], "Commit") if item.state == "merged" else None
    ),
)
_pull.put("totalCommentsCount", lambda item, info: len(item.comments))
_pull.put("statusCheckRollup", lambda item, info: rollup(item))
_pull.put("headRepository", lambda item, info: None)


@_pull.field("mergeable")
def mergeable(item: Item, info: Any) -> str:
    """Whether it could be merged; unknown when the world does not say."""
    return (_of(item).mergeable or "UNKNOWN").upper()


def _of(item: Item) -> Pull:
    assert item.pull is not None
    return item.pull


def rollup(item: Item) -> ThreadPart | None:
    """Return the state of the checks of the last commit, or None if there were none."""
    return (
        ThreadPart(item, _of(item).checks.upper(), "StatusCheckRollup")
        if _of(item).checks
        else None
    )


@_pull.field("files")
def files(item: Item, info: Any, **paging: Any) -> ConnectionPage:
    """Changed files, by path."""
    return paginate(_of(item).paths, lambda changed: changed.path, **paging)


_file = ResolverTable("PullRequestChangedFile")
_file.attributes(path="path", additions="additions", deletions="deletions")
_file.constants(changeType="MODIFIED", viewerViewedState="UNVIEWED")


@_pull.field("commits")
def commits(item: Item, info: Any, **paging: Any) -> ConnectionPage:
    """Commits, oldest first."""
    parts = [ThreadPart(item, commit, "PullRequestCommit") for commit in _of(item).commits]
    return paginate(parts, lambda part: part.it.oid, **paging)


_commit = ResolverTable("PullRequestCommit")
_commit.attributes(pullRequest="home")
_commit.put("id", lambda part, info: f"PURC_{part.it.oid}")
_commit.put("commit", lambda part, info: ThreadPart(part.home, part.it, "Commit"))
_commit.put("resourcePath", lambda part, info: f"{item_path(part.home)}/commits/{part.it.oid}")
_commit.put("url", lambda part, info: f"{WEB}{item_path(part.home)}/commits/{part.it.oid}")


# -- reviews


@_pull.field("reviews")
def reviews(
    item: Item, info: Any, states: list[str] | None = None, author: str | None = None, **paging: Any
) -> ConnectionPage:
    """Submitted reviews, oldest first."""
    found = [
        review
        for review in _of(item).reviews
        if (not states or review.state in states) and author in (None, review.author)
    ]
    return _review_page(item, found, paging)


def _review_page(item: Item, found: list[Review], paging: dict[str, Any]) -> ConnectionPage:
    parts = [ThreadPart(item, review, "PullRequestReview") for review in found]
    return paginate(parts, lambda part: part.it.id, **paging)


def _latest(found: list[Review]) -> list[Review]:
    return list({review.author: review for review in found}.values())


@_pull.field("latestReviews")
def latest_reviews(item: Item, info: Any, **paging: Any) -> ConnectionPage:
    """The last review of each reviewer."""
    return _review_page(item, _latest(_of(item).reviews), paging)


@_pull.field("latestOpinionatedReviews")
def latest_opinionated(
    item: Item, info: Any, writersOnly: bool = False, **paging: Any
) -> ConnectionPage:
    """The last review of each reviewer that approves or asks for changes."""
    found = _latest(
        [
            review
            for review in _of(item).reviews
            if review.state in ("APPROVED", "CHANGES_REQUESTED")
        ]
    )
    if writersOnly:
        found = [review for review in found if _writes(item, review, info)]
    return _review_page(item, found, paging)


def _writes(item: Item, review: Review, info: Any) -> bool:
    return association(info.context.world, review.author, home(item, info)) in (
        "OWNER",
        "MEMBER",
        "COLLABORATOR",
    )


@_pull.field("reviewDecision")
def review_decision(item: Item, info: Any) -> str | None:
    """What the reviews come to."""
    states = {
        review.state
        for review in _latest(
            [review for review in _of(item).reviews if review.state != "COMMENTED"]
        )
    }
    if "CHANGES_REQUESTED" in states:
        return "CHANGES_REQUESTED"
    if "APPROVED" in states:
        return "APPROVED"
    return "REVIEW_REQUIRED" if _of(item).review_requests else None


@_pull.field("reviewRequests")
def review_requests(item: Item, info: Any, **paging: Any) -> ConnectionPage:
    """Reviews that are waited for."""
    found = [
        ThreadPart(item, account, "ReviewRequest")
        for login in _of(item).review_requests
        if (account := info.context.world.account(login)) is not None
    ]
    return paginate(found, lambda part: part.it.id, **paging)


_request = ResolverTable("ReviewRequest")
_request.attributes(databaseId="it.id", pullRequest="home", requestedReviewer="it")
_request.constants(asCodeOwner=False)
_request.put("id", lambda part, info: node_id("RR", part.it.id, part.home.id))

_review = ResolverTable("PullRequestReview")
_review.attributes(
    state="it.state", createdAt="it.submitted_at", publishedAt="it.submitted_at", submittedAt="it.submitted_at",
    updatedAt="it.submitted_at", pullRequest="home",
)  # fmt: skip
_review.constants(isMinimized=False, minimizedReason=None)
_review.put("id", lambda part, info: node_id("PRR", part.it.id))
_review.put(
    "editor",
    lambda part, info: info.context.world.account(part.it.author) if part.it.edited_at else None,
)
_review.put(
    "commit", lambda part, info: ThreadPart(part.home, part.home.pull.commits[-1], "Commit")
)
_review.put(
    "resourcePath", lambda part, info: f"{item_path(part.home)}#pullrequestreview-{part.it.id}"
)
_review.put("url", lambda part, info: f"{WEB}{item_path(part.home)}#pullrequestreview-{part.it.id}")


@_review.field("authorCanPushToRepository")
def author_can_push(part: ThreadPart, info: Any) -> bool:
    """Whether the reviewer may write."""
    account = info.context.world.account(part.it.author)
    if account is None:
        return False
    from migrator.sandbox.rights import Agent

    return level(Agent(account=account), home(part.home, info)) >= Level.WRITE


@_review.field("userContentEdits")
def review_edits(part: ThreadPart, info: Any, **paging: Any) -> ConnectionPage:
    """Edits of reviews are not kept."""
    return paginate([], lambda edit: edit, **paging)


@_pull.field("closingIssuesReferences")
def closing_issues(
    item: Item, info: Any, orderBy: dict[str, str] | None = None, **paging: Any
) -> ConnectionPage:
    """Issues that this pull request says it closes."""
    paging.pop("userLinkedOnly", None)
    found = [
        issue
        for number in _of(item).closes
        if (issue := info.context.world.peek(item.repository, number)) is not None
    ]
    if orderBy is not None:
        found.sort(key=lambda issue: issue.created_at, reverse=orderBy["direction"] == "DESC")
    return paginate(found, lambda issue: issue.id, **paging)
