"""A machine whose clock is wrong writes nothing: a grace would end on another day than its
notice says."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from migrator.domain.decisions import Decision
from migrator.github.client_pool import ClientPool
from migrator.services import runs
from migrator.store.runs import RunState
from tests.execution.conftest import Stage


@pytest.mark.trouble("`this machine's clock is ... ahead of GitHub's`")
def test_a_run_stops_before_its_first_act_where_the_clock_is_days_off_and_goes_on_when_it_is_set(
    stage: Stage,
) -> None:
    """It says by how much, and nothing of the plan is lost."""
    plan, item = stage.one(Decision.RETIRE)
    right, token = stage.context, stage.context.settings.github_token
    assert token is not None
    wrong = ClientPool(
        stage.arena.url, token=token.get_secret_value(), now=lambda: time.time() + 3 * 86_400
    )
    stage.context = replace(right, clients=wrong)
    try:
        stopped = stage.apply(plan).run
    finally:
        stage.context = right
    assert (stopped.state, stopped.reason) == (
        RunState.STOPPED,
        "this machine's clock is 3 days ahead of GitHub's",
    )
    assert stage.notices(item) == []
    runs.resume(stage.context, stopped.id)
    assert stage.apply(plan).run.state is RunState.FINISHED
    assert len(stage.notices(item)) == 1
