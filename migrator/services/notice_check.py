"""The texts of a migration, looked at before any of them is planned or posted."""

from __future__ import annotations

from migrator.domain.notices import TextProblem, check_templates
from migrator.errors import ConfigError
from migrator.execution.migration_state import MigrationState
from migrator.execution.notices import target_facts


def text_problems(records: MigrationState) -> list[TextProblem]:
    """What is wrong with the notice templates, and with the refile forms of targets that were
    scanned."""
    file = records.migration.file
    known = {name: target_facts(records, name) for name in file.targets}
    return check_templates(
        file, {name: facts for name, facts in known.items() if facts is not None}
    )


def refuse_wrong_texts(records: MigrationState) -> None:
    """Raise :class:`ConfigError` for the first problem: nothing may be planned with a text that
    cannot be posted."""
    problems = text_problems(records)
    if problems:
        first, more = problems[0], len(problems) - 1
        cause = f"{records.migration.path}, `{first.key}`: {first.cause}"
        raise ConfigError(f"{cause} (and {more} more problems)" if more else cause, cure=first.cure)
