"""``migrator check``."""

from __future__ import annotations

import asyncio

from migrator import bootstrap
from migrator.cli.output import JsonOption, MigrationOption, out, print_json, print_table
from migrator.errors import ChecksFailed
from migrator.github.checks.results import CheckLevel
from migrator.services.check import check

EXAMPLE = "migrator check --migration moved.toml"


def command(migration: MigrationOption, json: JsonOption = False) -> None:
    """Check the migration file, the database, our rights on GitHub, labels, templates and links.
    Writes nothing."""
    findings = asyncio.run(check(bootstrap.build(migration, require_revision=False)))
    errors = [finding for finding in findings if finding.level is CheckLevel.ERROR]
    if json:
        print_json({"ok": not errors, "findings": findings})
    else:
        rows = [(one.level, one.subject, one.message, one.cure) for one in findings]
        print_table(("level", "about", "finding", "fix"), rows, empty="No findings.")
        if not errors:
            out.print("ready")
    if errors:
        raise ChecksFailed(
            f"{len(errors)} check{'s' * (len(errors) > 1)} failed",
            cure="each finding above names its fix",
        )
