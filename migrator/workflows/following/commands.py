"""Follows the commands of a thread, each comment's once.

The comment's own ledger entry is opened before anything is done and ends when its answer stands. What a command does is
safe to do again, so a process that dies between the two leaves nothing half done for good.
"""

from __future__ import annotations

from datetime import timedelta

from migrator.domain import replies
from migrator.domain.actions import Wait
from migrator.domain.commands import Asker, Command, Verb, may
from migrator.domain.decisions import ReviewAnswer
from migrator.domain.evidence import Ownership
from migrator.domain.items import Comment, Frozen, State
from migrator.domain.ledger import ActKind, Attempt, Outcome, Phase
from migrator.domain.reactions import Intent
from migrator.domain.reactions.commands import given
from migrator.errors import NotFound, OutcomeUnknown, PermissionDenied, RequestRefused
from migrator.github.replies import Permission
from migrator.store.ledger import Recorded
from migrator.workflows.crew import open_kind
from migrator.workflows.entries import COMMAND_PREFIX, open_extra_entry
from migrator.workflows.following.arrivals import resume
from migrator.workflows.following.hands import Keeper, Speaker, is_yielding
from migrator.workflows.following.look import Later, Look
from migrator.workflows.following.stubs import stub
from migrator.workflows.following.taken_back import put_back, take_back

REACT_AGAIN = timedelta(seconds=1)
"""How long a reaction waits that got no reply."""


class Answer(Frozen, frozen=True, kw_only=True):
    """What came of a command: done, or not and why. ``words`` are said to the asker; empty if a reaction says it all."""

    done: bool
    words: str = ""


DONE = Answer(done=True)


async def answer_all(look: Look) -> str | Later:
    """Answer every comment that gives commands and was not answered yet, oldest first."""
    answered = 0
    for comment, commands in list(given(look.item, look.scope)):
        if not look.people.is_person(comment.author) or look.own.wrote(comment):
            continue
        result = await _answer(look, comment, commands)
        if isinstance(result, Later):
            return result
        answered += result
    return f"{answered} comments answered"


async def _answer(look: Look, comment: Comment, commands: tuple[Command, ...]) -> bool | Later:
    """Follow a comment's commands and answer it; false if that was done before."""
    run, plan = look.standing()
    decision = f"{COMMAND_PREFIX}{comment.id}"
    ledger = look.context.store.ledger
    recorded = open_extra_entry(ledger, look.item, decision, "", run_id=run.id, plan_hash=plan.hash, now=look.now())
    if recorded.state.outcome is not None:
        return False
    asker = await _asker(look, comment, commands)
    answers: list[Answer] = []
    for command in commands:
        result = await _follow(look, command, asker, comment)
        if isinstance(result, Later):
            return result
        answers.append(result)
    words = [each.words for each in answers if each.words]
    if words and (waits := await _say(look, recorded, words)):
        return waits
    done = all(each.done for each in answers)
    try:
        await look.github.add_reaction(comment.id, "THUMBS_UP" if done else "THUMBS_DOWN")
    except OutcomeUnknown as error:  # to react twice is to react once
        return Later(until=look.now() + REACT_AGAIN, why=str(error))
    _end(look, decision, commands, done=done)
    return True


def _end(look: Look, decision: str, commands: tuple[Command, ...], *, done: bool) -> None:
    ledger = look.context.store.ledger
    recorded = ledger.find(look.key, decision, 1)
    if recorded is not None:
        code = "followed" if done else "refused"
        data = {"outcome": Outcome.DONE.value, "code": code, "message": " ".join(each.name for each in commands)}
        ledger.append(recorded, [Attempt(act=ActKind.OUTCOME, phase=Phase.FINAL, at=look.now(), data=data)])


async def _asker(look: Look, comment: Comment, commands: tuple[Command, ...]) -> Asker:
    """Who gives the commands; GitHub is asked for their rights only where these decide."""
    login = comment.author.login if comment.author else ""
    author = look.item.author
    asker = Asker(login=login, is_author=bool(login) and author is not None and author.login.casefold() == login.casefold())
    if not login or all(may(command, asker) and command.verb is not Verb.NOT_OURS for command in commands):
        return asker
    try:
        permission = await look.github.permission(look.item.repository, login)
    except (PermissionDenied, NotFound, RequestRefused):
        return asker
    return Asker(login=login, is_author=asker.is_author, may_triage=permission.allows(Permission.TRIAGE))


async def _follow(look: Look, command: Command, asker: Asker, comment: Comment) -> Answer | Later:
    """Do one command."""
    if not may(command, asker):
        return Answer(done=False, words=replies.refused(command, asker))
    match command.verb:
        case Verb.HELP:
            return Answer(done=True, words=replies.help_text(look.scope.words))
        case Verb.OURS:
            return await _ours(look, command, asker, comment)
        case Verb.NOT_OURS:
            return await _not_ours(look, command, asker, comment)
        case Verb.STILL_HERE | Verb.REOPEN:
            return await _keep(look, command)


def _settle(look: Look, command: Command, comment: Comment, asker: Asker, ownership: Ownership) -> None:
    """Put an answer about whose it is on record, once."""
    store = look.context.store
    answer = ReviewAnswer(
        by=asker.login, at=comment.created_at, reason=f"{command.name} in a comment", ownership=ownership, part=command.part
    )
    if answer not in store.queue.answers_to(look.key):
        store.verdicts.record_answer(look.key, answer)
    look.more.add(Intent.ARRIVAL)  # a young item may be welcome now


async def _not_ours(look: Look, command: Command, asker: Asker, comment: Comment) -> Answer | Later:
    """From the project it is the answer, and our notice is taken back; from the author it asks a maintainer to look."""
    decided = asker.may_triage is True
    _settle(look, command, comment, asker, Ownership.NOT_OURS if decided else Ownership.UNSURE)
    kept = await _keep(look, command)
    if isinstance(kept, Later) or not decided:
        return kept if isinstance(kept, Later) else DONE
    return _unless_lost(look, await take_back(look, asker.login))


async def _ours(look: Look, command: Command, asker: Asker, comment: Comment) -> Answer | Later:
    """The project's answer; a notice that was taken back holds again."""
    _settle(look, command, comment, asker, Ownership.OURS)
    return _unless_lost(look, await put_back(look, asker.login, command.part))


def _unless_lost(look: Look, known: bool) -> Answer | Later:
    return DONE if known else Later(until=look.now() + look.context.timing.cut_off, why="an edit got no reply")


async def _keep(look: Look, command: Command) -> Answer | Later:
    """Cancel a close that is to come, take back one that has happened."""
    if look.item.locked:
        return Answer(done=False, words=replies.locked(look.item))
    unfinished = await _finish_first(look)
    if unfinished is not None:
        return unfinished
    for recorded, planned in list(look.closable()):
        if not _can_be_kept(look, recorded):
            continue
        async with look.hand_of(Keeper, recorded, planned) as keeper:
            ended = await keeper.keep_open(planned, recorded, f"command {command.name}")
        if isinstance(ended, Wait):
            return Later(until=ended.until, why="the outcome of a write is not known yet")
        if ended.outcome is Outcome.FAILED:
            return Answer(done=False, words=replies.cannot_reopen(look.item))
        await look.read_again()
    if look.item.state is State.OPEN or command.verb is Verb.NOT_OURS or _is_taken_back(look):
        return DONE
    return Answer(done=False, words=replies.not_ours_to_reopen(look.item))


async def _finish_first(look: Look) -> Later | None:
    """Let what is under way come to its end: it may have closed the item without knowing so yet."""
    for recorded in look.entries():
        if recorded.state.outcome is not None or look.is_parked(recorded) or is_yielding(recorded.state):
            continue
        ended = await resume(look, recorded)
        if isinstance(ended, Later):
            return ended
        if isinstance(ended, str) and not look.is_parked(recorded):
            return Later(until=look.now() + look.context.timing.cut_off, why=ended)
        await look.read_again()
    return None


def _is_taken_back(look: Look) -> bool:
    """Whether the close that a reading shows is our own and was taken back already: then the reading is behind."""
    return look.closed_by_us() and any(recorded.state.is_done(ActKind.REOPEN) for recorded, _ in look.closable())


def _can_be_kept(look: Look, recorded: Recorded) -> bool:
    """Whether an entry's close waits for its grace, or has happened and still stands, or is half taken back."""
    state = recorded.state
    if state.outcome is Outcome.YIELDED:
        return False
    if is_yielding(state) or look.is_parked(recorded):
        return True
    return state.is_done(ActKind.CLOSE) and look.item.state is State.CLOSED and look.closed_by_us()


async def _say(look: Look, recorded: Recorded, words: list[str]) -> Later | None:
    run, plan = look.standing()
    text = replies.whole(words, look.context.migration.file.migration.name)
    async with open_kind(Speaker, look.context, run, plan, look.item.repository) as speaker:
        waits = await speaker.say(stub(look.item, text), recorded)
    return Later(until=waits.until, why="an answer got no reply") if waits else None
