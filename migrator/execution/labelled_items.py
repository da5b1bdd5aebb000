"""Reads closed, labelled issues of the source: what maintainers have decided already, as material
to learn from. Writes nothing to GitHub and decides nothing.

Label by label, newest first, no more than was asked for. Each page is stored together with the
cursor behind it, so what was read is never read again and nothing is skipped by a process that
dies. What GitHub does not show is set aside by name, and tried again by the next call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import structlog
from msgspec.structs import replace

from migrator.domain.classification.signals.labels import by_side
from migrator.domain.items import Frozen, Item, State
from migrator.execution.context import Context
from migrator.execution.migration_state import known_repository
from migrator.execution.repository_survey import survey_all
from migrator.execution.scan import Progress, aside_of, keep_page
from migrator.github.client import GitHubClient
from migrator.github.completeness import UnreadItem
from migrator.store import Store
from migrator.store.set_aside import LEARN, SetAsideItem
from migrator.store.snapshots import Cursor

log = structlog.get_logger(__name__)

CURSOR = "learn-"
"""How the cursors of these walks begin; one for each label."""
LEAST_OF_A_LABEL = 10
"""Issues that are read of each label at least, however many labels share the number asked for."""


class LabelledRead(Frozen, frozen=True, kw_only=True):
    """What was read: issues by label in this call, how many pages that took, and what is set
    aside. ``labels`` are all labels of other owners that the source has."""

    read: dict[str, int]
    pages: int
    set_aside: tuple[SetAsideItem, ...] = ()
    labels: tuple[str, ...] = ()


class LabelWalk(Frozen, frozen=True, kw_only=True):
    """One label, and how many of its closed issues are wanted."""

    label: str
    wanted: int


async def read_labelled_items(context: Context, items: int, progress: Progress) -> LabelledRead:
    """Read about ``items`` closed issues of the source whose labels the file lists, half of them
    ours. Raises the typed errors of the client; what was read stays read."""
    file, store = context.migration.file, context.store
    source = file.migration.source
    await survey_all(context)
    ours, others = _labels_of(context, source)
    walks = [*_shared(ours, items // 2), *_shared(others, items - items // 2)]
    known = Counter(label for item in closed_issues(store, source) for label in _keys(item))
    reader = _LabelReader(context, source, progress, known)
    async with context.open_github(source) as github:
        await reader.again(github)
        for walk in walks:
            await reader.walk(github, walk)
    return LabelledRead(
        read=reader.read,
        pages=reader.pages,
        set_aside=tuple(store.set_aside.all((LEARN,))),
        labels=tuple(others),
    )


def closed_issues(store: Store, source: str) -> Iterator[Item]:
    """The closed issues of the source that are known, as last read."""
    for item in store.snapshots.stream(state=State.CLOSED):
        if item.repository == source and not item.is_pull_request:
            yield item


def _labels_of(context: Context, source: str) -> tuple[list[str], list[str]]:
    """The source's labels that the file calls ours, and those that it calls another's."""
    facts = known_repository(context.store.snapshots, source)
    labels = () if facts is None else facts.labels
    of_sides = by_side(context.migration.file.ownership.labels)
    sides = [(label.name, of_sides((label.name,))) for label in labels]
    return (
        sorted(name for name, (ours, others) in sides if ours and not others),
        sorted(name for name, (ours, others) in sides if others and not ours),
    )


def _shared(labels: Sequence[str], items: int) -> Iterator[LabelWalk]:
    """Each label with its part of the items."""
    for label in labels:
        yield LabelWalk(label=label, wanted=max(LEAST_OF_A_LABEL, -(-items // len(labels))))


def _keys(item: Item) -> set[str]:
    return {label.casefold() for label in item.labels}


class _LabelReader:
    """Reads one label after the other; counts what came."""

    def __init__(
        self, context: Context, source: str, progress: Progress, known: Mapping[str, int]
    ) -> None:
        self._context = context
        self._source = source
        self._progress = progress
        self._known = dict(known)
        self.read: dict[str, int] = {}
        self.pages = 0

    async def walk(self, github: GitHubClient, walk: LabelWalk) -> None:
        """Read on where the last walk over this label stopped, until enough are known."""
        name = f"{CURSOR}{walk.label.casefold()}"
        cursor = self._context.store.snapshots.cursor(self._source, name)
        have = self._known.get(walk.label.casefold(), 0)
        if cursor.complete_until is not None or have >= walk.wanted:
            return
        pages = github.labelled_issues(
            self._source, walk.label, after=cursor.cursor, most=walk.wanted - have
        )
        async for page in pages:
            self.pages += 1
            have += len(page.items) + len(page.unread)
            now = self._context.clock()
            behind = (
                replace(cursor, started_at=cursor.started_at or now, cursor=page.cursor)
                if page.more
                else Cursor(complete_until=now)
            )
            self._keep(page.items, page.unread, name, behind, now)
            self.read[walk.label] = self.read.get(walk.label, 0) + len(page.items)
            self._progress(f"{self._source} {walk.label}", have, min(walk.wanted, page.total))
            await self._context.pacer(self._source).read()
            if have >= walk.wanted:
                break

    def _keep(
        self,
        items: Sequence[Item],
        unread: Sequence[UnreadItem],
        name: str,
        cursor: Cursor,
        now: datetime,
    ) -> None:
        """Store a page with the cursor behind it."""
        keep_page(
            self._context,
            [item.called(self._source) for item in items],
            aside=[replace(aside_of(item, now), stage=LEARN) for item in unread],
            kind=name,
            repository=self._source,
            cursor=cursor,
        )

    async def again(self, github: GitHubClient) -> None:
        """Try the issues that earlier calls set aside."""
        store, now = self._context.store, self._context.clock()
        waiting = [one for one in store.set_aside.all((LEARN,)) if one.node_id]
        if not waiting:
            return
        self.pages += 1
        found = await github.items([one.node_id for one in waiting])
        for one, item in zip(waiting, found, strict=True):
            if isinstance(item, UnreadItem):
                store.set_aside.put([replace(one, last_at=now, cause=item.cause, words=item.words)])
                continue
            if item is not None:
                store.snapshots.save([item.called(self._source)], read_at=now)
            store.set_aside.take_back([(one.repository, one.number)], (LEARN,))
