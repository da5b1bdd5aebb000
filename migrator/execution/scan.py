"""Reads items in bulk into snapshots, and again only what changed. Decides nothing.

Each page is stored together with the cursor behind it, so a scan that dies goes on where it
stopped. What a page has and GitHub does not show is set aside by its name with the page, and tried
again by each scan. A walk over everything counts what it met against GitHub's own count: if items
are missing it is done once more, and what is missing then is kept with the cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import structlog
from msgspec.structs import replace

from migrator.domain.classification import activity
from migrator.domain.classification.activity import ActivityJudge
from migrator.domain.items import Frozen, Item, ItemKind, State
from migrator.errors import GitHubError, ServerUnavailable
from migrator.execution.context import Context
from migrator.execution.own_account import bot_identity
from migrator.execution.parents import read_parents
from migrator.execution.repository_survey import survey_all
from migrator.github.client import GitHubClient
from migrator.github.completeness import UnreadItem
from migrator.github.models import Page
from migrator.github.threads import is_deep
from migrator.store import Store
from migrator.store.database import OUTAGES
from migrator.store.set_aside import READ, STORE, SetAsideItem
from migrator.store.snapshots import Cursor

log = structlog.get_logger(__name__)

Progress = Callable[[str, int, int], None]
"""Called after each page with what is read, how many items so far, and how many there are in
all."""
OTHERS_CURSORS = "sweep-"
"""How the names of cursors begin that are the listener's: a full scan leaves them."""
TOGETHER = 100
"""Items that are read by id in one request."""


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
    """What a scan read: how many items of each repository, and whether it was the first one.

    ``set_aside`` are the items that could not be read or stored; ``missing`` counts, by repository
    and kind, those that GitHub counts and did not show at all.
    """

    items: dict[str, int]
    first: bool
    set_aside: tuple[SetAsideItem, ...] = ()
    missing: dict[str, int] = {}

    @property
    def is_whole(self) -> bool:
        """Whether everything was read."""
        return not self.set_aside and not self.missing


async def scan(context: Context, progress: Progress, *, full: bool = False) -> Scanned:
    """Bring the snapshots up to date with GitHub. Raises the typed errors of the client; what was
    read stays read.

    ``full``: read everything again, whatever was read before; what is not open any more is found
    out item by item.
    """
    file, store = context.migration.file, context.store
    waiting = {item.key: item.last_at for item in store.set_aside.all()}
    if full:
        store.snapshots.forget_cursors(but=OTHERS_CURSORS)
    counts: dict[str, int] = {}
    first = False
    await survey_all(context)
    for repository in (file.migration.source, *file.targets):
        cutover = file.migration.cutover if repository in file.targets else None
        async with context.open_github(repository) as github:
            for walk in _passes(store, repository, cutover):
                first = first or walk.since is None
                counts[repository] = counts.get(repository, 0) + await _walk(
                    context, github, walk, progress
                )
            counts[repository] += await _try_again(context, github, repository, waiting)
            if repository == file.migration.source and file.decisions.transfers:
                await read_parents(context, github)
    return Scanned(
        items=counts,
        first=first,
        set_aside=tuple(store.set_aside.all()),
        missing=store.snapshots.missing(),
    )


def _passes(store: Store, repository: str, cutover: datetime | None) -> Iterator[Pass]:
    """Which walks bring a repository up to date.

    First: everything open, and of a target also what was closed since the cutover (landings).
    Later: what changed. Where the walk over everything did not meet all, it is done again.
    """
    for kind in (ItemKind.ISSUE, ItemKind.PULL_REQUEST):
        name = kind.value
        cursor = store.snapshots.cursor(repository, name)
        ended = (State.CLOSED,) if kind is ItemKind.ISSUE else (State.CLOSED, State.MERGED)
        if cursor.complete_until is not None and not cursor.missing:
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
    """Read one pass, and once more if items are missing; returns how many items came."""
    known = context.store.snapshots.cursor(walk.repository, walk.name)
    if walk.ended and known.complete_until is not None:
        return 0
    one = _Walk(context, github, walk, progress, known)
    await one.go(known.cursor, may_repeat=True)
    if one.missing:
        await one.go("", may_repeat=False)
    if walk.since is None:
        one.count += await _repair(context, github, walk, one.started)
    return one.count


class _Walk:
    """One pass, page by page. ``missing`` is how many items were not met at its end, though
    GitHub counts them."""

    def __init__(
        self, context: Context, github: GitHubClient, walk: Pass, progress: Progress, known: Cursor
    ) -> None:
        self._context = context
        self._github = github
        self._walk = walk
        self._progress = progress
        self._known = known
        self._judge = activity.prepare(context.migration.file, bot_identity(context))
        self.started = known.started_at or context.clock()
        self.count = 0
        self.missing = 0

    async def go(self, after: str, *, may_repeat: bool) -> None:
        """Read from a cursor to the end. Where items are missing and it may be repeated, the
        pass stays unfinished."""
        walk, pages = self._walk, self._github.scan_issues
        if walk.kind is ItemKind.PULL_REQUEST:
            pages = self._github.scan_pulls
        if not after:
            self.started = self._context.clock()
        sizes = {"comments": 1} if walk.ended else {}
        met, least = set[int](), None
        async for page in pages(
            walk.repository, since=walk.since, states=walk.states, after=after, **sizes
        ):
            here = {item.number for item in page.items} | {item.number for item in page.unread}
            met |= here
            least = page.total if least is None else min(least, page.total)
            if not page.more:
                all_met = len(met) if not after else self._stored() + len(here)
                self.missing = max(0, least - all_met) if walk.since is None else 0
            await self._keep(page, may_repeat=may_repeat)
            self._progress(f"{walk.repository} {walk.name}", self.count, page.total)

    def _stored(self) -> int:
        """How many items were met since this pass began, in whatever process: for one that was
        resumed."""
        walk, store = self._walk, self._context.store
        aside = (
            item
            for item in store.set_aside.all()
            if (item.repository, item.kind) == (walk.repository, walk.kind.value)
        )
        named = sum(item.last_at >= self.started for item in aside)
        read = store.snapshots.count_read(
            walk.repository, walk.kind.value, self.started, states=walk.states
        )
        return read + named

    async def _keep(self, page: Page, *, may_repeat: bool) -> None:
        """Store a page with the cursor behind it."""
        walk, now = self._walk, self._context.clock()
        items = [item.called(walk.repository) for item in page.items]
        if not walk.ended:
            items = await _with_persons(self._github, items, self._judge)
        if page.more:
            cursor = replace(self._known, started_at=self.started, cursor=page.cursor)
        elif self.missing and may_repeat:
            cursor = replace(self._known, started_at=None, cursor="")
        else:
            cursor = Cursor(complete_until=self.started, missing=self.missing or None)
        aside = [aside_of(item, now) for item in page.unread]
        keep_page(
            self._context,
            items,
            aside=aside,
            kind=walk.name,
            repository=walk.repository,
            cursor=cursor,
        )
        self.count += len(items)
        await self._context.pacer(walk.repository).read()


def aside_of(item: UnreadItem, now: datetime) -> SetAsideItem:
    """How an item that GitHub did not show is set aside, by name."""
    log.warning("item is set aside", item=item.key, why=item.cause, error=item.words)
    return SetAsideItem(
        repository=item.repository,
        number=item.number,
        kind=item.kind.value,
        node_id=item.id,
        place=item.place,
        stage=READ,
        cause=item.cause,
        words=item.words,
        first_at=now,
        last_at=now,
    )


def keep_page(
    context: Context,
    items: Sequence[Item],
    *,
    aside: list[SetAsideItem],
    kind: str,
    repository: str,
    cursor: Cursor,
) -> None:
    """Store a page; an item that the database refuses is set aside, and stops no other. Nothing
    of its text is told."""
    snapshots, now = context.store.snapshots, context.clock()
    place = {"kind": kind, "repository": repository}
    try:
        snapshots.save_page(items, aside=aside, read_at=now, cursor=cursor, **place)
    except OUTAGES:
        raise
    except Exception:
        refused = [one for item in items if (one := _save_alone(context, item, now)) is not None]
        snapshots.save_page([], aside=[*aside, *refused], read_at=now, cursor=cursor, **place)


def _save_alone(context: Context, item: Item, now: datetime) -> SetAsideItem | None:
    """Store one item; what it is set aside as, if that fails."""
    try:
        context.store.snapshots.save([item], read_at=now)
    except OUTAGES:
        raise
    except Exception as error:
        name = type(error).__name__
        log.warning("item is set aside", item=item.key, why="store", error=name)
        return SetAsideItem(
            repository=item.repository,
            number=item.number,
            kind=item.kind.value,
            node_id=item.id,
            stage=STORE,
            cause=name,
            words="the database refuses it",
            first_at=now,
            last_at=now,
        )
    return None


async def _with_persons(
    github: GitHubClient, items: Sequence[Item], judge: ActivityJudge
) -> list[Item]:
    """Read threads back as far as right before an act, and further where a person may have spoken
    before what was read: bots and routine can fill pages.

    One whose text cannot be judged is left as it is.
    """

    def tells_enough(item: Item) -> bool:
        try:
            return is_deep(item) and judge.knows_the_clock(item)
        except Exception as error:
            log.warning("item cannot be judged", item=item.key, error=type(error).__name__)
            return True

    try:
        return await github.complete_threads(items, until=tells_enough)
    except GitHubError as error:
        if (
            type(error) is not GitHubError
        ):  # a form that this version does not know: what was read is enough to go on
            raise
        log.warning("threads are not read back", error=str(error))
        return list(items)


async def _repair(context: Context, github: GitHubClient, walk: Pass, started: datetime) -> int:
    """Read by id what is open by what we know and was not met in a walk over everything open:
    closed since, or gone."""
    stale = context.store.snapshots.not_read_since(walk.repository, walk.kind.value, started)
    count = 0
    for at in range(0, len(stale), TOGETHER):
        part = stale[at : at + TOGETHER]
        found = await github.items([node_id for _, node_id in part])
        for (number, node_id), item in zip(part, found, strict=True):
            count += _settle(context, walk.repository, number, walk.kind.value, node_id, item)
    return count


async def _try_again(
    context: Context, github: GitHubClient, repository: str, waiting: Mapping[str, datetime]
) -> int:
    """Try the items that earlier scans set aside and this one has not met; returns how many came.

    ``waiting``: when each was last tried before this scan. Whoever has another time now was met;
    which of the times is later says nothing, as each process has a clock of its own.
    """
    count = 0
    for item in context.store.set_aside.all():
        untried = item.last_at == waiting.get(item.key)
        if item.repository != repository or not untried or not item.node_id:
            continue
        kind = ItemKind(item.kind)
        found: Item | UnreadItem | None
        try:
            found = await github.read_again(
                repository, kind, item_id=item.node_id, number=item.number, place=item.place
            )
        except ServerUnavailable as error:
            found = UnreadItem(cause="unavailable", words=error.cause)
        count += _settle(
            context, repository, item.number, item.kind, item.node_id, found, place=item.place
        )
    return count


def _settle(
    context: Context,
    repository: str,
    number: int,
    kind: str,
    node_id: str,
    item: Item | UnreadItem | None,
    place: str = "",
) -> int:
    """Keep what reading an item by itself brought; returns 1 if it is known now."""
    now, store = context.clock(), context.store
    if item is None:
        store.snapshots.mark_gone(repository, number, now)
        return 0
    if isinstance(item, UnreadItem):
        named = replace(
            item, repository=repository, number=number, kind=ItemKind(kind), id=node_id, place=place
        )
        store.set_aside.put([aside_of(named, now)])
        return 0
    refused = _save_alone(context, item.called(repository), now)
    if refused is not None:
        store.set_aside.put([refused])
    return int(refused is None)
