"""The texts of this migration, with what is known of its target repositories."""

from __future__ import annotations

from migrator.domain.notices import FormField, IssueTemplate, Notices, TargetFacts, prepare
from migrator.execution.migration_state import MigrationState
from migrator.github.models import RepositoryFacts
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
    facts = json_columns.read(stored, RepositoryFacts)
    templates = tuple(
        IssueTemplate(
            filename=template.file,
            name=template.name,
            fields=tuple(
                FormField(id=field.id, type=field.type, required=field.required)
                for field in template.fields
            ),
        )
        for template in facts.templates
    )
    return TargetFacts(
        blank_issues=facts.blank_issues,
        templates=templates,
        has_issues=facts.issues_enabled,
        archived=facts.archived,
    )
