"""Whom a sentence of a maintainer speaks to: the author, a colleague, or another user.

A name decides where it is known whose it is. A name that nobody in the thread has may be a
colleague who never wrote here, or an old name of the author's: what is asked tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from migrator.domain.classification.activity.phrases import acknowledged, asked
from migrator.domain.classification.activity.sentence import Sentence, mentioned_in
from migrator.domain.items import Frozen

_ADDRESSED: Final = re.compile(
    r"\W{0,3}(?:(?:hi|hey|hello|dear|cc)\W{1,3})?@([\w-]+)", re.IGNORECASE
)
"""Whom a sentence speaks to."""
_CITED: Final = re.compile(
    r"\b(?:per|as|by|from|of|with|see|like|than)\s+@[\w-]+"
    r"|@[\w-]+(?:'s|\u2019s|\s+(?:comment|said|mentioned|suggested|pointed|wrote|noted))",
    re.IGNORECASE,
)
"""An account that a sentence speaks of, and not to."""


class Addressee(StrEnum):
    """Whom a sentence speaks to. What names nobody is said to the author."""

    AUTHOR = "author"
    COLLEAGUE = "colleague"
    USER = "user"


class Audience(Frozen, frozen=True, kw_only=True):
    """Who may be spoken to in a thread: accounts in lower case."""

    author: str = ""
    colleagues: frozenset[str] = frozenset()
    """Those that speak for the project."""
    others: frozenset[str] = frozenset()
    """Everybody who is known not to be the author: who commented, is assigned, or was called by
    the author ("cc")."""


NOBODY_KNOWN: Final = Audience()


def addressees(
    said: Iterable[Sentence], audience: Audience
) -> Iterator[tuple[Sentence, Addressee]]:
    """Each sentence with whom it speaks to."""
    spoken_to: frozenset[str] = frozenset()
    for each in said:
        spoken_to = mentioned_in(each.whole) if _ADDRESSED.match(each.whole) else spoken_to
        yield each, _addressee(each, audience, spoken_to)


def _addressee(said: Sentence, audience: Audience, spoken_to: frozenset[str]) -> Addressee:
    addressed = _ADDRESSED.match(said.whole)
    if addressed and addressed[1].casefold() in audience.colleagues:
        return Addressee.COLLEAGUE
    mentioned = mentioned_in(_CITED.sub(" ", said.whole))
    if not _asks_another(said.plain, audience, mentioned, spoken_to):
        return Addressee.AUTHOR
    users = audience.others - audience.colleagues
    return Addressee.COLLEAGUE if users.isdisjoint(mentioned) else Addressee.USER


def _asks_another(
    plain: str, audience: Audience, mentioned: frozenset[str], spoken_to: frozenset[str]
) -> bool:
    """Whether a sentence asks somebody who is not the author. One without a name asks for a
    colleague's view of whom the last sentence with a name spoke to (#20343)."""
    named = mentioned or spoken_to
    if not named or audience.author in named:
        return False
    if not (plain.endswith("?") or asked.ASKED.search(plain)):
        return False
    if mentioned & audience.others or acknowledged.TO_COLLEAGUE.search(plain):
        return True
    return bool(mentioned) and asked.OF_REPORTER.search(plain) is None
