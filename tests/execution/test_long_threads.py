"""Threads longer than one reading: what was planned by a whole thread is done, and not skipped
because less of it was read right before the act."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from migrator.domain.decisions import Decision
from migrator.domain.items import State
from migrator.domain.protocol.ledger import Outcome
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from tests.execution.conftest import Stage
from tests.support.killing_proxy import killing_proxy
from tests.support.runner import Runner

BOT = "google-ml-butler"
FIRST_WORD = datetime(2021, 5, 1, tzinfo=UTC)
REMINDERS = 150


def reminded(record: dict[str, Any]) -> dict[str, Any]:
    """An item on which a bot has spoken 150 times since its last person did."""
    reminders = [
        {
            "author": BOT,
            "body": "This issue is stale because it has been open for 180 days with no activity.",
            "created_at": (FIRST_WORD + timedelta(hours=18 * at)).isoformat(),
        }
        for at in range(REMINDERS)
    ]
    return {**record, "comments": [*record.get("comments", ()), *reminders]}


def is_old(record: dict[str, Any]) -> bool:
    """Whether nothing has happened on an issue since before the bot began."""
    words = [record.get("created_at", ""), *(c["created_at"] for c in record.get("comments", ()))]
    acts = [event["created_at"] for event in record.get("events", ())]
    return (
        record.get("kind") == "issue"
        and record["repository"] == "tensorflow/tensorflow"
        and max(words + acts) < FIRST_WORD.isoformat()
    )


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage on which every old issue has a long tail."""
    folder: Path = tmp_path_factory.mktemp("long")
    records = [
        reminded(record) if record["record"] == "item" and is_old(record) else record
        for record in generate(items=120, seed=11)
    ]
    write_world(iter(records), folder / "world.jsonl")
    with (
        running_sandbox("--world", str(folder / "world.jsonl")) as sandbox,
        killing_proxy(sandbox.url) as proxy,
    ):
        arena = Runner(folder=folder, url=proxy.url, sandbox=sandbox)
        plan = arena.plan(grace=False)
        context = arena.context()
        acting = list(context.store.plans.items(plan.hash, acting=True))
        kinds = {kind: [item for item in acting if item.decision is kind] for kind in Decision}
        yield Stage(arena, proxy, context, plan, kinds)
        context.store.engine.dispose()


def test_a_scan_knows_as_much_of_a_thread_as_the_look_before_an_act(long: Stage) -> None:
    """The newest 100 comments at least, and all of those behind which a person may have spoken."""
    items = list(long.context.store.snapshots.stream(state=State.OPEN))
    tailed = [item for item in items if item.comments_total >= REMINDERS]
    assert len(tailed) > 5
    assert all(len(item.comments) >= 100 for item in tailed)
    assert any(len(item.comments) == item.comments_total for item in tailed)


def test_what_a_bot_has_buried_is_done_as_planned(long: Stage) -> None:
    """Nobody touched these issues; none is skipped, and each has its notice and its close."""
    buried = [item for item in long.items[Decision.RETIRE] if _length(long, item) >= REMINDERS]
    assert buried
    long.items[Decision.RETIRE] = buried[:4]
    plan = long.plan(*[Decision.RETIRE] * len(buried[:4]), wave=0)
    long.apply(plan)
    for item in buried[:4]:
        assert long.entry(item).state.outcome is Outcome.DONE
        assert (len(long.notices(item)), long.is_open(item)) == (1, False)


def test_an_item_whose_buried_part_is_not_shown_waits(long: Stage) -> None:
    """Nothing is written on it, and it is not called changed."""
    plan, item = long.one(Decision.REDIRECT)
    while _length(long, item) < REMINDERS:
        plan, item = long.one(Decision.REDIRECT)
    long.control("rules", [{"operation": "Earlier", "items": [item.number], "status": 502}])
    long.apply(plan)
    assert long.notices(item) == []
    long.control("rules", [])


def _length(stage: Stage, item: Any) -> int:
    return len(stage.record(item).get("comments", ()))
