"""Who may do what over REST, and what GitHub says to those who may not."""

from __future__ import annotations

import pytest

from tests.support.sandbox_server import SOURCE, TARGET, Local

ISSUE = f"/repos/{SOURCE}/issues/1"


@pytest.mark.parametrize(
    ("by", "status"),
    [
        ("bob", 403),
        ("amy", 200),
        ("tria", 200),
        ("walt", 200),
        ("root", 200),
        ("root:read", 403),
        ("nobody", 401),
    ],
)
def test_closing_needs_triage_or_authorship(github: Local, by: str, status: int) -> None:
    """The author may close, a stranger may not, and a token that only reads may nothing."""
    reply = github.rest(
        "PATCH", ISSUE, by=by, json={"state": "closed", "state_reason": "not_planned"}
    )
    assert reply.status_code == status
    assert github.item(1)["state"] == ("closed" if status == 200 else "open")


def test_labels_sent_with_an_issue_are_silently_dropped_below_triage(github: Local) -> None:
    """The edit succeeds, the labels stay as they were."""
    reply = github.rest("PATCH", ISSUE, by="amy", json={"title": "Renamed", "labels": []})
    assert (reply.status_code, reply.json()["title"]) == (200, "Renamed")
    assert github.item(1)["labels"] == ["bug", "help wanted"]
    made = github.rest(
        "POST", f"/repos/{SOURCE}/issues", by="amy", json={"title": "New", "labels": ["bug"]}
    )
    assert (made.status_code, made.json()["labels"]) == (201, [])


def test_the_labels_endpoint_refuses_below_triage(github: Local) -> None:
    """Unlike labels sent along, this is an error."""
    assert (
        github.rest("POST", f"{ISSUE}/labels", by="amy", json={"labels": ["bug"]}).status_code
        == 403
    )
    assert (
        github.rest("POST", f"{ISSUE}/labels", by="tria", json={"labels": ["fresh"]}).status_code
        == 200
    )


def test_labels_in_an_update_replace_the_set(github: Local) -> None:
    """With the right, what is not named is taken off."""
    github.rest("PATCH", ISSUE, by="tria", json={"labels": ["fresh"]})
    assert github.item(1)["labels"] == ["fresh"]


def test_an_author_reopens_only_what_the_author_closed(github: Local) -> None:
    """What a maintainer closed stays closed for the author."""
    github.act("tria", "close")
    assert github.rest("PATCH", ISSUE, by="amy", json={"state": "open"}).status_code == 403
    github.act("tria", "reopen")
    github.act("amy", "close")
    assert github.rest("PATCH", ISSUE, by="amy", json={"state": "open"}).status_code == 200


def test_a_reason_counts_only_when_the_state_changes(github: Local) -> None:
    """Closing again with another reason changes nothing."""
    github.rest("PATCH", ISSUE, json={"state": "closed", "state_reason": "completed"})
    github.rest("PATCH", ISSUE, json={"state": "closed", "state_reason": "not_planned"})
    github.rest("PATCH", ISSUE, json={"state_reason": "not_planned"})
    assert github.item(1)["state_reason"] == "completed"


def test_a_locked_conversation_takes_comments_only_from_those_who_may_write(github: Local) -> None:
    """Triage is not enough."""
    address = f"/repos/{SOURCE}/issues/4/comments"
    refused = github.rest("POST", address, by="tria", json={"body": "Hello"})
    assert (refused.status_code, refused.json()["message"]) == (
        403,
        "Unable to create comment because issue is locked.",
    )
    assert github.rest("POST", address, by="walt", json={"body": "Hello"}).status_code == 201


def test_an_archived_repository_takes_no_writes(github: Local) -> None:
    """Not even from its admin."""
    github.control("POST", "repository", json={"name": SOURCE, "archived": True})
    reply = github.rest("POST", f"{ISSUE}/comments", json={"body": "Hello"})
    assert (reply.status_code, reply.json()["message"]) == (
        403,
        "Repository was archived so is read-only.",
    )
    assert github.rest("GET", ISSUE).status_code == 200


@pytest.mark.parametrize(("length", "status"), [(65_536, 201), (65_537, 422)])
def test_a_body_has_at_most_65536_characters(github: Local, length: int, status: int) -> None:
    """Characters, not bytes."""
    assert (
        github.rest("POST", f"{ISSUE}/comments", json={"body": "é" * length}).status_code == status
    )


def test_a_deleted_issue_is_gone_and_a_transferred_one_has_moved(github: Local) -> None:
    """410, and 301 with the new place, which answers with the whole thread."""
    github.act("root", "delete", number=3)
    assert github.rest("GET", f"/repos/{SOURCE}/issues/3").status_code == 410
    github.act("root", "transfer", to=TARGET)
    moved = github.rest("GET", ISSUE)
    assert moved.status_code == 301
    followed = github.rest("GET", ISSUE, follow_redirects=True)
    assert (followed.json()["number"], followed.json()["comments"]) == (2, 3)
    listed = github.rest("GET", f"/repos/{SOURCE}/issues", params={"state": "all"}).json()
    assert [issue["number"] for issue in listed] == [4, 2]


def test_nothing_is_transferred_to_another_owner(github: Local) -> None:
    """GitHub transfers only within one owner: that is why this project exists."""
    github.world.add_repository(type(github.world.repository(SOURCE))(name="elsewhere/mono"))
    body = {
        "as": "root",
        "do": "transfer",
        "repository": SOURCE,
        "number": 1,
        "to": "elsewhere/mono",
    }
    github.control(
        "POST",
        "account",
        json={"login": "root", "permissions": {SOURCE: "admin", "elsewhere/mono": "admin"}},
    )
    reply = github.client.post("/_sandbox/act", json=body)
    assert (reply.status_code, "same owner" in reply.json()["error"]) == (422, True)


def test_a_call_that_is_not_implemented_says_so_and_is_counted(github: Local) -> None:
    """No quiet empty answer."""
    reply = github.rest("GET", f"/repos/{SOURCE}/actions/caches")
    assert reply.status_code == 404
    assert "does not implement GET" in reply.json()["message"]
    assert github.control("GET", "stats")["unimplemented"] == {
        f"GET /repos/{SOURCE}/actions/caches": 1
    }


def test_github_enterprise_addresses_work_too(github: Local) -> None:
    """``/api/v3`` and ``/api/graphql``; links stay on that side."""
    reply = github.rest(
        "GET", f"/api/v3/repos/{SOURCE}/issues", params={"state": "all", "per_page": 1}
    )
    assert f"{github.url}/api/v3/repositories/" in reply.headers["link"]
    headers = {"authorization": "bearer sandbox-amy"}
    answer = github.client.post(
        "/api/graphql", json={"query": "{ viewer { login } }"}, headers=headers
    )
    assert answer.json() == {"data": {"viewer": {"login": "amy"}}}


def test_web_pages_of_what_exists_resolve(github: Local) -> None:
    """Links in texts can be followed."""
    wanted = {
        f"/{SOURCE}": 200,
        f"/{SOURCE}/issues/1": 200,
        f"/{SOURCE}/pull/2": 200,
        f"/{SOURCE}/issues/99": 404,
        "/no/where": 404,
    }
    assert {path: github.client.get(path).status_code for path in wanted} == wanted
