"""A later decision edits the notice that stands: nobody is mailed again, and nothing is closed
behind a text that does not say so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem
from migrator.execution.verify import verify
from migrator.services.plan import write_plan
from migrator.store.plan_items import PlanItemFilter
from migrator.store.plans import Approval, StoredPlan
from migrator.views.outcomes import ENDED, outcome_of, run_outcomes
from tests.execution.conftest import Stage, staged


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage with few items."""
    with staged(tmp_path_factory.mktemp("edited"), items=250) as stage:
        yield stage


def notified(stage: Stage) -> PlanItem:
    """An item that was told that it stays open."""
    plan, item = stage.one(Decision.REDIRECT)
    stage.apply(plan)
    assert len(stage.notices(item)) == 1
    return item


def later(stage: Stage, item: PlanItem, **changes: Any) -> tuple[StoredPlan, PlanItem]:
    """An approved plan that edits the notice of that item."""
    stage.plans += 1
    text = item.text.replace("\n", "\n\nSaid anew.\n", 1)
    edited = replace(
        item, edits=stage.entry(item).entry.id, generation=2, text=text, wave=0, **changes
    )
    as_of = stage.whole.header.as_of + timedelta(microseconds=stage.plans)
    expires = stage.context.clock() + timedelta(days=7)
    header = replace(stage.whole.header, as_of=as_of, expires_at=expires)
    plan = write_plan(stage.context, header, [edited], total=1, progress=lambda *_: None)
    approval = Approval(approved_by="test", how="test", approved_at=stage.context.clock())
    stage.context.store.plans.approve(plan.hash, approval)
    return plan, edited


def ended(stage: Stage, item: PlanItem) -> tuple[str | None, str]:
    """Outcome and code of the newest entry."""
    state = stage.entry(item).state
    return state.outcome and state.outcome.value, state.code


def test_a_later_text_replaces_the_one_that_stands(small: Stage) -> None:
    """In the same comment, under the nonce that it had; the ledger and the plan say `edited`."""
    item = notified(small)
    first = small.entry(item)
    plan, _ = later(small, item)
    assert (plan.totals.notices, plan.totals.edited) == (1, 1)
    small.apply(plan)
    (body,) = small.notices(item)
    assert "Said anew." in body
    assert ended(small, item) == ("done", "edited")
    second = small.entry(item)
    assert second.entry.id != first.entry.id
    assert second.entry.nonce == first.entry.nonce
    assert second.state.comment_id == first.state.comment_id


def test_an_edited_item_is_counted_as_edited_and_once(small: Stage) -> None:
    """The sums of the run add up to what was planned; the item and the list say the same."""
    item = notified(small)
    plan, _ = later(small, item)
    small.apply(plan)
    (run,) = small.context.store.runs.newest(1, plan_hash=plan.hash)
    found = run_outcomes(small.context, run, plan)
    assert (found.sums.planned, found.sums.done, found.sums.edited) == (1, 0, 1)
    assert found.sums.planned == sum(getattr(found.sums, name) for name in ENDED)
    assert found.decisions == {"redirect": {"edited": 1}}
    (line,) = small.context.store.lists.page(plan.hash, PlanItemFilter(), limit=2)
    recorded = small.context.store.ledger.of_item(item.key)
    assert line.outcome == outcome_of(recorded[-1], recorded) == "edited"
    assert outcome_of(recorded[0], recorded) == "done"


def test_a_notice_that_a_person_deleted_is_not_posted_again(small: Stage) -> None:
    """The item is left as it is, for good."""
    item = notified(small)
    comment = next(
        each["id"]
        for each in small.record(item)["comments"]
        if each.get("author") == small.arena.sandbox.account
    )
    small.act(item, "delete_comment", comment=comment)
    plan, _ = later(small, item)
    small.apply(plan)
    assert small.notices(item) == []
    assert ended(small, item) == ("skipped", "notice_deleted")
    history = small.context.store.histories.all().of(item.node_id, item.key)
    assert history.notice_deleted
    found = asyncio.run(verify(small.context, run_id=None, progress=lambda _count: None))
    told = [(each.code, each.fault) for each in found.findings if each.item_key == item.key]
    assert told == [("notice_deleted", False)]


def test_a_locked_thread_is_neither_edited_nor_closed(small: Stage) -> None:
    """People could not answer."""
    item = notified(small)
    before = small.notices(item)
    small.act(item, "lock")
    plan, _ = later(small, item)
    small.apply(plan)
    assert small.notices(item) == before
    assert small.is_open(item)
    assert ended(small, item) == ("skipped", "locked")


def test_a_notice_that_the_ledger_does_not_know_is_edited(small: Stage) -> None:
    """Whoever lost the ledger notifies nobody twice."""
    plan, item = small.one(Decision.REDIRECT)
    marker = "<!-- migrator:1 migration=keras kind=notice decision=redirect generation=1 nonce="
    small.act(
        item, "comment", by=small.arena.sandbox.account, body=f"Moved.\n\n{marker}{'e' * 32} -->"
    )
    plan, _ = replan(small, item)
    small.apply(plan)
    assert len(small.notices(item)) == 1
    assert ended(small, item) == ("done", "edited")


def replan(stage: Stage, item: PlanItem) -> tuple[StoredPlan, PlanItem]:
    """A plan that posts a notice there, as known of now."""
    stage.plans += 1
    fresh = replace(item, wave=0, clock=None)
    as_of = stage.whole.header.as_of + timedelta(microseconds=stage.plans)
    header = replace(
        stage.whole.header, as_of=as_of, expires_at=stage.context.clock() + timedelta(days=7)
    )
    plan = write_plan(stage.context, header, [fresh], total=1, progress=lambda *_: None)
    approval = Approval(approved_by="test", how="test", approved_at=stage.context.clock())
    stage.context.store.plans.approve(plan.hash, approval)
    return plan, fresh


@pytest.mark.parametrize("do", ["minimize", "lock"])
def test_an_item_whose_notice_nobody_can_see_or_answer_stays_open(small: Stage, do: str) -> None:
    """A maintainer hides the notice, or locks the thread, while the grace runs: nothing is closed,
    and the notice says why."""
    plan, item = small.one(Decision.RETIRE, grace_days=14)
    assert small.apply(plan).parked == 1
    ours = (
        one
        for one in small.record(item)["comments"]
        if one.get("author") == small.arena.sandbox.account
    )
    small.act(item, do, comment=next(ours)["id"])
    small.arena.sandbox.advance(timedelta(days=20).total_seconds())
    small.context.clock.advance(timedelta(days=20))  # type: ignore[attr-defined]
    small.apply(plan)
    assert small.is_open(item)
    assert ended(small, item) == ("yielded", {"minimize": "notice_hidden", "lock": "locked"}[do])
    (body,) = small.notices(item)
    did = {"minimize": "hid this notice", "lock": "locked this conversation"}[do]
    assert f"stays open: a maintainer {did}" in body
