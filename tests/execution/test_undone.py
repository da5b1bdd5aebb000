"""What was done is taken back: all of it, one wave or one item; the world is then as it was,
field by field."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from bench.undo import cannot_reopen, compare, measure, run_of, undo_plan
from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import Outcome
from migrator.errors import PlanRefused
from migrator.execution.context import Context
from migrator.execution.verify import verify
from migrator.rehearsal.sandbox import ACCOUNT, Sandbox, running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services.approve import approve
from migrator.services.undo import make_undo_plan
from migrator.store.plans import StoredPlan
from tests.execution.conftest import Stage, staged
from tests.support.killing_proxy import KillingProxy, When, killing_proxy
from tests.support.runner import UNPACED, Runner, apply_in_child, kill
from tests.support.world_difference import Memory, differences

ITEMS = 100
"""Items of the world of which about 40 are acted on."""


@dataclass
class Done:
    """A migration that was carried out whole, with the world as it was before."""

    arena: Runner
    proxy: KillingProxy
    context: Context
    plan: StoredPlan
    memory: Memory

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox."""
        return self.arena.sandbox

    def apply(self, plan: StoredPlan, **options: Any) -> None:
        """Apply in a process of its own, to the end."""
        apply_in_child(self.arena, plan.hash, options=replace(UNPACED, **options)).join()

    def undo(self, **chosen: Any) -> StoredPlan:
        """An approved plan to take the run back, or what is chosen of it."""
        return undo_plan(self.context, run_of(self.context, self.plan), **chosen)

    def left(self) -> list[str]:
        """What is not as it was, but for what GitHub never forgets."""
        return compare(self.memory, self.sandbox).found

    def touched(self) -> set[str]:
        """Keys of the items that carry a notice of ours that was not taken back, by the world."""
        pairs = [
            (name, differences(before, after))
            for name, before, after in self.memory.compared(self.sandbox.world())
        ]
        return {name for name, wrong in pairs if "comments" in wrong}


@pytest.fixture
def done(tmp_path: Path) -> Iterator[Done]:
    """A migration of some 40 items, all of them acted on, nothing waiting for a grace."""
    write_world(generate(items=ITEMS, seed=7), tmp_path / "world.jsonl")
    with (
        running_sandbox("--world", str(tmp_path / "world.jsonl")) as sandbox,
        killing_proxy(sandbox.url) as proxy,
    ):
        arena = Runner(folder=tmp_path, url=proxy.url, sandbox=sandbox)
        plan, memory = arena.plan(grace=False), Memory(tmp_path / "before.jsonl")
        memory.keep(sandbox.world())
        built = Done(arena, proxy, arena.context(), plan, memory)
        built.apply(plan)
        yield built
        built.context.store.engine.dispose()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """For single items."""
    with staged(tmp_path_factory.mktemp("undone"), items=200) as built:
        yield built


def test_a_whole_run_is_taken_back_field_by_field(done: Done) -> None:
    """Killed half way and resumed: nothing differs, and what cannot be opened again is named."""
    assert done.left() != []
    undo = done.undo()
    assert undo.totals.notices == done.plan.totals.notices >= 30
    done.proxy.arm(undo.totals.notices, When.DURING)
    child = apply_in_child(done.arena, undo.hash)
    done.proxy.victim = child.pid or 0
    child.join()
    kill(child)
    assert done.proxy.killed
    assert done.left() != []
    done.apply(undo)
    left = compare(done.memory, done.sandbox)
    assert left.found == []
    assert left.cannot_reopen == cannot_reopen(done.context, run_of(done.context, undo))
    assert asyncio.run(verify(done.context, run_id=None, progress=lambda _: None)).faults == ()


@pytest.mark.slow
def test_what_is_taken_back_already_is_left_alone(done: Done) -> None:
    """The same plan again writes nothing, and a new one is refused."""
    undo = done.undo()
    done.apply(undo)
    before = done.sandbox.stats()["requests"]["mutation"]
    done.apply(undo)
    assert done.sandbox.stats()["requests"]["mutation"] == before
    with pytest.raises(PlanRefused, match="nothing is left to undo"):
        done.undo()


@pytest.mark.slow
def test_one_wave_is_taken_back_and_the_others_stand(done: Done) -> None:
    """Then the rest, in a plan that leaves out what was taken back already."""
    waves = {
        item.key: item.wave for item in done.context.store.plans.items(done.plan.hash, acting=True)
    }
    undo = done.undo(wave=2)
    assert {item.key for item in done.context.store.plans.items(undo.hash)} == {
        key for key, wave in waves.items() if wave == 2
    }
    done.apply(undo)
    gone = compare(done.memory, done.sandbox).cannot_reopen
    assert done.touched() - gone == {key for key, wave in waves.items() if wave != 2} - gone
    rest = done.undo()
    assert rest.totals.notices == done.plan.totals.notices - undo.totals.notices
    done.apply(rest)
    assert done.left() == []


@pytest.mark.slow
def test_a_small_benchmark_finds_no_difference() -> None:
    """The script itself, as it runs at full size."""
    result = measure(40, seed=3)
    assert result["undone"] + result["cannot_reopen"] >= 40
    assert (result["differences"], result["again"], result["not_named"]) == (0, 0, [])


def of_item(stage: Stage, item: PlanItem) -> StoredPlan:
    """An approved plan that takes one item's acts back."""
    plan = make_undo_plan(
        stage.context, as_of=stage.context.clock(), item_key=item.key, progress=lambda *_: None
    )
    return asyncio.run(approve(stage.context, plan.hash, by="test", how="test"))


def test_one_item_is_taken_back(stage: Stage) -> None:
    """Open, without our label, the notice says so; the item beside it in the same run stays
    closed."""
    plan = stage.plan(Decision.RETIRE, Decision.RETIRE)
    stage.apply(plan)
    item, other = stage.context.store.plans.items(plan.hash)
    stage.apply(of_item(stage, item))
    assert stage.is_open(item)
    assert item.label not in stage.record(item).get("labels", ())
    (notice,) = stage.notices(item)
    assert notice.startswith("**Reverted.** This")
    assert "is open." in notice
    assert not stage.is_open(other)


def test_a_label_that_stood_there_before_stays(stage: Stage) -> None:
    """Only what we put on is taken off."""
    plan, item = stage.one(Decision.RETIRE)
    stage.act(item, "label", label=item.label)
    stage.apply(plan)
    stage.apply(of_item(stage, item))
    assert stage.is_open(item)
    assert item.label in stage.record(item)["labels"]


def rest(stage: Stage, method: str, path: str, **given: Any) -> httpx.Response:
    """The owner asks something of the sandbox's REST API."""
    headers = {"authorization": "token sandbox-repository-owner"}
    url = f"{stage.arena.sandbox.url}{path}"
    return httpx.request(method, url, headers=headers, **given).raise_for_status()


@pytest.mark.parametrize("becomes", ["renamed", "deleted"])
def test_our_label_is_taken_off_whatever_it_is_called_by_then(stage: Stage, becomes: str) -> None:
    """It is known by its id; and an undo makes no label that people renamed or deleted."""
    plan, item = stage.one(Decision.RETIRE, label=f"moved-{becomes}")
    stage.apply(plan)
    path = f"/repos/{item.repository}/labels"
    if becomes == "renamed":
        rest(stage, "PATCH", f"{path}/{item.label}", json={"new_name": "elsewhere"})
    else:
        rest(stage, "DELETE", f"{path}/{item.label}")
    found = asyncio.run(verify(stage.context, run_id=None, progress=lambda _: None)).findings
    (told,) = [one for one in found if one.item_key == item.key]
    assert "taken off, renamed or deleted" in told.message
    stage.apply(of_item(stage, item))
    assert stage.is_open(item)
    assert "elsewhere" not in stage.record(item).get("labels", ())
    names = [one["name"] for one in rest(stage, "GET", f"{path}?per_page=100").json()]
    assert item.label not in names


def test_what_a_person_opened_and_closed_again_is_theirs(stage: Stage) -> None:
    """Our close no longer stands: the undo leaves the person's close alone."""
    plan, item = stage.one(Decision.RETIRE)
    stage.apply(plan)
    stage.act(item, "reopen")
    stage.act(item, "close")
    stage.apply(of_item(stage, item))
    assert not stage.is_open(item)
    assert stage.record(item)["closed_by"] == "repository-owner"


def test_a_close_that_waits_for_its_grace_never_comes_after_an_undo(stage: Stage) -> None:
    """The undo ends the waiting entry: weeks later the old plan closes nothing."""
    plan, item = stage.one(Decision.RETIRE, grace_days=14)
    assert stage.apply(plan).parked == 1
    stage.apply(of_item(stage, item))
    stage.arena.sandbox.advance(timedelta(days=20).total_seconds())
    later = stage.arena.context()
    assert later.clock() > stage.context.clock() + timedelta(days=19)
    stage.context = later
    stage.apply(plan)
    assert stage.is_open(item)
    assert [one.state.outcome for one in later.store.ledger.of_item(item.key)] == [
        Outcome.SKIPPED,
        Outcome.DONE,
    ]


def test_a_pull_request_without_its_branch_is_named(stage: Stage) -> None:
    """GitHub refuses to open it; the ledger says so and its notice claims nothing else."""
    plan, item = stage.one(Decision.PORT, grace_days=0)
    stage.apply(plan)
    notice = stage.notices(item)
    stage.act(item, "delete_branch")
    stage.apply(of_item(stage, item))
    state = stage.entry(item).state
    assert (state.outcome, state.code) == (Outcome.FAILED, "cannot_reopen")
    assert stage.notices(item) == notice
    assert item.label not in stage.record(item).get("labels", ())


def test_the_comparison_sees_each_kind_of_difference() -> None:
    """A changed field, a comment that is not ours, an event of somebody else, a line that
    vanished: or it proves nothing."""
    before = {
        "record": "item",
        "state": "open",
        "labels": ["a"],
        "comments": [{"id": 1, "body": "x"}],
        "events": [],
    }
    ours = {"id": 2, "author": ACCOUNT, "body": "text <!-- migrator:1 ... -->", "edits": [{}]}
    assert (
        differences(
            before, before | {"comments": [*before["comments"], ours], "updated_at": "later"}
        )
        == []
    )
    assert differences(before, before | {"labels": ["a", "b"]}) == ["labels"]
    assert differences(before, before | {"state": "closed"}) == ["state"]
    assert differences(before, before | {"comments": []}) == ["comments"]
    assert differences(
        before, before | {"comments": [*before["comments"], ours | {"edits": []}]}
    ) == ["comments"]
    assert differences(before, before | {"events": [{"kind": "locked", "actor": ACCOUNT}]}) == [
        "events"
    ]
    assert differences(before, before | {"events": [{"kind": "closed", "actor": "another"}]}) == [
        "events"
    ]
    assert differences(before, None) == ["gone"]
