"""``check``: is everything in place for this migration? Writes nothing."""

from __future__ import annotations

import sqlite3
import sys
from functools import partial

from migrator.domain.rules import MigrationFile
from migrator.errors import DatabaseError
from migrator.execution.context import Context
from migrator.github.checks.results import CheckLevel, CheckResult, worst_first
from migrator.github.checks.run import github_findings
from migrator.services.plan import text_problems
from migrator.store import revisions

OLDEST_SQLITE_FOR_312 = (3, 42, 0)
"""From Python 3.12 on the durable engine needs this libsqlite."""


async def check(context: Context) -> tuple[CheckResult, ...]:
    """Every finding, worst first: machine, database, texts, and what GitHub has to say."""
    file = context.migration.file
    database = _database(context)
    local = [*_machine(), *database, *([] if database else [*_texts(context), *_items(context)])]
    scanned = None if database else partial(context.store.snapshots.stream, state="open")
    remote = await github_findings(context.clients, file, addresses=addresses(file), items=scanned)
    return worst_first([*local, *remote])


def addresses(file: MigrationFile) -> tuple[str, ...]:
    """Every URL that the notices name, each once."""
    named = [address for part in file.parts for address in (part.old_address, part.new_address)]
    if file.migration.announcement:
        named.append(file.migration.announcement)
    return tuple(dict.fromkeys([*named, *_contributing(file)]))


def _contributing(file: MigrationFile) -> list[str]:
    links = file.notices.contributing.model_dump(mode="json").values()
    return [value for value in links if isinstance(value, str) and value.startswith("http")]


def _machine() -> list[CheckResult]:
    if sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < OLDEST_SQLITE_FOR_312:
        message = (
            f"Python {sys.version_info.major}.{sys.version_info.minor} with SQLite "
            f"{sqlite3.sqlite_version} does not start"
        )
        cure = "use Python 3.11, or one built with SQLite 3.42 or newer, or PostgreSQL"
        return [
            CheckResult(code="machine.sqlite", level=CheckLevel.ERROR, message=message, cure=cure)
        ]
    return []


def _database(context: Context) -> list[CheckResult]:
    try:
        revisions.require_current(context.store.engine)
    except DatabaseError as error:
        return [
            CheckResult(
                code="database.revision",
                level=CheckLevel.ERROR,
                message=error.cause,
                cure=error.cure,
            )
        ]
    return []


def _items(context: Context) -> list[CheckResult]:
    """Entries of an old ledger of which it is not known which item they meant."""
    return [
        CheckResult(
            code="ledger.unknown_item",
            level=CheckLevel.WARNING,
            subject=key,
            message=f"the ledger has an entry for {key}, and no scan tells which item that was",
            cure="answer it in the review queue once it is planned; until then it gets no notice",
        )
        for key in context.store.items.unmatched()
    ]


def _texts(context: Context) -> list[CheckResult]:
    return [
        CheckResult(
            code="notices.template",
            level=CheckLevel.ERROR,
            subject=problem.key,
            message=problem.cause,
            cure=problem.cure,
        )
        for problem in text_problems(context)
    ]
