"""What the migration's repositories are now: stored with their ids, so that a rename is followed
and a name that was taken over is refused."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from migrator.execution.context import Context
from migrator.execution.own_account import note_account
from migrator.execution.repository_names import refuse_replaced
from migrator.store import json_columns

log = structlog.get_logger(__name__)


async def survey_all(context: Context) -> None:
    """Survey source and targets, one request for each account that owns some. Raises
    :class:`~migrator.errors.RepositoryReplaced`, and the typed errors of the client."""
    file = context.migration.file
    names = (file.migration.source, *file.targets)
    for together in context.clients.by_account(names).values():
        await _survey(context, together)


async def _survey(context: Context, repositories: Sequence[str]) -> None:
    """Store what these repositories are, and as whom we act there. All of them are one
    account's.

    One that was scanned under another name before was renamed: what is known of it goes by the
    migration file's name now.
    """
    snapshots, now = context.store.snapshots, context.clock()
    async with context.open_github(repositories[0]) as github:
        for repository, facts in zip(
            repositories, await github.repositories(repositories), strict=True
        ):
            refuse_replaced(snapshots, repository, facts)
            for old in snapshots.named_by_id(facts.id) - {repository}:
                log.info("repository was renamed", old=old, new=repository)
                context.store.items.rename_repository(old, repository, now)
            snapshots.save_facts(repository, json_columns.write(facts), now)
        note_account(context, await github.viewer(), now)
