"""Lines of several items are committed together, and no item suffers for another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import event

from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanHeader, PlanItem, Totals
from migrator.domain.protocol.ledger import ActKind, Entry, Phase
from migrator.execution.ledger_writer import SharedCommits
from migrator.store import Store, open_store
from migrator.store.ledger import Overtaken, Recorded
from migrator.store.runs import Run, RunOptions, RunState
from tests.execution.conftest import staged
from tests.support.databases import Databases, opened
from tests.support.ledger_lines import attempt

NOW = datetime(2022, 3, 1, tzinfo=UTC)
INTENT = attempt(ActKind.NOTICE, Phase.INTENDED, NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database with a run."""
    with opened(Databases("sqlite", tmp_path, "").current()) as engine:
        store = open_store(engine, "garden")
        header = PlanHeader(
            migration="garden",
            source="big/house",
            targets=("little/garden",),
            as_of=NOW,
            expires_at=NOW,
            rules_digest="",
        )
        draft = store.plans.begin_draft(header, NOW)
        plan = store.plans.finish_draft(draft, "a" * 64, header, Totals(), NOW)
        store.runs.start(
            Run(
                id="run",
                plan_hash=plan.hash,
                kind="migrate",
                state=RunState.RUNNING,
                started_at=NOW,
            )
        )
        yield store


def entries(store: Store, count: int) -> list[Recorded]:
    """Entries on so many items."""
    first = Entry(
        id="1",
        migration="garden",
        item_key="big/house#1",
        node_id="I_1",
        decision="retire",
        generation=1,
        run_id="run",
        plan_hash="a" * 64,
        nonce="1",
        text_hash="",
        created_at=NOW,
    )
    return store.ledger.open_entries(
        [
            replace(
                first,
                id=str(number),
                item_key=f"big/house#{number}",
                node_id=f"I_{number}",
                nonce=str(number),
            )
            for number in range(1, count + 1)
        ]
    )


async def test_what_comes_in_one_turn_of_the_loop_is_one_transaction(store: Store) -> None:
    """Twenty intents are one commit, and each caller goes on only when it is made."""
    commits: list[object] = []
    event.listen(store.engine, "commit", commits.append)
    shared, opened = SharedCommits(store.ledger), entries(store, 20)
    commits.clear()

    async def intend(one: Recorded) -> bool:
        await shared.append(one, [INTENT])
        return store.ledger.get(one.entry.id) == one.followed_by(INTENT)

    assert all(await asyncio.gather(*map(intend, opened)))
    assert len(commits) == 1


async def test_an_item_that_another_process_has_taken_stops_only_itself(store: Store) -> None:
    """The others of its transaction are written all the same."""
    shared, (one, taken, two) = SharedCommits(store.ledger), entries(store, 3)
    theirs = store.ledger.append(taken, [INTENT])
    results = await asyncio.gather(
        *(shared.append(each, [INTENT]) for each in (one, taken, two)), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None), Overtaken, type(None)]
    assert store.ledger.get(taken.entry.id) == theirs
    assert store.ledger.get(two.entry.id) == two.followed_by(INTENT)


async def test_a_caller_that_is_cancelled_takes_no_other_with_it(store: Store) -> None:
    """Its line is written as well: what is in the ledger is never less than what was meant."""
    shared, (one, two) = SharedCommits(store.ledger), entries(store, 2)
    cancelled = asyncio.create_task(shared.append(one, [INTENT]))
    other = asyncio.create_task(shared.append(two, [INTENT]))
    await asyncio.sleep(0)
    cancelled.cancel()
    await other
    assert store.ledger.get(one.entry.id) == one.followed_by(INTENT)
    assert store.ledger.get(two.entry.id) == two.followed_by(INTENT)


def test_every_intent_is_on_record_when_its_request_arrives(tmp_path: Path) -> None:
    """Of items that are at work at once, too: another process sees each notice and each close
    announced before GitHub has its request."""
    with staged(tmp_path, items=120) as stage:
        plan = stage.plan(Decision.RETIRE, Decision.RETIRE, Decision.RETIRE, grace_days=0)
        announced: list[tuple[str, str]] = []

        def look(item: PlanItem) -> None:
            last = stage.entry(item).attempts[-1]
            announced.append((last.act.value, last.phase.value))

        for item in stage.context.store.plans.items(plan.hash):
            for operation in ("AddComment", "LabelAndClose"):
                stage.proxy.before[f"{operation} {item.node_id}"] = partial(look, item)
        final = stage.apply(plan, RunOptions(paced=False, concurrency=3))
    assert final.outcomes == {"done": {"retire": 3}}
    assert sorted(announced) == [("close", "intended")] * 3 + [("notice", "intended")] * 3
