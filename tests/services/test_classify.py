"""Judging all stored items in other processes, and one that holds its process up."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from migrator.config.migration_file import LoadedMigration
from migrator.config.settings import Settings
from migrator.domain.items import EventKind, Item
from migrator.domain.not_judged import of_verdicts
from migrator.domain.people import BotIdentity
from migrator.execution.judging import JudgingRules, judge_apart
from migrator.execution.migration_state import MigrationState
from migrator.services.classify import Classified, classify
from migrator.store import json_columns, open_store
from migrator.store.database import open_engine
from migrator.store.models import Base
from tests.support.dated_items import house
from tests.support.threads import OURS, OWN, after, event, issue

NOW = after(days=400)
ITEMS = 230
STUCK = 77


class Endless(tuple[datetime, ...]):
    """Dates that nobody can read to their end, nor be interrupted meanwhile."""

    def __iter__(self) -> Iterator[datetime]:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        time.sleep(3600)
        return iter(())


def stuck(item: Item) -> BotIdentity:
    """Our account, with an item on which judging does not come to an end."""
    return replace(OWN, reopens={item.key: Endless()})


def item(number: int) -> Item:
    """One issue that our account opened again."""
    return issue(
        number=number,
        title="A rose has thorns" if number % 3 else "A tile fell",
        events=(event(EventKind.REOPENED, OURS, after(2)),),
    )


@pytest.fixture
def records(tmp_path: Path) -> Iterator[MigrationState]:
    """Some scanned issues."""
    engine = open_engine(f"sqlite:///{tmp_path / 'a.sqlite'}", through_power_cuts=False)
    Base.metadata.create_all(engine)
    store = open_store(engine, "garden")
    store.snapshots.save([item(number) for number in range(1, ITEMS + 1)], read_at=NOW)
    migration = LoadedMigration(file=house(share=0.3), text="", digest="d" * 64, path="garden.toml")
    yield MigrationState(migration=migration, settings=Settings(), store=store, clock=lambda: NOW)
    engine.dispose()


def classified(records: MigrationState, own: BotIdentity, processes: int) -> Classified:
    """Classify, an item having a second."""
    return classify(
        records,
        as_of=NOW,
        own=own,
        progress=lambda *_: None,
        processes=processes,
        seconds=1.0,
    )


def test_other_processes_find_what_this_one_finds(records: MigrationState) -> None:
    """Item by item, and all of them are stored."""

    def found() -> list[bytes]:
        digest = records.migration.digest
        return [
            json_columns.write(one) for one in records.store.verdicts.stream(rules_digest=digest)
        ]

    here, stored = classified(records, OWN, 0), found()
    assert classified(records, OWN, 2) == here
    assert found() == stored
    assert (here.items, len(stored)) == (ITEMS, ITEMS)


def test_an_item_that_holds_its_process_up_is_not_judged_and_the_others_are(
    records: MigrationState,
) -> None:
    """The process is killed; the items that it had are judged one by one."""
    found = classified(records, stuck(item(STUCK)), 1)
    assert (found.items, found.not_judged) == (ITEMS, 1)
    unjudged = [
        one.item.number
        for one in records.store.verdicts.stream(rules_digest=records.migration.digest)
        if of_verdicts(one.ownership, one.activity)
    ]
    assert unjudged == [STUCK]


def test_an_item_that_arrives_and_holds_up_judging_is_not_judged() -> None:
    """The listener goes on with the next one."""
    rules = JudgingRules(house(share=0.3))

    async def both() -> list[str]:
        answers = []
        for own in (stuck(item(1)), OWN):
            _, whose, alive = await judge_apart(rules, own, item(1), NOW, seconds=1.0)
            why = of_verdicts(whose, alive)
            answers.append(why.value if why else "")
        return [str(answer) for answer in answers]

    assert asyncio.run(both()) == ["TimeoutError", ""]
