"""Reads items in bulk into snapshots, and again only what changed. Decides nothing.

Each page is stored together with the cursor behind it, so a scan that dies goes on where it
stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from migrator.domain.classification import activity
from migrator.domain.classification.activity import ActivityJudge
from migrator.domain.items import Frozen, Item, ItemKind, State
from migrator.execution.context import Context
from migrator.execution.identity import refuse_replaced
from migrator.execution.own_account import ACCOUNT, bot_identity
from migrator.github.client import GitHubClient
from migrator.store import Store, json_columns
from migrator.store.snapshots import Cursor

Progress = Callable[[str, int, int], None]
"""Called after each page with what is read, how many items so far, and how many there are in
all."""


class Pass(Frozen, frozen=True, kw_only=True):
    """One walk over a repository's issues or pull requests. ``name`` is the cursor's key."""

    repository: str
    kind: ItemKind
    name: str
    states: tuple[State, ...]
    since: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether this is the walk over a target's items that ended since the cutover: only
        their bodies matter (landings)."""
        return self.name.endswith("-ended")


class Scanned(Frozen, frozen=True, kw_only=True):
    """What a scan read: how many items of each repository, and whether it was the first one."""

    items: dict[str, int]
    first: bool


async def scan(context: Context, progress: Progress) -> Scanned:
    """Bring the snapshots up to date with GitHub. Raises the typed errors of the client; what
    was read stays read."""
    file, store = context.migration.file, context.store
    counts: dict[str, int] = {}
    first = False
    names = (file.migration.source, *file.targets)
    for together in context.clients.by_account(names).values():
        await _survey(context, together)
    for repository in names:
        cutover = file.migration.cutover if repository in file.targets else None
        async with context.open_github(repository) as github:
            for walk in _passes(store, repository, cutover):
                first = first or walk.since is None
                counts[repository] = counts.get(repository, 0) + await _walk(
                    context, github, walk, progress
                )
    return Scanned(items=counts, first=first)


async def _survey(context: Context, repositories: Sequence[str]) -> None:
    """Store what these repositories are, and as whom we act there. All of them are one
    account's."""
    snapshots = context.store.snapshots
    async with context.open_github(repositories[0]) as github:
        for repository, facts in zip(
            repositories, await github.repositories(repositories), strict=True
        ):
            refuse_replaced(snapshots, repository, facts)
            snapshots.save_facts(repository, json_columns.write(facts), context.clock())
        snapshots.save_facts(ACCOUNT, json_columns.write(await github.viewer()), context.clock())


def _passes(store: Store, repository: str, cutover: datetime | None) -> Iterator[Pass]:
    """Which walks bring a repository up to date.

    First: everything open, and of a target also what was closed since the cutover (landings).
    Later: what changed.
    """
    for kind in (ItemKind.ISSUE, ItemKind.PULL_REQUEST):
        name = kind.value
        cursor = store.snapshots.cursor(repository, name)
        ended = (State.CLOSED,) if kind is ItemKind.ISSUE else (State.CLOSED, State.MERGED)
        if cursor.complete_until is not None:
            yield Pass(
                repository=repository,
                kind=kind,
                name=name,
                states=(State.OPEN, *ended),
                since=cursor.complete_until,
            )
            continue
        if cutover is not None:
            yield Pass(
                repository=repository, kind=kind, name=f"{name}-ended", states=ended, since=cutover
            )
        yield Pass(repository=repository, kind=kind, name=name, states=(State.OPEN,))


async def _walk(context: Context, github: GitHubClient, walk: Pass, progress: Progress) -> int:
    """Read one pass page by page; returns how many items came."""
    snapshots = context.store.snapshots
    judge = activity.prepare(context.migration.file, bot_identity(context))
    known = snapshots.cursor(walk.repository, walk.name)
    if walk.ended and known.complete_until is not None:
        return 0
    started, after, count = known.started_at or context.clock(), known.cursor, 0
    pages = github.scan_issues if walk.kind is ItemKind.ISSUE else github.scan_pulls
    sizes = {"comments": 1} if walk.ended else {}
    async for page in pages(
        walk.repository, since=walk.since, states=walk.states, after=after, **sizes
    ):
        named = [item.called(walk.repository) for item in page.items]
        items = named if walk.ended else await _with_persons(github, named, judge)
        cursor = (
            Cursor(complete_until=known.complete_until, started_at=started, cursor=page.cursor)
            if page.more
            else Cursor(complete_until=started)
        )
        place = {"kind": walk.name, "repository": walk.repository}
        snapshots.save_page(items, read_at=context.clock(), cursor=cursor, **place)
        count += len(items)
        await context.pacer(walk.repository).read()
        progress(f"{walk.repository} {walk.name}", count, page.total)
    return count


async def _with_persons(
    github: GitHubClient, items: Sequence[Item], judge: ActivityJudge
) -> list[Item]:
    """Read threads further back where a person may have spoken before what was read: bots and
    routine can fill pages."""
    return await github.complete_threads(items, until=judge.knows_the_clock)
