"""What a maintainer's comment says about whose turn it is.

The phrases are in :mod:`~migrator.domain.classification.activity.phrases`. A comment that fits none
of their groups says nothing by itself. ``docs/activity.md`` tells how often that is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from migrator.domain.classification.activity.audience import (
    NOBODY_KNOWN,
    Addressee,
    Audience,
    addressees,
)
from migrator.domain.classification.activity.explanation import TROUBLE, YOU
from migrator.domain.classification.activity.phrases import acknowledged, answered, asked, refused
from migrator.domain.classification.activity.sentence import Sentence
from migrator.domain.evidence import ReplyKind
from migrator.domain.items import Frozen


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
    INVITED = "invited"
    """The author is invited to fix what is wrong. It ends a promise once the author agrees."""
    CLOSED = "closed"
    """The maintainer ends the matter, and says why."""
    HANDED_ON = "handed on"
    """A colleague was asked. What they agree to is said to whoever asked."""
    SOLUTION = "solution"
    """A way out, and the author is asked to try it; or it was fixed."""
    PLAIN = "plain"


class Statement(Frozen, frozen=True, kw_only=True):
    """What one comment of a maintainer says, the sentence that says it, and how long that holds."""

    kind: ReplyKind
    sentence: str = ""
    weight: Weight = Weight.PLAIN
    asks: bool = False
    """Whether it asks the author for something besides."""
    agrees: bool = False
    """Whether it begins with a yes."""
    advises: bool = False
    """Whether it tells the author what to do."""


NOTHING_SAID: Final = Statement(kind=ReplyKind.NONE)
_YES: Final = re.compile(r"(?:yes|yeah|yep|yup|sure|right|ok|okay)(?!\w)")
"""How a comment begins that agrees."""
_FOR_NOW: Final = re.compile(r"\bfor now\b", re.IGNORECASE)
"""A close beside which the problem is acknowledged settles nothing. #22221."""
_BESIDE: Final = re.compile(r" (?:but|please|feel free|let (?:me|us)) ")
"""Where a sentence that closes goes on to say how to open it again."""


def read_maintainer(
    said: Iterable[Sentence], *, only_routine: bool = False, audience: Audience = NOBODY_KNOWN
) -> Statement:
    """What a maintainer's comment says. ``only_routine``: it consists of the routine questions of
    the migration file. What somebody else of the ``audience`` is asked is not asked of the author.

    In one comment a close counts first, then that the item is left open, then what a colleague is
    asked, unless the author is asked, too, then a fix that is done. Then a promise counts before a
    refusal, a refusal before a question, a question before an invitation, an invitation before a
    solution, and a solution before a reproduction; what only explains, or is said to everybody,
    counts last.
    """
    said = list(said)
    found = _found_in(said, audience)
    if "answered" in found and _only_tells_of_trouble(said):
        del found["answered"]
    if "opinion" in found and "refused" not in found:
        found.setdefault("promise", found["opinion"])
    if "asked" in found:
        found.pop("consulted", None)
    if "promise" in found and _FOR_NOW.search(found.get("closed", "")):
        del found["closed"]
    if only_routine and found.keys().isdisjoint(("asked", "promise", "reproduced")):
        return Statement(
            kind=ReplyKind.CANNED, sentence=found.get("canned") or next(iter(found.values()), "")
        )
    said_most = next((each for name, each in _ranked(found) if name in found), NOTHING_SAID)
    return replace(said_most, agrees=any(map(_agrees, said[:2])), advises=advises(said))


def _found_in(said: Iterable[Sentence], audience: Audience) -> dict[str, str]:
    """The groups that the sentences of a comment fit, each with the first sentence that does."""
    found: dict[str, str] = {}
    for each, addressee in addressees(said, audience):
        if addressee is Addressee.AUTHOR:
            for name in _groups(each.plain):
                found.setdefault(name, each.whole)
        else:
            name = "handed_on" if addressee is Addressee.USER else "consulted"
            found.setdefault(name, each.whole)
    return found


def _only_tells_of_trouble(said: Iterable[Sentence]) -> bool:
    """Whether a comment finds something amiss, and neither speaks to the author nor advises.
    ray-project/ray#259, apple/turicreate#1560, Unity-Technologies/ml-agents#1117,
    rust-lang/rust#22105."""
    text = "\n".join(each.plain for each in said)
    return bool(TROUBLE.search(text)) and not (YOU.search(text) or answered.ADVISED.search(text))


def advises(said: Iterable[Sentence]) -> bool:
    """Whether a comment tells the author what to do."""
    return any(answered.TELLS_TO.search(each.plain) for each in said)


def _agrees(said: Sentence) -> bool:
    """Whether a sentence begins with a yes."""
    return _YES.match(said.plain) is not None


def _ranked(found: dict[str, str]) -> Iterator[tuple[str, Statement]]:
    asks = not found.keys().isdisjoint(("asked", "newer", "question", "try"))
    for name, kind, weight in (
        ("closed", ReplyKind.REFUSED if "refused" in found else ReplyKind.ANSWERED, Weight.CLOSED),
        ("left_open", ReplyKind.ACKNOWLEDGED, Weight.PROMISE),
        ("consulted", ReplyKind.ACKNOWLEDGED, Weight.HANDED_ON),
        ("fixed", ReplyKind.ANSWERED, Weight.FIXED),
        ("promise", ReplyKind.ACKNOWLEDGED, Weight.PROMISE),
        ("refused", ReplyKind.REFUSED, Weight.PLAIN),
        ("asked", ReplyKind.ASKED, Weight.PLAIN),
        ("invited", ReplyKind.ACKNOWLEDGED, Weight.INVITED),
        ("solution", ReplyKind.ANSWERED, Weight.SOLUTION),
        ("reproduced", ReplyKind.ACKNOWLEDGED, Weight.REPRODUCED),
        ("newer", ReplyKind.ASKED, Weight.ROUTINE),
        ("handed_on", ReplyKind.ACKNOWLEDGED, Weight.HANDED_ON),
        ("answered", ReplyKind.ANSWERED, Weight.PLAIN),
        ("question", ReplyKind.ASKED, Weight.PLAIN),
        ("canned", ReplyKind.CANNED, Weight.PLAIN),
    ):
        yield (
            name,
            Statement(kind=kind, sentence=found.get(name, ""), weight=weight, asks=asks),
        )


def _groups(plain: str) -> Iterator[str]:
    """The groups that one sentence fits."""
    asks, questions = bool(asked.ASKED.search(plain)), plain.endswith("?")
    if _closes(plain):
        yield "closed"
    if asks and asked.TRY_AGAIN.search(plain):
        yield "newer" if asked.NEWER_VERSION.search(plain) else "asked"
        return
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
    if refused.REFUSED.affirmed_in(plain, turned=refused.UNDER_CONDITION):
        yield "refused"
    if acknowledged.REPRODUCED.affirmed_in(plain, turned=acknowledged.NOT_SEEN):
        yield "reproduced"
    if not questions:
        yield from _promises(plain, asks=asks)
    if asked.TELL.search(plain):
        yield "try"
    yield from _replies(plain, asks=asks, questions=questions)


def _promises(plain: str, *, asks: bool) -> Iterator[str]:
    """The groups of a statement by which the project owes something."""
    if acknowledged.LEFT_OPEN.affirmed_in(plain):
        yield "left_open"
    if not asks and acknowledged.PROMISED.affirmed_in(plain):
        yield "promise"
    if not asks and acknowledged.OPINION.affirmed_in(plain):
        yield "opinion"


def _replies(plain: str, *, asks: bool, questions: bool) -> Iterator[str]:
    """The group of a sentence that says what the author can do, or why it is so."""
    if not questions and _is_fixed(plain):
        yield "fixed"
    elif _shows_a_way(plain):
        yield "solution"
    elif asked.INVITED.search(plain):
        yield "invited"
    elif asks:
        yield "asked"
    elif answered.EXPLAINED.search(plain):
        yield "answered"
    elif questions:
        yield "question"


def _shows_a_way(plain: str) -> bool:
    """Whether a sentence shows a way out that is there already."""
    return _is_there(answered.SOLUTION.search(plain), plain)


def _is_there(found: re.Match[str] | None, plain: str) -> bool:
    return found is not None and answered.NOT_YET.search(plain[: found.start()]) is None


def _is_fixed(plain: str) -> bool:
    """Whether a sentence says that a fix is done, and that nothing is left."""
    return (
        answered.FIXED.affirmed_in(plain, turned=answered.NOT_DONE)
        and _is_there(answered.FIXED.search(plain), plain)
        and answered.UNDONE.search(plain) is None
    )


def _closes(plain: str) -> bool:
    """Whether a maintainer's sentence ends the matter, and not for want of a reply."""
    return (
        not plain.endswith("?")
        and answered.CLOSED.affirmed_in(plain)
        and answered.NOT_CLOSED.search(_BESIDE.split(plain, maxsplit=1)[0]) is None
    )
