"""The state of a run, as metrics tell it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from migrator.domain.protocol.causes import HoldCause
from migrator.store.runs import Run, RunOptions, RunState
from migrator.views.metrics import RUN_STATES, _states, cause_of, state_of

NOW = datetime(2021, 9, 20, 12, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(hours=8), NOW - timedelta(seconds=1)
QUIET = HoldCause.QUIET_HOURS


@pytest.mark.parametrize(
    ("state", "held_until", "noted", "shown", "cause"),
    [
        (RunState.RUNNING, None, HoldCause.NONE, "running", HoldCause.NONE),
        (RunState.RUNNING, LATER, QUIET, "waiting", QUIET),
        (RunState.RUNNING, EARLIER, QUIET, "running", HoldCause.NONE),
        (RunState.PAUSED, LATER, QUIET, "paused", HoldCause.MAINTAINER),
        (RunState.STOPPED, None, HoldCause.ARCHIVED, "stopped", HoldCause.ARCHIVED),
        (RunState.STOPPED, None, HoldCause.NONE, "stopped", HoldCause.OTHER),
    ],
)
def test_a_run_that_does_not_go_on_has_a_state_and_a_cause(
    state: RunState, held_until: datetime | None, noted: HoldCause, shown: str, cause: HoldCause
) -> None:
    """One state is 1, and only that one has a cause. A stop of before there were causes: other."""
    options = RunOptions(held_until=held_until, cause=noted)
    run = Run(
        id="r", plan_hash="p", kind="migrate", state=state, started_at=EARLIER, options=options
    )
    assert (state_of(run, NOW), cause_of(run, NOW)) == (shown, cause)
    labels = [dict(label) for label in _states(run, NOW)]
    assert [label["state"] for label in labels] == list(RUN_STATES)
    assert {label["state"]: label["cause"] for label in labels if label["cause"]} == (
        {shown: cause.value} if cause else {}
    )
