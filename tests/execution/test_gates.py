"""What holds a real run back: people's mail, quiet hours, and bounds that must not be passed."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from migrator.config.migration_file import LoadedMigration
from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem, PlanKind
from migrator.domain.rules.settings_override import with_settings
from migrator.execution import gates
from migrator.execution import run as apply_workflow
from migrator.execution.context import Context
from migrator.execution.engine import Engine
from migrator.execution.gates import check, enforces_limits
from migrator.execution.objections import Objections, count
from migrator.execution.run import run_step
from migrator.services import runs
from migrator.services.follow import due_runs
from migrator.services.mail_forecast import mail_forecast
from migrator.store.budget import Budget
from migrator.store.ledger import Recorded
from migrator.store.plans import StoredPlan
from migrator.store.runs import Run, RunOptions, RunState
from tests.execution.conftest import Stage
from tests.support.runner import UNPACED

CONSIDERATE = RunOptions(paced=False, considerate=True)


def under(stage: Stage, *settings: str) -> Context:
    """The stage's context with other rules, but the digest that its plans were made under."""
    old = stage.context.migration
    file = with_settings(old.file, list(settings))
    return dataclasses.replace(
        stage.context,
        migration=LoadedMigration(file=file, text=old.text, digest=old.digest, path=old.path),
    )


def started(context: Context, plan: StoredPlan) -> Run:
    """A considerate run of the plan."""
    return runs.start(context, plan.hash, options=CONSIDERATE)


def held(context: Context, run: Run, items: list[PlanItem]) -> Any:
    """What the brakes say."""
    return asyncio.run(check(context, run, items))


def test_nobody_gets_more_notices_a_day_than_the_file_allows(stage: Stage) -> None:
    """The second item of the same person waits until tomorrow, whoever else is on it."""
    plan = stage.plan(Decision.REDIRECT, Decision.REDIRECT, recipients=("busy-person",))
    context = under(stage, "sending.notices_per_person_per_day=1")
    items = list(context.store.plans.items(plan.hash))
    found = held(context, started(context, plan), items)
    assert len(found.go) == 1
    assert found.until is not None
    assert found.until > context.clock()


def test_people_with_triage_rights_hold_nothing_up(stage: Stage) -> None:
    """A maintainer who takes part everywhere is told once, in total: their items go out, as the
    plan's forecast counts them."""
    plan = stage.plan(Decision.REDIRECT, Decision.REDIRECT, recipients=("ingrid-solberg",))
    context = under(stage, "sending.notices_per_person_per_day=1")
    run = started(context, plan)
    assert [person.login for person in mail_forecast(context, plan.hash).maintainers] == [
        "ingrid-solberg"
    ]
    assert len(held(context, run, list(context.store.plans.items(plan.hash))).go) == 2


def test_what_was_sent_earlier_today_counts(stage: Stage) -> None:
    """A notice of an earlier run uses up the person's share of the day."""
    first, item = stage.one(Decision.REDIRECT, recipients=("other-person",))
    stage.apply(first)
    assert len(stage.notices(item)) == 1
    plan = stage.plan(Decision.REDIRECT, recipients=("other-person",))
    context = under(stage, "sending.notices_per_person_per_day=1")
    assert (
        held(context, started(context, plan), list(context.store.plans.items(plan.hash))).go == ()
    )


def test_nothing_is_sent_on_quiet_days(stage: Stage) -> None:
    """With every day but the one after tomorrow quiet, the run waits until then, says so, and is
    due when the time has come."""
    plan = stage.plan(Decision.REDIRECT)
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    now = stage.context.clock()
    loud = days[(now.weekday() + 2) % 7]
    quiet = ",".join(f'"{day}"' for day in days if day != loud)
    context = under(stage, f"sending.quiet_weekdays=[{quiet}]")
    run = started(context, plan)
    assert asyncio.run(run_step(context, run.id)).ended
    waiting = current(context, run)
    assert waiting.state is RunState.RUNNING
    assert waiting.held_until is not None
    assert waiting.held_until - context.clock() > timedelta(hours=12)
    assert (
        waiting.reason
        == f"waits until {waiting.held_until:%Y-%m-%d %H:%M} UTC: nothing is sent in quiet hours"
    )
    assert run.id not in due_runs(context)
    assert run.id in context.store.runs.held_until(waiting.held_until)
    runs.cancel(context, run.id, by="test")
    assert run.id not in context.store.runs.held_until(waiting.held_until)


def test_a_run_that_waits_for_tomorrow_keeps_no_other_run_from_working(stage: Stage) -> None:
    """Its people had enough for today: meanwhile another run goes to its end; cancelled, it
    rests at once."""
    plan = stage.plan(Decision.REDIRECT, Decision.REDIRECT, recipients=("patient-person",))
    context = under(stage, "sending.notices_per_person_per_day=1")
    waiting, other = (
        started(context, plan),
        runs.start(context, stage.plan(Decision.REDIRECT).hash, options=UNPACED),
    )
    engine = Engine(context)
    engine.launch()
    try:
        engine.enqueue(waiting.id)
        runs.watch(context, engine, other.id, lambda _: None)
        assert current(context, other).state is RunState.FINISHED
        assert (
            "1 notices to patient-person wait, as no one gets more than 1 a day"
            in current(context, waiting).reason
        )
        runs.cancel(context, waiting.id, by="test")
        assert (
            runs.watch(context, engine, waiting.id, lambda _: None).run.state is RunState.CANCELLED
        )
    finally:
        engine.close()


def test_a_resumed_run_is_due_at_once(stage: Stage) -> None:
    """Whoever works takes it up, though the one that resumed it does not work itself."""
    plan = stage.plan(Decision.REDIRECT)
    run = started(stage.context, plan)
    runs.pause(stage.context, run.id, by="test")
    assert asyncio.run(run_step(stage.context, run.id)).ended
    assert run.id not in due_runs(stage.context)
    runs.resume(stage.context, run.id)
    assert run.id in due_runs(stage.context)
    carry_out(stage.context, run)
    assert current(stage.context, run).state is RunState.FINISHED
    assert run.id not in due_runs(stage.context)


def test_a_run_stops_when_the_file_demands_reviewed_items_and_there_are_none(stage: Stage) -> None:
    """The gate is named as the reason, and nothing is written."""
    plan, item = stage.one(Decision.REDIRECT)
    context = under(stage, "review.needs_reviewed=20")
    run = started(context, plan)
    asyncio.run(run_step(context, run.id))
    stopped = context.store.runs.get(run.id)
    assert stopped is not None
    assert stopped.state is RunState.STOPPED
    assert "reviewed" in stopped.reason
    assert stage.notices(item) == []


@pytest.mark.parametrize("do", ["thumbs", "reopen", "appeal"])
def test_a_run_stops_when_people_object(stage: Stage, do: str) -> None:
    """Thumbs-down, reopenings and appeals each trip the breaker, which says why."""
    first, item = stage.one(Decision.RETIRE)
    run = started(stage.context, first)
    asyncio.run(run_step(under(stage, "breaker.least_notices=0"), run.id))
    object_to(stage, item, do)
    found = held(under(stage, "breaker.least_notices=1"), run, [item])
    assert found.stop


@pytest.mark.parametrize(
    ("by", "body"),
    [
        ("a-stranger", "/reopen"),
        ("a-stranger", "/still-here"),
        ("repository-owner", "> /reopen"),
        (
            "repository-owner",
            "On Tue, 5 Mar 2024 at 10:00, Amy <amy@example.org> wrote:\n\n/reopen",
        ),
    ],
)
def test_strangers_and_quotes_do_not_stop_a_run(stage: Stage, by: str, body: str) -> None:
    """Commands of accounts without rights, and commands that are only quoted, are no appeals."""
    context, run, item = notified(stage)
    stage.control("account", {"login": "a-stranger"})
    stage.act(item, "comment", by=by, body=body)
    assert held(context, run, [item]).stop == ""


def test_a_strangers_thumbs_down_does_not_stop_a_run(stage: Stage) -> None:
    """Who took no part before our notice and has no role cannot stop anything; a comment made after
    it changes nothing about that. The author's thumbs-down counts."""
    context, run, item = notified(stage)
    stage.control("account", {"login": "a-stranger"})
    stage.act(item, "comment", by="a-stranger", body="I do not like this")
    object_to(stage, item, "thumbs", by="a-stranger")
    assert held(context, run, [item]).stop == ""
    object_to(stage, item, "thumbs", by=str(stage.record(item)["author"]))
    assert "thumbs-down" in held(context, run, [item]).stop


@pytest.mark.parametrize(
    ("objections", "counted"),
    [
        ([], 0),
        ([Objections()], 0),
        ([Objections(by_role=True)] * 3, 3),
        ([Objections(people=frozenset({"a"}))] * 3, 1),
        ([Objections(people=frozenset({"a", "b", "c"}))], 1),
        ([Objections(people=frozenset({"a"})), Objections(people=frozenset({"a", "b"}))], 2),
        (
            [
                Objections(by_role=True, people=frozenset({"a"})),
                Objections(people=frozenset({"a"})),
            ],
            2,
        ),
    ],
)
def test_objections_are_counted_by_person(objections: list[Objections], counted: int) -> None:
    """Each notice at most once, and each person without a role at most once."""
    assert count(objections) == counted


def test_an_appeal_that_was_hidden_or_edited_does_not_count(stage: Stage) -> None:
    """Somebody with write access may have put the words there, so they are nobody's appeal."""
    context, run, item = notified(stage)
    stage.act(item, "comment", body="/reopen")
    stage.act(item, "comment", body="an answer")
    hidden, edited = stage.record(item)["comments"][-2:]
    stage.act(item, "minimize", comment=hidden["id"])
    stage.act(item, "edit_comment", comment=edited["id"], body="/reopen")
    assert held(context, run, [item]).stop == ""


def test_the_authors_own_appeal_counts_without_rights(stage: Stage) -> None:
    """The author of the item may appeal, whatever role they have."""
    context, run, item = notified(stage)
    stage.act(item, "comment", by=stage.record(item)["author"], body="/still-here")
    assert "appealed" in held(context, run, [item]).stop


def notified(stage: Stage) -> tuple[Context, Run, PlanItem]:
    """A run whose only item got its notice, and that one objection stops."""
    plan, item = stage.one(Decision.RETIRE)
    run = started(stage.context, plan)
    asyncio.run(run_step(under(stage, "breaker.least_notices=0"), run.id))
    assert len(stage.notices(item)) == 1
    return under(stage, "breaker.least_notices=1"), run, item


def object_to(stage: Stage, item: PlanItem, do: str, *, by: str = "repository-owner") -> None:
    """A person says that we were wrong."""
    if do == "reopen":
        stage.act(item, "reopen")
    elif do == "appeal":
        stage.act(item, "comment", body="/reopen")
    else:
        ours = next(one for one in stage.record(item)["comments"] if "migrator:1" in one["body"])
        stage.act(item, "react", by=by, content="THUMBS_DOWN", comment=ours["id"])


def test_who_resumes_a_stopped_run_has_judged_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Resumed, the run goes on: what people said before is judged. What they say after stops it
    again."""
    monkeypatch.setattr(apply_workflow, "PORTION", 1)
    plan = stage.plan(*[Decision.RETIRE] * 4)
    context = under(stage, "breaker.least_notices=2", "breaker.thumbs_down=0.3")
    run = started(context, plan)
    for _ in range(2):
        asyncio.run(run_step(context, run.id))
    first, second = (
        plan_item(context, plan, each) for each in context.store.ledger.latest_noticed(run.id, 2)
    )
    object_to(stage, first, "thumbs")
    carry_out(context, run)
    assert current(context, run).reason == "1 of 2 notices got a thumbs-down"
    pass_time(stage, timedelta(minutes=1))
    runs.resume(context, run.id)
    asyncio.run(run_step(context, run.id))
    assert len(context.store.ledger.latest_noticed(run.id, 4)) == 3
    object_to(stage, second, "thumbs")
    carry_out(context, run)
    assert current(context, run).reason == "1 of 3 notices got a thumbs-down"


def test_the_latest_notices_are_looked_at_and_nothing_else_is_their_measure(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The latest notices are looked at, and each share is one of these."""
    monkeypatch.setattr(gates, "LOOKED_AT", 2)
    context = under(stage, "breaker.least_notices=1", "breaker.thumbs_down=0.9")
    plan = stage.plan(*[Decision.RETIRE] * 4)
    run, items = started(context, plan), list(context.store.plans.items(plan.hash))
    carry_out(context, run)
    entries = context.store.ledger.latest_noticed(run.id, 4)
    newest = [one for one in items if one.key in {each.entry.item_key for each in entries[:2]}]
    for item in newest:
        object_to(stage, item, "thumbs")
    assert "2 of 2 notices" in held(context, run, items).stop


def test_a_run_whose_writes_are_refused_stops_within_its_wave(stage: Stage) -> None:
    """Items are locked under our hands: after two refusals nobody else is written to, whoever
    starts it again; resumed, it goes on."""
    plan = stage.plan(*[Decision.REDIRECT] * 4)
    context = under(stage, "breaker.refused_in_a_row=2")
    run, items = started(context, plan), list(context.store.plans.items(plan.hash))
    with role(stage, "read", items):
        for item in items:
            stage.proxy.before[f"AddComment {item.node_id}"] = partial(stage.act, item, "lock")
        carry_out(context, run)
        stopped = current(context, run)
        assert stopped.reason == "GitHub refused 2 writes in a row"
        stage.proxy.before.clear()
        assert started(context, plan).state is RunState.STOPPED
        runs.resume(context, run.id)
        carry_out(context, run)
    assert [len(stage.notices(item)) for item in items] == [0, 0, 1, 1]


def test_a_run_whose_closes_need_a_role_holds_at_the_first(stage: Stage) -> None:
    """Notices are welcome and closes are not: nobody after the first gets a notice, no item
    is charged, and with the role back each is closed."""
    stage.apply(stage.plan(Decision.RETIRE))  # the label is there
    plan = stage.plan(*[Decision.RETIRE] * 4)
    context, items = stage.context, list(stage.context.store.plans.items(plan.hash))
    run = started(context, plan)
    with role(stage, "read", items):
        carry_out(context, run)
        held = current(context, run)
        assert (held.state, held.options.refused) == (RunState.STOPPED, "role")
        assert [len(stage.notices(item)) for item in items] == [1, 0, 0, 0]
        assert context.store.ledger.ended(run.id) == set()
    carry_out(context, started(context, plan))
    assert [stage.is_open(item) for item in items] == [False] * 4
    assert [len(stage.notices(item)) for item in items] == [1] * 4


@contextmanager
def role(stage: Stage, name: str, items: list[PlanItem]) -> Iterator[None]:
    """Our account has that role where the items are."""
    account: dict[str, Any] = {"login": stage.arena.sandbox.account}
    stage.control("account", {**account, "permissions": {one.repository: name for one in items}})
    try:
        yield
    finally:
        back = {one.repository: "write" for one in items}
        stage.control("account", {**account, "permissions": back})


def test_a_run_stops_when_github_names_limits_too_often(stage: Stage) -> None:
    """Each limit error is waited out, but a run that meets one after the other has something
    wrong with it."""
    plan, item = stage.one(Decision.REDIRECT)
    context = under(stage, "breaker.limit_errors=2")
    run = started(context, plan)
    for _ in range(2):
        stage.proxy.before["AddComment"] = lambda: stage.control(
            "faults", {"at": {"1": "refused_429_retry_after"}}
        )
        assert asyncio.run(run_step(context, run.id)).sleep == 1
    assert asyncio.run(run_step(context, run.id)).ended
    assert "limit 2 times within an hour" in current(context, run).reason
    assert stage.notices(item) == []


def test_the_brakes_are_looked_at_again_within_a_wave(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wave goes out in portions, so that quiet hours hold for its rest, too."""
    monkeypatch.setattr(apply_workflow, "PORTION", 1)
    plan = stage.plan(*[Decision.REDIRECT] * 3)
    run, items = started(stage.context, plan), list(stage.context.store.plans.items(plan.hash))
    sent = []
    for _ in items:
        assert not asyncio.run(run_step(stage.context, run.id)).ended
        sent.append(sum(len(stage.notices(item)) for item in items))
    assert sent == [1, 2, 3]


def test_nothing_brakes_an_undo(stage: Stage) -> None:
    """Taking back is never held up, whatever GitHub refused before."""
    plan = stage.plan(Decision.RETIRE)
    run = started(stage.context, plan)
    assert enforces_limits(run)
    assert not enforces_limits(replace(run, kind=PlanKind.UNDO.value))


def plan_item(context: Context, plan: StoredPlan, entry: Recorded) -> PlanItem:
    """What the plan says of an entry's item."""
    return next(
        item for item in context.store.plans.items(plan.hash) if item.key == entry.entry.item_key
    )


def carry_out(context: Context, run: Run) -> None:
    """Work on a run until nothing more happens by itself."""
    while not asyncio.run(run_step(context, run.id)).ended:
        pass


def pass_time(stage: Stage, by: timedelta) -> None:
    """In the sandbox's world and by our clock."""
    stage.arena.sandbox.advance(by.total_seconds())
    stage.context.clock.advance(by)  # type: ignore[attr-defined]


def current(context: Context, run: Run) -> Run:
    """The run as it stands now."""
    found = context.store.runs.get(run.id)
    assert found is not None
    return found


@pytest.mark.parametrize("close_costs", [1, 3])
def test_a_close_spends_what_the_file_says_that_it_costs(stage: Stage, close_costs: int) -> None:
    """A comment is one unit of content; what GitHub counts for label and close is the file's to
    say."""
    context = under(stage, f"budget.close_costs={close_costs}")
    plan, item = stage.one(Decision.RETIRE)
    account = context.clients.account(item.repository)
    before = Budget(context.store.engine, account).outlook().last_hour
    carry_out(context, runs.start(context, plan.hash, options=RunOptions(considerate=False)))
    assert not stage.is_open(item)
    assert Budget(context.store.engine, account).outlook().last_hour - before == 1 + close_costs


def test_a_limit_that_a_read_meets_holds_everybody(stage: Stage) -> None:
    """Reads share the account with writes: after a limit error nobody sends until it is over."""
    plan, item = stage.one(Decision.REDIRECT)
    stage.proxy.before["Item"] = lambda: stage.control(
        "faults", {"at": {str(n): "refused_429_retry_after" for n in range(1, 9)}}
    )
    assert asyncio.run(run_step(stage.context, started(stage.context, plan).id)).sleep > 0
    stage.control("faults", {})
    assert (
        Budget(stage.context.store.engine, stage.context.clients.account(item.repository))
        .outlook()
        .share
        < 1
    )


def test_a_label_that_cannot_be_created_stops_a_run_before_its_first_notice(stage: Stage) -> None:
    """The label is needed in the second wave; nobody is notified before it is there."""
    gentle = replace(stage.items[Decision.REDIRECT].pop(), label="")
    closed = replace(stage.items[Decision.RETIRE].pop(), label="nobody created it")
    stage.items[Decision.REDIRECT].append(gentle)
    stage.items[Decision.RETIRE].append(closed)
    plan = stage.plan(Decision.REDIRECT, Decision.RETIRE)
    role = {"do": "set_role", "repository": closed.repository}
    role["login"] = stage.arena.sandbox.account
    stage.control("act", {**role, "role": "triage"})
    try:
        progress = stage.apply(plan)
    finally:
        stage.control("act", {**role, "role": "write"})
    assert (progress.run.state, progress.run.options.refused) == (RunState.STOPPED, "role")
    assert "CreateLabel" in progress.run.reason
    assert stage.notices(gentle) == stage.notices(closed) == []
