"""Threads are transferred once, come back the same way, and stay ours at their new place: on a
sandbox that loses replies and refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from migrator.domain.decisions import Decision
from migrator.domain.items import ItemRef
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import NOT_SENT, TWIN, ActKind, Outcome, Phase
from migrator.domain.protocol.transfer import DIFFERS, REDIRECTED, TRANSFERRED
from migrator.errors import UsageError
from migrator.execution.own_account import bot_identity
from migrator.execution.scan import scan
from migrator.execution.verify import verify
from migrator.rehearsal.relations import moved_twice, present_place
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.services import runs
from migrator.services.approve import approve
from migrator.services.classify import classify
from migrator.services.plan import make_plan
from migrator.services.undo import make_undo_plan
from migrator.store.ledger import Recorded
from migrator.store.plans import StoredPlan
from migrator.store.runs import RunState
from tests.execution.conftest import Stage
from tests.support.killing_proxy import killing_proxy
from tests.support.runner import Runner
from tests.support.transfer_world import world_of, write_rules


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage of this file: a migration within one owner."""
    folder = tmp_path_factory.mktemp("stage")
    rules = write_rules(folder)
    records, _ = world_of(rules, items=150, seed=11)
    write_world(records, folder / "world.jsonl")
    options = ("--world", str(folder / "world.jsonl"))
    with running_sandbox(*options) as sandbox, killing_proxy(sandbox.url) as proxy:
        timing = {"cut_off_seconds": 0.4, "read_lag_seconds": 0.05}  # a doubt takes 64 lags
        arena = Runner(
            folder=folder, url=proxy.url, sandbox=sandbox, preset=str(rules), timing=timing
        )
        plan = arena.plan()
        context = arena.context()
        acting = [
            replace(item, wave=0) for item in context.store.plans.items(plan.hash, acting=True)
        ]
        kinds = {kind: [item for item in acting if item.decision is kind] for kind in Decision}
        yield Stage(arena, proxy, context, plan, kinds)
        context.store.engine.dispose()


@pytest.fixture(autouse=True)
def kind(stage: Stage) -> Iterator[None]:
    """Whatever a test makes of the sandbox ends with it."""
    yield
    stage.control("rules", [])
    stage.control("transfers", {"use": "kind"})


def world(stage: Stage) -> dict[str, dict[str, Any]]:
    """The items of the sandbox's world."""
    return {
        f"{record['repository']}#{record['number']}": record
        for record in stage.arena.sandbox.world()
        if record["record"] == "item"
    }


def transferred(stage: Stage, **changes: Any) -> tuple[PlanItem, Recorded, dict[str, Any]]:
    """Apply a plan with one transfer: its item, its entry, and the thread where it is now."""
    plan, item = stage.one(Decision.TRANSFER, **changes)
    stage.apply(plan)
    items = world(stage)
    return item, stage.entry(item), items[present_place(items, item.key)]


def notices(thread: dict[str, Any], entry: Recorded) -> int:
    """How many comments of the thread carry the entry's nonce."""
    return sum(entry.entry.nonce in one["body"] for one in thread.get("comments", ()))


def replanned(stage: Stage, ref: ItemRef) -> PlanItem:
    """What a new plan says of an item, after a new scan."""
    context = stage.context
    asyncio.run(scan(context, lambda *_: None))
    now, own = context.clock(), bot_identity(context)
    classify(context, as_of=now, own=own, progress=lambda *_: None)
    plan = make_plan(context, as_of=now, own=own, commands_served=False, progress=lambda *_: None)
    found = context.store.plans.item(plan.hash, *ref)
    assert found is not None
    return found


def test_no_parent_is_in_a_later_wave_than_its_sub_issues(stage: Stage) -> None:
    """So that nothing waits for what comes days later."""
    items = {item.key: item for item in stage.context.store.plans.items(stage.whole.hash)}
    pairs = [
        (items[child.parent].wave, child.wave)
        for child in items.values()
        if child.transfers_to and child.parent in items and items[child.parent].transfers_to
    ]
    assert pairs
    assert all(above <= below for above, below in pairs)


def test_a_relation_within_a_repository_that_is_renamed_meanwhile_is_not_lost(
    stage: Stage,
) -> None:
    """The parent is the same issue under another name."""
    ours = stage.items[Decision.TRANSFER]
    ours.sort(key=lambda item: bool(item.parent))
    plan, item = stage.one(Decision.TRANSFER)
    assert item.parent
    renamed = f"{item.repository}-renamed"
    rename = {"do": "rename_repository", "repository": item.repository, "to": renamed}
    stage.proxy.before["TransferIssue"] = partial(stage.control, "act", rename)
    try:
        stage.apply(plan)
    finally:
        back = {"do": "rename_repository", "repository": renamed, "to": item.repository}
        stage.control("act", back)
    receipt = stage.entry(item).state.acts[ActKind.COMPARE].receipt
    assert receipt is not None
    assert receipt.differences == ()


@pytest.mark.parametrize("after", [False, True])
def test_a_thread_moves_with_its_one_notice(stage: Stage, after: bool) -> None:
    """Posted before or after; everything that it had comes along."""
    item, entry, thread = transferred(stage, notice_after=after)
    assert (entry.state.outcome, entry.state.code) == (Outcome.DONE, TRANSFERRED)
    assert thread["repository"] == item.transfers_to
    assert notices(thread, entry) == 1
    acts = [line.act for line in entry.attempts if line.line.__class__.__name__ == "Intended"]
    first, second = (
        (ActKind.TRANSFER, ActKind.NOTICE) if after else (ActKind.NOTICE, ActKind.TRANSFER)
    )
    assert acts[:2] == [first, second]


def test_a_lost_reply_is_settled_by_the_old_number(stage: Stage) -> None:
    """One send, one issue."""
    stage.control("rules", [{"use": "transfer_reply_lost", "nth": [1]}])
    item, entry, thread = transferred(stage)
    sent = [line for line in entry.attempts if line.act is ActKind.TRANSFER]
    assert [line.phase.value for line in sent] == ["intended", "unknown", "done"]
    assert entry.state.code == TRANSFERRED
    assert item.key not in moved_twice(world(stage))
    assert notices(thread, entry) == 1


def test_a_transfer_that_was_not_done_is_in_doubt_and_not_sent_again(stage: Stage) -> None:
    """The old number answers, and the target has no twin: GitHub might still do it."""
    stage.control("rules", [{"use": "transfer_timed_out", "nth": [1]}])
    item, entry, thread = transferred(stage)
    assert (entry.state.outcome, entry.state.code) == (Outcome.IN_DOUBT, "transfer_unknown")
    sent = [line for line in entry.attempts if line.act is ActKind.TRANSFER]
    assert [line.phase.value for line in sent].count("intended") == 1
    assert thread["repository"] == item.repository


def later(stage: Stage, plan: StoredPlan) -> Recorded:
    """Ask for another look at what is in doubt, and let it be taken when it is due."""
    item = next(stage.context.store.plans.items(plan.hash))
    runs.resume(stage.context, stage.entry(item).entry.run_id)
    waiting = stage.apply(plan)
    assert waiting.due is not None
    pause = max(waiting.due - stage.context.clock(), timedelta()) + timedelta(seconds=1)
    stage.context.clock.advance(pause)  # type: ignore[attr-defined]
    stage.control("clock", {"advance_seconds": pause.total_seconds()})
    stage.apply(plan)
    return stage.entry(item)


def in_doubt(stage: Stage, **changes: Any) -> tuple[StoredPlan, PlanItem]:
    """A plan whose one transfer was not done and got no reply; it was sent once and looked for."""
    stage.control("rules", [{"use": "transfer_timed_out", "nth": [1]}])
    plan, item = stage.one(Decision.TRANSFER, **changes)
    stage.apply(plan)
    assert stage.entry(item).state.outcome is Outcome.IN_DOUBT
    return plan, item


@pytest.mark.parametrize("after", [False, True])
def test_a_doubt_about_a_transfer_that_was_not_done_ends_in_the_next_plan(
    stage: Stage, after: bool
) -> None:
    """An hour later it is still there and nowhere else: it is planned again, keeps its one notice,
    and moves once."""
    plan, item = in_doubt(stage, notice_after=after)
    entry = later(stage, plan)
    assert (entry.state.outcome, entry.state.code) == (Outcome.FAILED, NOT_SENT)
    assert [line.phase for line in entry.attempts if line.act is ActKind.TRANSFER].count(
        Phase.INTENDED
    ) == 1
    again = replanned(stage, item.ref)
    assert (again.decision, bool(again.edits)) == (Decision.TRANSFER, not after)
    stage.items[Decision.TRANSFER].append(replace(again, wave=0))
    _, second, thread = transferred(stage)
    assert second.state.code == TRANSFERRED
    assert thread["repository"] == item.transfers_to
    assert item.key not in moved_twice(world(stage))
    assert notices(thread, second) == 1


def test_a_doubt_ends_as_moved_where_the_old_number_leads_on(stage: Stage) -> None:
    """GitHub did it after all, or a maintainer did: the entry goes on from there, with an alias and
    a receipt."""
    plan, item = in_doubt(stage)
    stage.act(item, "transfer", to=item.transfers_to)
    entry = later(stage, plan)
    assert (entry.state.outcome, entry.state.code) == (Outcome.DONE, TRANSFERRED)
    assert entry.state.acts[ActKind.COMPARE].receipt is not None
    place = present_place(world(stage), item.key)
    assert str(stage.context.store.items.names_of(item.ref)[-1].ref) == place
    with pytest.raises(UsageError):
        runs.resume(stage.context, entry.entry.run_id)


def test_a_thread_beside_its_copy_stays_in_doubt_until_a_maintainer_has_removed_one(
    stage: Stage,
) -> None:
    """Both URLs are named. Without the copy it was not sent."""
    plan, item = in_doubt(stage)
    stage.control("transfers", {"old_answers_seconds": 1e9})
    stage.act(item, "transfer", to=item.transfers_to)
    entry = later(stage, plan)
    assert (entry.state.outcome, entry.state.code) == (Outcome.IN_DOUBT, TWIN)
    copy = ItemRef.parse(present_place(world(stage), item.key))
    assert f"/{item.repository}/issues/{item.number} is still there" in entry.state.message
    assert f"/{copy.repository}/issues/{copy.number}" in entry.state.message
    there = replace(item, repository=copy.repository, number=copy.number)
    stage.act(there, "delete")
    runs.resume(stage.context, entry.entry.run_id)
    stage.apply(plan)
    assert stage.entry(item).state.code == NOT_SENT


@pytest.mark.parametrize("after", [False, True])
def test_a_thread_that_github_refuses_for_good_is_redirected(stage: Stage, after: bool) -> None:
    """On record, and its one notice says that it stays."""
    key = stage.items[Decision.TRANSFER][-1].key
    stage.control("transfers", {"never": [key]})
    item, entry, thread = transferred(stage, notice_after=after)
    assert item.key == key
    assert (entry.state.outcome, entry.state.code) == (Outcome.DONE, REDIRECTED)
    assert (thread["repository"], thread.get("state", "open")) == (item.repository, "open")
    assert notices(thread, entry) == 1
    (notice,) = (one for one in thread["comments"] if entry.entry.nonce in one["body"])
    assert "GitHub does not allow it to be moved" in notice["body"]


def sent(entry: Recorded) -> list[str]:
    """What the ledger says of a transfer, line by line."""
    return [line.phase.value for line in entry.attempts if line.act is ActKind.TRANSFER]


def test_a_secondary_limit_in_the_middle_is_waited_for(stage: Stage) -> None:
    """It is an answer: nothing was done, and the thread is sent again."""
    stage.control("rules", [{"use": "transfer_limited", "nth": [1]}])
    item, entry, thread = transferred(stage)
    assert sent(entry) == ["intended", "absent", "intended", "done"]
    assert (entry.state.code, thread["repository"]) == (TRANSFERRED, item.transfers_to)
    assert item.key not in moved_twice(world(stage))


def test_a_target_that_is_archived_in_the_middle_holds_the_run(stage: Stage) -> None:
    """No thread is charged; unarchived, the same command goes on."""
    plan, item = stage.one(Decision.TRANSFER)
    archive = {"do": "archive_repository", "repository": item.transfers_to}
    stage.proxy.before["TransferIssue"] = partial(stage.control, "act", archive)
    held = stage.apply(plan)
    assert (held.run.state, held.run.options.refused) == (RunState.STOPPED, "archived")
    assert "archived" in held.run.reason
    assert held.outcomes == {}
    stage.control("act", {**archive, "on": False})
    stage.apply(plan)
    entry = stage.entry(item)
    assert sent(entry) == ["intended", "absent", "intended", "done"]
    assert entry.state.code == TRANSFERRED


@pytest.mark.parametrize("lost", ["", "transfer_reply_lost", "transfer_timed_out"])
def test_a_source_that_is_renamed_in_the_middle_is_followed(stage: Stage, lost: str) -> None:
    """The old number under the new name is no new place: what is not known to have moved is in
    doubt, and what moved is found. A related issue that has another name now is not lost."""
    plan, item = stage.one(Decision.TRANSFER)
    renamed = f"{item.repository}-renamed"
    rename = {"do": "rename_repository", "repository": item.repository, "to": renamed}
    back = {"do": "rename_repository", "repository": renamed, "to": item.repository}
    stage.proxy.before["TransferIssue"] = partial(stage.control, "act", rename)
    if lost:
        stage.control("rules", [{"use": lost, "nth": [1]}])
    try:
        stage.apply(plan)
    finally:
        stage.control("act", back)
    entry, place = stage.entry(item), present_place(world(stage), item.key)
    moved = lost != "transfer_timed_out"
    assert (place.partition("#")[0] == item.transfers_to) == moved
    assert entry.state.code == (TRANSFERRED if moved else "transfer_unknown"), entry.state.message
    assert sent(entry).count("intended") == 1


def test_a_lock_and_a_pin_are_set_again(stage: Stage) -> None:
    """A transfer may take both; whoever may transfer may set them. The lock keeps its reason."""
    stage.control("transfers", {"keeps": []})
    plan, item = stage.one(Decision.TRANSFER, notice_after=True)
    stage.act(item, "pin")
    # between the look at the item, which would stop it, and the picture
    stage.proxy.before["Thread"] = partial(stage.act, item, "lock", reason="resolved")
    stage.apply(plan)
    entry, items = stage.entry(item), world(stage)
    thread = items[present_place(items, item.key)]
    assert entry.state.code == TRANSFERRED
    assert (thread["pinned"], thread["locked"]) == (True, True)
    assert thread["lock_reason"] == "resolved"


def test_what_a_bot_of_the_target_did_is_in_the_receipt(stage: Stage) -> None:
    """A thread that is closed on arrival is there, and differs."""
    target = stage.items[Decision.TRANSFER][-1].transfers_to
    bots = [{"repository": target, "does": "close", "comment": "no"}]
    stage.control("bots", bots)
    _, entry, _ = transferred(stage)
    stage.control("bots", [])
    receipt = entry.state.acts[ActKind.COMPARE].receipt
    assert receipt is not None
    assert receipt.differences == ("state",)
    assert entry.state.code == DIFFERS


def test_a_transferred_thread_stays_ours_at_its_new_place_and_is_not_cleared(stage: Stage) -> None:
    """Though it was opened before the cutover. What differs from the ledger is found there."""
    item, entry, _ = transferred(stage)
    context = stage.context
    place = ItemRef.parse(entry.state.acts[ActKind.TRANSFER].moved_to)
    again = replanned(stage, place)
    assert (again.decision, again.code) == (Decision.LEAVE, "transferred")
    assert context.store.ledger.of_item(str(place)) == [entry]
    run_id = entry.entry.run_id
    assert asyncio.run(verify(context, run_id=run_id, progress=lambda _: None)).is_verified
    stage.act(replace(item, repository=place.repository, number=place.number), "delete")


def test_a_transfer_is_taken_back_with_its_labels_and_notice(stage: Stage) -> None:
    """Under a third number, which the plan announces; the first two lead there."""
    item, entry, _ = transferred(stage)
    before = entry.state.acts[ActKind.TRANSFER].picture
    assert before is not None
    plan = make_undo_plan(
        stage.context,
        as_of=stage.context.clock(),
        item_key=item.key,
        progress=lambda *_: None,
    )
    (back,) = stage.context.store.plans.items(plan.hash, acting=True)
    assert "gets a new number" in back.reason
    asyncio.run(approve(stage.context, plan.hash, by="test", how="test"))
    progress = stage.apply(plan)
    assert progress.outcomes == {"done": {"undo": 1}}
    items = world(stage)
    thread = items[present_place(items, item.key)]
    assert thread["repository"] == item.repository
    assert thread["number"] != item.number
    assert set(before.labels) <= set(thread["labels"])
    (notice,) = (one for one in thread["comments"] if entry.entry.nonce in one["body"])
    assert "was reverted" in notice["body"] or "Reverted" in notice["body"]
