"""What a comment says about whose turn it is, read from its sentences.

The phrases are in :mod:`~migrator.domain.classification.activity.phrases`. A comment that fits none
of their groups says nothing, and leaves the turn where it is. ``docs/activity.md`` tells how often
that is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from migrator.domain.classification.activity.phrases import (
    acknowledged,
    answered,
    asked,
    author,
    others,
    refused,
)
from migrator.domain.classification.activity.phrases.pattern import NEGATED, Phrases
from migrator.domain.evidence import ReplyKind
from migrator.domain.items import Frozen

MAX_SENTENCE: Final = 400
"""Characters of a sentence that are looked at; what somebody asks or promises stands at its
beginning."""


class Weight(StrEnum):
    """How much of a maintainer's comment outlasts what is said later."""

    PROMISE = "promise"
    """The problem is confirmed, or somebody works on it. Only a question to the author or a
    refusal ends that."""
    REPRODUCED = "reproduced"
    """It was seen to happen. A later solution or question ends that, an explanation does not."""
    ROUTINE = "routine"
    """A question that is asked of every issue. It hands the turn on only where no maintainer has
    acknowledged the problem."""
    FIXED = "fixed"
    """A fix is done. That ends a promise, too."""
    CLOSED = "closed"
    """The maintainer ends the matter, and says why."""
    SOLUTION = "solution"
    """A way out, and the author is asked to try it; or it was fixed."""
    PLAIN = "plain"


class Statement(Frozen, frozen=True, kw_only=True):
    """What one comment of a maintainer says, the sentence that says it, and how long that holds."""

    kind: ReplyKind
    sentence: str = ""
    weight: Weight = Weight.PLAIN


NOTHING_SAID: Final = Statement(kind=ReplyKind.NONE)


class AuthorWord(StrEnum):
    """What an author's comment does with the turn."""

    REPLIED = "replied"
    SOLVED = "solved"
    COMMITTED = "committed"
    THANKED = "thanked"
    DENIED = "denied"


class OtherWord(StrEnum):
    """What a comment of somebody else does with the turn."""

    SOLVES = "solves"
    INSISTS = "insists"
    REMARKS = "remarks"


_COURTESY: Final = frozenset(
    (
        *(
            "hi",
            "hello",
            "hey",
            "dear",
            "all",
            "everyone",
            "thanks",
            "thank",
            "you",
            "so",
            "very",
            "much",
            "many",
            "a",
            "lot",
        ),
        *(
            "in",
            "advance",
            "regards",
            "sorry",
            "for",
            "the",
            "your",
            "quick",
            "reply",
            "response",
            "help",
            "ok",
            "okay",
            "cool",
        ),
        *(
            "great",
            "appreciated",
            "appreciate",
            "it",
            "cheers",
            "got",
            "nice",
            "helpful",
            "answer",
            "explanation",
        ),
        *("clarification", "explaining", "clarifying", "awesome", "perfect", "excellent", "super"),
        *("thx", "ty", "wow", "understood", "noted", "feedback", "support", "kind", "really"),
    )
)
"""A sentence of an author that consists of these thanks, and says nothing else."""

_AT_LAST: Final = re.compile(
    r"(?<!\w)(?:it|that|this|everything) works?(?: now| fine| well| perfectly)?$"
)
_LINK: Final = re.compile(r"\[([^\[\]]{0,200})\]\([^()\s]{0,500}\)|https?://\S+")
_MENTION: Final = re.compile(r"(?<![\w`])@[\w-]+")
_SPACE: Final = re.compile(r"\s+")
_WORD: Final = re.compile(r"[\w']+")


def read_maintainer(sentences: Iterable[str], *, only_routine: bool = False) -> Statement:
    """What a maintainer's comment says. ``only_routine``: it consists of the routine questions of
    the migration file.

    In one comment a promise counts before a refusal, a refusal before a question, a question before
    a solution, and a solution before a reproduction; what only explains, or is said to everybody,
    counts last.
    """
    found: dict[str, str] = {}
    for sentence, plain in _plain(sentences):
        for name in _groups(plain):
            found.setdefault(name, sentence)
    if only_routine and found.keys().isdisjoint(("asked", "promise", "reproduced")):
        return Statement(
            kind=ReplyKind.CANNED, sentence=found.get("canned") or next(iter(found.values()), "")
        )
    return next((statement for name, statement in _ranked(found) if name in found), NOTHING_SAID)


def _ranked(found: dict[str, str]) -> Iterator[tuple[str, Statement]]:
    for name, kind, weight in (
        ("closed", ReplyKind.REFUSED if "refused" in found else ReplyKind.ANSWERED, Weight.CLOSED),
        ("fixed", ReplyKind.ANSWERED, Weight.FIXED),
        ("promise", ReplyKind.ACKNOWLEDGED, Weight.PROMISE),
        ("refused", ReplyKind.REFUSED, Weight.PLAIN),
        ("asked", ReplyKind.ASKED, Weight.PLAIN),
        ("solution", ReplyKind.ANSWERED, Weight.SOLUTION),
        ("reproduced", ReplyKind.ACKNOWLEDGED, Weight.REPRODUCED),
        ("newer", ReplyKind.ASKED, Weight.ROUTINE),
        ("handed_on", ReplyKind.ACKNOWLEDGED, Weight.PLAIN),
        ("answered", ReplyKind.ANSWERED, Weight.PLAIN),
        ("question", ReplyKind.ASKED, Weight.PLAIN),
        ("canned", ReplyKind.CANNED, Weight.PLAIN),
    ):
        yield name, Statement(kind=kind, sentence=found.get(name, ""), weight=weight)


def _groups(plain: str) -> Iterator[str]:
    """The groups that one sentence fits."""
    asks, questions = bool(asked.ASKED.search(plain)), plain.endswith("?")
    if _closes(plain):
        yield "closed"
    if asked.CANNED.search(plain):
        yield "canned"
        return
    if asked.POLITE.search(plain):
        yield "canned"
    if asks and asked.NEWER_VERSION.search(plain):
        yield "newer"
        return
    if acknowledged.HANDED_ON.search(plain):
        yield "handed_on"
        return
    if refused.REFUSED.search(plain):
        yield "refused"
    if _affirms(acknowledged.REPRODUCED, plain):
        yield "reproduced"
    if not asks and not questions and _affirms(acknowledged.PROMISED, plain):
        yield "promise"
    yield from _replies(plain, asks=asks, questions=questions)


def _replies(plain: str, *, asks: bool, questions: bool) -> Iterator[str]:
    """The one group of a sentence that says what the author can do, or why it is so."""
    if not questions and _is_fixed(plain):
        yield "fixed"
    elif answered.SOLUTION.search(plain):
        yield "solution"
    elif asks:
        yield "asked"
    elif answered.EXPLAINED.search(plain):
        yield "answered"
    elif questions:
        yield "question"


def _affirms(group: Phrases, plain: str, turned: Phrases = NEGATED) -> bool:
    """Whether a sentence holds one of the phrases, and none of the three words before it turns
    that around."""
    found = group.search(plain)
    if found is None:
        return False
    before = " ".join(plain[max(0, found.start() - 60) : found.start()].split()[-3:])
    return turned.search(before) is None


def _is_fixed(plain: str) -> bool:
    """Whether a sentence says that a fix is done, and that nothing is left."""
    return (
        _affirms(answered.FIXED, plain, answered.NOT_DONE) and answered.UNDONE.search(plain) is None
    )


def _closes(plain: str) -> bool:
    """Whether a maintainer's sentence ends the matter, and not for want of a reply."""
    return (
        not plain.endswith("?")
        and _affirms(answered.CLOSED, plain)
        and answered.NOT_CLOSED.search(plain) is None
    )


def asks_to_explain(sentences: Iterable[str]) -> bool:
    """Whether a comment asks for an explanation, and not only for work or for news."""
    return any(
        plain.endswith("?") and not author.PING.search(plain) for _, plain in _plain(sentences)
    )


def read_author(sentences: Iterable[str]) -> AuthorWord:
    """What the author's comment does: it ends the matter, takes it on, only thanks, or is a
    reply that waits for an answer."""
    said = [plain for _, plain in _plain(sentences)]
    told = [plain for plain in said if not _is_courtesy(plain)]
    if told and told[0].split(" ")[0].strip(",.") in ("no", "nope"):
        return AuthorWord.DENIED
    if said and not told:
        return AuthorWord.THANKED
    if any(map(_agrees_to_close, told)):
        return AuthorWord.SOLVED
    if any(map(_is_troubled, told)) or not told:
        return AuthorWord.COMMITTED if _commits(told) else AuthorWord.REPLIED
    if any(map(_is_over, told)):
        return AuthorWord.SOLVED
    return AuthorWord.COMMITTED if _commits(told) else AuthorWord.REPLIED


def _is_troubled(plain: str) -> bool:
    """Whether a sentence of the author asks, or says that something is not well yet."""
    said = author.TO_OTHERS.sub("", author.GONE.removed_from(plain))
    return plain.endswith("?") or bool(author.TROUBLED.search(said))


def _agrees_to_close(plain: str) -> bool:
    """Whether a sentence of the author lets the item be closed."""
    return not plain.endswith("?") and _affirms(author.CLOSE_IT, plain)


def _commits(told: list[str]) -> bool:
    """Whether the author will see to it: said first, or that more will follow."""
    if not told:
        return False
    if author.COMMITTED.search(told[0]):
        return True
    return any(map(author.COMES_BACK.search, told)) and not any(map(author.SUPPLIED.search, told))


def _is_over(plain: str) -> bool:
    """Whether a sentence of the author says that the trouble is over, and not only under a
    condition."""
    if author.OVER.search(plain) or author.GONE.search(plain):
        return True
    if author.THANKS_FOR.search(plain):
        return True
    if _AT_LAST.search(plain) and not author.UNLESS.search(plain):
        return True
    return bool(author.WORKS.search(plain)) and not author.CONDITION.search(plain)


def read_other(sentences: Iterable[str]) -> tuple[OtherWord, str]:
    """What somebody else's comment does, and the sentence that shows a way out; empty if none
    does."""
    insists, way_out = False, ""
    for sentence, plain in _plain(sentences):
        insists = insists or bool(others.INSISTS.search(plain))
        if not way_out and not plain.endswith("?") and others.WAY_OUT.search(plain):
            way_out = sentence
    if insists:
        return OtherWord.INSISTS, way_out
    return (OtherWord.SOLVES, way_out) if way_out else (OtherWord.REMARKS, "")


def _plain(sentences: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each sentence as it stands and as it is compared: folded, links by their text, without
    mentions."""
    for sentence in sentences:
        text = (
            _MENTION.sub(" ", _LINK.sub(r" \1 ", sentence[:MAX_SENTENCE]))
            .replace("\u2019", "'")
            .replace("*", "")
            .replace(",", "")
        )
        plain = _SPACE.sub(" ", text).strip(" ,.:;!-").casefold()
        if plain:
            yield sentence, plain


def _is_courtesy(plain: str) -> bool:
    return all(word in _COURTESY for word in _WORD.findall(plain))
