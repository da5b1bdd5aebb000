"""GitHub adds words to its enums without notice: none of them stops a scan, a delivery or a
check."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from graphql import GraphQLSchema

from migrator.domain.items import AccountType, Association, Item, ItemKind, State
from migrator.domain.webhooks.payloads import read
from migrator.domain.webhooks.subscriptions import Interest, interest
from migrator.github.models import Permission
from migrator.github.mutations import ADD_COMMENT
from migrator.github.parsing import items
from migrator.github.parsing.events import KINDS, actor, reference
from migrator.github.parsing.repositories import account, repository_facts
from migrator.github.queries.items import ITEM
from migrator.github.queries.repository import survey
from tests.support.graphql_replies import shaped

NEW = "A_WORD_OF_TOMORROW"
ROBIN = {"__typename": "User", "login": "robin", "id": "U_1"}
MAY = "2024-05-01T12:00:00Z"
OTHER = {
    "__typename": "PullRequest",
    "number": 3,
    "state": "OPEN",
    "repository": {"nameWithOwner": "new/home"},
    "author": ROBIN,
}
WORDS = frozenset(
    {
        "state", "stateReason", "issueState", "pullState", "reviewState", "authorAssociation",
        "content", "activeLockReason", "lockReason", "reviewDecision", "mergeable",
        "viewerPermission",
    }
)  # fmt: skip
"""Fields that hold a word of an enum of GitHub's."""


def _list(*nodes: Any) -> dict[str, Any]:
    return {"totalCount": len(nodes), "filteredCount": len(nodes), "nodes": nodes}


def _node(kind: str) -> dict[str, Any]:
    dated = {"id": "E_1", "createdAt": MAY, "actor": ROBIN, "author": ROBIN}
    names = [name for name in KINDS if name != "PullRequestCommit"]
    shared = [name for name in names if kind == "PullRequest" or name in _ON_ISSUES]
    events = [
        {"__typename": name, "source": OTHER, "subject": OTHER, "canonical": OTHER, **dated}
        for name in shared
    ]
    reaction = {"content": "HEART", "createdAt": MAY, "user": ROBIN}
    comment = {"author": ROBIN, "reactions": _list(reaction)}
    return {
        "__typename": kind,
        "id": "I_1",
        "number": 7,
        "repository": {"nameWithOwner": "old/home"},
        "author": ROBIN,
        "assignees": _list(ROBIN),
        "reactions": _list(reaction),
        "comments": _list(comment),
        "timelineItems": _list(*events),
        "closedByPullRequestsReferences": _list(OTHER),
        "closingIssuesReferences": _list({**OTHER, "__typename": "Issue"}),
        "reviewRequests": _list({"requestedReviewer": ROBIN}),
    }


_ON_ISSUES = frozenset(KINDS) - {
    "HeadRefForcePushedEvent",
    "PullRequestReview",
    "ReviewRequestedEvent",
    "ReadyForReviewEvent",
    "ConvertToDraftEvent",
    "MergedEvent",
    "PullRequestCommit",
}


def _of_tomorrow(value: Any) -> Any:
    """The same reply with a new word in each place of an enum, and new types of accounts."""
    if isinstance(value, list | tuple):
        return [_of_tomorrow(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    changed = {key: NEW if key in WORDS else _of_tomorrow(inner) for key, inner in value.items()}
    return {**changed, "__typename": NEW} if value.get("__typename") == "User" else changed


def _item(schema: GraphQLSchema, kind: str) -> Item:
    return items.item(_of_tomorrow(shaped(schema, ITEM, {"node": _node(kind)}, id="I_1")["node"]))


@pytest.mark.parametrize("kind", ["Issue", "PullRequest"])
def test_an_item_whose_every_word_is_new_is_read_and_never_closed(
    kind: str, official_schema: GraphQLSchema
) -> None:
    """A closed item gets no notice and no close; a linked one that counts as open keeps it
    open."""
    item = _item(official_schema, kind)
    assert item.state is State.CLOSED
    assert item.kind is (ItemKind.ISSUE if kind == "Issue" else ItemKind.PULL_REQUEST)
    assert item.association is Association.NONE
    assert item.author is not None
    assert item.author.type is AccountType.USER
    named = [event.reference for event in item.events if event.reference is not None]
    linked = item.pull.closes if item.pull is not None else item.linked_pulls
    assert {one.state for one in (*named, *linked)} == {State.OPEN}


def test_an_event_of_a_new_type_is_left_out(official_schema: GraphQLSchema) -> None:
    """It says nothing that we could judge; the others stay."""
    node = shaped(official_schema, ITEM, {"node": _node("Issue")}, id="I_1")["node"]
    (first, *others) = node["timelineItems"]["nodes"]
    node["timelineItems"]["nodes"] = [{**first, "__typename": NEW}, {"__typename": NEW}, *others]
    assert len(items.item(node).events) == len(others)


def test_the_reply_to_a_notice_with_new_words_is_read(official_schema: GraphQLSchema) -> None:
    """The notice was posted; the close that would follow is not made."""
    node = {**_node("Issue"), "timelineItems": _list()}
    root = {"addComment": {"commentEdge": {"node": {"author": ROBIN}}, "subject": node}}
    reply = shaped(official_schema, ADD_COMMENT, root, subject="I_1", body="Moved.")
    assert items.subject(_of_tomorrow(reply["comment"]["subject"])).state is State.CLOSED


def test_a_role_that_nobody_knows_allows_nothing(official_schema: GraphQLSchema) -> None:
    """What is not known to be allowed is not done."""
    document, values = survey(["old/home"])
    root = {
        "repository": {"nameWithOwner": "old/home", "viewerPermission": "ADMIN"},
        "viewer": ROBIN,
    }
    reply = _of_tomorrow(shaped(official_schema, document, root, **values))
    assert repository_facts(reply["r0"]).viewer_permission is Permission.NONE
    assert account(reply["viewer"]).type is AccountType.USER


@pytest.mark.parametrize(
    ("word", "permission"),
    [
        ("ADMIN", Permission.ADMIN),
        ("triage", Permission.TRIAGE),
        (None, Permission.NONE),
        (NEW, Permission.NONE),
    ],
)
def test_a_role_is_read_in_any_case(word: str | None, permission: Permission) -> None:
    """GraphQL writes roles in capitals, REST in small letters."""
    assert Permission.of(word) is permission


def test_another_item_of_a_new_type_is_still_named() -> None:
    """GitHub may one day let other things be linked."""
    found = reference({**OTHER, "pullState": NEW, "title": "x", "url": "u"})
    assert found is not None
    assert found.state is State.OPEN
    account_of = actor({"__typename": NEW, "login": "robin"})
    assert account_of is not None
    assert account_of.type is AccountType.USER


@pytest.mark.parametrize(
    ("event", "action"),
    [
        ("issues", NEW.lower()),
        (NEW.lower(), "created"),
        ("issues", ""),
        ("issue_comment", "hidden"),
        ("", ""),
    ],
)
def test_a_webhook_that_nobody_knows_is_no_error(event: str, action: str) -> None:
    """It is counted as unknown, and nothing is done about it."""
    assert interest(event, action) is Interest.UNKNOWN
    body = {
        "action": action,
        "repository": {"full_name": "old/home"},
        "issue": {"number": 1, "state": NEW, "state_reason": NEW},
    }
    assert read(event, msgspec.json.encode(body)) is None


def test_a_webhook_with_new_words_is_read() -> None:
    """State, reason, association and account type do not decide what a webhook is about."""
    body = {
        "action": "opened",
        "repository": {"full_name": "old/home"},
        "sender": {"login": "robin", "node_id": "U_1", "type": NEW},
        "issue": {"number": 1, "state": NEW, "state_reason": NEW, "author_association": NEW},
    }
    happened = read("issues", msgspec.json.encode(body))
    assert happened is not None
    assert happened.by is not None
    assert (happened.number, happened.by.type) == (1, AccountType.USER)
