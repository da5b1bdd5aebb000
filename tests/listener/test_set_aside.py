"""An item that GitHub does not show is named, counted and tried again; it stops no other and is
never taken for deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from migrator.domain.items import State
from migrator.domain.webhooks.triggers import Trigger
from migrator.errors import PlanRefused
from migrator.execution.own_account import bot_identity
from migrator.execution.planner import unknown_items
from migrator.execution.run import run_step
from migrator.execution.scan import Scanned, scan
from migrator.execution.verify import Verified, verify
from migrator.listener.item_handler import ItemHandler
from migrator.listener.reconciler import reconcile
from migrator.services import runs
from migrator.services.approve import approve
from migrator.services.classify import classify
from migrator.services.plan import make_plan
from migrator.store.plans import StoredPlan
from migrator.store.set_aside import LISTEN
from migrator.views.overview import needs
from tests.support.listener import RULES, House, house
from tests.support.sandbox_server import SOURCE

TOLERANT = RULES + "\n[plan]\nmax_set_aside = 1.0\n"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    """Six issues that are ours, scanned by nobody yet."""
    with house(tmp_path, TOLERANT) as built:
        for _ in range(6):
            built.open(labels=("comp:widget",))
        yield built


def rules(home: House, *given: dict[str, Any]) -> None:
    """What GitHub does from now on."""
    home.github.control("POST", "rules", json=list(given))


def scanned(home: House, **options: Any) -> Scanned:
    """Scan once."""
    return asyncio.run(scan(home.context, lambda *_: None, **options))


def known(home: House) -> list[int]:
    """Numbers of the open items of the source that are known."""
    return [
        item.number
        for item in home.context.store.snapshots.stream(state=State.OPEN)
        if item.repository == SOURCE
    ]


def planned(home: House) -> StoredPlan:
    """Classify and plan, now."""
    now, own = home.context.clock(), bot_identity(home.context)
    classify(home.context, as_of=now, own=own, progress=lambda *_: None)
    return make_plan(
        home.context, as_of=now, own=own, commands_served=False, progress=lambda *_: None
    )


def applied(home: House, plan: StoredPlan) -> None:
    """Approve and apply to the end, without a pace."""
    asyncio.run(approve(home.context, plan.hash, by="root", how="test"))
    run = runs.start(home.context, plan.hash, options=runs.options(paced=False))

    async def go() -> None:
        while not (result := await apply_work(home, run.id)).ended:
            await asyncio.sleep(min(result.sleep, 0.1))

    asyncio.run(go())


async def apply_work(home: House, run_id: str) -> Any:
    """One step of a run."""

    return await run_step(home.context, run_id)


def verified(home: House) -> Verified:
    """Compare with the ledger."""
    return asyncio.run(verify(home.context, run_id=None, progress=lambda _: None))


@pytest.mark.parametrize("use", ["null_node", "item_times_out"])
def test_a_scan_names_what_it_cannot_read_and_reads_it_when_it_can(home: House, use: str) -> None:
    """Each scan tries again; what could be read is not in question."""
    rules(
        home,
        {"use": use, "items": [2], "operation": "Scan*"},
        {"use": use, "items": [2], "operation": "Items"},
    )
    first = scanned(home)
    assert [(item.number, item.attempts) for item in first.set_aside] == [(2, 1)]
    assert known(home) == [1, 3, 4, 5, 6]
    assert [item.attempts for item in scanned(home).set_aside] == [2]
    rules(home)
    assert scanned(home).is_whole
    assert known(home) == [1, 2, 3, 4, 5, 6]


def test_what_was_read_before_is_not_planned_while_it_cannot_be_read(home: House) -> None:
    """It changed, and nobody knows how: it is in no plan, in no queue, and its number stands in
    the header."""
    scanned(home)
    home.pass_time(minutes=30)
    home.say(2, "It still breaks.")
    rules(home, {"use": "comments_null", "items": [2]})
    scanned(home)
    plan = planned(home)
    assert (
        plan.header.set_aside,
        [item.number for item in home.context.store.plans.items(plan.hash)],
    ) == (1, [1, 3, 4, 5, 6])
    assert [need.count for need in needs(home.context, plan, None) if need.code == "set_aside"] == [
        1
    ]


def test_a_run_does_not_begin_with_too_many_items_unknown(tmp_path: Path) -> None:
    """By default with more than one in a hundred; nothing is written."""
    with house(tmp_path) as home:
        for _ in range(4):
            home.open(labels=("comp:widget",))
        rules(home, {"use": "null_node", "items": [2], "operation": "*"})
        scanned(home)
        with pytest.raises(PlanRefused, match="1 of 4 items could not be read"):
            applied(home, planned(home))
        assert not any(home.comments(number) for number in (1, 2, 3, 4))


def test_items_that_github_counts_and_never_shows_are_missing(home: House) -> None:
    """One repeat, then the difference is on record; a later scan that meets them all ends that."""
    rules(
        home, {"operation": "*s", "patch": [{"at": "data.repository.issues.totalCount", "to": 9}]}
    )
    found = scanned(home, full=True)
    assert (found.missing, found.set_aside, unknown_items(home.context)) == (
        {f"{SOURCE} issue": 3, "acme/widget issue": 9},
        (),
        12,
    )
    asked = [
        entry
        for entry in home.github.server.log.entries
        if entry.operation == "ScanIssues" and entry.fault == ""
    ]
    assert len(asked) >= 4
    rules(home)
    assert scanned(home).is_whole
    assert known(home) == [1, 2, 3, 4, 5, 6]


def test_a_full_scan_finds_out_what_became_of_what_it_does_not_meet(home: House) -> None:
    """Closed unseen, or deleted: known again as it is."""
    scanned(home)
    home.github.act("root", "close", 2)
    home.github.act("root", "delete", 3)
    home.context.store.snapshots.save_page(
        [], read_at=home.context.clock(), kind="issue", repository=SOURCE, cursor=_later(home)
    )
    assert known(home) == [1, 2, 3, 4, 5, 6]
    scanned(home, full=True)
    assert known(home) == [1, 4, 5, 6]
    assert home.context.store.snapshots.get(SOURCE, 2).state is State.CLOSED  # type: ignore[union-attr]


def _later(home: House) -> Any:
    from datetime import timedelta

    from migrator.store.snapshots import Cursor

    return Cursor(complete_until=home.context.clock() + timedelta(days=300))


def test_an_item_that_the_database_refuses_stops_no_other(home: House) -> None:
    """A date that no database has, as an example; the error is named, and no text."""
    rules(
        home,
        {
            "operation": "*",
            "items": [2],
            "patch": [{"at": "item.createdAt", "to": "0001-01-01T00:00:00+14:00"}],
        },
    )
    found = scanned(home)
    assert [(item.number, item.stage) for item in found.set_aside] == [(2, "store")]
    assert "widget" not in found.set_aside[0].words
    assert known(home) == [1, 3, 4, 5, 6]


@pytest.mark.parametrize("where", ["locked", "author.login", "isPinned", "labels.nodes.0.name"])
def test_a_null_where_there_never_is_one_stops_nobody_else(home: House, where: str) -> None:
    """Stored as it came, it ended `classify`, `plan` and `export` for every item."""
    rules(home, {"operation": "*", "items": [2], "patch": [{"at": f"item.{where}"}]})
    found = scanned(home)
    planned(home)
    assert set(known(home)) >= {1, 3, 4, 5, 6}
    assert [item.number for item in found.set_aside] == ([] if where == "isPinned" else [2])


def test_what_no_database_stores_in_a_text_is_replaced(home: House) -> None:
    """A NUL in a title ended a scan."""
    rules(home, {"use": "nul_in_title", "items": [2], "operation": "*"})
    assert scanned(home).is_whole
    item = home.context.store.snapshots.get(SOURCE, 2)
    assert item is not None
    assert item.title.endswith(" with a NUL\ufffd")


def test_apply_leaves_alone_what_it_cannot_read_and_goes_on(home: House) -> None:
    """The others get their notice; nothing is written where nothing could be seen."""
    scanned(home)
    plan = planned(home)
    rules(home, {"use": "labels_null", "items": [2], "operation": "*Item*"})
    applied(home, plan)
    assert [bool(home.comments(number)) for number in range(1, 7)] == [
        True,
        False,
        True,
        True,
        True,
        True,
    ]
    outcomes = {
        one.entry.item_key: (one.state.outcome, one.state.code)
        for one in home.context.store.ledger.stream()
    }
    assert outcomes[f"{SOURCE}#2"] == ("skipped", "not_read")


def test_verify_does_not_take_unread_for_deleted(home: House) -> None:
    """Neither right nor wrong."""
    scanned(home)
    applied(home, planned(home))
    assert verified(home).is_verified
    rules(home, {"use": "item_times_out", "items": [2], "operation": "Items"})
    found = verified(home)
    assert [(one.code, one.item_key) for one in found.findings if one.code != "label_removed"] == [
        ("not_read", f"{SOURCE}#2")
    ]
    assert (found.faults, found.is_verified) == ((), False)


def test_a_sweep_looks_after_all_but_what_github_does_not_show(home: House) -> None:
    """The others are looked after, its cursor moves on, and the one is tried again by the next
    sweep."""
    follower = ItemHandler(home.context)
    asyncio.run(reconcile(home.context, follower))
    home.pass_time(minutes=10)
    numbers = [home.open(by="bob") for _ in range(3)]
    rules(home, {"use": "null_node", "items": [numbers[1]], "operation": "*"})
    asyncio.run(reconcile(home.context, follower))
    assert [bool(home.comments(number)) for number in numbers] == [True, False, True]
    assert [one.number for one in home.context.store.set_aside.all((LISTEN,))] == [numbers[1]]
    rules(home)
    asyncio.run(reconcile(home.context, follower))
    assert home.comments(numbers[1])
    assert home.context.store.set_aside.all((LISTEN,)) == []


def test_a_sweep_goes_on_after_an_item_that_cannot_be_looked_after(home: House) -> None:
    """Whatever goes wrong with it."""
    failing = _Failing(home.context)
    asyncio.run(reconcile(home.context, failing))
    home.pass_time(minutes=10)
    failing.bad, good = home.open(by="bob"), home.open(by="bob")
    asyncio.run(reconcile(home.context, failing))
    assert home.comments(good)
    (aside,) = home.context.store.set_aside.all((LISTEN,))
    assert (aside.number, aside.cause, aside.words) == (
        failing.bad,
        "RecursionError",
        "it cannot be looked after",
    )
    assert isinstance(aside.first_at, datetime)


class _Failing(ItemHandler):
    """A follower that one item defeats."""

    bad = 0

    async def handle(
        self, repository: str, number: int, triggers: frozenset[Trigger], item: Any = None
    ) -> Any:
        if number == self.bad:
            raise RecursionError("the words of a person")
        return await super().handle(repository, number, triggers, item)
