"""What every verb needs, and all that is needed by one that asks nothing of GitHub: a migration
and what is stored of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from migrator.config.migration_file import LoadedMigration
from migrator.config.settings import Settings
from migrator.store import Store

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
