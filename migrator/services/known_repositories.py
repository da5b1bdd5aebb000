"""Which repositories this migration is about, by the numbers that webhooks name them by.

Whoever installs a public App sends us correctly signed webhooks about repositories of their own. A
repository's number stays through renames and transfers, and nobody can take it over, as they can a
name that became free.

The worker asks GitHub for the numbers and stores them; whoever takes webhooks reads them.
"""

from __future__ import annotations

import threading
from typing import Final

import structlog

from migrator.domain.items import Frozen
from migrator.errors import MigratorError
from migrator.execution.context import Context
from migrator.execution.migration_state import MigrationState
from migrator.store import json_columns
from migrator.store.database import OUTAGES

log = structlog.get_logger(__name__)

NUMBERS: Final = "(numbers)"
"""Under this name the numbers stand among the repository facts; no repository can be called so."""
LOOK_EVERY: Final = 5.0
"""Seconds between two looks whether the worker has stored the numbers that are missing."""


class RepositoryNumbers(Frozen, frozen=True, kw_only=True):
    """The number of each repository (``owner/name`` as in the migration file) that GitHub told."""

    numbers: dict[str, int] = {}


def stored_numbers(records: MigrationState) -> dict[str, int]:
    """What is stored; empty before the first worker."""
    stored = records.store.snapshots.facts(NUMBERS)
    return {} if stored is None else json_columns.read(stored, RepositoryNumbers).numbers


async def learn_numbers(context: Context) -> bool:
    """Ask GitHub for the numbers that are missing, and store them; says whether all are known
    now. Safe to call again."""
    known = stored_numbers(context)
    found = dict(known)
    for name in _names(context):
        if name not in found:
            try:
                async with context.open_github(name) as github:
                    found[name] = await github.repository_number(name)
            except MigratorError as error:
                log.warning(
                    "a repository is known by its name only", repository=name, error=str(error)
                )
    if found != known:
        facts = json_columns.write(RepositoryNumbers(numbers=found))
        context.store.snapshots.save_facts(NUMBERS, facts, context.clock())
    return _all_known(context, found)


class KnownRepositories:
    """Says whether a webhook is about this migration. Until a repository's number is stored, its
    name decides."""

    def __init__(self, records: MigrationState) -> None:
        self._records = records
        self._numbers: dict[str, int] = {}
        self._stopped = threading.Event()

    def concerns(self, number: int, name: str) -> bool:
        """Whether a repository with this number (0 if it is not known) and name is the source or
        a target."""
        if number and number in self._numbers.values():
            return True
        nameless = {
            each.casefold()
            for each in _names(self._records)
            if not number or each not in self._numbers
        }
        return name.casefold() in nameless

    def look(self) -> bool:
        """Read the numbers that are stored; says whether all are known now."""
        try:
            self._numbers = stored_numbers(self._records)
        except OUTAGES as error:
            log.warning("the database is unavailable", error=type(error).__name__)
        return _all_known(self._records, self._numbers)

    def start(self) -> None:
        """Read the numbers in a thread, and go on looking until all are known."""
        threading.Thread(target=self._keep_looking, name="repositories", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def _keep_looking(self) -> None:
        while not self._stopped.is_set() and not self.look():
            self._stopped.wait(LOOK_EVERY)


def _names(records: MigrationState) -> tuple[str, ...]:
    file = records.migration.file
    return tuple(dict.fromkeys((file.migration.source, *file.targets)))


def _all_known(records: MigrationState, numbers: dict[str, int]) -> bool:
    return all(name in numbers for name in _names(records))
