"""Sentences of a comment, as they stand and as they are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

MAX_SENTENCE: Final = 400
"""Characters of a sentence that are looked at; what somebody asks or promises stands at its
beginning."""

COURTESY: Final = frozenset(
    (
        *("hi", "hello", "hey", "dear", "all", "everyone", "thanks", "thank", "you", "so"),
        *("very", "much", "many", "a", "lot", "in", "advance", "regards", "sorry", "for"),
        *("the", "your", "quick", "reply", "response", "help", "ok", "okay", "cool", "great"),
        *("appreciated", "appreciate", "it", "cheers", "got", "nice", "helpful", "answer"),
        *("explanation", "clarification", "explaining", "clarifying", "awesome", "perfect"),
        *("excellent", "super", "thx", "ty", "wow", "understood", "noted", "feedback"),
        *("support", "kind", "really"),
    )
)
"""A sentence of an author that consists of these thanks says nothing else."""

_LINK: Final = re.compile(r"\[([^\[\]]{0,200})\]\([^()\s]{0,500}\)|https?://\S+")
_MENTION: Final = re.compile(r"(?<![\w`])@([\w-]+)")
_CALLED: Final = re.compile(r"(?<![\w`])cc:?((?:[ ,]{1,3}@[\w-]+){1,20})", re.IGNORECASE)
_SPACE: Final = re.compile(r"\s+")
_ILL: Final = re.compile(
    r"^(?:thanks? |sorry |ok |okay |sure )?ill (?=take|look|try|have|check|see|fix|do)"
)
"""A promise without its apostrophe. #17925."""
_CONTRACTED: Final = re.compile(
    r"\b(has|have|had|is|are|was|were|does|do|did|ca|wo|could|should|would)nt\b"
)
"""A negation without its apostrophe. apache/incubator-mxnet#9624."""
_WORD: Final = re.compile(r"[\w']+")


class Sentence(NamedTuple):
    """A sentence as it stands, and its text as it is compared: folded, links by their text,
    without mentions."""

    whole: str
    plain: str

    @property
    def is_question(self) -> bool:
        """Whether it ends as a question does."""
        return self.plain.endswith("?")

    @property
    def is_courtesy(self) -> bool:
        """Whether it consists of greetings and thanks."""
        return all(word in COURTESY for word in _WORD.findall(self.plain))

    @property
    def has_link(self) -> bool:
        """Whether it holds an address."""
        return "://" in self.whole


def called_in(text: str) -> frozenset[str]:
    """The accounts that a text calls by "cc", in lower case."""
    return frozenset(login for called in _CALLED.findall(text) for login in mentioned_in(called))


def mentioned_in(text: str) -> frozenset[str]:
    """The accounts that a text mentions, in lower case."""
    return frozenset(login.casefold() for login in _MENTION.findall(text))


def compared(sentences: Iterable[str]) -> Iterator[Sentence]:
    """Each sentence ready to be compared; those without a word are left out."""
    for sentence in sentences:
        text = (
            _MENTION.sub(" ", _LINK.sub(r" \1 ", sentence[:MAX_SENTENCE]))
            .replace("\u2019", "'")
            .replace("\uff1f", "?")
            .replace("*", "")
            .replace(",", "")
        )
        plain = _SPACE.sub(" ", text).strip(" ,.:;!-").casefold()
        plain = _CONTRACTED.sub(r"\1n't", _ILL.sub("i'll ", plain))
        if _WORD.search(plain):
            yield Sentence(sentence, plain)
