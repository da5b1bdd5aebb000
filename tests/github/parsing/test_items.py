"""What GitHub answers becomes the domain's items: nothing lost, nothing invented, gone people
and hidden things included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import GraphQLSchema

from migrator.domain.items import AccountType, Association, Event, EventKind, Item, ItemKind, State
from migrator.github.models import IssueFormField, Permission
from migrator.github.mutations import ADD_COMMENT
from migrator.github.parsing import items
from migrator.github.parsing.events import KINDS
from migrator.github.parsing.repositories import form_fields, repository_facts
from migrator.github.queries.items import ITEM
from migrator.github.queries.repository import survey
from tests.support.graphql_replies import shaped

MAY = "2024-05-01T12:00:00Z"
HERE = {"nameWithOwner": "old/home"}
ROBIN = {"__typename": "User", "login": "robin", "id": "U_1"}
BUTLER = {"__typename": "Bot", "login": "butler", "id": "B_1"}


def _connection(*nodes: Any, total: int | None = None) -> dict[str, Any]:
    return {
        "totalCount": len(nodes) if total is None else total,
        "filteredCount": len(nodes) if total is None else total,
        "nodes": nodes,
    }


@pytest.fixture
def read(official_schema: GraphQLSchema) -> Any:
    """An item as the live re-check reads it, from a node in GitHub's words."""

    def read_item(**node: Any) -> Item:
        whole = {"__typename": "Issue", "id": "I_1", "number": 7, "repository": HERE, **node}
        return items.item(shaped(official_schema, ITEM, {"node": whole}, id="I_1")["node"])

    return read_item


def _event(read: Any, typename: str, *, kind: str = "Issue", **fields: Any) -> Event:
    node = {"__typename": typename, "id": "E_1", "createdAt": MAY, "actor": ROBIN, **fields}
    (event,) = read(__typename=kind, timelineItems=_connection(node)).events
    assert isinstance(event, Event)
    return event


def _other(typename: str = "PullRequest", **fields: Any) -> dict[str, Any]:
    return {
        "__typename": typename,
        "number": 3,
        "title": "Fix it",
        "state": "MERGED",
        "repository": {"nameWithOwner": "new/home"},
        **fields,
    }


def test_an_issue_is_read_whole(read: Any) -> None:
    """Every field of the domain has its place in GitHub's answer."""
    item = read(
        title="It breaks",
        body="How so?",
        url="https://github.com/old/home/issues/7",
        author=ROBIN,
        authorAssociation="CONTRIBUTOR",
        createdAt=LONG_AGO_TEXT,
        updatedAt=MAY,
        closedAt=MAY,
        state="CLOSED",
        stateReason="NOT_PLANNED",
        locked=True,
        activeLockReason="TOO_HEATED",
        isPinned=True,
        milestone={"title": "2.6"},
        labels=_connection({"name": "bug"}, {"name": "comp:x"}),
        assignees=_connection(ROBIN),
        participants=_connection(ROBIN, total=4),
        reactions=_connection({"content": "THUMBS_UP", "createdAt": MAY, "user": ROBIN}, total=9),
        closedByPullRequestsReferences=_connection(_other()),
    )
    assert (item.key, item.kind, item.id) == ("old/home#7", ItemKind.ISSUE, "I_1")
    assert (item.title, item.body, item.association) == (
        "It breaks",
        "How so?",
        Association.CONTRIBUTOR,
    )
    assert (item.state, item.state_reason, item.closed_at) == (
        State.CLOSED,
        "NOT_PLANNED",
        datetime(2024, 5, 1, 12, tzinfo=UTC),
    )
    assert (item.locked, item.lock_reason, item.pinned, item.milestone) == (
        True,
        "TOO_HEATED",
        True,
        "2.6",
    )
    assert (item.labels, item.participants, item.participants_total) == (
        ("bug", "comp:x"),
        ("robin",),
        4,
    )
    assert (item.reactions[0].content, item.reactions_total) == ("THUMBS_UP", 9)
    assert (item.assignees[0].login, item.linked_pulls[0].state) == ("robin", State.MERGED)
    assert item.pull is None


LONG_AGO_TEXT = "2020-01-01T00:00:00Z"


def test_a_pull_request_is_read_whole(read: Any) -> None:
    """Paths, reviewers, checks and the last commit decide what happens to it."""
    commit: dict[str, Any] = {"committedDate": MAY, "statusCheckRollup": {"state": "FAILURE"}}
    item = read(
        __typename="PullRequest",
        state="MERGED",
        isDraft=True,
        baseRefName="main",
        headRefName="fix",
        headRef=None,
        mergedAt=MAY,
        mergeable="CONFLICTING",
        reviewDecision="CHANGES_REQUESTED",
        changedFiles=120,
        files=_connection({"path": "a/b.py"}, {"path": "c.md"}),
        commits=_connection({"commit": commit}),
        reviewRequests=_connection(
            {"requestedReviewer": ROBIN},
            {"requestedReviewer": {"__typename": "Team"}},
            {"requestedReviewer": None},
        ),
        closingIssuesReferences=_connection(_other("Issue", state="OPEN")),
    )
    pull = item.pull
    assert pull is not None
    assert (item.kind, item.state) == (ItemKind.PULL_REQUEST, State.MERGED)
    assert (pull.draft, pull.base_ref, pull.head_ref, pull.head_exists) == (
        True,
        "main",
        "fix",
        False,
    )
    assert (pull.changed_paths, pull.changed_paths_total) == (("a/b.py", "c.md"), 120)
    assert (pull.review_decision, pull.mergeable, pull.checks) == (
        "CHANGES_REQUESTED",
        "CONFLICTING",
        "FAILURE",
    )
    assert pull.reviewers_requested == ("robin", "")
    assert pull.merged_at == pull.last_commit_at == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert pull.closes[0].kind is ItemKind.ISSUE


def test_deleted_accounts_are_nobody(read: Any) -> None:
    """GitHub answers null for them, everywhere."""
    comment = {
        "id": "C_1",
        "author": None,
        "createdAt": MAY,
        "reactions": _connection({"content": "HEART", "createdAt": MAY, "user": None}),
    }
    event = {
        "__typename": "LabeledEvent",
        "id": "E_1",
        "createdAt": MAY,
        "actor": None,
        "label": {"name": "bug"},
    }
    item = read(author=None, comments=_connection(comment), timelineItems=_connection(event))
    assert item.author is None
    assert item.comments[0].author is None
    assert item.comments[0].reactions[0].author is None
    assert item.events[0].actor is None


def test_what_github_hides_is_left_out(read: Any) -> None:
    """A null among the nodes is another's secret, not ours to stumble over."""
    item = read(
        comments=_connection(None, total=5),
        timelineItems=_connection(None),
        labels=None,
        reactions=_connection(None),
    )
    assert (item.comments, item.events, item.labels, item.reactions) == ((), (), (), ())
    assert item.comments_total == 5


def test_bots_are_known_by_their_type(read: Any) -> None:
    """Their GraphQL login has no `[bot]` ending."""
    item = read(author=BUTLER)
    assert item.author is not None
    assert (item.author.type, item.author.login) == (AccountType.BOT, "butler")


def test_empty_and_longest_bodies_come_through_unchanged(read: Any) -> None:
    """65,536 characters is GitHub's limit; both ends are ordinary."""
    for body in ("", "\u00e4" * 65_536, "line\r\nline\x00"):
        assert read(body=body).body == body


def test_every_kind_of_event_of_the_domain_can_come_from_github() -> None:
    """A kind that no type maps to could never be seen."""
    assert set(KINDS.values()) == set(EventKind)


@pytest.mark.parametrize(
    ("typename", "fields", "detail"),
    [
        ("ClosedEvent", {"stateReason": "COMPLETED"}, "COMPLETED"),
        ("ClosedEvent", {"stateReason": None}, ""),
        ("LockedEvent", {"lockReason": "SPAM"}, "SPAM"),
        ("RenamedTitleEvent", {"currentTitle": "New"}, "New"),
        ("MilestonedEvent", {"milestoneTitle": "2.6"}, "2.6"),
        ("DemilestonedEvent", {"milestoneTitle": "2.6"}, "2.6"),
        ("AssignedEvent", {"assignee": BUTLER}, "butler"),
        ("UnassignedEvent", {"assignee": None}, ""),
        ("TransferredEvent", {"fromRepository": {"nameWithOwner": "a/b"}}, "a/b"),
        ("ReopenedEvent", {}, ""),
    ],
)
def test_events_carry_what_their_kind_has_to_say(
    read: Any, typename: str, fields: dict[str, Any], detail: str
) -> None:
    """State reason, lock reason, new title, milestone, assignee, former repository."""
    event = _event(read, typename, **fields)
    assert (event.kind, event.detail, event.actor.login if event.actor else "") == (
        KINDS[typename],
        detail,
        "robin",
    )
    assert event.at == datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_label_events_name_their_label(read: Any) -> None:
    """Label shuffles do not move the clock, so they must be known as such."""
    assert _event(read, "UnlabeledEvent", label={"name": "stale"}).label == "stale"


@pytest.mark.parametrize(
    ("typename", "field"),
    [
        ("CrossReferencedEvent", "source"),
        ("MarkedAsDuplicateEvent", "canonical"),
        ("ClosedEvent", "closer"),
    ],
)
def test_events_name_the_item_that_they_refer_to(read: Any, typename: str, field: str) -> None:
    """With its repository, state and author: a merged pull request elsewhere is a landing."""
    fields: dict[str, Any] = {field: _other(author=ROBIN)}
    reference = _event(read, typename, **fields).reference
    assert reference is not None
    assert (reference.repository, reference.number, reference.kind) == (
        "new/home",
        3,
        ItemKind.PULL_REQUEST,
    )
    assert (
        reference.state,
        reference.title,
        reference.author.login if reference.author else "",
    ) == (
        State.MERGED,
        "Fix it",
        "robin",
    )


@pytest.mark.parametrize("ours", ["source", "subject"])
def test_a_connection_names_the_other_end(read: Any, ours: str) -> None:
    """GitHub tells both ends; the item itself is not news."""
    own, other = {"__typename": "Issue", "number": 7, "repository": HERE, "state": "OPEN"}, _other()
    ends: dict[str, Any] = (
        {"source": own, "subject": other} if ours == "source" else {"source": other, "subject": own}
    )
    reference = _event(read, "ConnectedEvent", **ends).reference
    assert reference is not None
    assert (reference.repository, reference.number) == ("new/home", 3)


def test_a_close_by_a_commit_refers_to_no_item(read: Any) -> None:
    """A closer may be a commit or a project."""
    assert _event(read, "ClosedEvent", closer={"__typename": "Commit"}).reference is None


def test_a_commit_is_its_authors_act_at_its_own_time(read: Any) -> None:
    """GitHub dates no pushes; the commit's account is a person's, if it has one."""
    commit: dict[str, Any] = {
        "committedDate": MAY,
        "message": "Fixes old/home#7",
        "author": {"user": ROBIN},
    }
    event = _event(read, "PullRequestCommit", kind="PullRequest", commit=commit)
    assert (event.kind, event.detail, event.actor.login if event.actor else "") == (
        EventKind.COMMITTED,
        "Fixes old/home#7",
        "robin",
    )
    stranger = _event(
        read, "PullRequestCommit", kind="PullRequest", commit={**commit, "author": {"user": None}}
    )
    assert stranger.actor is None


def test_a_review_is_dated_by_its_submission(read: Any) -> None:
    """It was begun earlier, and nobody saw it until then."""
    event = _event(
        read,
        "PullRequestReview",
        kind="PullRequest",
        createdAt=LONG_AGO_TEXT,
        submittedAt=MAY,
        state="APPROVED",
        author=ROBIN,
    )
    assert (event.kind, event.detail, event.at.year, event.actor.login if event.actor else "") == (
        EventKind.REVIEWED,
        "APPROVED",
        2024,
        "robin",
    )


def test_a_requested_team_has_no_login(read: Any) -> None:
    """Nothing of a team is asked for: a classic token may lack `read:org`."""
    team = {"__typename": "Team"}
    event = _event(read, "ReviewRequestedEvent", kind="PullRequest", requestedReviewer=team)
    assert (event.kind, event.detail) == (EventKind.REVIEW_REQUESTED, "")


def test_our_comment_comes_back_with_the_thread_around_it(official_schema: GraphQLSchema) -> None:
    """The reply to a notice is the second check: state, lock and last words."""
    ours = {
        "id": "C_2",
        "databaseId": 2,
        "body": "Moved.",
        "createdAt": MAY,
        "viewerDidAuthor": True,
        "author": BUTLER,
    }
    theirs = {"id": "C_1", "databaseId": 1, "body": "Wait!", "createdAt": MAY, "author": ROBIN}
    subject = {
        "__typename": "Issue",
        "id": "I_1",
        "state": "CLOSED",
        "locked": True,
        "comments": _connection(theirs, ours, total=12),
    }
    root = {"addComment": {"commentEdge": {"node": ours}, "subject": subject}}
    data = shaped(official_schema, ADD_COMMENT, root, subject="I_1", body="Moved.")["comment"]
    seen = items.subject(data["subject"])
    assert items.comment(data["commentEdge"]["node"]).viewer_did_author
    assert (
        seen.state,
        seen.locked,
        [comment.body for comment in seen.comments],
        seen.comments_total,
    ) == (
        State.CLOSED,
        True,
        ["Wait!", "Moved."],
        12,
    )


FORM = """
name: Bug
body:
  - type: markdown
    attributes: {value: Thanks}
  - type: textarea
    id: what-happened
    attributes:
      label: What happened?
    validations: {required: true}
  - type: dropdown
    attributes: {label: Version}
"""


def test_a_repository_is_read_with_its_forms(official_schema: GraphQLSchema) -> None:
    """A prefilled address needs the file name of the template and the id of a field."""
    blob = {"__typename": "Blob", "text": FORM}
    root = {
        "repository": {
            "nameWithOwner": "new/home",
            "isArchived": True,
            "isBlankIssuesEnabled": False,
            "hasIssuesEnabled": True,
            "viewerPermission": "TRIAGE",
            "watchers": _connection(total=77),
            "labels": {
                **_connection(
                    {"id": "L_1", "name": "Migrated", "color": "ededed", "description": None}
                ),
                "pageInfo": {"hasNextPage": False},
            },
            "issueTemplates": [{"filename": "bug.yml", "name": "Bug"}],
            "contactLinks": [{"name": "Forum", "url": "https://forum.example.org", "about": "Ask"}],
            "object": {
                "__typename": "Tree",
                "entries": [
                    {"name": "bug.yml", "type": "blob", "object": blob},
                    {"name": "sub", "type": "tree", "object": {"__typename": "Tree"}},
                ],
            },
        }
    }
    document, values = survey(["new/home"])
    facts = repository_facts(shaped(official_schema, document, root, **values)["r0"])
    assert (
        facts.name,
        facts.archived,
        facts.blank_issues,
        facts.viewer_permission,
        facts.watchers,
    ) == (
        "new/home",
        True,
        False,
        Permission.TRIAGE,
        77,
    )
    assert facts.files[".github/ISSUE_TEMPLATE/bug.yml"] == FORM
    label, template = facts.label("migrated"), facts.template("bug.yml")
    assert label is not None
    assert label.id == "L_1"
    assert template is not None
    assert template.fields == (
        IssueFormField(id="what-happened", type="textarea", label="What happened?", required=True),
        IssueFormField(type="dropdown", label="Version"),
    )
    assert facts.contact_links[0].url == "https://forum.example.org"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "body: 7",
        "body: [1, 2]",
        "- a list",
        "{broken: [",
        "body:\n- {type: input, attributes: 3, validations: x}",
    ],
)
def test_a_strange_form_is_read_as_far_as_it_goes(text: str) -> None:
    """A form is another's text: whatever stands in it, no error."""
    assert all(isinstance(field, IssueFormField) for field in form_fields(text))
