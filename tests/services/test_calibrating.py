"""A calibration from `classify` to the plan and to what follows it, on stored items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from migrator.config.migration_file import LoadedMigration
from migrator.config.settings import Settings
from migrator.domain.calibration import Calibration, ShareSource, chance_of, log_odds
from migrator.domain.decisions import ReviewAnswer
from migrator.domain.evidence import Ownership
from migrator.domain.planning.plan import PlanKind
from migrator.execution.migration_state import MigrationState, calibration_in_force
from migrator.execution.planner import plan_header
from migrator.services.classify import classify
from migrator.services.plan import make_plan
from migrator.services.review import look_at
from migrator.store import open_store
from migrator.store.database import open_engine
from migrator.store.models import Base
from migrator.store.plans import StoredPlan
from tests.support.dated_items import house
from tests.support.threads import OWN, SOURCE, after, issue

NOW = after(days=1)
ITEMS = 240
RULES = house(share=0.3, ours_at=0.9, not_ours_at=0.05)


def quiet(done: int, total: int) -> None:
    """Nobody watches."""


@pytest.fixture
def records(tmp_path: Path) -> Iterator[MigrationState]:
    """240 scanned issues, two of which speak of roses; time stands still."""
    engine = open_engine(f"sqlite:///{tmp_path / 'a.sqlite'}", through_power_cuts=False)
    Base.metadata.create_all(engine)
    store = open_store(engine, "garden")
    titles = [
        "A rose has thorns" if number < 3 else "A tile fell from the roof"
        for number in range(1, ITEMS + 1)
    ]
    items = [
        issue(number=number, title=title, body=f"{title} again.")
        for number, title in enumerate(titles, 1)
    ]
    store.snapshots.save(items, read_at=NOW)
    migration = LoadedMigration(file=RULES, text="", digest="d" * 64, path="garden.toml")
    yield MigrationState(migration=migration, settings=Settings(), store=store, clock=lambda: NOW)
    engine.dispose()


def classified(records: MigrationState) -> Calibration:
    """The calibration that a classification makes."""
    found = classify(records, as_of=NOW, own=OWN, progress=quiet).calibration
    assert found is not None
    return found


def planned(records: MigrationState) -> StoredPlan:
    """A plan of everything."""
    return make_plan(records, as_of=NOW, own=OWN, commands_served=False, progress=quiet)


def answer_all(records: MigrationState, whose: Ownership, count: int = 30) -> None:
    """Maintainers answer that many items."""
    for number in range(10, 10 + count):
        records.store.verdicts.record_answer(
            f"{SOURCE}#{number}", ReviewAnswer(by="mia", at=NOW, ownership=whose)
        )


def test_classifying_estimates_the_share_and_judges_by_it(records: MigrationState) -> None:
    """Far fewer are ours than the file says, so the same text says less; the record is stored by
    its hash."""
    found = classified(records)
    assert (found.share_source, found.items) == (ShareSource.ESTIMATED, ITEMS)
    assert found.bias < -1
    assert records.store.calibrations.newest(rules_digest=records.migration.digest) == found
    plain = log_odds(look_at(without_calibration(records), f"{SOURCE}#1").ownership.probability)
    judged = records.store.verdicts.get(SOURCE, 1)
    assert judged is not None
    assert judged.ownership.probability == pytest.approx(chance_of(plain + found.bias))


def without_calibration(records: MigrationState) -> MigrationState:
    """The same records under rules that were never classified."""
    other = LoadedMigration(file=RULES, text="", digest="e" * 64, path="garden.toml")
    return MigrationState(
        migration=other, settings=records.settings, store=records.store, clock=records.clock
    )


def test_a_plan_freezes_its_calibration_and_what_follows_goes_by_it(
    records: MigrationState,
) -> None:
    """A later classification changes nothing until somebody plans again."""
    first = classified(records)
    plan = planned(records)
    assert plan.header.calibration == first
    answer_all(records, Ownership.OURS)
    second = classified(records)
    assert (second.share_source, second.digest == first.digest) == (ShareSource.ANSWERS, False)
    assert calibration_in_force(records) == first
    assert plan_header(records, PlanKind.RETRY, NOW).calibration == first
    later = MigrationState(
        migration=records.migration,
        settings=records.settings,
        store=records.store,
        clock=lambda: NOW + timedelta(hours=1),
    )
    assert planned(later).hash != plan.hash
    assert calibration_in_force(records) == second


def test_the_same_items_and_answers_give_the_same_plan(records: MigrationState) -> None:
    """The calibration is part of what is hashed, and is the same each time."""
    classified(records)
    first = planned(records)
    classified(records)
    assert planned(records).hash == first.hash


def test_before_the_first_classification_nothing_is_in_force(records: MigrationState) -> None:
    """Then the file's own bias holds."""
    assert calibration_in_force(records) is None
