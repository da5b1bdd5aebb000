"""The texts of this migration, with what is known of its target repositories."""

from __future__ import annotations

from migrator.domain.notices import Notices, TargetFacts, prepare
from migrator.errors import DatabaseError
from migrator.execution.migration_state import MigrationState, known_repository
from migrator.github.parsing.repositories import target_facts_of


def open_notices(records: MigrationState, *, commands_served: bool) -> Notices:
    """The renderer of the notices. Targets that were never scanned count as repositories without
    templates."""
    file = records.migration.file
    facts = {name: target_facts(records, name) for name in file.targets}
    known = {name: fact for name, fact in facts.items() if fact is not None}
    return prepare(file, known, commands_served=commands_served)


def target_facts(records: MigrationState, name: str) -> TargetFacts | None:
    """What notices need to know of a target, from the last scan. Raises ``DatabaseError`` if that
    cannot be read: the texts would say otherwise than what was approved."""
    snapshots = records.store.snapshots
    if snapshots.facts(name) is None:
        return None
    facts = known_repository(snapshots, name)
    if facts is None:
        raise DatabaseError(
            f"what is stored of the repository {name} cannot be read",
            cure="run `migrator scan`, which reads it again, and go on",
        )
    return target_facts_of(facts)
