"""What a process counts of its requests and of its listener."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from migrator.domain.protocol.causes import HoldCause, hold_cause
from migrator.github.http_messages import Counted
from migrator.github.rate_limit_headers import RateLimit
from migrator.github.refusals import REFUSALS
from migrator.github.transport import Observation
from migrator.web.metrics import Metrics, operation

UNTIL = datetime(2021, 9, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("ItemsPage", "ItemsPage"),
        ("/repos/alice/secret-project", "/repos/{owner}/{repo}"),
        ("/repos/alice/secret-project/labels?page=7", "/repos/{owner}/{repo}/labels"),
        ("/repos/alice/x/123", "/repos/{owner}/{repo}"),
        ("/users/alice", "/users"),
        ("/rate_limit", "/rate_limit"),
        ("/4711/x", "other"),
        ("https://example.org/alice", "other"),
    ],
)
def test_an_operation_names_nothing_that_comes_from_outside(name: str, label: str) -> None:
    """Owners, repositories, numbers and people are in no label."""
    assert operation(name) == label


def test_a_request_is_counted_by_operation_and_status_with_its_time_and_points() -> None:
    """A request without a reply has the status `none`."""
    metrics = Metrics()
    rate = RateLimit(resource="graphql", limit=5000, remaining=4321, reset_at=1.0e9)
    asked = Observation(name="Viewer", counted=Counted.QUERY, status=200, seconds=0.2, rate=rate)
    metrics.requested("token", asked)
    metrics.requested("token", Observation(name="Viewer", counted=Counted.QUERY, seconds=30.0))
    text = metrics.text().decode()
    for line in (
        'migrator_github_requests_total{operation="Viewer",status="200"} 1.0',
        'migrator_github_requests_total{operation="Viewer",status="none"} 1.0',
        'migrator_github_request_duration_seconds_bucket{le="0.25",operation="Viewer"} 1.0',
        'migrator_github_points_left{account="token",resource="graphql"} 4321.0',
        'migrator_github_points_reset_timestamp_seconds{account="token",resource="graphql"} 1e+09',
    ):
        assert line in text.splitlines()


def test_the_limits_of_a_resource_that_is_new_have_no_label_of_their_own() -> None:
    """GitHub names resources in a header, and may invent some."""
    metrics = Metrics()
    rate = RateLimit(resource="brand_new", limit=9, remaining=8)
    metrics.requested(
        "token", Observation(name="Viewer", counted=Counted.QUERY, status=200, rate=rate)
    )
    assert b'resource="other"' in metrics.text()
    assert b"brand_new" not in metrics.text()


def test_a_listener_is_running_waiting_or_stopped() -> None:
    """While it waits, the cause and the time are named; a process without one says nothing."""
    metrics, alive = Metrics(), [True]
    assert b"migrator_listener_state{" not in metrics.text()
    metrics.listens(lambda: alive[0])
    assert b'migrator_listener_state{cause="",state="running"} 1.0' in metrics.text()
    metrics.held("archived", UNTIL)
    text = metrics.text()
    assert b'migrator_listener_state{cause="archived",state="waiting"} 1.0' in text
    assert b"\nmigrator_listener_waiting_until_timestamp_seconds 1.632" in text
    metrics.held("", None)
    assert b'migrator_listener_state{cause="",state="running"} 1.0' in metrics.text()
    alive[0] = False
    assert b'migrator_listener_state{cause="",state="stopped"} 1.0' in metrics.text()


@pytest.mark.parametrize(
    "word",
    [*REFUSALS, "role", "credentials", "limited", "unavailable", "unauthenticated", "clock"],
)
def test_every_reason_for_a_hold_is_on_the_list(word: str) -> None:
    """The words of the log event and of GitHub's refusals."""
    assert hold_cause(word) not in (HoldCause.OTHER, HoldCause.NONE)


def test_a_word_that_is_not_on_the_list_is_other() -> None:
    """The number of labels stays bounded."""
    assert hold_cause("brand new") is HoldCause.OTHER
