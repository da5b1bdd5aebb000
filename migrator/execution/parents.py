"""Reads of which issues the source's issues are a part, where threads are transferred: one request
for a hundred issues. It only orders a plan, so what GitHub does not tell is left out."""

from __future__ import annotations

import structlog

from migrator.domain.items import ItemKind
from migrator.domain.planning.plan import KnownParents
from migrator.errors import IncompleteReply, RequestRefused
from migrator.execution.context import Context
from migrator.execution.planner import PARENTS
from migrator.github.client import GitHubClient
from migrator.github.transfers import Transfers
from migrator.store import json_columns

log = structlog.get_logger(__name__)

TOGETHER = 100
"""Issues that are read by id in one request."""


async def read_parents(context: Context, github: GitHubClient) -> None:
    """Keep the parents of the source's open issues, as GitHub shows them now."""
    source, found = context.migration.file.migration.source, dict[str, str]()
    ids = context.store.snapshots.open_ids(source, ItemKind.ISSUE.value)
    transfers = Transfers(github)
    for start in range(0, len(ids), TOGETHER):
        await context.pacer(source).read()
        try:
            found |= await transfers.parents(ids[start : start + TOGETHER])
        except (RequestRefused, IncompleteReply) as error:
            log.warning("parents of issues are not known", reason=str(error))
    facts = json_columns.write(KnownParents(parents=found))
    context.store.snapshots.save_facts(PARENTS, facts, context.clock())
