"""Compares GitHub with the ledger. Assumes nothing: every entry is read again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from datetime import datetime
from itertools import islice

from migrator.domain.items import Comment, Frozen, Item
from migrator.domain.protocol.ledger import NOT_READ, ActKind, EntryKind
from migrator.domain.protocol.verification import Discrepancy, compare, compare_undo, not_read
from migrator.errors import IncompleteReply
from migrator.execution.context import Context
from migrator.execution.own_account import signed_in_as
from migrator.github.client import GitHubClient
from migrator.github.completeness import UnreadItem
from migrator.store.ledger import Recorded

BATCH = 100
OF_COMMENTS = frozenset({"second_notice", "unknown_comment"})


class Verified(Frozen, frozen=True, kw_only=True):
    """What a verification found. ``faults`` are the findings that must not be; of ``not_read``
    nothing can be said."""

    entries: int
    findings: tuple[Discrepancy, ...]

    @property
    def faults(self) -> tuple[Discrepancy, ...]:
        """Findings that are no person's right."""
        return tuple(finding for finding in self.findings if finding.fault)

    @property
    def is_verified(self) -> bool:
        """Whether every entry was compared, and none differs."""
        return not self.faults and not self.not_read

    @property
    def not_read(self) -> tuple[Discrepancy, ...]:
        """Entries whose items GitHub did not show: neither right nor wrong."""
        return tuple(finding for finding in self.findings if finding.code == NOT_READ)


async def verify(
    context: Context, *, run_id: str | None, progress: Callable[[int], None]
) -> Verified:
    """Read every item that has an entry and compare. Raises the typed errors of the client."""
    findings: list[Discrepancy] = []
    count, deleted = 0, context.store.histories.notices_deleted()
    entries = (each for each in context.store.ledger.stream(run_id=run_id) if _is_of_interest(each))
    while batch := list(islice(entries, BATCH)):
        for places in context.clients.by_account(_repository(each) for each in batch).values():
            theirs = [each for each in batch if _repository(each) in places]
            findings += await _compared(context, places[0], theirs, deleted)
            count += len(theirs)
            progress(count)
    return Verified(entries=count, findings=tuple(_each_once(findings)))


async def _compared(
    context: Context, repository: str, entries: Sequence[Recorded], deleted: Set[str]
) -> list[Discrepancy]:
    """Compare entries with their items as GitHub has them now, asked for in one request, as the
    account that acts there. On those of ``deleted`` we know that our notice is gone."""
    findings: list[Discrepancy] = []
    async with context.open_github(repository) as github:
        own = signed_in_as(context, await github.viewer(), for_one_item=True)
        items = await github.items([_present_node_id(context, each) for each in entries])
        for recorded, item in zip(entries, items, strict=True):
            if isinstance(item, UnreadItem):
                findings.append(not_read(recorded.entry, item.words))
                continue
            try:
                comments = await _own_comments(github, recorded, item)
            except IncompleteReply as error:
                findings.append(not_read(recorded.entry, error.cause))
                continue
            pair = (recorded.entry, recorded.state, item, comments, own)
            findings += (
                compare_undo(*pair)
                if recorded.entry.kind is EntryKind.UNDO
                else compare(*pair, deleted=recorded.entry.item_key in deleted)
            )
    return findings


def _present_node_id(context: Context, recorded: Recorded) -> str:
    """Node id of the entry's item as it is now: a thread that we transferred has a new one, and
    another one after it was transferred back, or on by somebody else."""
    transfer = recorded.state.act(ActKind.TRANSFER)
    if transfer is None or not transfer.done:
        return recorded.entry.node_id
    names = context.store.items.names_of(recorded.entry.ref)
    return names[-1].node_id if names and names[-1].node_id else transfer.node_id


def _each_once(findings: Sequence[Discrepancy]) -> Iterator[Discrepancy]:
    """What several entries tell of one comment counts once."""
    seen: set[tuple[str, str, str]] = set()
    for each in findings:
        place = (each.item_key, each.code, each.url)
        if each.code not in OF_COMMENTS or place not in seen:
            yield each
        seen.add(place)


def _notice_since(recorded: Recorded) -> datetime | None:
    """Since when the entry's notice may stand; ``None`` if it is the new text of an older
    comment."""
    notice = recorded.state.act(ActKind.NOTICE)
    return None if notice is not None and notice.edited else recorded.entry.created_at


def _repository(recorded: Recorded) -> str:
    return recorded.entry.ref.repository


def _is_of_interest(recorded: Recorded) -> bool:
    return bool(recorded.state.acts) and recorded.entry.kind is EntryKind.NOTICE


async def _own_comments(
    github: GitHubClient, recorded: Recorded, item: Item | None
) -> tuple[Comment, ...]:
    """Comments since the entry was opened: all are in the bulk reading, unless many people spoke
    since; then a search."""
    if item is None:
        return ()
    since = _notice_since(recorded)
    whole = len(item.comments) >= item.comments_total or (
        since is not None and item.comments[0].created_at < since
    )
    if whole:
        return item.comments
    return await github.find_comments(item.id, since=since)
