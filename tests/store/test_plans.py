"""A plan is what was approved: frozen, whole, and found by its hash."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanHeader, PlanItem, Totals, plan_hash
from migrator.errors import PlanRefused
from migrator.store import Store, open_store
from migrator.store.models import PlanItemRow, PlanRow
from migrator.store.plans import Approval, StoredPlan
from tests.store.conftest import NOW
from tests.support.databases import run_together

TOTALS = Totals(items=3, decisions={"retire": 2, "leave": 1}, notices=2, closes=1, waves=2)


def item(number: int, repository: str = "big/house", **fields: object) -> PlanItem:
    """An item of a plan."""
    settings: dict[str, object] = {
        "decision": Decision.REDIRECT,
        "text": "Moved.",
        "recipients": ("ada",),
        **fields,
    }
    return PlanItem(key=f"{repository}#{number}", repository=repository, number=number, **settings)  # type: ignore[arg-type]


ITEMS = (
    item(1, closes=True, before={"labels": ["ü"]}),
    item(2),
    item(3, decision=Decision.LEAVE, text=""),
)


def stored(
    store: Store,
    header: PlanHeader,
    items: tuple[PlanItem, ...] = ITEMS,
    waves: tuple[int, ...] = (1, 2),
) -> StoredPlan:
    """A plan with these items; the gentlest acting one is in the first wave."""
    draft = store.plans.begin_draft(header, NOW)
    store.plans.save_items(draft, items)
    store.plans.set_waves(draft, waves)
    return store.plans.finish_draft(draft, plan_hash(header, items), header, TOTALS, NOW)


def test_a_plan_is_read_back_as_it_was_written(store: Store, header: PlanHeader) -> None:
    """With its items in order, each in its wave, and under the hash of just these."""
    plan = stored(store, header)
    assert (plan.header, plan.totals, plan.created_at) == (header, TOTALS, NOW)
    read = list(store.plans.items(plan.hash))
    assert [each.wave for each in read] == [2, 1, 0]
    assert plan_hash(header, (each for each in ITEMS)) == plan.hash
    assert [each.key for each in read] == [each.key for each in ITEMS]
    assert store.plans.item(plan.hash, "big/house", 1) == read[0]
    assert store.plans.item(plan.hash, "big/house", 99) is None


def test_what_others_wait_for_is_in_an_earlier_wave(store: Store, header: PlanHeader) -> None:
    """Among items that are as gentle; by number where nothing waits."""
    items = (item(1), item(2), item(3), item(4, closes=True))
    draft = store.plans.begin_draft(header, NOW)
    store.plans.save_items(draft, items)
    depths = {"big/house#1": 2, "big/house#2": 1, "big/house#4": 0}
    store.plans.set_waves(draft, (1, 2, 3, 4), depths)
    plan = store.plans.finish_draft(draft, plan_hash(header, items), header, TOTALS, NOW)
    assert [each.wave for each in store.plans.items(plan.hash)] == [3, 2, 1, 4]


def test_items_are_chosen_by_wave_and_by_whether_they_act(store: Store, header: PlanHeader) -> None:
    """A wave is what a run works on."""
    plan = stored(store, header)
    assert [each.number for each in store.plans.items(plan.hash, wave=1)] == [2]
    assert [each.number for each in store.plans.items(plan.hash, acting=True)] == [1, 2]


def test_items_come_in_pythons_order_and_without_loss(store: Store, header: PlanHeader) -> None:
    """Capitals before small letters, numbers as numbers, over several chunks."""
    items = [
        item(number, repository)
        for repository in ("Zoo/ant", "ant/Zoo", "ant/bee")
        for number in range(1, 300)
    ]
    plan = stored(store, header, tuple(reversed(items)), tuple([1] * len(items)))
    assert [each.key for each in store.plans.items(plan.hash)] == [each.key for each in items]


def test_the_same_plan_made_twice_is_stored_once(
    engine: Engine, store: Store, header: PlanHeader
) -> None:
    """The first one stays, with its approval."""
    plan = stored(store, header)
    store.plans.approve(plan.hash, Approval(approved_by="mia", how="page", approved_at=NOW))
    assert stored(store, header) == plan
    with Session(engine) as session:
        assert len(session.scalars(select(PlanRow)).all()) == 1
        assert len(session.scalars(select(PlanItemRow)).all()) == len(ITEMS)
    approval = store.plans.approval(plan.hash)
    assert approval is not None
    assert approval.approved_by == "mia"


def test_nobody_has_approved_a_new_plan(store: Store, header: PlanHeader) -> None:
    """And the first approval is the one that counts."""
    plan = stored(store, header)
    assert store.plans.approval(plan.hash) is None
    for name in ("mia", "bob"):
        store.plans.approve(plan.hash, Approval(approved_by=name, how="page", approved_at=NOW))
    approval = store.plans.approval(plan.hash)
    assert approval == Approval(approved_by="mia", how="page", approved_at=NOW)


def test_a_plan_is_found_by_the_beginning_of_its_hash(store: Store, header: PlanHeader) -> None:
    """Not by too little of it, not by what is none, and not by that of another migration."""
    plan = stored(store, header)
    assert store.plans.find(plan.hash[:8]) == plan
    for prefix in (plan.hash[:7], "0" * 12, "%" * 8, "draft-ga"):
        with pytest.raises(PlanRefused):
            store.plans.find(prefix)
    with pytest.raises(PlanRefused):
        open_store(store.engine, "kitchen").plans.find(plan.hash)


def test_a_hash_that_fits_two_plans_is_refused(store: Store, header: PlanHeader) -> None:
    """A person must say which one."""
    for end in ("1", "2"):
        store.plans.finish_draft(
            store.plans.begin_draft(header, NOW), "a" * 63 + end, header, TOTALS, NOW
        )
    with pytest.raises(PlanRefused, match="more than one"):
        store.plans.find("a" * 12)


def test_a_draft_is_no_plan(store: Store, header: PlanHeader) -> None:
    """Until it is whole nobody can see it, approve it or run it."""
    store.plans.save_items(store.plans.begin_draft(header, NOW), ITEMS)
    assert store.plans.newest() == []


def test_a_draft_left_by_a_crash_goes_when_it_is_old(
    engine: Engine, store: Store, header: PlanHeader
) -> None:
    """With its items; a draft that somebody is writing just now stays."""
    old = store.plans.begin_draft(header, NOW - timedelta(days=1))
    store.plans.save_items(old, ITEMS)
    young = store.plans.begin_draft(header, NOW - timedelta(minutes=1))
    mine = store.plans.begin_draft(header, NOW)
    with Session(engine) as session:
        assert set(session.scalars(select(PlanRow.hash))) == {young, mine}
        assert session.scalars(select(PlanItemRow)).all() == []


def test_two_that_plan_at_once_do_not_mix_their_items(store: Store, header: PlanHeader) -> None:
    """Each one's plan holds just what it was hashed from."""
    first, second = (store.plans.begin_draft(header, NOW) for _ in range(2))
    store.plans.save_items(first, ITEMS[:1])
    store.plans.save_items(second, ITEMS[1:])
    one = store.plans.finish_draft(first, "1" * 64, header, TOTALS, NOW)
    two = store.plans.finish_draft(second, "2" * 64, header, TOTALS, NOW)
    assert [each.number for each in store.plans.items(one.hash)] == [1]
    assert [each.number for each in store.plans.items(two.hash)] == [2, 3]


RACE = """
import sys
from datetime import UTC, datetime
from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanHeader, PlanItem, Totals
from migrator.store import open_store
from migrator.store.database import open_engine
me, address = sys.argv[1:]
plans = open_store(open_engine(address), "garden").plans
now = datetime(2022, 3, 1, tzinfo=UTC)
header = PlanHeader(migration="garden", source="a/b", targets=("c/d",), as_of=now, expires_at=now, rules_digest="r")
item = PlanItem(key="a/b#1", repository="a/b", number=1, decision=Decision.LEAVE)
plans.newest()
print("ready", flush=True)
input()
for number in range(10):
    draft = plans.begin_draft(header, now)
    plans.save_items(draft, [item])
    print(plans.finish_draft(draft, f"{number}" * 64, header, Totals(), now).hash)
"""


def test_several_processes_may_make_the_same_plan(store: Store, address: str) -> None:
    """All of them get it, and it is stored once."""
    outputs = run_together(3, RACE, [address])
    assert len(set(outputs)) == 1
    assert len(store.plans.newest()) == 10
    assert all(len(list(store.plans.items(plan.hash))) == 1 for plan in store.plans.newest())
