"""Finds what webhooks missed: reads what changed since the last sweep, in every repository, and
looks after it.

A sweep has cursors of its own, beside the scan's, and moves one on only when everything that it
read was looked after: a sweep that dies is done again. It overlaps with the one before, and with
webhooks, because looking twice changes nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from msgspec.structs import replace

from migrator.domain.items import Frozen, Item, ItemKind, ItemRef
from migrator.domain.webhooks.triggers import Trigger, triggers_of_item
from migrator.errors import EVERYBODYS, GitHubError, IncompleteReply, PermissionDenied
from migrator.execution.context import Context
from migrator.execution.repository_survey import survey_all
from migrator.github.completeness import UnreadItem
from migrator.github.refusals import account_wide, concerns_account
from migrator.listener.item_context import Deferred
from migrator.listener.item_handler import ItemHandler, has_listened, listener_started_at
from migrator.store.database import OUTAGES
from migrator.store.leases import LeaseLost
from migrator.store.ledger import Overtaken
from migrator.store.set_aside import LISTEN, SetAsideItem
from migrator.store.snapshots import Cursor

log = structlog.get_logger(__name__)

UNFINISHED: Final = frozenset({Trigger.COMMANDS, Trigger.SPEECH, Trigger.ARRIVAL})
"""What is looked after where the listener began something and was cut off; an unfinished landing
is met with its new item."""
CURSOR: Final = "sweep-"
"""How the names of a sweep's cursors begin."""


class Reconciled(Frozen, frozen=True, kw_only=True):
    """What a sweep met: items that changed, those of them that something was looked after on, and
    those that have to wait.

    ``results`` says what came of each item that was looked after; ``again_at`` when those that wait
    may be looked at again.
    """

    changed: int
    looked_after: int
    waiting: int
    results: dict[str, str] = {}
    again_at: datetime | None = None


async def reconcile(
    context: Context, follower: ItemHandler, progress: Callable[[int], None] = lambda _count: None
) -> Reconciled:
    """Look after everything that changed since the last sweep; the first one begins where the
    listener did.

    Raises the typed errors of the client, and ``RepositoryReplaced`` where a name of the migration
    file means another repository now; what was not looked after is met again. An item that
    GitHub does not show, or that cannot be looked after, is set aside and tried again by each
    sweep; it stops no other.
    """
    changed, results, waits = 0, dict[str, str](), dict[str, datetime]()
    file = context.migration.file
    await survey_all(context)
    for aside in context.store.set_aside.all((LISTEN,)):
        if found := await _try_again(context, follower, aside):
            results[aside.key] = found
    for repository in (file.migration.source, *file.targets):
        for kind in ItemKind:
            started = context.clock()
            waiting = len(waits)
            async for item in _changed(context, repository, kind):
                changed += 1
                progress(changed)
                if isinstance(item, UnreadItem):
                    _set_aside(context, item)
                    continue
                result = await _unless_it_fails(context, _place_of(item), _handle(follower, item))
                if isinstance(result, Deferred):
                    waits[item.key] = result.until
                elif result:
                    results[item.key] = result
            if len(waits) == waiting:
                _move_on(context, repository, kind, started)
    for ref in context.store.progress.left_unfinished():
        place = UnreadItem(repository=ref.repository, number=ref.number, cause="", words="")
        result = await _unless_it_fails(context, place, follower.handle(*ref, UNFINISHED))
        if isinstance(result, Deferred):
            waits[str(ref)] = result.until
    waits |= await _close_what_went_quiet(context, follower)
    return Reconciled(
        changed=changed,
        looked_after=len(results),
        waiting=len(waits),
        results=results,
        again_at=min(waits.values(), default=None),
    )


async def _close_what_went_quiet(context: Context, follower: ItemHandler) -> dict[str, datetime]:
    """Look at the landings whose old item's quiet days are over; those that have to wait still,
    and until when."""
    landings, waits = context.store.landings, dict[str, datetime]()
    for old_key, new_key in landings.due(now := context.clock()):
        new = ItemRef.parse(new_key)
        place = UnreadItem(repository=new.repository, number=new.number, cause="", words="")
        looking = follower.handle(*new, frozenset({Trigger.LANDING}))
        result = await _unless_it_fails(context, place, looking)
        if result == "":
            continue
        log.info(
            "swept",
            item=old_key,
            result=result if isinstance(result, str) else f"waits: {result.why}",
        )
        if isinstance(result, Deferred):
            waits[old_key] = result.until
        elif (old_key, new_key) in landings.due(now):  # else it waits for another day
            landings.wait(old_key, new_key, None)
    return waits


async def _unless_it_fails(
    context: Context, place: UnreadItem, looking: Awaitable[str | Deferred]
) -> str | Deferred:
    """What came of looking after one item; where it failed for its own sake it is set aside, and
    the answer is empty."""
    try:
        return await looking
    except IncompleteReply as error:
        _set_aside(context, replace(place, cause="incomplete", words=error.cause))
    except (*EVERYBODYS, LeaseLost, Overtaken, *OUTAGES):
        raise
    except GitHubError as error:
        if isinstance(error, PermissionDenied) and concerns_account(error):
            raise account_wide(error) from error
        _set_aside(context, replace(place, cause=type(error).__name__, words=error.cause))
    except Exception as error:
        _set_aside(
            context, replace(place, cause=type(error).__name__, words="it cannot be looked after")
        )
    return ""


def _place_of(item: Item) -> UnreadItem:
    return UnreadItem(
        repository=item.repository,
        number=item.number,
        kind=item.kind,
        id=item.id,
        cause="",
        words="",
    )


def _set_aside(context: Context, item: UnreadItem) -> None:
    log.error("item is set aside", item=item.key, why=item.cause, error=item.words)
    now = context.clock()
    aside = SetAsideItem(
        repository=item.repository,
        number=item.number,
        kind=item.kind.value,
        node_id=item.id,
        stage=LISTEN,
        cause=item.cause,
        words=item.words,
        first_at=now,
        last_at=now,
    )
    context.store.set_aside.put([aside])


async def _try_again(context: Context, follower: ItemHandler, aside: SetAsideItem) -> str:
    """Look once more after an item that an earlier sweep set aside; empty if it has to stay so."""
    kind = ItemKind(aside.kind)
    place = UnreadItem(
        repository=aside.repository,
        number=aside.number,
        kind=kind,
        id=aside.node_id,
        cause="",
        words="",
    )
    triggers = UNFINISHED | {Trigger.LANDING}
    result = await _unless_it_fails(
        context, place, follower.handle(aside.repository, aside.number, triggers)
    )
    if isinstance(result, Deferred) or not result:
        return ""
    context.store.set_aside.take_back([(aside.repository, aside.number)], (LISTEN,))
    return result


async def _handle(follower: ItemHandler, item: Item) -> str | Deferred:
    """Look after one changed item if its state asks for it; empty if it does not."""
    triggers = triggers_of_item(item, follower.scope)
    if not triggers:
        follower.note_closed(item)
        return ""
    result = await follower.handle(item.repository, item.number, triggers)
    log.info(
        "swept", item=item.key, result=result if isinstance(result, str) else f"waits: {result.why}"
    )
    return result


async def _changed(
    context: Context, repository: str, kind: ItemKind
) -> AsyncIterator[Item | UnreadItem]:
    """Items of one kind that changed since the last sweep, page by page, and those that GitHub
    does not show."""
    since = context.store.snapshots.cursor(
        repository, f"{CURSOR}{kind.value}"
    ).complete_until or listener_started_at(context)
    async with context.open_github(repository) as github:
        pages = github.scan_issues if kind is ItemKind.ISSUE else github.scan_pulls
        async for page in pages(repository, since=since):
            for item in page.items:
                yield item.called(repository)
            for unread in page.unread:
                yield unread


def _move_on(context: Context, repository: str, kind: ItemKind, started: datetime) -> None:
    name = f"{CURSOR}{kind.value}"
    cursor = Cursor(complete_until=started)
    context.store.snapshots.save_page(
        [], read_at=started, kind=name, repository=repository, cursor=cursor
    )


def gap(context: Context) -> timedelta | None:
    """How long ago the least recent sweep began; for what was never swept, when the listener
    did. ``None`` if it never has."""
    file, snapshots = context.migration.file, context.store.snapshots
    if not has_listened(context):
        return None
    names = [
        (repository, f"{CURSOR}{kind.value}")
        for repository in (file.migration.source, *file.targets)
        for kind in ItemKind
    ]
    return context.clock() - min(
        snapshots.cursor(*name).complete_until or listener_started_at(context) for name in names
    )
