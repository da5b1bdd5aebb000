"""What the author's comment does with the turn."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from migrator.domain.classification.activity.phrases import author
from migrator.domain.classification.activity.sentence import Sentence, compared


class AuthorWord(StrEnum):
    """What an author's comment does with the turn."""

    REPLIED = "replied"
    SOLVED = "solved"
    COMMITTED = "committed"
    THANKED = "thanked"
    DENIED = "denied"


_AT_LAST: Final = re.compile(
    r"(?<!\w)(?:it|that|this|everything) works?(?: now| fine| well| perfectly)?$"
)


MOST_WORDS: Final = 25
"""Words up to which a thank-you that says a little more is nothing but a thank-you."""


def asks_to_explain(sentences: Iterable[str]) -> bool:
    """Whether a comment asks for an explanation, and not only for work or for news."""
    return any(
        each.is_question and not author.PING.search(each.plain) for each in compared(sentences)
    )


def read_author(sentences: Iterable[str]) -> AuthorWord:
    """What the author's comment does: it ends the matter, takes it on, only thanks, or is a
    reply that waits for an answer."""
    said = list(compared(sentences))
    told = [each for each in said if not each.is_courtesy]
    if told and told[0].plain.split(" ")[0].strip(",.") in ("no", "nope"):
        return AuthorWord.DENIED
    if said and not told:
        return AuthorWord.THANKED
    if any(map(_agrees_to_close, told)):
        return AuthorWord.SOLVED
    if any(map(_is_troubled, told)) or not told:
        return AuthorWord.COMMITTED if _commits(told) else AuthorWord.REPLIED
    if any(map(_is_over, told)):
        return AuthorWord.SOLVED
    if _commits(told):
        return AuthorWord.COMMITTED
    return AuthorWord.THANKED if _accepts(said) else AuthorWord.REPLIED


def _accepts(said: list[Sentence]) -> bool:
    """Whether a short comment thanks or agrees, and gives and wants nothing."""
    return (
        sum(len(each.plain.split()) for each in said) <= MOST_WORDS
        and any(author.ACCEPTS.search(each.plain) for each in said)
        and not any(
            each.has_link or author.SUPPLIED.search(each.plain) or author.WANTS.search(each.plain)
            for each in said
        )
    )


def _is_troubled(said: Sentence) -> bool:
    """Whether a sentence of the author asks, or says that something is not well yet."""
    rest = author.TO_OTHERS.sub("", author.GONE.removed_from(said.plain))
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
    return any(author.COMES_BACK.search(each.plain) for each in told) and not any(
        author.SUPPLIED.search(each.plain) for each in told
    )


def _is_over(said: Sentence) -> bool:
    """Whether a sentence of the author says that the trouble is over, and not only under a
    condition."""
    plain = said.plain
    if author.OVER.search(plain) or author.GONE.search(plain):
        return True
    if author.THANKS_FOR.search(plain):
        return True
    if _AT_LAST.search(plain) and not author.UNLESS.search(plain):
        return True
    return bool(author.WORKS.search(plain)) and not author.CONDITION.search(plain)
