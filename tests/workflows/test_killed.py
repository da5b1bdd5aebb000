"""The process is killed at every request of a small run, and goes on in a new one."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from bench.arena import Arena, apply_in_child, kill
from bench.judging import differences, left_open
from bench.killing_proxy import KillingProxy, When, killing_proxy
from migrator.cli.sandbox_process import running_sandbox, write_world
from migrator.domain.decisions import Decision
from migrator.domain.planning import PlanItem
from migrator.operations.plan import write_plan
from migrator.sandbox.worlds import generate
from migrator.store.plans import Approval, StoredPlan
from migrator.store.runs import RunState
from migrator.workflows.context import Context

KINDS = (Decision.REDIRECT, Decision.RETIRE, Decision.CLEAR, Decision.PORT, Decision.REDIRECT, Decision.RETIRE)
"""On the last of them somebody speaks while our close is under way."""
REQUESTS = 22
"""A run of six items: who we are, the labels and one that is missing, then per item a reading and a notice, for four of them

a close, and for one of these another reading, its reopening, and its notice's new text.
"""
CLOSES = {kind: kind is not Decision.REDIRECT for kind in KINDS}
CASES = [(at, when) for at in range(1, REQUESTS + 1) for when in When]


@dataclass
class Matrix:
    """One sandbox with enough items for every case; each case gets six of its own."""

    arena: Arena
    proxy: KillingProxy
    context: Context
    whole: StoredPlan
    items: dict[Decision, list[PlanItem]]
    cases: int = 0
    spoken_on: str = ""

    def next_plan(self) -> StoredPlan:
        """An approved plan of items that no other case touches; on one of them a person will speak."""
        self.cases += 1
        taken = [self.items[kind].pop() for kind in KINDS]
        self.let_speak(taken[-1])
        chosen = sorted(taken, key=lambda item: (item.repository, item.number))
        as_of = self.whole.header.as_of + timedelta(microseconds=self.cases)
        header = msgspec.structs.replace(self.whole.header, as_of=as_of)
        plan = write_plan(self.context, header, iter(chosen), total=len(chosen), progress=lambda *_: None)
        now = self.context.clock()
        self.context.store.plans.approve(plan.hash, Approval(approved_by="test", how="test", approved_at=now))
        return plan

    def let_speak(self, item: PlanItem) -> None:
        """Somebody comments between our last look at an item and the arrival of our close."""
        self.spoken_on = item.key
        act = {"as": "repository-owner", "do": "comment", "repository": item.repository, "number": item.number}
        address = f"{self.arena.sandbox.url}/_sandbox/act"
        self.proxy.before[f"LabelAndClose {item.node_id}"] = lambda: urllib.request.urlopen(
            address, json.dumps(act).encode()
        ).close()

    def state_of(self, plan: StoredPlan) -> RunState | None:
        """How far the plan's run is."""
        runs = (run for run in self.context.store.runs.newest(len(CASES) + 3) if run.plan_hash == plan.hash)
        return next((run.state for run in runs), None)

    def differences(self, plan: StoredPlan) -> dict[str, list[str]]:
        """Item -> how the world differs from what must come of it."""
        url, items = self.arena.sandbox.url, list(self.context.store.plans.items(plan.hash))
        assert self.spoken_on in {item.key for item in items}
        return {item.key: (left_open if item.key == self.spoken_on else differences)(url, item) for item in items}


def stands_alone(context: Context, item: PlanItem) -> bool:
    """Whether no other item decides about this one: a linked pull request keeps it active, until another case closes that."""
    found = context.store.snapshots.get(item.repository, item.number)
    return found is not None and not found.linked_pulls


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """A scanned and planned sandbox behind a proxy that can kill."""
    folder = tmp_path_factory.mktemp("killed")
    write_world(generate(items=2400, seed=11), folder / "world.jsonl")
    with running_sandbox("--world", str(folder / "world.jsonl")) as sandbox, killing_proxy(sandbox.url) as proxy:
        arena = Arena(folder=folder, url=proxy.url, sandbox=sandbox)
        plan = arena.plan()
        context = arena.context(url=sandbox.url)
        acting = [one for one in context.store.plans.items(plan.hash, acting=True) if stands_alone(context, one)]
        at_once = [msgspec.structs.replace(one, wave=0, grace_days=0) for one in acting]
        kinds = {kind: [item for item in at_once if item.decision is kind and item.closes is CLOSES[kind]] for kind in KINDS}
        assert all(len(kinds[kind]) >= KINDS.count(kind) * (len(CASES) + 2) for kind in KINDS), "a larger world is needed"
        yield Matrix(arena, proxy, context, plan, kinds)


@pytest.mark.slow
@pytest.mark.parametrize(("at", "when"), CASES)
def test_a_process_killed_at_any_request_goes_on_and_leaves_the_same_github(matrix: Matrix, at: int, when: When) -> None:
    """Killed before, during and after each request: the next process finishes, with every act done exactly once."""
    plan = matrix.next_plan()
    matrix.proxy.arm(at, when)
    child = apply_in_child(matrix.arena, plan.hash)
    matrix.proxy.victim = child.pid or 0
    child.join()
    matrix.proxy.arm(0, When.BEFORE)
    again = apply_in_child(matrix.arena, plan.hash)
    while again.is_alive() and matrix.state_of(plan) is not RunState.FINISHED:
        again.join(0.05)
    kill(again)  # its farewell takes longer than its work
    found = matrix.differences(plan)
    assert found == {key: [] for key in found}
    assert matrix.state_of(plan) is RunState.FINISHED


def test_the_matrix_reaches_the_end_of_a_run(matrix: Matrix) -> None:
    """A run of six items makes no more requests than the matrix has cases, so none is left out."""
    plan = matrix.next_plan()
    matrix.proxy.arm(0, When.BEFORE)
    child = apply_in_child(matrix.arena, plan.hash)
    child.join()
    assert child.exitcode == 0
    assert REQUESTS - 1 <= matrix.proxy.seen <= REQUESTS  # the first run of all creates a label, too
    assert matrix.proxy.before == {}
    assert matrix.differences(plan) == {item.key: [] for item in matrix.context.store.plans.items(plan.hash)}


def test_the_matrix_really_kills(matrix: Matrix, tmp_path: Path) -> None:
    """A death that is planned for the third request takes the process with it."""
    plan = matrix.next_plan()
    matrix.proxy.arm(3, When.BEFORE)
    child = apply_in_child(matrix.arena, plan.hash)
    matrix.proxy.victim = child.pid or 0
    child.join()
    assert matrix.proxy.killed
    assert child.exitcode == -9
