"""Signed in as a GitHub App: two owners, two installations, tokens that run out, and an App that
is uninstalled meanwhile."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import Outcome
from migrator.execution.verify import verify
from migrator.rehearsal.sandbox import APP_ACCOUNT
from migrator.services import runs
from migrator.services.rehearse import Rehearsal
from migrator.services.undo import make_undo_plan
from migrator.store.budget import Budget
from migrator.store.plans import Approval, StoredPlan
from migrator.store.runs import RunState
from tests.execution.conftest import Stage, staged
from tests.support.runner import UNPACED


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage on which we are the App."""
    with staged(tmp_path_factory.mktemp("app"), items=400, account=APP_ACCOUNT) as built:
        yield built


@pytest.fixture
def app_stage(house: Stage) -> Iterator[Stage]:
    """The same for one test, whose faults must all have struck at its end."""
    yield house
    assert house.proxy.before == {}


def strike(stage: Stage, operation: str, fault: str) -> None:
    """Let a fault strike the next request of that name."""
    stage.proxy.before[operation] = lambda: stage.control("faults", {"at": {"1": fault}})


def install_again(stage: Stage) -> None:
    """Install the App wherever it is not any more."""
    urllib.request.urlopen(
        f"{stage.arena.sandbox.url}/apps/{APP_ACCOUNT}/installations/new"
    ).close()


def outcome(stage: Stage, item: PlanItem) -> tuple[Outcome | None, str]:
    """Outcome and reason code of the item's newest entry."""
    state = stage.entry(item).state
    return state.outcome, state.code


def undo_of(stage: Stage, run_id: str) -> StoredPlan:
    """An approved plan that takes a run back."""
    now = stage.context.clock()
    plan = make_undo_plan(stage.context, as_of=now, run_id=run_id, progress=lambda *_: None)
    stage.context.store.plans.approve(
        plan.hash, Approval(approved_by="test", how="test", approved_at=now)
    )
    return plan


@pytest.mark.parametrize("operation", ["Item", "AddComment", "LabelAndClose"])
def test_a_token_that_runs_out_is_replaced_and_nothing_is_done_twice(
    app_stage: Stage, operation: str
) -> None:
    """A refused token says that nothing was done: the item is read anew, and the write sent with
    a new token."""
    plan, item = app_stage.one(Decision.RETIRE)
    strike(app_stage, operation, "token_expired")
    assert app_stage.apply(plan).run.state is RunState.FINISHED
    assert outcome(app_stage, item) == (Outcome.DONE, "retire")
    assert len(app_stage.notices(item)) == 1
    assert [event["kind"] for event in app_stage.record(item)["events"]].count("closed") == 1


@pytest.mark.parametrize(
    ("operation", "standing"), [("Item", 0), ("AddComment", 0), ("LabelAndClose", 1)]
)
def test_an_uninstalled_app_stops_with_the_reason_and_goes_on_once_installed_again(
    app_stage: Stage, operation: str, standing: int
) -> None:
    """No item fails for it, nothing is lost, and the person who resumes need not know where it
    stopped."""
    plan, item = app_stage.one(Decision.RETIRE)
    strike(app_stage, operation, "app_uninstalled")
    stopped = app_stage.apply(plan)
    assert stopped.run.state is RunState.STOPPED
    assert "the App" in stopped.run.reason
    assert "install" in stopped.run.reason
    assert (stopped.outcomes, len(app_stage.notices(item))) == ({}, standing)
    install_again(app_stage)
    runs.resume(app_stage.context, stopped.run.id)
    assert app_stage.apply(plan).run.state is RunState.FINISHED
    assert outcome(app_stage, item) == (Outcome.DONE, "retire")
    assert len(app_stage.notices(item)) == 1


@pytest.mark.parametrize("operation", ["TakeBack", "UpdateComment"])
def test_an_undo_outlives_its_token(app_stage: Stage, operation: str) -> None:
    """What is taken back is taken back once, whichever of its requests meets the end of the
    token."""
    plan, item = app_stage.one(Decision.RETIRE)
    done = app_stage.apply(plan)
    strike(app_stage, operation, "token_expired")
    undone = app_stage.apply(undo_of(app_stage, done.run.id))
    assert undone.outcomes == {"done": {"undo": 1}}
    assert app_stage.is_open(item)


def test_an_undo_stops_where_the_app_is_gone(app_stage: Stage) -> None:
    """The last edit of an undo reads nothing first: it must not try on and on, nor call the item
    failed."""
    plan, _ = app_stage.one(Decision.RETIRE)
    done = app_stage.apply(plan)
    undo = undo_of(app_stage, done.run.id)
    strike(app_stage, "UpdateComment", "app_uninstalled")
    stopped = app_stage.apply(undo)
    assert (stopped.run.state, stopped.outcomes) == (RunState.STOPPED, {})
    install_again(app_stage)
    runs.resume(app_stage.context, stopped.run.id)
    assert app_stage.apply(undo).outcomes == {"done": {"undo": 1}}


def test_one_wave_writes_at_two_owners_and_each_installation_spends_its_own_budget(
    app_stage: Stage,
) -> None:
    """A notice here, a notice with its close there: neither counts against the other's limits."""
    plan = app_stage.plan(Decision.REDIRECT, Decision.CLEAR)
    here, there = sorted(
        app_stage.context.store.plans.items(plan.hash),
        key=lambda item: item.decision != Decision.REDIRECT,
    )
    accounts = [app_stage.context.clients.account(item.repository) for item in (here, there)]
    assert accounts[0] != accounts[1]
    budgets = [Budget(app_stage.context.store.engine, account) for account in accounts]
    before = [budget.outlook().last_hour for budget in budgets]
    assert app_stage.apply(plan, replace(UNPACED, paced=True)).run.state is RunState.FINISHED
    assert [len(app_stage.notices(item)) for item in (here, there)] == [1, 1]
    spent = [
        budget.outlook().last_hour - known for budget, known in zip(budgets, before, strict=True)
    ]
    assert spent == [1 + bool(here.label), 2]


def test_a_plan_after_the_run_knows_the_apps_own_notices(app_stage: Stage) -> None:
    """They stand: nothing is posted again, nothing of the bot's moves the clock, and GitHub is
    as the ledger says."""
    plan = app_stage.plan(Decision.REDIRECT, Decision.RETIRE, Decision.CLEAR)
    items = {item.key: item for item in app_stage.context.store.plans.items(plan.hash)}
    app_stage.apply(plan)
    verified = asyncio.run(verify(app_stage.context, run_id=None, progress=lambda _: None))
    assert verified.faults == ()
    assert verified.entries >= 3
    as_of = app_stage.context.clock()
    again = Rehearsal(
        app_stage.context,
        as_of=as_of,
        advance=lambda _: None,
        options=UNPACED,
        report=lambda *_: None,
    )
    again.prepare()
    second = {
        item.key: item for item in app_stage.context.store.plans.items(again.approved_plan().hash)
    }
    assert not [key for key in items if key in second and second[key].text]
    standing = [key for key, item in items.items() if not item.closes]
    assert standing
    assert {second[key].code for key in standing} == {"already_done"}
