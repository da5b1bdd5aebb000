"""An item of a target repository names old ones: the landing is stored, and what our notices say is
kept true.

Whose word counts for how much is decided in ``domain.landings``. Only a merged pull request that
fixes an old issue closes that issue; and not if a person has spoken there since the merge, or if it
is locked.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from migrator.domain.items import Item, State
from migrator.domain.marker import with_nonce
from migrator.domain.notices import NoticeChange, NoticeEdit
from migrator.domain.planning.undo import COMPLETED, LANDED
from migrator.domain.protocol.history import was_reopened_by_others
from migrator.domain.protocol.ledger import ActKind, Outcome
from migrator.domain.protocol.next_step import Finish, Wait
from migrator.domain.webhooks.landings import Finder, How, Named, is_trusted
from migrator.errors import NotFound
from migrator.execution.executor_group import open_executor
from migrator.execution.ledger_entries import open_extra_entry
from migrator.listener.corrections import (
    CommentPoster,
    ExtraClose,
    NoticeCorrector,
    is_yielding,
    stub,
)
from migrator.listener.item_context import Deferred, ItemContext
from migrator.store.landings import Landing, Landings
from migrator.store.ledger import Recorded

COMPLETE = "complete"
"""The ledger's word for the notice of a completed item that had none before."""
OPENED_AGAIN = "fixed; left open, as it was opened again after our close"
KEPT_OPEN = "kept open: a person spoke"


async def handle(ctx: ItemContext) -> str | Deferred:
    """Store which old items this one continues, and do what follows for each of them."""
    if ctx.transferred_at() is not None:
        return "was transferred here"
    landings = _landings(ctx)
    found = Finder(ctx.scope.source).find(ctx.item)
    results = []
    for named in found:
        landings.record(_landing(ctx, named))
        result = await _follow(ctx, named)
        if isinstance(result, Deferred):
            return result
        results.append(f"{named.key}: {result}")
    return "; ".join(results) or "names no old item"


def _landings(ctx: ItemContext) -> Landings:
    return ctx.context.store.landings


def _landing(ctx: ItemContext, named: Named) -> Landing:
    item = ctx.item
    return Landing(
        old_key=named.key,
        new_key=item.key,
        new_url=item.url,
        how=named.how.value,
        found_at=ctx.now(),
    )


async def _follow(ctx: ItemContext, named: Named) -> str | Deferred:
    if named.how is How.LINKED:
        return "linked"
    try:
        async with ctx.context.open_github(named.repository) as github:
            old = await github.item_by_number(named.repository, named.number)
    except NotFound:
        return "gone"
    recorded = ctx.standing_notice(old.key)
    if recorded is not None and _is_unfinished(recorded, ctx.key):
        settled = await _settle(ctx, old, recorded)
        if settled:
            return settled
    elif (
        recorded is not None
        and recorded.state.outcome is Outcome.YIELDED
        and _is_because_of(recorded, ctx.key)
    ):
        return KEPT_OPEN
    merged = ctx.item.pull.merged_at if ctx.item.pull else None
    comments_only = ctx.context.migration.file.decisions.comment_only
    if (
        named.how is How.FIXES
        and merged is not None
        and not old.is_pull_request
        and not comments_only
    ):
        return await _complete(ctx, old, merged)
    if is_trusted(ctx.item, old):
        return await _say_landed(ctx, old)
    return named.how.value


async def _say_landed(ctx: ItemContext, old: Item) -> str | Deferred:
    """Put the link to the successor into our notice, if there is one and it names no other yet."""
    recorded = ctx.standing_notice(old.key)
    planned = ctx.planned(recorded) if recorded else None
    if (
        recorded is None
        or planned is None
        or recorded.state.outcome is None
        or _names_another(recorded, ctx.key)
    ):
        return "landed"
    clock, quiet_days = (
        await _closes_after(ctx, old, recorded),
        ctx.context.migration.file.activity.quiet_days,
    )
    due = clock + quiet_days if clock is not None and old.state is State.OPEN else None
    if clock is not None and (due is None or due <= ctx.now()):
        return await _close(ctx, old, recorded, _extra_close(ctx, LANDED, clock), ctx.now())
    _landings(ctx).wait(old.key, ctx.key, due)
    opened, closes_after = old.state is State.OPEN, quiet_days.days if due else 0
    change = NoticeChange(
        edit=NoticeEdit.LANDED,
        at=ctx.now(),
        open=opened,
        landing=ctx.key,
        closes_after=closes_after,
    )
    text = _text(ctx, old, recorded, change)
    async with ctx.executor_for(NoticeCorrector, recorded, planned) as corrector:
        known = await corrector.reword(planned, recorded, text, NoticeEdit.LANDED.value, ctx.key)
    return (
        "landed, and said so"
        if known
        else Deferred(until=ctx.now() + ctx.context.timing.cut_off, why="an edit got no reply")
    )


async def _closes_after(ctx: ItemContext, old: Item, recorded: Recorded) -> datetime | None:
    """After which word of a person the old item is closed, when it has been quiet for long enough;
    ``None`` if it is not.

    It is the last one, if the file closes what goes on elsewhere and nothing else speaks against
    it. ``recorded`` may tell that it is closed for that already, and that nothing more came of it:
    then it is gone on with.
    """
    now = ctx.now()
    if was_reopened_by_others(old, ctx.own):
        return None
    _, whose, found = await ctx.verdicts(old, now)
    alive = replace(found, landing=ctx.key)
    answer = ctx.context.store.verdicts.answers().get(old.key)
    later = max(now, alive.clock + ctx.context.migration.file.activity.quiet_days)
    decided = ctx.judge.decide(old, whose, alive, now=later, answer=answer)
    if (
        _is_because_of(recorded, ctx.key)
        and recorded.state.is_done(ActKind.CLOSE)
        and recorded.state.code != LANDED
    ):
        return alive.clock if old.state is not State.OPEN else None
    return alive.clock if decided.code == "known_landing" and decided.closes else None


def _extra_close(ctx: ItemContext, outcome: str, clock: datetime) -> ExtraClose:
    reason = "COMPLETED" if outcome == COMPLETED else "NOT_PLANNED"
    return ExtraClose(landing=ctx.key, outcome=outcome, reason=reason, clock=clock)


async def _close(
    ctx: ItemContext, old: Item, recorded: Recorded, extra: ExtraClose, at: datetime
) -> str | Deferred:
    """Close the old item, with the change or the link put into our notice: by editing, not by a
    second comment."""
    planned = ctx.planned(recorded) or stub(old, "")
    text = _text(
        ctx,
        old,
        recorded,
        NoticeChange(edit=NoticeEdit(extra.outcome), at=at, open=False, landing=ctx.key),
    )
    async with ctx.executor_for(NoticeCorrector, recorded, planned) as corrector:
        return _came_of(ctx, await corrector.close_for(planned, recorded, old, text, extra))


async def _settle(ctx: ItemContext, old: Item, recorded: Recorded) -> str | Deferred:
    """Look after a close that a former process began; empty if nothing speaks against going on
    with it."""
    planned = ctx.planned(recorded) or stub(old, "")
    async with ctx.executor_for(NoticeCorrector, recorded, planned) as corrector:
        ended = await corrector.settle(planned, recorded, old)
    return "" if ended is None else _came_of(ctx, ended)


def _came_of(ctx: ItemContext, ended: Finish | Wait | None) -> str | Deferred:
    if ended is None:
        return Deferred(until=ctx.now() + ctx.context.timing.cut_off, why="a close got no reply")
    if isinstance(ended, Wait):
        return Deferred(until=ended.until, why="a close is being reverted")
    return KEPT_OPEN if ended.outcome is Outcome.YIELDED else ended.code


def _is_because_of(recorded: Recorded, key: str) -> bool:
    """Whether the entry's close was sent because of this very successor."""
    close = recorded.state.act(ActKind.CLOSE)
    return close is not None and close.landing == key


def _is_unfinished(recorded: Recorded, key: str) -> bool:
    """Whether that close has no known outcome, or is being taken back."""
    close = recorded.state.act(ActKind.CLOSE)
    if (
        close is None
        or not _is_because_of(recorded, key)
        or recorded.state.outcome is Outcome.FAILED
    ):
        return False
    return (close.pending and not close.unwritten) or is_yielding(recorded.state)


def _names_another(recorded: Recorded, key: str) -> bool:
    """Whether the notice names a successor other than ``key``, or a completion, or was taken
    back: that word stands."""
    edit = recorded.state.act(ActKind.EDIT)
    if edit is not None and edit.version == NoticeEdit.UNDONE.value:
        return True
    for kind in (ActKind.EDIT, ActKind.CLOSE):
        act = recorded.state.act(kind)
        if act is not None and act.landing and (act.landing != key or act.version == COMPLETED):
            return True
    return False


async def _complete(ctx: ItemContext, old: Item, merged: datetime) -> str | Deferred:
    """Close the old issue as completed, with the merged change named in its notice."""
    if was_reopened_by_others(old, ctx.own):
        return OPENED_AGAIN
    if old.locked or _spoken_since(ctx, old, merged):
        return (
            "fixed; left open, as it is locked"
            if old.locked
            else "fixed; left open, as a person has commented since"
        )
    recorded = ctx.standing_notice(old.key)
    if recorded is not None and _is_completed(recorded, ctx.key):
        return "completed"
    if recorded is None:
        if old.state is not State.OPEN:
            return "fixed; closed before"
        told = await _tell(ctx, old, merged)
        if isinstance(told, Deferred):
            return told
        recorded = told
    if (
        recorded.state.outcome is None
        and recorded.entry.decision != COMPLETE
        and not ctx.is_parked(recorded)
    ):
        return Deferred(
            until=ctx.now() + ctx.context.timing.cut_off, why="a run is at work on the old item"
        )
    _, _, alive = await ctx.verdicts(old, ctx.now())
    clock = alive.clock
    return await _close(ctx, old, recorded, _extra_close(ctx, COMPLETED, clock), merged)


def _is_completed(recorded: Recorded, key: str) -> bool:
    return recorded.state.code == COMPLETED and _names_another(recorded, key)


def _spoken_since(ctx: ItemContext, old: Item, merged: datetime) -> bool:
    """Whether a person has commented on the old item since the merge."""
    later = [
        comment
        for comment in old.comments
        if comment.created_at > merged and not ctx.own.wrote(comment)
    ]
    return any(ctx.people.is_person(comment.author) for comment in later)


async def _tell(ctx: ItemContext, old: Item, merged: datetime) -> Recorded | Deferred:
    """Post a notice where none stands: nothing is closed without one. Returns its entry."""
    run, plan = ctx.standing()
    change = NoticeChange(edit=NoticeEdit.COMPLETED, at=merged, open=True, landing=ctx.key)
    text = ctx.notices.render_edit(old, change, decision=COMPLETE)
    ledger = ctx.context.store.ledger
    recorded = open_extra_entry(
        ledger, old, COMPLETE, text, run_id=run.id, plan_hash=plan.hash, now=ctx.now()
    )
    async with open_executor(CommentPoster, ctx.context, run, plan, old.repository) as poster:
        waits = await poster.post(stub(old, text), recorded)
    if isinstance(waits, Wait):
        return Deferred(until=waits.until, why="a notice got no reply")
    known = ledger.get(recorded.entry.id)
    if known is None or not known.state.is_done(ActKind.NOTICE):
        return Deferred(
            until=ctx.now() + ctx.context.timing.cut_off, why="the notice does not stand"
        )
    return known


def _text(ctx: ItemContext, old: Item, recorded: Recorded, change: NoticeChange) -> str:
    entry = recorded.entry
    planned = ctx.planned(recorded)
    part = planned.part if planned else ""
    text = ctx.notices.render_edit(
        old, change, decision=entry.decision, part=part, generation=entry.generation
    )
    return with_nonce(text, entry.nonce)
