"""The only place that builds concrete objects from settings; entry points call it and hand the
result down.

:func:`open_records` is for verbs that ask nothing of GitHub, :func:`build` for all others.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from migrator.bootstrap.clocks import ShiftedClock as ShiftedClock
from migrator.bootstrap.clocks import clock_of
from migrator.bootstrap.clocks import system_clock as system_clock
from migrator.config.migration_file import LoadedMigration, load
from migrator.config.settings import Settings, load_settings
from migrator.execution.migration_state import Clock, MigrationState
from migrator.store import open_store, revisions
from migrator.store.database import engine_at, open_engine

if TYPE_CHECKING:
    from migrator.execution.context import Context


def open_records(
    migration: str | Path | LoadedMigration,
    *,
    settings: Settings | None = None,
    clock: Clock | None = None,
    require_revision: bool = True,
    reads_only: bool = False,
) -> MigrationState:
    """Open what is stored of one migration; with ``reads_only`` nothing of it can be changed.
    Without a ``clock`` it is that of the settings' GitHub.

    Raises ``ConfigError`` for a wrong migration file or setting, ``DatabaseError`` for a database
    that is not at the right revision (unless ``require_revision`` is off).
    """
    settings = settings or load_settings()
    loaded = migration if isinstance(migration, LoadedMigration) else load(migration)
    engine = open_engine(
        settings.database_url.get_secret_value(),
        through_power_cuts=not settings.on_loopback,
        reads_only=reads_only,
    )
    if require_revision:
        revisions.require_current(engine)
    return MigrationState(
        migration=loaded,
        settings=settings,
        store=open_store(engine, loaded.file.migration.name),
        clock=clock or clock_of(settings),
    )


def build(
    migration: str | Path | LoadedMigration,
    *,
    settings: Settings | None = None,
    clock: Clock | None = None,
    executor_id: str = "",
    require_revision: bool = True,
) -> Context:
    """Build everything that one migration needs: its records and a way to GitHub. Raises what
    :func:`open_records` raises."""
    from migrator.bootstrap.clients import equip

    return equip(
        open_records(migration, settings=settings, clock=clock, require_revision=require_revision),
        executor_id,
    )


def begin_database(settings: Settings) -> None:
    """Bring an empty SQLite database to the newest revision: there is nothing in it that could be
    lost.

    Every other database is brought there on purpose, by `migrator db upgrade`.
    """
    with engine_at(settings.database_url.get_secret_value()) as engine:
        if engine.dialect.name == "sqlite" and revisions.current(engine) is None:
            revisions.upgrade(engine)
