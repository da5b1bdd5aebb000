"""``recover``: rebuilds items, entries and outcomes of the ledger from the marked comments of our
account. Reads GitHub and writes nothing there.

For a database that was lost. What a comment and its thread do not tell (the approved plan, the
attempts, a grace that was running) is not invented: a close that was announced and is not done
counts as yielded, so that a later plan asks a maintainer before it closes.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime

from msgspec.structs import replace

from migrator.domain.decisions import Decision
from migrator.domain.items import (
    Comment,
    Event,
    EventKind,
    Frozen,
    Item,
    ItemKind,
    State,
    label_key,
)
from migrator.domain.marker import Marker, find_markers, is_notice_marker, without_markers
from migrator.domain.people import BotIdentity
from migrator.domain.planning.plan import PlanItem, PlanKind
from migrator.domain.protocol.ledger import (
    READ_BACK,
    ActKind,
    Attempt,
    Done,
    Ending,
    Entry,
    Intended,
    ItemBefore,
    LedgerLine,
    Outcome,
    reply_decision,
)
from migrator.execution.context import Context
from migrator.execution.planner import plan_header
from migrator.github.client import GitHubClient
from migrator.services.plan import write_plan
from migrator.store.plans import Approval, StoredPlan
from migrator.store.runs import Run, RunOptions, RunState

ALL_STATES = {
    ItemKind.ISSUE: (State.OPEN, State.CLOSED),
    ItemKind.PULL_REQUEST: (State.OPEN, State.CLOSED, State.MERGED),
}

_ANNOUNCES_A_CLOSE = frozenset({Decision.RETIRE, Decision.ASK, Decision.PORT, Decision.CLEAR})


class Found(Frozen, frozen=True, kw_only=True):
    """A marked comment of our account, with the item that it stands on."""

    item: Item
    comment: Comment
    marker: Marker


class Recovered(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """What was rebuilt: the interface of ``migrator recover --json``. ``read`` items were looked
    at; ``notices`` and ``replies`` are new entries; ``known`` comments were in the ledger."""

    read: int
    items: int
    notices: int
    replies: int
    known: int


async def recover(
    context: Context, *, since: datetime | None, progress: Callable[[str, int, int], None]
) -> Recovered:
    """Read every item (updated ``since`` then), and write an entry for each marked comment of ours
    that the ledger does not know. Safe to run again. Raises the typed errors of the client."""
    known_nonces = context.store.histories.nonces()
    found: list[Found] = []
    read = known = 0
    own = BotIdentity()
    for repository in (context.migration.file.migration.source, *context.migration.file.targets):
        async with context.open_github(repository) as github:
            viewer = await github.viewer()
            own = BotIdentity(login=viewer.login, account_id=viewer.id)
            async for item, total in _items(context, github, repository, since):
                read += 1
                progress(f"recover {repository}", read, total)
                for one in await _marked(github, item, own, context):
                    if one.marker.nonce in known_nonces:
                        known += 1
                    else:
                        found.append(one)
    if found:
        _write(context, found, own)
    notices = sum(is_notice_marker(one.marker) for one in found)
    return Recovered(
        read=read,
        items=len({one.item.id for one in found}),
        notices=notices,
        replies=len(found) - notices,
        known=known,
    )


async def _items(
    context: Context, github: GitHubClient, repository: str, since: datetime | None
) -> AsyncIterator[tuple[Item, int]]:
    """Every item of a repository, open or not, and how many of its kind there are."""
    for kind in ItemKind:
        pages = github.scan_issues if kind is ItemKind.ISSUE else github.scan_pulls
        async for page in pages(repository, since=since, states=ALL_STATES[kind]):
            await context.pacer(repository).read()
            for item in page.items:
                yield item.called(repository), page.total


async def _marked(
    github: GitHubClient, item: Item, own: BotIdentity, context: Context
) -> list[Found]:
    """Marked comments of our account on an item; of a long thread all comments are read."""
    comments: Iterable[Comment] = item.comments
    if item.comments_total > len(item.comments):
        comments = await github.find_comments(item.id)
    name = context.migration.file.migration.name
    return [
        Found(item=item, comment=comment, marker=marker)
        for comment in comments
        if own.is_account(comment.author)
        for marker in find_markers(comment.body)[:1]
        if marker.migration == name
    ]


def _write(context: Context, found: list[Found], own: BotIdentity) -> None:
    """The plan and run that recovered entries belong to, then the entries themselves."""
    store, now = context.store, context.clock()
    notices = [one for one in found if is_notice_marker(one.marker)]
    newest = {one.item.id: one for one in sorted(notices, key=lambda one: one.comment.created_at)}
    planned = sorted(
        (item for one in newest.values() if (item := _plan_item(one, own)) is not None),
        key=lambda item: (item.repository, item.number),
    )
    store.snapshots.save([one.item for one in newest.values()], read_at=now)
    header = replace(plan_header(context, PlanKind.FOLLOW, now), expires_at=now)
    plan = write_plan(
        context, header, planned, total=len(planned), progress=lambda _done, _total: None
    )
    store.plans.approve(plan.hash, Approval(approved_by=READ_BACK, how=READ_BACK, approved_at=now))
    run = store.runs.start(_run(plan, now))
    generations: dict[tuple[str, str], int] = {}
    for one in sorted(found, key=lambda one: (one.comment.created_at, one.comment.id)):
        decision = _decision(one)
        place = (one.item.key, decision)
        generations[place] = max(one.marker.generation, generations.get(place, 0) + 1)
        entry = _entry(context, one, run, generation=generations[place])
        lines = _lines(one, own)
        store.ledger.open_entry(entry, lines)


def _run(plan: StoredPlan, now: datetime) -> Run:
    return Run(
        id=f"recover-{plan.hash[:12]}",
        plan_hash=plan.hash,
        kind=PlanKind.FOLLOW.value,
        state=RunState.FINISHED,
        options=RunOptions(),
        started_at=now,
        finished_at=now,
    )


def _decision(one: Found) -> str:
    """The stored decision of a comment's entry."""
    is_notice = is_notice_marker(one.marker)
    return one.marker.decision if is_notice else reply_decision(one.comment.id)


def _entry(context: Context, one: Found, run: Run, *, generation: int) -> Entry:
    name, decision = context.migration.file.migration.name, _decision(one)
    return Entry(
        id=f"{name}:{one.item.key}:{decision}:{generation}",
        migration=name,
        item_key=one.item.key,
        node_id=one.item.id,
        decision=decision,
        generation=generation,
        run_id=run.id,
        plan_hash=run.plan_hash,
        nonce=one.marker.nonce,
        text_hash=hashlib.sha256(one.comment.body.encode()).hexdigest(),
        created_at=one.comment.created_at,
    )


def _lines(one: Found, own: BotIdentity) -> list[Attempt]:
    """What the comment and its thread tell of the entry's history."""
    posted = one.comment.created_at
    confirmed = Done(
        act=ActKind.NOTICE,
        comment_id=one.comment.id,
        url=one.comment.url,
        confirmed_at=posted,
        found=True,
    )
    lines = [_attempt(confirmed, posted)]
    if not is_notice_marker(one.marker):
        return [*lines, _attempt(_ending(Outcome.DONE), posted)]
    close = _our_close(one, own)
    if close is None:
        announced = one.marker.decision in _ANNOUNCES_A_CLOSE
        return [*lines, _attempt(_ending(Outcome.YIELDED if announced else Outcome.DONE), posted)]
    label = _our_label(one, own)
    before = tuple(each for each in one.item.labels if label_key(each) != label_key(label))
    intended = Intended(
        act=ActKind.CLOSE,
        before=ItemBefore(state=State.OPEN.value, labels=before),
        label=label,
        closes=True,
    )
    lines += [
        _attempt(intended, close.at),
        _attempt(Done(act=ActKind.CLOSE, errors={}), close.at),
    ]
    reopened = [
        event
        for event in one.item.events
        if event.kind is EventKind.REOPENED and event.at >= close.at and own.is_account(event.actor)
    ]
    if reopened:
        at = reopened[-1].at
        lines += [
            _attempt(Intended(act=ActKind.REOPEN), at),
            _attempt(Done(act=ActKind.REOPEN), at),
            _attempt(_ending(Outcome.YIELDED), at),
        ]
        return lines
    return [*lines, _attempt(_ending(Outcome.DONE), close.at)]


def _attempt(line: LedgerLine, at: datetime) -> Attempt:
    return Attempt(line=line, at=at)


def _ending(outcome: Outcome) -> Ending:
    return Ending(outcome=outcome, code=READ_BACK, message="read back from GitHub")


def _our_close(one: Found, own: BotIdentity) -> Event | None:
    """The last close by our account since the notice."""
    closes = [
        event
        for event in one.item.events
        if event.kind is EventKind.CLOSED
        and event.at >= one.comment.created_at
        and own.is_account(event.actor)
    ]
    return max(closes, key=lambda event: event.at, default=None)


def _our_label(one: Found, own: BotIdentity) -> str:
    """The label that our account put on the item since the notice; empty if there is none."""
    labels = [
        event.label
        for event in one.item.events
        if event.kind is EventKind.LABELED
        and event.at >= one.comment.created_at
        and own.is_account(event.actor)
    ]
    return labels[-1] if labels else ""


def _plan_item(one: Found, own: BotIdentity) -> PlanItem | None:
    """The plan item that an undo of the notice needs; ``None`` for a notice that no plan item
    can hold (a completion)."""
    if one.marker.decision not in set(Decision):
        return None
    item = one.item
    return PlanItem(
        key=item.key,
        repository=item.repository,
        number=item.number,
        kind=item.kind,
        node_id=item.id,
        url=item.url,
        title=item.title,
        author=item.author.login if item.author else "",
        created_at=item.created_at,
        decision=Decision(one.marker.decision),
        code=READ_BACK,
        reason="Read back from our comment on GitHub.",
        text=without_markers(one.comment.body),
        label=_our_label(one, own),
        closes=_our_close(one, own) is not None,
        generation=one.marker.generation,
    )
