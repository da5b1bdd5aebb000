"""A small run whose process is killed at one of its requests, and what must have come of it in
the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec

from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem
from migrator.execution.context import Context
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services.plan import write_plan
from migrator.store.plans import Approval, StoredPlan
from migrator.store.runs import RunOptions, RunState
from tests.support.killing_proxy import KillingProxy, When, killing_proxy
from tests.support.runner import Runner, apply_in_child, kill
from tests.support.verify_world import differences, left_open

KINDS = (
    Decision.REDIRECT,
    Decision.RETIRE,
    Decision.CLEAR,
    Decision.PORT,
    Decision.REDIRECT,
    Decision.RETIRE,
)
"""On the last of them somebody speaks while our close is under way."""
REQUESTS = 22
"""A run of six items: who we are, the label (for the first notice and for the closes) and its
creation, then per item a reading and a notice, for four of them a close, and for one of these
another reading, its reopening, and its notice's new text."""
CLOSES = {kind: kind is not Decision.REDIRECT for kind in KINDS}
SAMPLE = [
    (5, When.DURING),
    (6, When.DURING),
    (9, When.AFTER),
    (20, When.DURING),
    (21, When.DURING),
    (22, When.BEFORE),
]
"""Some deaths that `make test` looks at: around a notice, a close, a reading, and around what
takes a close back."""
EVERY_KILL = "MIGRATOR_EVERY_KILL"
"""Name of the environment variable that asks for all three deaths at each request."""


def deaths(first: int, last: int) -> list[tuple[int, When]]:
    """Before, during or after each request, in turn; all three where ``MIGRATOR_EVERY_KILL`` is
    set, which takes half an hour."""
    whens = list(When)
    return [
        (at, when)
        for at in range(first, last + 1)
        for when in (whens if os.environ.get(EVERY_KILL) else [whens[at % len(whens)]])
    ]


OTHERS = [death for death in deaths(1, REQUESTS) if death not in SAMPLE]
ITEMS_A_CASE = 55
"""Items of a made-up world in which there are six that fit."""


@dataclass
class Matrix:
    """One sandbox with enough items for every case; each case gets six of its own."""

    arena: Runner
    proxy: KillingProxy
    context: Context
    whole: StoredPlan
    items: dict[Decision, list[PlanItem]]
    cases: int = 0
    spoken_on: str = ""

    def next_plan(self) -> StoredPlan:
        """An approved plan of items that no other case touches; on one of them a person will
        speak."""
        self.cases += 1
        taken = [self.items[kind].pop() for kind in KINDS]
        self.let_speak(taken[-1])
        chosen = sorted(taken, key=lambda item: (item.repository, item.number))
        as_of = self.whole.header.as_of + timedelta(microseconds=self.cases)
        header = msgspec.structs.replace(self.whole.header, as_of=as_of)
        plan = write_plan(
            self.context, header, iter(chosen), total=len(chosen), progress=lambda *_: None
        )
        now = self.context.clock()
        self.context.store.plans.approve(
            plan.hash, Approval(approved_by="test", how="test", approved_at=now)
        )
        return plan

    def let_speak(self, item: PlanItem) -> None:
        """Somebody comments between our last look at an item and the arrival of our close."""
        self.spoken_on = item.key
        act = {
            "as": "repository-owner",
            "do": "comment",
            "repository": item.repository,
            "number": item.number,
        }
        self.proxy.before[f"LabelAndClose {item.node_id}"] = lambda: self.arena.sandbox.post(
            "act", act
        )

    def state_of(self, plan: StoredPlan) -> RunState | None:
        """How far the plan's run is."""
        runs = (
            run
            for run in self.context.store.runs.newest(self.cases + 1)
            if run.plan_hash == plan.hash
        )
        return next((run.state for run in runs), None)

    def differences(self, plan: StoredPlan) -> dict[str, list[str]]:
        """Item -> how the world differs from what must come of it."""
        url, items = self.arena.sandbox.url, list(self.context.store.plans.items(plan.hash))
        assert self.spoken_on in {item.key for item in items}
        return {
            item.key: (left_open if item.key == self.spoken_on else differences)(url, item)
            for item in items
        }


def stands_alone(context: Context, item: PlanItem) -> bool:
    """Whether no other item decides about this one: a linked pull request keeps it active, until
    another case closes that."""
    found = context.store.snapshots.get(item.repository, item.number)
    return found is not None and not found.linked_pulls


@contextmanager
def killable(folder: Path, cases: int) -> Iterator[Matrix]:
    """A scanned and planned sandbox behind a proxy that can kill, with items for so many cases."""
    write_world(generate(items=ITEMS_A_CASE * cases, seed=11), folder / "world.jsonl")
    with (
        running_sandbox("--world", str(folder / "world.jsonl")) as sandbox,
        killing_proxy(sandbox.url) as proxy,
    ):
        arena = Runner(folder=folder, url=proxy.url, sandbox=sandbox)
        plan = arena.plan()
        context = arena.context(url=sandbox.url)
        acting = [
            one
            for one in context.store.plans.items(plan.hash, acting=True)
            if stands_alone(context, one)
        ]
        at_once = [msgspec.structs.replace(one, wave=0, grace_days=0) for one in acting]
        kinds = {
            kind: [
                item for item in at_once if item.decision is kind and item.closes is CLOSES[kind]
            ]
            for kind in KINDS
        }
        assert all(len(kinds[kind]) >= KINDS.count(kind) * cases for kind in KINDS), (
            "a larger world is needed"
        )
        yield Matrix(arena, proxy, context, plan, kinds)


def goes_on_where_it_was_killed(matrix: Matrix, at: int, when: When, together: int = 1) -> None:
    """Kill a run at one of its requests, start the next process, and hold the world against the
    plan. ``together``: how many items are at work at once."""
    plan = matrix.next_plan()
    matrix.proxy.arm(at, when)
    options = RunOptions(paced=False, concurrency=together)
    child = apply_in_child(matrix.arena, plan.hash, options=options)
    matrix.proxy.victim = child.pid or 0
    child.join()
    matrix.proxy.arm(0, When.BEFORE)
    again = apply_in_child(matrix.arena, plan.hash, options=options)
    while again.is_alive() and matrix.state_of(plan) is not RunState.FINISHED:
        again.join(0.05)
    kill(again)  # its farewell takes longer than its work
    found = matrix.differences(plan)
    assert found == {key: [] for key in found}
    assert matrix.state_of(plan) is RunState.FINISHED
