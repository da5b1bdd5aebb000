"""What we close ourselves must not change what was decided, in the same plan, for the items that
name it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from migrator.domain.decisions import Decision
from migrator.domain.protocol.ledger import Outcome
from migrator.rehearsal.sandbox import running_sandbox, write_world
from migrator.sandbox.worlds import generate
from tests.execution.conftest import Stage
from tests.execution.test_left_open import NOW, SOURCE, did, of_case
from tests.support.runner import Runner

OLD, NAMING = 1, 2


def records() -> Iterator[dict[str, Any]]:
    """A stale issue, and one that only a mention in it keeps active; both are ours."""
    yield from (dict(record) for record in generate(items=1, seed=1) if record["record"] != "item")
    yield of_case(OLD)
    yield of_case(
        NAMING,
        events=[
            did("cross-referenced", "reader", 100, source={"repository": SOURCE, "number": OLD})
        ],
    )


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The two, planned."""
    folder = tmp_path_factory.mktemp("named")
    write_world(records(), folder / "world.jsonl")
    with running_sandbox(
        "--world", str(folder / "world.jsonl"), "--now", NOW.isoformat()
    ) as sandbox:
        arena = Runner(folder=folder, url=sandbox.url, sandbox=sandbox)
        plan, context = arena.plan(), arena.context()
        items = {
            item.decision: [item] for item in context.store.plans.items(plan.hash, acting=True)
        }
        yield Stage(arena, None, context, plan, items)  # type: ignore[arg-type]
        context.store.engine.dispose()


@pytest.mark.parametrize("closed_by", ["us", "a maintainer"])
def test_only_our_own_close_leaves_what_it_names_as_it_was_planned(
    stage: Stage, closed_by: str
) -> None:
    """The stale issue is closed first. If a person did it, the other one is as stale now, and
    drops out."""
    closing, old = stage.one(Decision.RETIRE)
    redirecting, naming = stage.one(Decision.REDIRECT)
    assert (old.number, naming.number) == (OLD, NAMING)
    if closed_by == "us":
        stage.apply(closing)
    else:
        stage.act(old, "close", by="ingrid-solberg")
    assert not stage.is_open(old)
    stage.apply(redirecting)
    state = stage.entry(naming).state
    expected = (
        (Outcome.DONE, "redirect") if closed_by == "us" else (Outcome.SKIPPED, "decision_changed")
    )
    assert (state.outcome, state.code) == expected
    assert len(stage.notices(naming)) == int(closed_by == "us")
