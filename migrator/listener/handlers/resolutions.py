"""``/done``: the answer to our question that an issue is not needed any more. It is closed as
completed, with the answer put into the notice by the same request.

The author and people with triage rights may close an issue themselves, so no term is waited for.
A later act of a person keeps it open, and an issue that was opened again after a close of ours is
not closed again.
"""

from __future__ import annotations

from migrator.domain.decisions import Decision
from migrator.domain.items import Comment, State
from migrator.domain.marker import with_nonce
from migrator.domain.notices import NoticeChange, NoticeEdit
from migrator.domain.planning.plan import PlanItem
from migrator.domain.planning.undo import RESOLVED
from migrator.domain.protocol.history import was_reopened_by_others
from migrator.domain.protocol.ledger import ActKind, Outcome
from migrator.domain.protocol.next_step import Finish, Wait
from migrator.domain.webhooks import commands
from migrator.listener.corrections import ExtraClose, NoticeCorrector, is_yielding
from migrator.listener.item_context import Deferred, ItemContext
from migrator.store.ledger import Recorded

COMPLETED = "COMPLETED"
"""``IssueClosedStateReason`` of what people say is done
(https://docs.github.com/graphql/reference/enums#issueclosedstatereason)."""


async def close(ctx: ItemContext, comment: Comment) -> str | Deferred:
    """Close the item because of that comment. Returns why it is not closed, in words for the
    commenter; empty if it is."""
    question = _question(ctx)
    if question is None:
        return commands.not_asked(ctx.item)
    if ctx.item.locked:
        return commands.locked(ctx.item)
    if _is_unfinished(question[0]):
        settled = await _settle(ctx, *question)
        question = _question(ctx)
        if settled is not None or question is None:
            return settled or commands.not_asked(ctx.item)
    elif ctx.item.state is not State.OPEN:
        return ""
    _, _, alive = await ctx.verdicts(ctx.item, ctx.now())
    if alive.clock > comment.created_at and ctx.item.state is State.OPEN:
        return commands.answered_since(ctx.item)
    if refusal := _refusal(ctx, question[0]):
        return refusal
    extra = ExtraClose(outcome=RESOLVED, reason=COMPLETED, clock=alive.clock)
    return await _close(ctx, *question, comment, extra)


def _question(ctx: ItemContext) -> tuple[Recorded, PlanItem] | None:
    """The notice that stands, with its plan item, if it asks and was not taken back."""
    recorded = ctx.standing_notice(ctx.key)
    planned = ctx.planned(recorded) if recorded else None
    if recorded is None or planned is None or planned.decision is not Decision.ASK:
        return None
    edit = recorded.state.act(ActKind.EDIT)
    is_withdrawn = edit is not None and edit.version == NoticeEdit.UNDONE.value
    return None if is_withdrawn else (recorded, planned)


def _refusal(ctx: ItemContext, recorded: Recorded) -> str:
    """Why the migration may not close the item; empty if it may."""
    if ctx.item.state is not State.OPEN:
        return ""
    if ctx.context.migration.file.decisions.comment_only:
        return commands.closes_nothing(ctx.item)
    reopened = recorded.state.is_done(ActKind.REOPEN) or was_reopened_by_others(ctx.item, ctx.own)
    return commands.not_closed_again(ctx.item) if reopened else ""


def _is_unfinished(recorded: Recorded) -> bool:
    """Whether a former process sent this close, and its end is not on record."""
    state, sent = recorded.state, recorded.state.act(ActKind.CLOSE)
    if sent is None or sent.version != RESOLVED or state.code == RESOLVED:
        return False
    pending = sent.pending and not sent.unwritten
    return pending or (sent.done and state.outcome is not Outcome.YIELDED) or is_yielding(state)


async def _settle(ctx: ItemContext, recorded: Recorded, planned: PlanItem) -> str | Deferred | None:
    """Find out what became of the close; ``None`` if nothing speaks against going on."""
    async with ctx.executor_for(NoticeCorrector, recorded, planned) as corrector:
        ended = await corrector.settle(planned, recorded, ctx.item)
    return None if ended is None else _came_of(ctx, ended)


async def _close(
    ctx: ItemContext, recorded: Recorded, planned: PlanItem, comment: Comment, extra: ExtraClose
) -> str | Deferred:
    login = comment.author.login if comment.author else ""
    change = NoticeChange(edit=NoticeEdit.RESOLVED, at=comment.created_at, actor=login, open=False)
    text = ctx.notices.render_edit(
        ctx.item,
        change,
        decision=planned.decision.value,
        part=planned.part,
        generation=planned.generation,
    )
    whole = with_nonce(text, recorded.entry.nonce)
    async with ctx.executor_for(NoticeCorrector, recorded, planned) as corrector:
        ended = await corrector.close_for(planned, recorded, ctx.item, whole, extra)
    came = _came_of(ctx, ended)
    if not isinstance(came, Deferred):
        await ctx.read_again()
    return came


def _came_of(ctx: ItemContext, ended: Finish | Wait | None) -> str | Deferred:
    if ended is None:
        return Deferred(until=ctx.now() + ctx.context.timing.cut_off, why="a close got no reply")
    if isinstance(ended, Wait):
        return Deferred(until=ended.until, why="a close is being reverted")
    if ended.outcome is Outcome.YIELDED:
        return commands.answered_since(ctx.item)
    return "" if ended.outcome is Outcome.DONE else commands.closes_nothing(ctx.item)
