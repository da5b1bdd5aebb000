"""A lost database costs nobody a second notice: with `recover`, and without it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from migrator.domain.decisions import Decision
from migrator.execution.verify import verify
from migrator.rehearsal.sandbox import APP_ACCOUNT
from migrator.services.recover import Recovered, recover
from migrator.store import revisions
from tests.execution.conftest import Stage, staged
from tests.support.runner import Runner

ITEMS = 120
MANY_ITEMS, POSTED = 800, 200


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage whose whole plan was applied, as an App, before its database was lost."""
    folder = tmp_path_factory.mktemp("lost")
    with staged(folder, items=ITEMS, account=APP_ACCOUNT) as stage:
        stage.apply(stage.arena.plan(grace=False))
        yield stage


def notices(stage: Stage) -> dict[str, int]:
    """How many comments of ours each item has."""
    ours = stage.arena.sandbox.account
    found = {}
    for record in stage.arena.sandbox.world():
        if record.get("record") == "item":
            key = f"{record['repository']}#{record['number']}"
            mine = [each for each in record.get("comments", ()) if each.get("author") == ours]
            if mine:
                found[key] = len(mine)
    return found


def anew(stage: Stage, folder: Path) -> Runner:
    """The same migration with an empty database."""
    return Runner(folder=folder, url=stage.proxy.url, sandbox=stage.arena.sandbox)


def read_back(arena: Runner) -> Recovered:
    """Recover into the tables of that database."""
    context = arena.context()
    revisions.upgrade(context.store.engine)
    try:
        return asyncio.run(recover(context, since=None, progress=lambda *_: None))
    finally:
        context.store.engine.dispose()


def apply_again(stage: Stage, arena: Runner) -> dict[str, dict[str, int]]:
    """Scan, classify, plan, approve and apply with that database; the outcomes by reason."""
    plan = arena.plan(grace=False)
    context = arena.context()
    again = Stage(arena, stage.proxy, context, plan, {kind: [] for kind in Decision})
    try:
        outcomes = again.apply(plan).outcomes
        verified = asyncio.run(verify(context, run_id=None, progress=lambda _: None))
        assert [each.code for each in verified.faults] == []
        return outcomes
    finally:
        context.store.engine.dispose()


def test_what_was_read_back_is_not_notified_again(lost: Stage, tmp_path: Path) -> None:
    """Every notice is in the ledger again, verify agrees, and reading back twice adds nothing."""
    before = notices(lost)
    assert len(before) > 20
    assert set(before.values()) == {1}
    arena = anew(lost, tmp_path)
    found = read_back(arena)
    assert (found.notices, found.items, found.known) == (len(before), len(before), 0)
    again = read_back(arena)
    assert (again.notices, again.known) == (0, len(before))
    assert apply_again(lost, arena) == {}
    assert notices(lost) == before


def test_without_reading_back_the_notice_that_stands_is_edited(lost: Stage, tmp_path: Path) -> None:
    """The reading before each notice finds it, although the ledger knows nothing of it."""
    before = notices(lost)
    outcomes = apply_again(lost, anew(lost, tmp_path))
    assert list(outcomes) == ["done"]
    assert list(outcomes["done"]) == ["edited"]
    assert notices(lost) == before


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage on which 200 of a plan's notices stand when its database is lost."""
    folder = tmp_path_factory.mktemp("interrupted")
    with staged(folder, items=MANY_ITEMS, account=APP_ACCOUNT) as stage:
        whole = stage.arena.plan(grace=False)
        acting = list(stage.context.store.plans.items(whole.hash, acting=True))
        assert len(acting) > POSTED
        stage.items = {kind: [] for kind in Decision}
        for item in acting[:POSTED]:
            stage.items[item.decision].append(replace(item, wave=0))
        stage.apply(stage.plan(*(item.decision for item in acting[:POSTED])))
        yield stage


@pytest.mark.slow
@pytest.mark.parametrize("with_recover", [True, False])
def test_a_database_that_is_lost_after_200_notices_costs_nobody_a_second_one(
    interrupted: Stage, tmp_path: Path, with_recover: bool
) -> None:
    """Planned and applied anew, the others get theirs; the first time with `recover`, and the
    second time, with all of them posted, without it."""
    before = notices(interrupted)
    arena = anew(interrupted, tmp_path)
    if with_recover:
        assert len(before) == POSTED
        assert read_back(arena).notices == POSTED
    apply_again(interrupted, arena)
    after = notices(interrupted)
    assert set(after.values()) == {1}
    assert after.keys() > before.keys() if with_recover else after == before
