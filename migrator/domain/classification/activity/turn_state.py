"""The state of a conversation after each word: whose turn it is, and what that rests on.

Words come in order (:mod:`~migrator.domain.classification.activity.conversation`). Whatever fits no
rule leaves the turn where it is.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from migrator.domain.classification.activity.author_comment import AuthorWord
from migrator.domain.classification.activity.facts import Turn
from migrator.domain.classification.activity.maintainer_comment import Statement, Weight
from migrator.domain.classification.activity.other_comment import OtherWord
from migrator.domain.evidence import MaintainerReply, ReplyKind


class CommenterRole(StrEnum):
    """Who says something, in the order in which words of the same second are taken: the author
    is given the last one."""

    MAINTAINER = "1 maintainer"
    OTHER = "2 other"
    AUTHOR = "3 author"


class Word(NamedTuple):
    """One thing that was said, with what it does to the turn."""

    at: datetime
    role: CommenterRole
    actor: str
    url: str
    said: Statement | AuthorWord | OtherWord
    sentence: str = ""
    asks_project: bool = False
    """Whether somebody else asks something, or offers to help."""

    @property
    def place(self) -> tuple[datetime, str, str, str]:
        """Sort key: the order of reading never matters."""
        return (self.at, self.role, self.url, self.actor)


class TurnState(NamedTuple):
    """Whose turn it is, what was said that it follows from, and what is still owed."""

    turn: Turn = Turn.MAINTAINERS
    reply: MaintainerReply | None = None
    promise: MaintainerReply | None = None
    reproduced: MaintainerReply | None = None
    routine: bool = False
    settled: bool = False
    """The author ended the matter."""
    ended: bool = False
    """The project did."""
    explained: bool = False
    """The author's turn follows from an explanation that tells nobody what to do."""
    consulted: str = ""
    """Who asked a colleague, and has no answer yet."""
    asked_by_other: bool = False
    """Somebody else asked the project something, and has no answer yet."""

    @property
    def acknowledged(self) -> MaintainerReply | None:
        """What a maintainer promised or saw happen, and nothing has ended yet."""
        return self.promise or self.reproduced


def after(state: TurnState, word: Word) -> TurnState:
    """The state after one more word."""
    if isinstance(word.said, Statement):
        return _after_maintainer(state, word, word.said)
    if isinstance(word.said, AuthorWord):
        return _after_author(state._replace(asked_by_other=False), word.said)
    state = state._replace(asked_by_other=word.asks_project)
    if state.turn is Turn.AUTHOR and _hands_back(state.reply, word.said):
        return state._replace(turn=Turn.MAINTAINERS)
    if state.turn is Turn.NOBODY and word.said is OtherWord.INSISTS:
        return state._replace(turn=Turn.MAINTAINERS, settled=False, ended=False)
    return state


def _hands_back(reply: MaintainerReply | None, said: OtherWord) -> bool:
    """Whether somebody else answers for the author: a question by anything but a way out, an
    answer by insisting."""
    if reply is not None and reply.kind is ReplyKind.ASKED:
        return said is not OtherWord.SOLVES
    return said is OtherWord.INSISTS


def _after_maintainer(state: TurnState, word: Word, said: Statement) -> TurnState:
    if _answers_colleague(state, word, said):
        return state._replace(turn=Turn.MAINTAINERS)
    if said.kind is ReplyKind.NONE:
        return state
    if _is_for_somebody_else(state, word, said):
        return state._replace(consulted="", asked_by_other=False)
    reply = MaintainerReply(
        kind=said.kind, at=word.at, actor=word.actor, url=word.url, sentence=said.sentence
    )
    state = state._replace(
        consulted=word.actor if said.weight is Weight.HANDED_ON else "", asked_by_other=False
    )
    routine = said.kind is ReplyKind.CANNED or said.weight is Weight.ROUTINE
    if said.kind is ReplyKind.CANNED or (routine and state.acknowledged):
        return state._replace(reply=state.reply or reply, routine=True)
    state = state._replace(routine=routine)
    if said.kind is ReplyKind.ACKNOWLEDGED:
        return _after_acknowledgement(state, reply, said.weight)
    if _leaves_as_it_is(state, word, said):
        return state
    explained = _only_explains(said) and (state.explained or state.turn is not Turn.AUTHOR)
    return _after_reply(reply, said, routine=routine)._replace(explained=explained)


def _answers_colleague(state: TurnState, word: Word, said: Statement) -> bool:
    """Whether the last question was for whoever speaks now: somebody else of the project, who
    neither asks the author nor settles anything. ray-project/ray#2945, ray-project/ray#6934,
    apache/incubator-mxnet#16560, eclipse/deeplearning4j#4190."""
    asked = state.reply
    if state.turn is not Turn.AUTHOR or asked is None or asked.kind is not ReplyKind.ASKED:
        return False
    return not _is_same(asked.actor, word.actor) and (
        said.kind is ReplyKind.NONE or _only_explains(said)
    )


def _only_explains(said: Statement) -> bool:
    """Whether an answer asks nothing of the author, and advises nothing."""
    return said.kind is ReplyKind.ANSWERED and said.weight is Weight.PLAIN and not said.advises


def _after_acknowledgement(state: TurnState, reply: MaintainerReply, weight: Weight) -> TurnState:
    if weight is Weight.INVITED:
        return TurnState(turn=Turn.MAINTAINERS, reply=reply)
    state = state._replace(turn=Turn.MAINTAINERS, reply=reply, ended=False)
    if weight is Weight.PROMISE:
        return state._replace(promise=reply)
    return state._replace(reproduced=reply) if weight is Weight.REPRODUCED else state


def _after_reply(reply: MaintainerReply, said: Statement, *, routine: bool) -> TurnState:
    """The state after a question, an answer, a refusal, a fix or a close."""
    if said.weight is Weight.CLOSED:
        return TurnState(turn=Turn.NOBODY, reply=reply, ended=True)
    if said.weight is Weight.FIXED and not said.asks:
        return TurnState(turn=Turn.NOBODY, reply=reply, ended=True)
    return TurnState(
        turn=Turn.AUTHOR, reply=reply, routine=routine and said.kind is ReplyKind.ASKED
    )


def _leaves_as_it_is(state: TurnState, word: Word, said: Statement) -> bool:
    """Whether an answer changes nothing: the matter was ended, or something is still owed."""
    if said.kind is not ReplyKind.ANSWERED or said.weight in (Weight.CLOSED, Weight.FIXED):
        return False
    return (
        state.settled
        or state.ended
        or state.promise is not None
        or _is_kept_by_reproduction(state, word, said)
    )


def _is_for_somebody_else(state: TurnState, word: Word, said: Statement) -> bool:
    """Whether an answer is for whoever asked last, and not for the author: a yes for the colleague
    who asked (#7404, #13980, #7645), or what a user asked on the side (#521, #1793, #40067)."""
    if said.kind is not ReplyKind.ANSWERED or said.weight is not Weight.PLAIN:
        return False
    if said.agrees and state.consulted and not _is_same(state.consulted, word.actor):
        return True
    return state.asked_by_other and state.turn is Turn.MAINTAINERS


def _is_kept_by_reproduction(state: TurnState, word: Word, said: Statement) -> bool:
    """Whether an answer leaves the turn with the project, because the trouble was seen to happen:
    an explanation of whoever saw it. That of another maintainer is what came of it. #33105, #36010,
    #38224, #40412, keras-team/keras#18685."""
    seen = state.reproduced
    if seen is None or said.weight is Weight.SOLUTION:
        return False
    return _is_same(seen.actor, word.actor)


def _is_same(one: str, other: str) -> bool:
    """Whether two logins are of one account."""
    return one.casefold() == other.casefold()


def _after_author(state: TurnState, said: AuthorWord) -> TurnState:
    if said is AuthorWord.SOLVED or (said is AuthorWord.DENIED and state.routine):
        return state._replace(turn=Turn.NOBODY, settled=True)
    if said is AuthorWord.ACCEPTED and state.reply and state.reply.kind is ReplyKind.ASKED:
        return state._replace(turn=Turn.MAINTAINERS, settled=False, ended=False)
    if said in (AuthorWord.THANKED, AuthorWord.ACCEPTED):
        return state._replace(turn=Turn.NOBODY, settled=True) if _is_answered(state) else state
    if said is AuthorWord.COMMITTED and state.reply and not state.acknowledged:
        return state._replace(turn=Turn.AUTHOR, explained=False)
    if said is AuthorWord.ADDED and state.settled:
        return state
    return state._replace(turn=Turn.MAINTAINERS, settled=False, ended=False)


def _is_answered(state: TurnState) -> bool:
    """Whether thanks of the author now end the matter."""
    return (
        state.turn is Turn.AUTHOR
        and state.reply is not None
        and state.reply.kind in (ReplyKind.ANSWERED, ReplyKind.REFUSED)
    )
