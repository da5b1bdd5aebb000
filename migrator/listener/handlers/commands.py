"""Follows the commands of a thread, each comment's once.

The comment's own ledger entry is opened before anything is done and ends when its answer stands.
What a command does is safe to do again, so a process that dies between the two leaves nothing half
done for good.

Strangers cannot make us write. Only people with triage rights always get words, up to
:data:`MOST_REPLIES` a day on one item, so that two bots cannot talk to each other for long. The
author gets words where no comment of ours stands on the item, and a reaction otherwise. All others
get a reaction, as long as half of the listener's share of the budget is left for the former.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from migrator.domain.decisions import ReviewAnswer
from migrator.domain.evidence import Ownership
from migrator.domain.items import Comment, Frozen, State
from migrator.domain.marker import with_nonce
from migrator.domain.notices import NoticeChange, NoticeEdit
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import (
    ActKind,
    Attempt,
    Ending,
    EntryKind,
    Outcome,
    reply_decision,
)
from migrator.domain.protocol.next_step import Wait
from migrator.domain.webhooks import commands
from migrator.domain.webhooks.commands import Asker, Command, CommandKind, asker_of, find, may
from migrator.domain.webhooks.triggers import Trigger, has_command
from migrator.errors import NotFound, OutcomeUnknown, PermissionDenied, RequestRefused
from migrator.execution.executor_group import open_executor
from migrator.execution.ledger_entries import ASKED, asked_in, open_extra_entry
from migrator.github.models import Permission
from migrator.listener.corrections import CommentPoster, NoticeCorrector, is_yielding, stub
from migrator.listener.handlers import resolutions
from migrator.listener.handlers.arrivals import resume
from migrator.listener.item_context import Deferred, ItemContext
from migrator.store.ledger import Recorded

RESTORED = "stands"
"""Version of a notice that has its first text again; the others are those of
:class:`NoticeEdit`."""


async def withdraw_notice(ctx: ItemContext, by: str) -> bool:
    """Say in our notice that it no longer holds; false if it is not known whether that worked."""
    recorded, planned = _notice(ctx)
    if recorded is None or planned is None or recorded.state.outcome is None:
        return True
    return await _reword(
        ctx,
        recorded,
        planned,
        NoticeEdit.UNDONE.value,
        _edited(ctx, planned, NoticeEdit.UNDONE, by),
    )


async def restore_notice(ctx: ItemContext, by: str, part: str) -> bool:
    """Give a notice that was taken back the text that is true again; false if it is not known
    whether that worked.

    Where it had announced a close that was then taken back, it says that the item stays open.
    """
    recorded, planned = _notice(ctx)
    if recorded is None or planned is None or planned.part != part or not _is_withdrawn(recorded):
        return True
    if recorded.state.outcome is Outcome.YIELDED:
        return await _reword(
            ctx,
            recorded,
            planned,
            NoticeEdit.YIELDED.value,
            _edited(ctx, planned, NoticeEdit.YIELDED, by),
        )
    if planned.closes:  # it ended otherwise: who closed the item knows why
        return True
    return await _reword(ctx, recorded, planned, RESTORED, planned.text)


def _notice(ctx: ItemContext) -> tuple[Recorded | None, PlanItem | None]:
    recorded = ctx.standing_notice(ctx.key)
    return recorded, ctx.planned(recorded) if recorded else None


def _is_withdrawn(recorded: Recorded) -> bool:
    edit = recorded.state.act(ActKind.EDIT)
    return edit is not None and (not edit.done or edit.version == NoticeEdit.UNDONE.value)


def _edited(ctx: ItemContext, planned: PlanItem, edit: NoticeEdit, by: str) -> str:
    change = NoticeChange(edit=edit, at=ctx.now(), actor=by, open=ctx.item.state is State.OPEN)
    decision, generation = planned.decision.value, planned.generation
    return ctx.notices.render_edit(
        ctx.item, change, decision=decision, part=planned.part, generation=generation
    )


async def _reword(
    ctx: ItemContext, recorded: Recorded, planned: PlanItem, version: str, text: str
) -> bool:
    async with ctx.executor_for(NoticeCorrector, recorded, planned) as corrector:
        whole = with_nonce(text, recorded.entry.nonce)
        return await corrector.reword(planned, recorded, whole, version, "")


REACT_AGAIN = timedelta(seconds=1)
"""How long a reaction waits that got no reply."""
MOST_REPLIES: Final = 5
"""Replies in words on one item within a day, whoever asks."""
DAY = timedelta(days=1)
STRANGERS_PART: Final = 0.5
"""How much of the listener's share reactions to strangers can use."""


class CommandOutcome(Frozen, frozen=True, kw_only=True):
    """What came of a command: done, or not and why. ``words`` are said to the asker where they may
    be; empty if a reaction says it all. ``asks``: the words are what was asked for."""

    done: bool
    words: str = ""
    asks: bool = False


DONE = CommandOutcome(done=True)


async def handle(ctx: ItemContext) -> str | Deferred:
    """Answer every comment that gives commands and was not answered yet, oldest first. What was
    asked before a transfer, and not answered at the old place, is answered here."""
    answered, moved = 0, ctx.transferred_at()
    for comment, given in [*has_command(ctx.item, ctx.scope), *_begun(ctx)]:
        if not ctx.people.is_person(comment.author) or ctx.own.wrote(comment):
            continue
        if moved is not None and comment.created_at < moved and _has_reaction(ctx, comment):
            continue
        result = await _answer(ctx, comment, given)
        if isinstance(result, Deferred):
            return result
        answered += result
    return f"{answered} comments answered"


def _has_reaction(ctx: ItemContext, comment: Comment) -> bool:
    """Whether we have reacted to a comment: it was answered, whatever its id was then."""
    return any(ctx.own.is_account(each.author) for each in comment.reactions)


def _begun(ctx: ItemContext) -> Iterator[tuple[Comment, tuple[Command, ...]]]:
    """Comments whose commands were taken in and not answered yet, and that were edited or hidden
    meanwhile: what was begun is finished. Where the words are gone, nothing is left to do."""
    comments = {asked_in(comment): comment for comment in ctx.item.comments}
    comments |= {reply_decision(comment.id): comment for comment in ctx.item.comments}
    ledger = ctx.context.store.ledger
    for recorded in _replies(ctx):
        if recorded.state.outcome is not None:
            continue
        entry = recorded.entry
        comment = comments.get(entry.decision) or comments.get(str(entry.before.get(ASKED)))
        if comment is not None and (given := find(comment.body, ctx.scope.words)):
            yield comment, given
        elif recorded.state.act(ActKind.NOTICE) is None:
            ending = Ending(outcome=Outcome.SKIPPED, code="withdrawn")
            ledger.append(recorded, [Attempt(line=ending, at=ctx.now())])


def _replies(ctx: ItemContext) -> list[Recorded]:
    """The entries of replies on the item, whatever it was called when they were opened."""
    found = ctx.context.store.ledger.of_item(ctx.key, ctx.item.id)
    return [each for each in found if each.entry.kind is EntryKind.REPLY]


def _reply_to(ctx: ItemContext, comment: Comment) -> Recorded:
    """The entry of the reply to a comment: the one that stands, be it under the comment's former
    id, or a new one."""
    decision, asked = reply_decision(comment.id), asked_in(comment)
    replies = _replies(ctx)
    known = [each for each in replies if each.entry.decision == decision]
    if not known and ctx.transferred_at() is not None:
        known = [each for each in replies if each.entry.before.get(ASKED) == asked]
    if known:
        return known[0]
    run, plan = ctx.standing()
    return open_extra_entry(
        ctx.context.store.ledger,
        ctx.item,
        decision,
        "",
        run_id=run.id,
        plan_hash=plan.hash,
        now=ctx.now(),
        asked=asked,
    )


async def _answer(
    ctx: ItemContext, comment: Comment, commands: tuple[Command, ...]
) -> bool | Deferred:
    """Follow a comment's commands and answer it; false if that was done before."""
    recorded = _reply_to(ctx, comment)
    if recorded.state.outcome is not None:
        return False
    asker = await _asker(ctx, comment, commands)
    answers: list[CommandOutcome] = []
    for command in commands:
        result = await _follow(ctx, command, asker, comment)
        if isinstance(result, Deferred):
            return result
        answers.append(result)
    words = [each.words for each in answers if each.words]
    says = bool(words) and await _may_have_words(ctx, recorded, asker)
    done = all(each.done and (says or not each.asks) for each in answers)
    waits = await _reply(ctx, recorded, comment, asker, words if says else [], done=done)
    if waits:
        return waits
    _end(ctx, recorded, commands, done=done)
    return True


async def _reply(
    ctx: ItemContext,
    recorded: Recorded,
    comment: Comment,
    asker: Asker,
    words: list[str],
    *,
    done: bool,
) -> Deferred | None:
    """Say the words, if any, and react; out of the listener's share of the budget. Strangers get
    nothing where their part of it is used up; the others wait."""
    if not asker.is_author and asker.may_triage is not True:
        if ctx.admit(1, part=STRANGERS_PART):
            return None
    elif waits := ctx.admit(1 + bool(words)):
        return waits
    if words and (waits := await _say(ctx, recorded, words)):
        return waits
    try:
        await ctx.react(comment.id, "THUMBS_UP" if done else "THUMBS_DOWN")
    except OutcomeUnknown as error:  # to react twice is to react once
        return Deferred(until=ctx.now() + REACT_AGAIN, why=str(error))
    return None


async def _may_have_words(ctx: ItemContext, recorded: Recorded, asker: Asker) -> bool:
    """Whether the answer to a comment may be a comment. One that was begun is finished."""
    if recorded.state.act(ActKind.NOTICE) is not None:
        return True
    ours = [
        each
        for each in ctx.context.store.ledger.of_item(ctx.key, ctx.item.id)
        if each.state.is_done(ActKind.NOTICE)
    ]
    if asker.is_author and not ours:
        return True
    asker = await _with_rights(ctx, asker)
    since = ctx.now() - DAY
    today = [
        each
        for each in ours
        if each.entry.kind is EntryKind.REPLY and each.entry.created_at > since
    ]
    return asker.may_triage is True and len(today) < MOST_REPLIES


def _end(ctx: ItemContext, begun: Recorded, commands: tuple[Command, ...], *, done: bool) -> None:
    ledger = ctx.context.store.ledger
    recorded = ledger.get(begun.entry.id)
    if recorded is not None:
        code = "followed" if done else "refused"
        message = " ".join(each.name for each in commands)
        ending = Ending(outcome=Outcome.DONE, code=code, message=message)
        ledger.append(recorded, [Attempt(line=ending, at=ctx.now())])


async def _asker(ctx: ItemContext, comment: Comment, commands: tuple[Command, ...]) -> Asker:
    """Who gives the commands; GitHub is asked for their rights only where these decide."""
    asker = asker_of(comment, ctx.item)
    if not asker.login or all(
        may(command, asker) and command.verb is not CommandKind.NOT_OURS for command in commands
    ):
        return asker
    return await _with_rights(ctx, asker)


async def _with_rights(ctx: ItemContext, asker: Asker) -> Asker:
    """The asker with the rights that GitHub names, where it does."""
    if asker.may_triage is not None or not asker.login:
        return asker
    try:
        permission = await ctx.github.permission(ctx.item.repository, asker.login)
    except (PermissionDenied, NotFound, RequestRefused):
        return asker
    return replace(asker, may_triage=permission.allows(Permission.TRIAGE))


async def _follow(
    ctx: ItemContext, command: Command, asker: Asker, comment: Comment
) -> CommandOutcome | Deferred:
    """Do one command."""
    if not may(command, asker):
        return CommandOutcome(done=False, words=commands.refused(command, asker))
    match command.verb:
        case CommandKind.HELP:
            return CommandOutcome(done=True, words=commands.help_text(ctx.scope.words), asks=True)
        case CommandKind.OURS:
            return await _ours(ctx, command, asker, comment)
        case CommandKind.NOT_OURS:
            return await _not_ours(ctx, command, asker, comment)
        case CommandKind.STILL_HERE | CommandKind.REOPEN:
            return await _keep(ctx, command)
        case CommandKind.DONE:
            return await _close(ctx, comment)


def _settle(
    ctx: ItemContext, command: Command, comment: Comment, asker: Asker, ownership: Ownership
) -> None:
    """Put an answer about whose it is on record, once."""
    store = ctx.context.store
    answer = ReviewAnswer(
        by=asker.login,
        at=comment.created_at,
        reason=f"{command.name} in a comment",
        ownership=ownership,
        part=command.part,
    )
    if answer not in store.queue.answers_to(ctx.key):
        store.verdicts.record_answer(ctx.key, answer)
    ctx.follow_up.add(Trigger.ARRIVAL)  # a young item may be welcome now


async def _not_ours(
    ctx: ItemContext, command: Command, asker: Asker, comment: Comment
) -> CommandOutcome | Deferred:
    """From the project it is the answer, and our notice is taken back; from the author it asks a
    maintainer to look."""
    decided = asker.may_triage is True
    _settle(ctx, command, comment, asker, Ownership.NOT_OURS if decided else Ownership.UNSURE)
    kept = await _keep(ctx, command)
    if isinstance(kept, Deferred) or not decided:
        return kept if isinstance(kept, Deferred) else DONE
    return _unless_lost(ctx, await withdraw_notice(ctx, asker.login))


async def _ours(
    ctx: ItemContext, command: Command, asker: Asker, comment: Comment
) -> CommandOutcome | Deferred:
    """The project's answer; a notice that was taken back holds again."""
    _settle(ctx, command, comment, asker, Ownership.OURS)
    return _unless_lost(ctx, await restore_notice(ctx, asker.login, command.part))


def _unless_lost(ctx: ItemContext, known: bool) -> CommandOutcome | Deferred:
    return (
        DONE
        if known
        else Deferred(until=ctx.now() + ctx.context.timing.cut_off, why="an edit got no reply")
    )


async def _keep(ctx: ItemContext, command: Command) -> CommandOutcome | Deferred:
    """Cancel a close that is to come, take back one that has happened."""
    if ctx.item.locked:
        return CommandOutcome(done=False, words=commands.locked(ctx.item))
    unfinished = await _finish_first(ctx)
    if unfinished is not None:
        return unfinished
    for recorded, planned in list(ctx.closable()):
        if not _can_be_kept(ctx, recorded):
            continue
        async with ctx.executor_for(NoticeCorrector, recorded, planned) as corrector:
            ended = await corrector.keep_open(planned, recorded, f"command {command.name}")
        if isinstance(ended, Wait):
            return Deferred(until=ended.until, why="the outcome of a write is not known yet")
        if ended.outcome is Outcome.FAILED:
            return CommandOutcome(done=False, words=commands.cannot_reopen(ctx.item))
        await ctx.read_again()
    if ctx.item.state is State.OPEN or command.verb is CommandKind.NOT_OURS or _is_taken_back(ctx):
        return DONE
    return CommandOutcome(done=False, words=commands.not_ours_to_reopen(ctx.item))


async def _close(ctx: ItemContext, comment: Comment) -> CommandOutcome | Deferred:
    """Close what the asker says is done."""
    unfinished = await _finish_first(ctx)
    if unfinished is not None:
        return unfinished
    refusal = await resolutions.close(ctx, comment)
    if isinstance(refusal, Deferred):
        return refusal
    return CommandOutcome(done=not refusal, words=refusal)


async def _finish_first(ctx: ItemContext) -> Deferred | None:
    """Let what is under way come to its end: it may have closed the item without knowing so yet."""
    for recorded in ctx.entries():
        if (
            recorded.state.outcome is not None
            or ctx.is_parked(recorded)
            or is_yielding(recorded.state)
        ):
            continue
        ended = await resume(ctx, recorded)
        if isinstance(ended, Deferred):
            return ended
        if isinstance(ended, str) and not ctx.is_parked(recorded):
            return Deferred(until=ctx.now() + ctx.context.timing.cut_off, why=ended)
        await ctx.read_again()
    return None


def _is_taken_back(ctx: ItemContext) -> bool:
    """Whether the close that a reading shows is our own and was taken back already: then the
    reading is behind."""
    return ctx.closed_by_us() and any(
        recorded.state.is_done(ActKind.REOPEN) for recorded, _ in ctx.closable()
    )


def _can_be_kept(ctx: ItemContext, recorded: Recorded) -> bool:
    """Whether an entry's close waits for its grace, or has happened and still stands, or is half
    taken back."""
    state = recorded.state
    if state.outcome is Outcome.YIELDED:
        return False
    if is_yielding(state) or ctx.is_parked(recorded):
        return True
    return state.is_done(ActKind.CLOSE) and ctx.item.state is State.CLOSED and ctx.closed_by_us()


async def _say(ctx: ItemContext, recorded: Recorded, words: list[str]) -> Deferred | None:
    run, plan = ctx.standing()
    text = commands.whole(words, ctx.context.migration.file.migration.name)
    async with open_executor(CommentPoster, ctx.context, run, plan, ctx.item.repository) as poster:
        waits = await poster.post(stub(ctx.item, text), recorded)
    return Deferred(until=waits.until, why="an answer got no reply") if waits else None
