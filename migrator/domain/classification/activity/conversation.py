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

from migrator.domain.classification.activity.audience import Audience
from migrator.domain.classification.activity.author_comment import (
    AuthorWord,
    asks_in_title,
    asks_to_explain,
    read_author,
)
from migrator.domain.classification.activity.explanation import explains
from migrator.domain.classification.activity.facts import Act, ActName, Standing, Turn
from migrator.domain.classification.activity.maintainer_comment import (
    Statement,
    advises,
    read_maintainer,
)
from migrator.domain.classification.activity.other_comment import asks_project, read_other
from migrator.domain.classification.activity.prose import sentences
from migrator.domain.classification.activity.sentence import Sentence, called_in, compared
from migrator.domain.classification.activity.speakers import (
    AttributedComment,
    Speaker,
    SpeakerClassifier,
    same_account,
)
from migrator.domain.classification.activity.turn_state import (
    CommenterRole,
    TurnState,
    Word,
    after,
)
from migrator.domain.evidence import ReplyKind
from migrator.domain.items import Comment, EventKind, Item
from migrator.domain.people import People, login_of

MAX_SOLUTIONS = 3
"""Comments of others with a way out that are shown to a reviewer, the newest ones."""


class Conversation:
    """Reads whose turn it is in a thread. Compiled once for a migration file."""

    def __init__(self, people: People, listener: SpeakerClassifier) -> None:
        self._people, self._listener = people, listener

    def standing(self, item: Item, thread: list[AttributedComment], acts: list[Act]) -> Standing:
        """Whose turn it is after everything that was read of the thread."""
        words = sorted(self._words(item, thread, acts), key=lambda word: word.place)
        state = TurnState(
            turn=Turn.MAINTAINERS if self._people.is_person(item.author) else Turn.NOBODY
        )
        reproduced = None
        for word in words:
            state = after(state, word)
            reproduced = state.reproduced or reproduced
        solutions = [
            _act(word) for word in words if word.role is CommenterRole.OTHER and word.sentence
        ]
        return Standing(
            turn=state.turn,
            explained=state.explained and state.turn is Turn.AUTHOR,
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
                    Statement(kind=kind, advises=True),
                )


def _compared(sentences: list[str]) -> list[Sentence]:
    return list(compared(sentences))


def _as_explanation(word: Word, said: list[Sentence], body: str, *, after_question: bool) -> Word:
    """A maintainer's comment that says nothing by its phrases: an answer, if it reads like an
    explanation."""
    if not isinstance(word.said, Statement) or word.said.kind is not ReplyKind.NONE:
        return word
    if not explains(said, code="`" in body, after_question=after_question):
        return word
    sentence = next((each.whole for each in said if not each.is_courtesy), said[0].whole)
    answer = Statement(kind=ReplyKind.ANSWERED, sentence=sentence, advises=advises(said))
    return word._replace(said=answer)


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


def _act(word: Word) -> Act:
    return Act(
        name=ActName.COMMENTED, at=word.at, actor=word.actor, url=word.url, value=word.sentence
    )
