"""Whose turn it is, read from what was said, in order.

The opening gives the turn to the project. A maintainer hands it to the author by a question, an
answer or a refusal, ends the matter by a fix that is done or a close with a reason, and keeps it by
acknowledging the problem; the author hands it back by every reply, unless that says that the
trouble is over or that the author will see to it.
Whatever fits none of this leaves the turn where it is, so a doubt keeps the item open.
``docs/activity.md`` has the rules with the threads that they were learnt from.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from migrator.domain.classification.activity.author_comment import (
    AuthorWord,
    asks_in_title,
    asks_to_explain,
    read_author,
)
from migrator.domain.classification.activity.explanation import explains
from migrator.domain.classification.activity.facts import Act, ActName, Standing, Turn
from migrator.domain.classification.activity.maintainer_comment import (
    NOTHING_SAID,
    Audience,
    Statement,
    Weight,
    read_maintainer,
)
from migrator.domain.classification.activity.other_comment import (
    OtherWord,
    asks_project,
    read_other,
)
from migrator.domain.classification.activity.prose import sentences
from migrator.domain.classification.activity.sentence import Sentence, called_in, compared
from migrator.domain.classification.activity.speakers import (
    AttributedComment,
    Speaker,
    SpeakerClassifier,
    same_account,
)
from migrator.domain.evidence import MaintainerReply, ReplyKind
from migrator.domain.items import Comment, EventKind, Item
from migrator.domain.people import People, login_of

MAX_SOLUTIONS = 3
"""Comments of others with a way out that are shown to a reviewer, the newest ones."""


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
    asks: bool = False
    """Whether somebody else asks something, or offers to help."""

    @property
    def place(self) -> tuple[datetime, str, str, str]:
        """Sort key: the order of reading never matters."""
        return (self.at, self.role, self.url, self.actor)


class _TurnState(NamedTuple):
    turn: Turn = Turn.MAINTAINERS
    reply: MaintainerReply | None = None
    promise: MaintainerReply | None = None
    reproduced: MaintainerReply | None = None
    routine: bool = False
    settled: bool = False
    """The author ended the matter."""
    ended: bool = False
    """The project did."""
    consulted: str = ""
    """Who asked a colleague, and has no answer yet."""
    asked_by_other: bool = False
    """Somebody else asked the project something, and has no answer yet."""

    @property
    def acknowledged(self) -> MaintainerReply | None:
        return self.promise or self.reproduced


class Conversation:
    """Reads whose turn it is in a thread. Compiled once for a migration file."""

    def __init__(self, people: People, listener: SpeakerClassifier) -> None:
        self._people, self._listener = people, listener

    def standing(self, item: Item, thread: list[AttributedComment], acts: list[Act]) -> Standing:
        """Whose turn it is after everything that was read of the thread."""
        words = sorted(self._words(item, thread, acts), key=lambda word: word.place)
        state = _TurnState(
            turn=Turn.MAINTAINERS if self._people.is_person(item.author) else Turn.NOBODY
        )
        reproduced = None
        for word in words:
            state = _after(state, word)
            reproduced = state.reproduced or reproduced
        solutions = [
            _act(word) for word in words if word.role is CommenterRole.OTHER and word.sentence
        ]
        return Standing(
            turn=state.turn,
            reply=state.reply,
            reproduced=reproduced,
            solutions=tuple(solutions[-MAX_SOLUTIONS:]),
        )

    def _words(
        self, item: Item, thread: list[AttributedComment], acts: list[Act]
    ) -> Iterator[Word]:
        mine = login_of(item.author).casefold()
        comments = sorted((each for each in thread if _counts(each)), key=_in_order)
        audience = self._audience(item, [each.comment for each in comments])
        asked = asks_in_title(item.title)
        for spoken, own in zip(comments, map(_compared, _own_sentences(comments)), strict=True):
            comment = spoken.comment
            word = self._word(item, spoken, own, audience)
            yield _as_explanation(word, own, comment.body, after_question=asked)
            if word.role is not CommenterRole.OTHER:
                asked = word.role is CommenterRole.AUTHOR and asks_to_explain(own)
            if (
                comment.edited_at
                and login_of(comment.author).casefold() == mine
                and _edited_by_themself(comment)
            ):
                yield Word(
                    comment.edited_at,
                    CommenterRole.AUTHOR,
                    login_of(comment.author),
                    comment.url,
                    read_author(own),
                )
        yield from self._reviews(item)
        yield from _other_replies(item, acts, mine)

    def _audience(self, item: Item, comments: list[Comment]) -> Audience:
        """Whom a comment of this thread may speak to."""
        mine = login_of(item.author).casefold()
        spoke = {login_of(each.author).casefold() for each in comments}
        assigned = {login_of(each).casefold() for each in item.assignees}
        called = called_in(item.body).union(
            *(called_in(each.body) for each in comments if login_of(each.author).casefold() == mine)
        )
        return Audience(
            author=mine,
            colleagues=frozenset(
                login_of(each.author).casefold()
                for each in comments
                if self._listener.speaks_for_project(each)
            )
            - {mine},
            others=called.union(spoke, assigned) - {mine},
        )

    def _word(
        self, item: Item, spoken: AttributedComment, own: list[Sentence], audience: Audience
    ) -> Word:
        comment, voice = spoken
        at, actor, url = comment.created_at, login_of(comment.author), comment.url
        if actor.casefold() == login_of(item.author).casefold():
            return Word(at, CommenterRole.AUTHOR, actor, url, read_author(own))
        if voice is Speaker.ROUTINE or self._listener.speaks_for_project(comment):
            return Word(
                at,
                CommenterRole.MAINTAINER,
                actor,
                url,
                read_maintainer(
                    own,
                    only_routine=self._listener.is_routine(comment),
                    audience=audience,
                ),
            )
        said, way_out = read_other(own)
        return Word(at, CommenterRole.OTHER, actor, url, said, way_out, asks_project(own))

    def _reviews(self, item: Item) -> Iterator[Word]:
        for event in item.events:
            if (
                event.kind is EventKind.REVIEWED
                and self._people.is_person(event.actor)
                and not same_account(event.actor, item.author)
            ):
                kind = (
                    ReplyKind.ASKED
                    if event.detail.upper() == "CHANGES_REQUESTED"
                    else ReplyKind.ANSWERED
                )
                yield Word(
                    event.at,
                    CommenterRole.MAINTAINER,
                    login_of(event.actor),
                    event.url,
                    Statement(kind=kind),
                )


def _compared(sentences: list[str]) -> list[Sentence]:
    return list(compared(sentences))


def _as_explanation(word: Word, said: list[Sentence], body: str, *, after_question: bool) -> Word:
    """A maintainer's comment that says nothing by its phrases: an answer, if it reads like an
    explanation."""
    if word.said != NOTHING_SAID:
        return word
    if not explains(said, code="`" in body, after_question=after_question):
        return word
    sentence = next((each.whole for each in said if not each.is_courtesy), said[0].whole)
    return word._replace(said=Statement(kind=ReplyKind.ANSWERED, sentence=sentence))


AUTHOR_ACTS = frozenset(
    {
        ActName.OPENED,
        ActName.COMMENTED,
        ActName.EDITED,
        ActName.REVIEWED,
        ActName.PUSHED,
        ActName.READY_FOR_REVIEW,
        ActName.REOPENED,
    }
)
"""Acts by which an author replies. Many add what they were asked for to their own text; a
reaction is no reply."""


_NOT_BY_COMMENT = AUTHOR_ACTS - {ActName.OPENED, ActName.COMMENTED}
COPIED = 20
"""Characters from which on a sentence that somebody else wrote before counts as copied; shorter
ones are said anew."""


def _other_replies(item: Item, acts: list[Act], mine: str) -> Iterator[Word]:
    """What the author did beside commenting; an edit of the author's comment is read with that
    comment."""
    comments = {comment.url for comment in item.comments}
    for act in acts:
        if (
            act.name in _NOT_BY_COMMENT
            and act.actor.casefold() == mine
            and (act.name is not ActName.EDITED or act.url not in comments)
        ):
            yield Word(act.at, CommenterRole.AUTHOR, act.actor, act.url, AuthorWord.REPLIED)


def _own_sentences(comments: list[AttributedComment]) -> Iterator[list[str]]:
    """The sentences of each comment without what its author copied from others, unless nothing
    else is left."""
    first: dict[str, str] = {}
    for comment, _ in comments:
        said, login = sentences(comment.body), login_of(comment.author)
        own = [each for each in said if first.get(each, login) == login]
        yield own or said
        for each in said:
            if len(each) > COPIED:
                first.setdefault(each, login)


def _in_order(spoken: AttributedComment) -> tuple[datetime, str, str, str]:
    """Sort key: the order of reading never matters."""
    comment = spoken.comment
    return (comment.created_at, comment.url, login_of(comment.author), comment.body)


def _edited_by_themself(comment: Comment) -> bool:
    return comment.editor is None or same_account(comment.editor, comment.author)


def _counts(spoken: AttributedComment) -> bool:
    """Whether a comment says something to its readers: a person's, and not hidden."""
    return spoken.voice in (Speaker.PERSON, Speaker.ROUTINE) and not spoken.comment.minimized


def _after(state: _TurnState, word: Word) -> _TurnState:
    """The state after one more word."""
    if isinstance(word.said, Statement):
        return _after_maintainer(state, word, word.said)
    if isinstance(word.said, AuthorWord):
        return _after_author(state._replace(asked_by_other=False), word.said)
    state = state._replace(asked_by_other=word.asks)
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


def _after_maintainer(state: _TurnState, word: Word, said: Statement) -> _TurnState:
    if said.kind is ReplyKind.NONE:
        return state
    reply = MaintainerReply(
        kind=said.kind, at=word.at, actor=word.actor, url=word.url, sentence=said.sentence
    )
    if _is_for_somebody_else(state, word, said):
        return state._replace(consulted="", asked_by_other=False)
    state = state._replace(
        consulted=word.actor if said.weight is Weight.HANDED_ON else "", asked_by_other=False
    )
    routine = said.kind is ReplyKind.CANNED or said.weight is Weight.ROUTINE
    if said.kind is ReplyKind.CANNED or (routine and state.acknowledged):
        return state._replace(reply=state.reply or reply, routine=True)
    state = state._replace(routine=routine)
    if said.kind is ReplyKind.ACKNOWLEDGED:
        if said.weight is Weight.INVITED:
            return _TurnState(turn=Turn.MAINTAINERS, reply=reply)
        state = state._replace(turn=Turn.MAINTAINERS, reply=reply, ended=False)
        if said.weight is Weight.PROMISE:
            return state._replace(promise=reply)
        return state._replace(reproduced=reply) if said.weight is Weight.REPRODUCED else state
    if said.weight is Weight.CLOSED:
        return _TurnState(turn=Turn.NOBODY, reply=reply, ended=True)
    if said.kind is ReplyKind.REFUSED:
        return _TurnState(turn=Turn.AUTHOR, reply=reply)
    if said.weight is Weight.FIXED:
        turn = Turn.AUTHOR if said.asks else Turn.NOBODY
        return _TurnState(turn=turn, reply=reply, ended=turn is Turn.NOBODY)
    if (state.settled or state.ended) and said.kind is ReplyKind.ANSWERED:
        return state
    if said.kind is ReplyKind.ASKED:
        return _TurnState(turn=Turn.AUTHOR, reply=reply, routine=routine)
    if state.promise or _is_kept_by_reproduction(state, word, said):
        return state
    return _TurnState(turn=Turn.AUTHOR, reply=reply)


def _is_for_somebody_else(state: _TurnState, word: Word, said: Statement) -> bool:
    """Whether an answer is for whoever asked last, and not for the author: a yes for the colleague
    who asked (#7404, #13980, #7645), or what a user asked on the side (#521, #1793, #40067)."""
    if said.kind is not ReplyKind.ANSWERED or said.weight is not Weight.PLAIN:
        return False
    if said.agrees and state.consulted not in ("", word.actor):
        return True
    return state.asked_by_other and state.turn is Turn.MAINTAINERS


def _is_kept_by_reproduction(state: _TurnState, word: Word, said: Statement) -> bool:
    """Whether an answer leaves the turn with the project, because the trouble was seen to happen:
    an explanation of whoever saw it. That of another maintainer is what came of it. #33105, #36010,
    #38224, #40412, keras-team/keras#18685."""
    seen = state.reproduced
    if seen is None or said.weight is Weight.SOLUTION:
        return False
    return seen.actor.casefold() == word.actor.casefold()


def _after_author(state: _TurnState, said: AuthorWord) -> _TurnState:
    if said is AuthorWord.SOLVED or (said is AuthorWord.DENIED and state.routine):
        return state._replace(turn=Turn.NOBODY, settled=True)
    if said is AuthorWord.THANKED:
        return state._replace(turn=Turn.NOBODY, settled=True) if _is_answered(state) else state
    if said is AuthorWord.COMMITTED and state.reply and not state.acknowledged:
        return state._replace(turn=Turn.AUTHOR)
    if said is AuthorWord.ADDED and state.settled:
        return state
    return state._replace(turn=Turn.MAINTAINERS, settled=False, ended=False)


def _is_answered(state: _TurnState) -> bool:
    """Whether thanks of the author now end the matter."""
    return (
        state.turn is Turn.AUTHOR
        and state.reply is not None
        and state.reply.kind in (ReplyKind.ANSWERED, ReplyKind.REFUSED)
    )


def _act(word: Word) -> Act:
    return Act(
        name=ActName.COMMENTED, at=word.at, actor=word.actor, url=word.url, value=word.sentence
    )
