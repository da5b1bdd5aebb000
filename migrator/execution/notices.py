"""The texts of this migration, with what is known of its target repositories."""

from __future__ import annotations

from migrator.domain.notices import Notices, TargetFacts, prepare
from migrator.execution.migration_state import MigrationState
from migrator.github.models import RepositoryFacts
from migrator.github.parsing.repositories import target_facts_of
from migrator.store import json_columns


def open_notices(records: MigrationState, *, commands_served: bool) -> Notices:
    """The renderer of the notices. Targets that were never scanned count as repositories without
    templates."""
    file = records.migration.file
    facts = {name: target_facts(records, name) for name in file.targets}
    known = {name: fact for name, fact in facts.items() if fact is not None}
    return prepare(file, known, commands_served=commands_served)


def target_facts(records: MigrationState, name: str) -> TargetFacts | None:
    """What notices need to know of a target, from the last scan."""
    stored = records.store.snapshots.facts(name)
    if stored is None:
        return None
    return target_facts_of(json_columns.read(stored, RepositoryFacts))
