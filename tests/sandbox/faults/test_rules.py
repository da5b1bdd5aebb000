"""Rules for replies: which request they strike, and what they make of the reply."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from migrator.sandbox.faults.rules import catalogue
from tests.support.sandbox_server import SOURCE, Local

SCAN = """query ScanIssues($first: Int!) { repository(owner: "acme", name: "mono") { issues(first: $first) {
  totalCount pageInfo { hasNextPage } nodes {
    id number labels(first: 9) { nodes { name } } comments(last: 9) { nodes { body } } } } } }"""
READ = """query Item($id: ID!) { node(id: $id) { ... on Issue { id number labels(first: 9) { nodes { name } }
  comments(last: 9) { nodes { body } } } } }"""
COMMENT = (
    'mutation AddComment($id: ID!) { addComment(input: {subjectId: $id, body: "Hello"}) { '
    "clientMutationId } }"
)


def rule(github: Local, *rules: dict[str, Any]) -> None:
    """Put these rules in force."""
    github.control("POST", "rules", json=list(rules))


def send(github: Local, text: str, **variables: Any) -> httpx.Response:
    """Ask as root; the raw reply."""
    name = text.split()[1].partition("(")[0]
    return github.client.post(
        "/graphql",
        json={"query": text, "operationName": name, "variables": variables},
        headers={"authorization": "bearer sandbox-root"},
    )


def page(github: Local, first: int = 100) -> dict[str, Any]:
    """The issues of the source, as a scan is answered."""
    return dict(send(github, SCAN, first=first).json())


def numbers(answer: dict[str, Any]) -> list[int | None]:
    """Numbers of the nodes of a page."""
    return [node and node["number"] for node in answer["data"]["repository"]["issues"]["nodes"]]


def test_an_item_of_a_page_becomes_null_with_its_place_in_the_error(github: Local) -> None:
    """As GitHub does it: the path leads to the null."""
    whole = numbers(page(github))
    rule(github, {"use": "null_node", "items": [whole[1]]})
    spoiled = page(github)
    assert numbers(spoiled) == [whole[0], None, *whole[2:]]
    assert spoiled["errors"][0]["path"] == ["repository", "issues", "nodes", 1]
    assert github.control("GET", "rules")["rules"][0]["struck"] == 1


def test_a_rule_strikes_the_requests_that_it_counts(github: Local) -> None:
    """From the first that fits."""
    rule(github, {"operation": "ScanIssues", "nth": [2], "status": 502})
    assert [send(github, SCAN, first=9).status_code for _ in range(3)] == [200, 502, 200]


def test_a_rule_about_an_item_counts_the_requests_that_show_it(github: Local) -> None:
    """Others pass."""
    three = github.graphql(
        '{ repository(owner: "acme", name: "mono") { issue(number: 3) { id } } }'
    )["data"]["repository"]["issue"]
    rule(github, {"use": "item_times_out", "items": [f"{SOURCE}#1"]})
    assert send(github, READ, id=three["id"]).status_code == 200
    assert send(github, SCAN, first=9).status_code == 502


@pytest.mark.parametrize(("first", "struck"), [(50, False), (51, True)])
def test_a_wide_page_exceeds_the_resources_of_a_query(
    github: Local, first: int, struck: bool
) -> None:
    """Status 200, every item null, one error each."""
    rule(github, {"use": "resource_limits"})
    answer = page(github, first)
    assert all(number is None for number in numbers(answer)) is struck
    assert {error["type"] for error in answer.get("errors", [])} == (
        {"RESOURCE_LIMITS_EXCEEDED"} if struck else set()
    )


def test_inner_lists_are_null_by_item_also_where_it_is_read_alone(github: Local) -> None:
    """Of one item, not of its neighbours."""
    node = page(github)["data"]["repository"]["issues"]["nodes"][0]
    rule(
        github,
        {"use": "labels_null", "items": [node["number"]]},
        {"use": "comments_null", "items": [node["number"]]},
    )
    alone = send(github, READ, id=node["id"]).json()["data"]["node"]
    first, second, *_ = page(github)["data"]["repository"]["issues"]["nodes"]
    assert (alone["labels"], alone["comments"]["nodes"], first["labels"]) == (None, None, None)
    assert second["labels"] is not None


def test_a_short_page_still_says_that_it_has_more(github: Local) -> None:
    """What is left out is not announced."""
    rule(github, {"use": "short_page"})
    answer = page(github, 2)
    assert len(numbers(answer)) == 1
    assert answer["data"]["repository"]["issues"]["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize("done", [True, False])
def test_a_spoiled_reply_of_a_write_says_nothing_of_whether_it_was_done(
    github: Local, done: bool
) -> None:
    """Both happen."""
    node = page(github)["data"]["repository"]["issues"]["nodes"][0]
    rule(github, {"operation": "AddComment", "status": 502, "done": done})
    assert send(github, COMMENT, id=node["id"]).status_code == 502
    bodies = [comment["body"] for comment in github.item(node["number"])["comments"]]
    assert ("Hello" in bodies) is done


def test_rest_is_answered_by_path_and_method(github: Local) -> None:
    """With headers, too."""
    rule(
        github,
        {
            "path": "/repos/*/issues/1",
            "method": "GET",
            "headers": {"sunset": "Fri, 10 Mar 2028 00:00:00 GMT"},
        },
    )
    assert github.rest("GET", "/repos/acme/mono/issues/1").headers["sunset"].startswith("Fri")
    assert "sunset" not in github.rest("GET", "/repos/acme/mono/issues/3").headers


def test_a_share_of_items_is_the_same_each_time(github: Local) -> None:
    """Drawn by the seed, not by chance."""
    rule(github, {"use": "null_node", "share": 0.5, "seed": 4})
    assert numbers(page(github)) == numbers(page(github))
    rule(github)
    assert None not in numbers(page(github))


def test_every_rule_of_the_catalogue_names_its_source(github: Local) -> None:
    """And can be put in force by its name."""
    for name, known in catalogue().items():
        assert known.source.startswith("https://"), name
        assert known.says, name
        rule(github, {"use": name, "nth": [1000]})


def test_an_unknown_rule_is_refused(github: Local) -> None:
    """With the names of those that there are."""
    reply = github.client.post("/_sandbox/rules", json=[{"use": "nothing"}])
    assert (reply.status_code, "null_node" in reply.text) == (400, True)
