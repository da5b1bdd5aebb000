"""Each kind of fault: what it does to the reply, and what it does to the world."""

from __future__ import annotations

import socket
from typing import Any

import httpx
import pytest

from migrator.sandbox.faults.kinds import KINDS
from tests.support.sandbox_server import SOURCE, Local

COMMENT = (
    'mutation($id: ID!) { addComment(input: {subjectId: $id, body: "Notice"}) { subject { id } } }'
)
LABEL_AND_CLOSE = """mutation($id: ID!, $labels: [ID!]!) {
  label: addLabelsToLabelable(input: {labelableId: $id, labelIds: $labels}) { labelable { labels(first: 9) { nodes { name } } } }
  close: closeIssue(input: {issueId: $id, stateReason: NOT_PLANNED}) { issue { state } }
}"""
READ = (
    "query($id: ID!) { node(id: $id) { ... on Issue { state comments(last: 1) { totalCount } } } }"
)


def schedule(github: Local, *kinds: str, **more: Any) -> None:
    """Let the next requests be struck by these kinds, one each."""
    at = {str(number): kind for number, kind in enumerate(kinds, 1)}
    github.control("POST", "faults", json={"at": at, "hang": 0.05, "slow": 0.01, **more})


def ids(github: Local) -> dict[str, Any]:
    """Node ids of the first issue and of a label that it does not carry."""
    github.act("root", "label", number=3, label="moved")
    text = (
        '{ repository(owner: "acme", name: "mono") { issue(number: 1) { id } label(name: '
        '"moved") { id } } }'
    )
    found = github.graphql(text)["data"]["repository"]
    return {"id": found["issue"]["id"], "labels": [found["label"]["id"]]}


def send(github: Local, text: str, **variables: Any) -> httpx.Response:
    """Send a query as root and return the raw reply."""
    headers = {"authorization": "bearer sandbox-root"}
    return github.client.post(
        "/graphql", json={"query": text, "variables": variables}, headers=headers
    )


def notices(github: Local, number: int = 1) -> int:
    """Count the notices on an item."""
    return sum(comment["body"] == "Notice" for comment in github.item(number)["comments"])


def struck(github: Local) -> dict[str, int]:
    """Return what really struck."""
    return {
        kind: count
        for kind, count in github.control("GET", "stats")["faults_by_kind"].items()
        if count
    }


@pytest.mark.parametrize("kind", ["stored_timeout", "stored_reset", "stored_502"])
def test_a_lost_reply_leaves_the_write_done(github: Local, kind: str) -> None:
    """The client hears nothing, or 502; the comment is there."""
    subject = ids(github)["id"]
    schedule(github, kind)
    if kind == "stored_502":
        assert send(github, COMMENT, id=subject).status_code == 502
    else:
        with pytest.raises(httpx.TransportError):
            send(github, COMMENT, id=subject)
    assert (notices(github), struck(github)) == (1, {kind: 1})


@pytest.mark.parametrize("kind", ["lost_502", "lost_reset"])
def test_a_lost_request_leaves_nothing_done(github: Local, kind: str) -> None:
    """The client cannot tell it from a lost reply."""
    subject = ids(github)["id"]
    schedule(github, kind)
    if kind == "lost_502":
        assert send(github, COMMENT, id=subject).status_code == 502
    else:
        with pytest.raises(httpx.TransportError):
            send(github, COMMENT, id=subject)
    assert (notices(github), struck(github)) == (0, {kind: 1})


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        ("refused_403", 403, False),
        ("refused_403_retry_after", 403, True),
        ("refused_429", 429, False),
        ("refused_429_retry_after", 429, True),
        ("refused_graphql", 200, False),
    ],
)
def test_a_refusal_does_nothing_and_says_so(
    github: Local, kind: str, status: int, told: bool
) -> None:
    """In each form; the next request goes through."""
    subject = ids(github)["id"]
    schedule(github, kind)
    reply = send(github, COMMENT, id=subject)
    assert (reply.status_code, "retry-after" in reply.headers, notices(github)) == (status, told, 0)
    assert "secondary rate limit" in reply.text
    assert "errors" not in send(github, COMMENT, id=subject).json()


def test_one_of_several_mutations_fails_and_the_others_are_done(github: Local) -> None:
    """Which one is drawn; the reply tells by alias."""
    known = ids(github)
    schedule(github, "partial_success")
    answer = send(github, LABEL_AND_CLOSE, **known).json()
    failed = answer["errors"][0]["path"][0]
    item = github.item()
    assert {
        "label": item["state"] == "closed" and "moved" not in item["labels"],
        "close": item["state"] == "open" and "moved" in item["labels"],
    }[failed]


def test_dropped_labels_look_like_success(github: Local) -> None:
    """No error, no label; the close beside it is done."""
    known = ids(github)
    schedule(github, "labels_dropped")
    answer = send(github, LABEL_AND_CLOSE, **known).json()
    assert "errors" not in answer
    assert ("moved" in github.item()["labels"], github.item()["state"]) == (False, "closed")


def test_a_stale_read_shows_what_was(github: Local) -> None:
    """Within the lag a read may miss a write that was answered; how old it was is in the log."""
    subject = ids(github)["id"]
    schedule(github, *["stale_read"] * 40, lag=30.0)
    before = len(github.item()["comments"])
    send(github, COMMENT, id=subject)
    counts = [
        send(github, READ, id=subject).json()["data"]["node"]["comments"]["totalCount"]
        for _ in range(30)
    ]
    assert set(counts) <= {before, before + 1}
    assert struck(github)["stale_read"] == counts.count(before) > 0


def test_an_old_view_of_what_did_not_change_is_no_strike(github: Local) -> None:
    """Another item changed; this one is shown as it is, and nothing is counted."""
    subject = ids(github)["id"]
    schedule(github, "slow", *["stale_read"] * 3, lag=30.0)
    send(github, "{ viewer { login } }")
    github.act("amy", "comment", number=3)
    for _ in range(3):
        send(github, READ, id=subject)
    assert struck(github) == {"slow": 1}


def test_taking_a_label_off_is_never_dropped(github: Local) -> None:
    """Only labels that are put on can get lost."""
    known = ids(github)
    schedule(github, "labels_dropped")
    act = (
        "removeLabelsFromLabelable(input: {labelableId: $id, labelIds: $labels}) { "
        "clientMutationId }"
    )
    text = f"mutation($id: ID!, $labels: [ID!]!) {{ {act} }}"
    send(github, text, **known)
    assert struck(github) == {}


def test_a_slow_answer_still_comes(github: Local) -> None:
    """Late, and right."""
    schedule(github, "slow")
    assert send(github, "{ viewer { login } }").json()["data"]["viewer"]["login"] == "root"


@pytest.mark.parametrize(
    ("kind", "happened"),
    [
        ("person_comments", lambda item: len(item["comments"]) == 4),
        ("person_closes", lambda item: item["state"] == "closed"),
        ("person_locks", lambda item: item["locked"]),
        ("person_transfers", lambda item: item["moved_to"] is not None),
        ("person_deletes", lambda item: item["deleted"]),
        ("other_bot", lambda item: "stale" in item["labels"]),
    ],
)
def test_somebody_acts_on_the_item_that_a_request_is_about(
    github: Local, kind: str, happened: Any
) -> None:
    """Never the account that asks."""
    subject = ids(github)["id"]
    schedule(github, kind)
    send(github, READ, id=subject)
    assert happened(github.item())
    assert struck(github) == {kind: 1}
    deeds = [
        line for line in github.client.get("/_sandbox/log").text.splitlines() if '"act"' in line
    ]
    assert '"by":"root"' not in deeds[-1]


def test_an_apps_token_expires_and_the_next_one_works(github: Local) -> None:
    """Only tokens of installations; the account's own goes on."""
    from migrator.sandbox.apps import new_installation_token

    tokens = [
        new_installation_token(github.world, github.world.installations[88]).secret
        for _ in range(2)
    ]
    schedule(github, "token_expired", "token_expired")
    statuses = [
        github.client.get(
            f"/repos/{SOURCE}", headers={"authorization": f"token {secret}"}
        ).status_code
        for secret in (tokens[0], "sandbox-root", tokens[0], tokens[1])
    ]
    assert statuses == [401, 200, 401, 200]
    assert struck(github) == {"token_expired": 1}


def test_an_uninstalled_app_can_do_nothing_more(github: Local) -> None:
    """Neither with its token nor with a new one."""
    from migrator.sandbox.apps import new_installation_token

    secret = new_installation_token(github.world, github.world.installations[88]).secret
    schedule(github, "app_uninstalled")
    headers = {"authorization": f"token {secret}"}
    assert [
        github.client.get(f"/repos/{SOURCE}", headers=headers).status_code for _ in range(2)
    ] == [401, 401]
    assert github.world.installations[88].removed


def test_a_person_reopens_what_was_closed(github: Local) -> None:
    """A maintainer, or whoever may."""
    subject = ids(github)["id"]
    github.act("root", "close")
    schedule(github, "person_reopens")
    send(github, READ, id=subject)
    assert github.item()["state"] == "open"


def test_what_was_never_heard_was_never_read(github: Local) -> None:
    """A lost reply shows its client nothing: it does not count as a read."""
    subject = ids(github)["id"]
    schedule(github, "stored_502")
    send(github, COMMENT, id=subject)
    send(
        github,
        "mutation($id: ID!) { closeIssue(input: {issueId: $id}) { issue { state } } }",
        id=subject,
    )
    closed = [event for event in github.item()["events"] if event["kind"] == "closed"][-1]
    notice = github.item()["comments"][-1]
    assert closed.get("read", 0) < notice["sequence"]


def test_a_seed_draws_the_same_faults_again(github: Local) -> None:
    """For the same requests in the same order."""

    def strikes() -> list[str]:
        rates = {"lost_502": 0.2, "refused_429": 0.2, "slow": 0.1}
        github.control("POST", "faults", json={"seed": 5, "rates": rates, "slow": 0.0})
        first = len(github.server.log.entries)
        for _ in range(30):
            send(github, "{ viewer { login } }")
        return [entry.fault for entry in github.server.log.entries[first:]]

    assert strikes() == strikes()
    assert len(set(strikes())) > 2


def test_an_empty_schedule_ends_the_faults(github: Local) -> None:
    """And an unknown kind is refused."""
    github.control("POST", "faults", json={"rates": {"lost_502": 1.0}})
    assert send(github, "{ viewer { login } }").status_code == 502
    github.control("POST", "faults", json={})
    assert send(github, "{ viewer { login } }").status_code == 200
    assert (
        github.client.post("/_sandbox/faults", json={"rates": {"earthquake": 1.0}}).status_code
        == 400
    )


def test_only_the_named_accounts_are_struck(github: Local) -> None:
    """People on the web go on undisturbed."""
    github.control("POST", "faults", json={"rates": {"lost_502": 1.0}, "only": ["tria"]})
    assert send(github, "{ viewer { login } }").status_code == 200
    assert github.rest("GET", f"/repos/{SOURCE}", by="tria").status_code == 502


def test_a_fault_that_cannot_strike_is_not_counted(github: Local) -> None:
    """A lost reply needs a write, a partial success several, an expiry an App."""
    schedule(
        github, "stored_502", "partial_success", "token_expired", "labels_dropped", "stale_read"
    )
    for _ in range(5):
        assert send(github, "{ viewer { login } }").status_code == 200
    assert struck(github) == {}


def test_every_kind_is_described(github: Local) -> None:
    """The control surface tells what there is."""
    told = github.control("POST", "faults", json={})["kinds"]
    assert told.keys() == KINDS.keys()
    assert all(told.values())


def test_a_client_that_goes_away_in_the_middle_of_a_request_leaves_no_traceback(
    github: Local, caplog: pytest.LogCaptureFixture
) -> None:
    """And the next one is served."""
    url = httpx.URL(github.url)
    with socket.create_connection((url.host, url.port or 80)) as half:
        half.sendall(b"POST /graphql HTTP/1.1\r\nhost: local\r\ncontent-length: 100\r\n\r\n{")
    assert github.graphql("{ viewer { login } }")["data"]["viewer"]["login"] == "root"
    assert not [each for each in caplog.records if each.exc_info]
