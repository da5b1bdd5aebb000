"""What the author's comment does with the turn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

from migrator.domain.classification.activity.phrases import author
from migrator.domain.classification.activity.sentence import COURTESY, Sentence, compared


class AuthorWord(StrEnum):
    """What an author's comment does with the turn."""

    REPLIED = "replied"
    ADDED = "added"
    """A reply that asks for nothing, and tells of no trouble."""
    SOLVED = "solved"
    COMMITTED = "committed"
    THANKED = "thanked"
    ACCEPTED = "accepted"
    """Thanks that say a little more: an answer, where something was asked."""
    DENIED = "denied"


_AT_LAST: Final = re.compile(
    r"(?<!\w)(?:it|that|this|everything) works?(?: now| fine| well| perfectly)?$"
)


_THANKS_FOR: Final = re.compile(r"(?:thanks|thank you|thx) for(?: \w+){1,5}")
LEAST_TOLD: Final = 3
"""Words besides thanks from which on a thank-you tells something. ray-project/ray#7755."""
MOST_WORDS: Final = 25
"""Words up to which a thank-you that says a little more is nothing but a thank-you."""


def asks_to_explain(said: Iterable[Sentence]) -> bool:
    """Whether a comment asks for an explanation, and not only for work or for news."""
    return any(each.is_question and not author.PING.search(each.plain) for each in said)


def asks_in_title(title: str) -> bool:
    """Whether the title of an item is a question."""
    return any(
        each.is_question or author.TITLE_ASKS.search(each.plain) is not None
        for each in compared((title,))
    )


def read_author(said: Sequence[Sentence]) -> AuthorWord:
    """What the author's comment does: it ends the matter, takes it on, only thanks, or is a
    reply that waits for an answer."""
    told = [each for each in said if not each.is_courtesy]
    if told and told[0].plain.split(" ")[0].strip(",.") in ("no", "nope"):
        return AuthorWord.DENIED
    if said and not told:
        return AuthorWord.THANKED
    if any(map(_agrees_to_close, told)):
        return AuthorWord.SOLVED
    if _understood(said):
        return AuthorWord.THANKED
    if any(map(_is_troubled, told)) or not told:
        return AuthorWord.COMMITTED if _commits(told) else AuthorWord.REPLIED
    if any(map(_is_over, told)):
        return AuthorWord.SOLVED
    if _commits(told):
        return AuthorWord.COMMITTED
    if _accepts(said):
        return AuthorWord.ACCEPTED if _tells(said) else AuthorWord.THANKED
    return AuthorWord.REPLIED if any(map(_wants_more, said)) else AuthorWord.ADDED


def _accepts(said: Sequence[Sentence]) -> bool:
    """Whether a short comment thanks or agrees, and gives and wants nothing."""
    return (
        _is_short(said)
        and any(author.ACCEPTS.search(each.plain) for each in said)
        and not any(map(_wants_more, said))
    )


def _tells(said: Sequence[Sentence]) -> bool:
    """Whether a comment says more than thanks."""
    rest = " ".join(_THANKS_FOR.sub("", each.plain) for each in said).split()
    return sum(word not in COURTESY for word in rest) >= LEAST_TOLD


def _understood(said: Sequence[Sentence]) -> bool:
    """Whether a short comment begins with an insight and ends with thanks."""
    return (
        len(said) > 1
        and _is_short(said)
        and author.REALISED.search(said[0].plain) is not None
        and "thank" in said[-1].plain
        and not any(
            each.is_question or author.HELPLESS.search(each.plain) or _wants_more(each)
            for each in said
        )
    )


def _is_short(said: Sequence[Sentence]) -> bool:
    return sum(len(each.plain.split()) for each in said) <= MOST_WORDS


def _wants_more(said: Sentence) -> bool:
    """Whether a sentence of the author gives something to look at, or asks for more."""
    return (
        said.has_link
        or author.SUPPLIED.search(said.plain) is not None
        or author.WANTS.search(said.plain) is not None
    )


def _is_troubled(said: Sentence) -> bool:
    """Whether a sentence of the author asks, or says that something is not well yet."""
    rest = author.WITHDRAWN.removed_from(author.GONE.removed_from(said.plain))
    rest = author.LEARNT.removed_from(rest)
    rest = author.TO_OTHERS.sub("", rest)
    return said.is_question or bool(author.TROUBLED.search(rest))


def _agrees_to_close(said: Sentence) -> bool:
    """Whether a sentence of the author lets the item be closed."""
    return not said.is_question and author.CLOSE_IT.affirmed_in(said.plain)


def _commits(told: list[Sentence]) -> bool:
    """Whether the author will see to it: said first, or that more will follow."""
    if not told:
        return False
    if author.COMMITTED.search(told[0].plain):
        return True
    later = author.COMMITTED.search(told[-1].plain) or any(
        author.COMES_BACK.search(each.plain) for each in told
    )
    return bool(later) and not any(
        each.is_question or author.SUPPLIED.search(each.plain) for each in told
    )


def _is_over(said: Sentence) -> bool:
    """Whether a sentence of the author says that the trouble is over, and not only under a
    condition."""
    plain = said.plain
    if author.GONE.search(plain) or author.WITHDRAWN.search(plain):
        return True
    if author.TO_COME.search(plain):
        return False
    if author.OVER.search(plain):
        return True
    if author.THANKS_FOR.search(plain):
        return True
    if _AT_LAST.search(plain) and not author.UNLESS.search(plain):
        return True
    return bool(author.WORKS.search(plain)) and not author.CONDITION.search(plain)
