"""What decisions will cost."""

from __future__ import annotations

import pytest

from migrator.domain.decisions import Decided, Decision
from migrator.domain.evidence import Evidence, Leaning
from migrator.domain.planning.forecast import forecast, writing_hours
from migrator.domain.rules import BudgetRules

SEEN = Evidence(signal="x", says=Leaning.NEUTRAL)
BUDGET = BudgetRules(
    content_per_minute=60, content_per_hour=100, seconds_between_writes=1.0, close_costs=1
)


def made(decision: Decision, *, closes: bool = False, label: str = "") -> Decided:
    """A decision."""
    return Decided(
        decision=decision, code="stale", message="", deciding=SEEN, closes=closes, label=label
    )


def test_what_writes_nothing_costs_nothing() -> None:
    """Leaving and reviewing are counted, and that is all."""
    found = forecast([(made(Decision.LEAVE), 5), (made(Decision.REVIEW), 5)], BUDGET)
    assert (found.items, found.notices, found.closes, found.mails, found.hours) == (2, 0, 0, 0, 0.0)
    assert found.decisions == {"leave": 1, "review": 1}


def test_a_notice_mails_once_and_a_close_once_more() -> None:
    """Each to everybody on the item."""
    found = forecast(
        [(made(Decision.REDIRECT), 3), (made(Decision.RETIRE, closes=True), 4)], BUDGET
    )
    assert (found.notices, found.closes, found.mails) == (2, 1, 3 + 8)


@pytest.mark.parametrize(
    ("notices", "seconds"),
    [
        (0, 0),
        (1, 0),
        (2, 1),
        (60, 59),
        (61, 60),
        (100, 99),
        (101, 3600),
        (102, 3601),
        (201, 7200),
    ],
)
def test_hours_follow_from_pace_minute_and_hour(notices: int, seconds: float) -> None:
    """A hundred an hour, one a second: the hundred-and-first waits for the hour to be over."""
    assert writing_hours(notices, 0, BUDGET) == pytest.approx(seconds / 3600)


def test_the_minutes_limit_binds_where_writes_may_follow_at_once() -> None:
    """61 writes need a second minute."""
    fast = BudgetRules(content_per_minute=60, content_per_hour=500, seconds_between_writes=0.0)
    assert writing_hours(60, 0, fast) == 0.0
    assert writing_hours(61, 0, fast) == pytest.approx(60 / 3600)


def test_a_close_counts_what_the_file_says() -> None:
    """Nothing but its place in the row, if GitHub does not count it as content."""
    free = BudgetRules(
        content_per_minute=60, content_per_hour=100, seconds_between_writes=1.0, close_costs=0
    )
    assert writing_hours(100, 100, BUDGET) == pytest.approx((3600 + 99) / 3600)
    assert writing_hours(100, 100, free) == pytest.approx(199 / 3600)


def test_a_label_without_a_close_is_a_request_too() -> None:
    """Label and close share one."""
    labelled = forecast([(made(Decision.REDIRECT, label="moved"), 0)] * 51, BUDGET)
    closing = forecast([(made(Decision.RETIRE, label="moved", closes=True), 0)] * 51, BUDGET)
    assert labelled.hours == closing.hours == pytest.approx((3600 + 1) / 3600, abs=1e-3)
