"""GitHub's limits, counted and enforced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from migrator.sandbox.billing import Bill, graphql_bill, rest_bill
from migrator.sandbox.limits import LimitRules, Limits, Window, parse_rules
from migrator.sandbox.server import Options
from tests.support.sandbox_server import SOURCE, Local, build, serving

COMMENT = Bill(resource="graphql", points=5, created=1, writes=True)


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now


def enforced(**more: Any) -> tuple[Limits, Time]:
    """Enforced limits on a clock of their own."""
    time = Time()
    return Limits(LimitRules(enforced=True, **more), clock=time), time


def test_eighty_contents_a_minute_and_not_one_more() -> None:
    """The eighty-first is refused until the first is a minute old."""
    limits, time = enforced()
    assert all(limits.pay("amy", COMMENT) is None for _ in range(80))
    assert limits.pay("amy", COMMENT) is not None
    assert limits.pay("bob", COMMENT) is None
    time.now = 60.0
    assert limits.pay("amy", COMMENT) is None
    assert limits.refused == 1


def test_five_hundred_contents_an_hour() -> None:
    """Spread out so that no minute is over."""
    limits, time = enforced()
    paid = 0
    for second in range(3600):
        time.now = float(second)
        paid += limits.pay("amy", COMMENT) is None
    assert paid == 500


def test_a_scaled_hour_passes_in_a_minute() -> None:
    """All times shrink alike."""
    limits, time = enforced(scale=60.0)
    for _ in range(80):
        limits.pay("amy", COMMENT)
    assert limits.pay("amy", COMMENT) is not None
    time.now = 1.0
    assert limits.pay("amy", COMMENT) is None


def test_refusals_come_in_every_form_that_github_uses() -> None:
    """403, 429 and GraphQL's 200; with and without ``retry-after``; never with a header that
    tells what is left."""
    limits, _ = enforced(content_minute=0)
    replies = [limits.pay("amy", COMMENT) for _ in range(200)]
    seen = {
        (reply.status, "retry-after" in reply.headers) for reply in replies if reply is not None
    }
    assert seen == {(status, told) for status in (200, 403, 429) for told in (True, False)}


def test_points_of_a_minute_are_bounded() -> None:
    """REST: 900, a read 1 and a write 5."""
    limits, _ = enforced()
    read = rest_bill("GET", "/x")
    assert sum(limits.pay("amy", read) is None for _ in range(1000)) == 900


def test_what_each_request_costs() -> None:
    """A comment counts 1 each, also aliased; label and close together as one; reads nothing."""
    assert graphql_bill(1, ("addComment", "addComment")).content(1) == 2
    assert graphql_bill(1, ("addLabelsToLabelable", "closeIssue")).content(1) == 1
    assert graphql_bill(1, ("addLabelsToLabelable", "closeIssue")).content(2) == 2
    assert graphql_bill(7, ()) == Bill(resource="graphql", primary=7, points=1)
    assert rest_bill("POST", "/repos/a/b/issues/1/comments").content(1) == 1
    assert rest_bill("PATCH", "/repos/a/b/issues/1").content(1) == 1
    assert rest_bill("GET", "/repos/a/b/issues").content(1) == 0


def test_a_window_forgets_what_is_old() -> None:
    """The wait is until enough of it is old enough."""
    window = Window(10.0)
    window.spend(0.0, 3)
    window.spend(5.0, 2)
    assert window.wait(6.0, 1, 5) == 4.0
    assert window.wait(6.0, 4, 5) == 9.0
    assert window.wait(10.0, 3, 5) == 0.0


def test_limits_are_named_in_three_ways() -> None:
    """Off, real, or scaled."""
    assert (
        parse_rules("off").enforced,
        parse_rules("real").scale,
        parse_rules("scaled:60").scale,
    ) == (False, 1.0, 60.0)
    with pytest.raises(ValueError, match="off, real or scaled"):
        parse_rules("strict")


@pytest.fixture
def limited(small_records: list[dict[str, Any]]) -> Iterator[Local]:
    """A sandbox whose limits are real."""
    with serving(build(small_records), Options(limits="real")) as local:
        yield local


def test_the_primary_limit_shows_in_headers_and_in_graphql(limited: Local) -> None:
    """Each half has a budget of its own."""
    limited.rest("GET", f"/repos/{SOURCE}")
    reply = limited.rest("GET", f"/repos/{SOURCE}")
    assert (reply.headers["x-ratelimit-remaining"], reply.headers["x-ratelimit-resource"]) == (
        "4998",
        "core",
    )
    shown = limited.graphql("{ rateLimit { cost remaining limit resetAt } }")["data"]["rateLimit"]
    assert (shown["cost"], shown["remaining"], shown["limit"]) == (1, 4999, 5000)


def test_a_used_up_hour_is_refused_as_github_does(limited: Local) -> None:
    """REST by 403 with nothing remaining, GraphQL by 200 and an error."""
    limited.control("POST", "limits", json={"primary_hour": 1})
    limited.rest("GET", f"/repos/{SOURCE}")
    refused = limited.rest("GET", f"/repos/{SOURCE}")
    assert (refused.status_code, refused.headers["x-ratelimit-remaining"]) == (403, "0")
    limited.graphql("{ viewer { login } }")
    assert limited.graphql("{ viewer { login } }")["errors"][0]["type"] == "RATE_LIMITED"
    assert limited.control("GET", "stats")["limit_errors"] == 2


def test_secondary_limits_strike_without_a_warning(limited: Local) -> None:
    """Plenty of the hour is left when the content limit strikes; what was refused was not done."""
    limited.control("POST", "limits", json={"content_minute": 2, "graphql_200": 0})
    address = f"/repos/{SOURCE}/issues/1/comments"
    statuses = [limited.rest("POST", address, json={"body": "Hello"}) for _ in range(4)]
    assert [reply.status_code < 300 for reply in statuses] == [True, True, False, False]
    assert int(statuses[-1].headers["x-ratelimit-remaining"]) > 4000
    assert len(limited.item()["comments"]) == 5
    assert limited.control("GET", "limits", params={"login": "root"})["content_minute"] == 2


def test_a_query_that_is_too_heavy_times_out(github: Local) -> None:
    """502, as after 10 seconds; a smaller page goes through."""
    github.control("POST", "limits", json={"heaviest": 50})
    text = '{ repository(owner: "acme", name: "mono") { issues(first: %d) { totalCount } } }'
    headers = {"authorization": "bearer sandbox-root"}
    statuses = [
        github.client.post("/graphql", json={"query": text % size}, headers=headers).status_code
        for size in (51, 50)
    ]
    assert statuses == [502, 200]


def test_without_limits_nothing_is_ever_used_up(github: Local) -> None:
    """An unpaced rehearsal never waits."""
    for _ in range(3):
        reply = github.rest("GET", f"/repos/{SOURCE}")
    assert reply.headers["x-ratelimit-remaining"] == "5000"
