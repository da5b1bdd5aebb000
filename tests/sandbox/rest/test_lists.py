"""Lists: filters, order, and pages by ``Link``."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.sandbox_server import SOURCE, Local

ISSUES = f"/repos/{SOURCE}/issues"


@pytest.mark.parametrize(
    ("params", "numbers"),
    [
        ({}, [4, 2, 1]),
        ({"state": "all"}, [4, 2, 1, 3]),
        ({"state": "closed"}, [3]),
        ({"state": "all", "sort": "created", "direction": "asc"}, [3, 1, 2, 4]),
        ({"sort": "updated"}, [4, 1, 2]),
        ({"sort": "comments", "direction": "desc"}, [1, 2, 4]),
        ({"since": "2020-02-04T00:00:00Z"}, [4, 1]),
        ({"labels": "bug,help wanted"}, [1]),
        ({"labels": "bug,absent"}, []),
        ({"creator": "amy"}, [4, 1]),
        ({"assignee": "tria"}, [1]),
        ({"assignee": "none"}, [4, 2]),
        ({"milestone": "1"}, [1]),
        ({"milestone": "none"}, [4, 2]),
    ],
)
def test_filters_and_orders_hold(github: Local, params: dict[str, Any], numbers: list[int]) -> None:
    """Issues and pull requests come together; the newest first unless asked otherwise."""
    reply = github.rest("GET", ISSUES, params=params)
    assert [issue["number"] for issue in reply.json()] == numbers


def links(header: str) -> dict[str, str]:
    """Return the addresses in a ``Link`` header by name."""
    return {name: address for address, name in re.findall(r'<([^>]+)>; rel="(\w+)"', header)}


def test_links_name_the_repository_by_id_and_keep_the_filters(github: Local) -> None:
    """As on GitHub, whose links read ``/repositories/ID/issues?...``; following them reaches
    every page once."""
    reply = github.rest("GET", ISSUES, params={"state": "all", "per_page": 2})
    first = links(reply.headers["link"])
    assert set(first) == {"next", "last"}
    assert re.fullmatch(
        rf"{github.url}/repositories/\d+/issues\?state=all&per_page=2&page=2", first["next"]
    )
    second = github.rest("GET", first["next"])
    assert set(links(second.headers["link"])) == {"prev", "first"}
    assert [issue["number"] for issue in [*reply.json(), *second.json()]] == [4, 2, 1, 3]


def test_a_page_larger_than_a_hundred_is_cut(github: Local) -> None:
    """REST does not refuse it."""
    github.control("POST", "act", json=[_opening(number) for number in range(110)])
    assert len(github.rest("GET", ISSUES, params={"per_page": 200}).json()) == 100


def _opening(number: int) -> dict[str, Any]:
    return {
        "as": "amy",
        "do": "open_issue",
        "repository": SOURCE,
        "number": 0,
        "title": f"More {number}",
    }


def test_comments_are_listed_since_a_time(github: Local) -> None:
    """Of one issue, and of the whole repository."""
    since = {"since": "2020-01-04T00:00:00Z"}
    assert len(github.rest("GET", f"{ISSUES}/1/comments", params=since).json()) == 2
    assert len(github.rest("GET", f"{ISSUES}/comments", params=since).json()) == 3


def test_wrong_values_are_refused(github: Local) -> None:
    """422, with what is wrong."""
    for params in ({"state": "ajar"}, {"since": "yesterday"}, {"milestone": "9"}):
        assert github.rest("GET", ISSUES, params=params).status_code == 422
