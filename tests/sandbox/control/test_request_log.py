"""The order of things: what a test needs to judge whether somebody acted in time."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.support.sandbox_server import SOURCE, Local

ISSUE = f"/repos/{SOURCE}/issues/1"


def log(github: Local) -> list[dict[str, Any]]:
    """Return requests and acts in order."""
    return [
        msgspec.json.decode(line)
        for line in github.client.get("/_sandbox/log").content.splitlines()
    ]


def test_requests_and_acts_stand_in_one_order(github: Local) -> None:
    """Numbers only grow, and an act of a request lies within it."""
    github.rest("GET", ISSUE)
    github.act("amy", "comment")
    github.rest("PATCH", ISSUE, json={"state": "closed"})
    entries = log(github)
    assert [entry.get("operation") or entry["act"] for entry in entries] == [
        "get_issue",
        "comment",
        "update_issue",
        "close",
    ]
    assert [entry["sequence"] for entry in entries] == sorted(
        entry["sequence"] for entry in entries
    )
    assert entries[2]["sequence"] < entries[3]["sequence"] <= entries[2]["until"]


def test_a_close_knows_what_its_account_had_been_shown(github: Local) -> None:
    """``read`` is the newest sequence of the item in the account's last read before: a later
    comment is not in it."""
    github.act("amy", "comment")
    github.rest("GET", ISSUE)
    spoken = github.act("amy", "comment", body="Wait!")["result"]["sequence"]
    github.rest("PATCH", ISSUE, json={"state": "closed"})
    closed = [event for event in github.item()["events"] if event["kind"] == "closed"][-1]
    assert closed["read"] < spoken < closed["sequence"]


def test_a_read_in_time_sees_who_spoke(github: Local) -> None:
    """The same, with the read after the comment."""
    spoken = github.act("amy", "comment", body="Wait!")["result"]["sequence"]
    github.rest("GET", ISSUE)
    github.rest("PATCH", ISSUE, json={"state": "closed"})
    closed = [event for event in github.item()["events"] if event["kind"] == "closed"][-1]
    assert closed["read"] == spoken


def test_the_clock_moves_forward_only(github: Local) -> None:
    """A day passes at once; yesterday does not come back."""
    before = github.control("GET", "health")["now"]
    assert github.control("POST", "clock", json={"advance_seconds": 86_400})["now"] > before
    assert github.client.post("/_sandbox/clock", json={"advance_seconds": -1}).status_code == 400


def test_answers_can_be_made_slower_and_fast_again(github: Local) -> None:
    """No answer comes sooner than asked for; the control surface is never slowed down."""
    assert github.control("POST", "latency", json={"milliseconds": 120})["milliseconds"] == 120
    assert github.rest("GET", ISSUE).elapsed.total_seconds() >= 0.12
    assert github.control("POST", "latency", json={"milliseconds": 0})["milliseconds"] == 0
    assert github.client.post("/_sandbox/latency", json={"milliseconds": -1}).status_code == 400


def test_acts_of_people_have_githubs_rights(github: Local) -> None:
    """A stranger cannot close what another opened; an unknown act is named."""
    refused = github.client.post(
        "/_sandbox/act", json={"as": "bob", "do": "close", "repository": SOURCE, "number": 1}
    )
    assert (refused.status_code, "permissions" in refused.json()["error"]) == (403, True)
    unknown = github.client.post(
        "/_sandbox/act", json={"as": "bob", "do": "dance", "repository": SOURCE, "number": 1}
    )
    assert (unknown.status_code, "dance" in unknown.json()["error"]) == (400, True)


def test_counts_begin_anew(github: Local) -> None:
    """Requests by kind, writes by kind."""
    github.rest("POST", f"{ISSUE}/comments", json={"body": "Hello"})
    github.graphql("{ viewer { login } }")
    stats = github.control("GET", "stats")
    assert stats["requests"] == {"query": 1, "mutation": 0, "rest": 1}
    assert stats["writes"] == {"comment": 1}
    assert github.control("POST", "stats/reset")["requests"] == {
        "query": 0,
        "mutation": 0,
        "rest": 0,
    }


def test_tokens_are_made_as_wished(github: Local) -> None:
    """A token that only reads, and one that has expired."""
    reading = github.control("POST", "token", json={"login": "root", "read_only": True})["secret"]
    expired = github.control("POST", "token", json={"login": "root", "expires_in": -1})["secret"]
    for secret, read, write in ((reading, 200, 403), (expired, 401, 401)):
        headers = {"authorization": f"token {secret}"}
        assert github.client.get(ISSUE, headers=headers).status_code == read
        assert (
            github.client.post(
                f"{ISSUE}/comments", headers=headers, json={"body": "Hello"}
            ).status_code
            == write
        )
