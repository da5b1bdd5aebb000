"""A scanned and planned sandbox, with a proxy before it at which things can happen."""

from __future__ import annotations

import asyncio
import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem
from migrator.execution.context import Context
from migrator.execution.run import run_step
from migrator.rehearsal.sandbox import ACCOUNT, running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services import runs
from migrator.services.plan import write_plan
from migrator.store.ledger import Recorded
from migrator.store.plans import Approval, StoredPlan
from migrator.store.runs import RunOptions
from tests.support.killing_proxy import KillingProxy, killing_proxy
from tests.support.runner import UNPACED, Runner
from tests.support.verify_world import record_of


@dataclass
class Stage:
    """One sandbox for many small plans: each takes items that no other has touched."""

    arena: Runner
    proxy: KillingProxy
    context: Context
    whole: StoredPlan
    items: dict[Decision, list[PlanItem]]
    plans: int = 0

    def plan(self, *decisions: Decision, **changes: Any) -> StoredPlan:
        """An approved plan with one fresh item for each decision; ``changes`` are made to every
        item."""
        self.plans += 1
        chosen = [msgspec.structs.replace(self.items[kind].pop(), **changes) for kind in decisions]
        chosen.sort(key=lambda item: (item.repository, item.number))
        as_of = self.whole.header.as_of + timedelta(microseconds=self.plans)
        expires = self.context.clock() + timedelta(days=7)  # tests let time pass
        header = msgspec.structs.replace(self.whole.header, as_of=as_of, expires_at=expires)
        plan = write_plan(
            self.context, header, iter(chosen), total=len(chosen), progress=lambda *_: None
        )
        self.context.store.plans.approve(
            plan.hash, Approval(approved_by="test", how="test", approved_at=self.context.clock())
        )
        return plan

    def one(self, decision: Decision, **changes: Any) -> tuple[StoredPlan, PlanItem]:
        """A plan with a single item."""
        plan = self.plan(decision, **changes)
        return plan, next(self.context.store.plans.items(plan.hash))

    def apply(self, plan: StoredPlan, options: RunOptions | None = None) -> runs.RunProgress:
        """Work on a plan in this process until nothing more happens by itself."""
        run = runs.start(self.context, plan.hash, options=options or UNPACED)

        async def until_rest() -> None:
            while not (result := await run_step(self.context, run.id)).ended:
                await asyncio.sleep(result.sleep)

        asyncio.run(until_rest())
        return runs.progress(self.context, run.id)

    def act(self, item: PlanItem, do: str, *, by: str = "repository-owner", **details: Any) -> None:
        """A person acts on an item."""
        self.control(
            "act",
            {"as": by, "do": do, "repository": item.repository, "number": item.number, **details},
        )

    def control(self, name: str, body: dict[str, Any] | list[dict[str, Any]]) -> None:
        """Use the sandbox's control surface."""
        self.arena.sandbox.post(name, body)

    def record(self, item: PlanItem) -> dict[str, Any]:
        """The item in the sandbox's world."""
        return record_of(self.arena.sandbox.url, item)

    def notices(self, item: PlanItem) -> list[str]:
        """Texts of our comments on the item."""
        ours = self.arena.sandbox.account
        return [
            one["body"]
            for one in self.record(item).get("comments", ())
            if one.get("author") == ours
        ]

    def is_open(self, item: PlanItem) -> bool:
        """Whether the item is open in the sandbox's world."""
        return bool(self.record(item).get("state", "open") == "open")

    def entry(self, item: PlanItem) -> Recorded:
        """Our ledger's newest entry on the item."""
        return self.context.store.ledger.of_item(item.key)[-1]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage of one test file."""
    with staged(tmp_path_factory.mktemp("stage"), items=650) as built:
        yield built


def _planned(base: Path, items: int, account: str) -> Path:
    """A folder with a made-up world and the database of its plan: made by the first of all test
    processes that needs such a one, as it takes seconds, and copied by the others."""
    shared = base.parent if base.name.startswith("popen-") else base
    folder = shared / f"planned-{items}-{account}"
    with (shared / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            new = shared / f"{folder.name}.new"
            new.mkdir()
            write_world(generate(items=items, seed=11), new / "world.jsonl")
            options = ("--world", str(new / "world.jsonl"))
            with running_sandbox(*options, account=account) as sandbox:
                Runner(folder=new, url=sandbox.url, sandbox=sandbox).plan()
            new.rename(folder)
    return folder


@contextmanager
def staged(folder: Path, *, items: int, account: str = ACCOUNT) -> Iterator[Stage]:
    """A stage in that folder, where we are ``account``."""
    shutil.copytree(_planned(folder.parent, items, account), folder, dirs_exist_ok=True)
    options = ("--world", str(folder / "world.jsonl"))
    with running_sandbox(*options, account=account) as sandbox, killing_proxy(sandbox.url) as proxy:
        arena = Runner(folder=folder, url=proxy.url, sandbox=sandbox)
        context = arena.context()
        plan = context.store.plans.newest(1)[0]
        acting = [
            msgspec.structs.replace(item, wave=0)
            for item in context.store.plans.items(plan.hash, acting=True)
        ]
        kinds = {kind: [item for item in acting if item.decision is kind] for kind in Decision}
        yield Stage(arena, proxy, context, plan, kinds)
        context.store.engine.dispose()
