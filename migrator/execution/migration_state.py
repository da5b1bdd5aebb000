"""What every verb needs, and all that is needed by one that asks nothing of GitHub: a migration
and what is stored of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from migrator.config.migration_file import LoadedMigration
from migrator.config.settings import Settings
from migrator.domain.calibration import Calibration
from migrator.domain.planning.plan import PlanKind
from migrator.github.models import RepositoryFacts
from migrator.store import Store, json_columns
from migrator.store.snapshots import Snapshots

Clock = Callable[[], datetime]
"""Gives the present moment, timezone-aware UTC."""


@dataclass(frozen=True)
class MigrationState:
    """One migration, its database and its clock. Importing it loads no client of GitHub and no
    durable engine."""

    migration: LoadedMigration
    settings: Settings
    store: Store
    clock: Clock


def known_repository(snapshots: Snapshots, name: str) -> RepositoryFacts | None:
    """What the last scan found under that name; ``None`` if there was none, or if the row cannot be
    read. The next scan writes such a row anew."""
    stored = snapshots.facts(name)
    try:
        return None if stored is None else json_columns.read(stored, RepositoryFacts)
    except json_columns.UNREADABLE:
        return None


def calibration_in_force(records: MigrationState) -> Calibration | None:
    """The calibration of the newest plan made under these rules, else the newest that was made;
    ``None`` before the first.

    Whoever follows a plan judges as it did: a later `classify` changes nothing until somebody plans
    again.
    """
    digest = records.migration.digest
    for plan in records.store.plans.newest(1, kinds=[PlanKind.MIGRATE]):
        if plan.header.rules_digest == digest and plan.header.calibration is not None:
            return plan.header.calibration
    return records.store.calibrations.newest(rules_digest=digest)
