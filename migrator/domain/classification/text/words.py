"""Words and phrases: fast exact matching of many phrases at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

_Hit = tuple[int, int, str, str]  # names before phrases, rank in the list, topic, what was seen
_TO_SPACE = bytes(
    code if code > 127 or chr(code).isalnum() or chr(code) == "_" else 32 for code in range(256)
)
_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in order and in their own case.

    Dots, hyphens and spaces all separate; ``_`` does not. ``C++`` and ``C#`` become the words
    ``Cpp`` and ``Csharp``.
    """
    if "++" in text or "#" in text:
        text = text.replace("++", "pp").replace("c#", "csharp").replace("C#", "Csharp")
    if not text.isascii():
        return _WORD.findall(text)
    return (
        text.encode("ascii").translate(_TO_SPACE).decode("ascii").split()
    )  # four times as fast as to translate text


class PhraseIndex:
    """Finds phrases in a sequence of words; each phrase stands for a topic. Prepared once, then
    only read.

    ``phrases`` are matched in any case, ``names`` (single words) in exact case. A text is looked at
    as a set of its words and of its pairs of words first, so that only the few names and phrases
    that could stand in it need a second look.
    """

    def __init__(
        self, phrases: Iterable[tuple[str, str]], names: Iterable[tuple[str, str]] = ()
    ) -> None:
        self._names: dict[str, list[_Hit]] = {}
        self._words: dict[str, list[_Hit]] = {}
        self._pairs: dict[tuple[str, str], list[_Hit]] = {}
        self._longer: dict[
            tuple[str, str], list[tuple[_Hit, str]]
        ] = {}  # first two words -> hit and whole phrase
        for rank, (name, topic) in enumerate(names):
            self._names.setdefault(name.lower(), []).append((0, rank, topic, name))
        for rank, (phrase, topic) in enumerate(phrases):
            self._add(words_of(phrase.lower()), (1, rank, topic, phrase))
        self._known_words = frozenset((*self._names, *self._words))
        self._known_pairs = frozenset((*self._pairs, *self._longer))

    def _add(self, words: list[str], hit: _Hit) -> None:
        if len(words) == 1:
            self._words.setdefault(words[0], []).append(hit)
        elif len(words) == 2:
            self._pairs.setdefault((words[0], words[1]), []).append(hit)
        elif words:
            self._longer.setdefault((words[0], words[1]), []).append((hit, f" {' '.join(words)} "))

    def find(self, text: str, lower: Sequence[str]) -> dict[str, str]:
        """Return topic -> the phrase that was seen, the first listed where there are several; names
        come before phrases.

        ``lower`` are the words of ``text`` in lower case.
        """
        words = self._known_words.intersection(lower)
        pairs = self._known_pairs.intersection(pairwise(lower))
        hits = [hit for word in words & self._words.keys() for hit in self._words[word]]
        hits += [
            hit
            for word in words & self._names.keys()
            for hit in self._names[word]
            if _stands_in(hit[3], text)
        ]
        hits += [hit for pair in pairs & self._pairs.keys() for hit in self._pairs[pair]]
        if begun := pairs & self._longer.keys():
            spaced = f" {' '.join(lower)} "
            hits += [hit for pair in begun for hit, whole in self._longer[pair] if whole in spaced]
        seen: dict[str, str] = {}
        for _, _, topic, phrase in sorted(hits):
            seen.setdefault(topic, phrase)
        return seen


def _stands_in(name: str, text: str) -> bool:
    """Whether ``name`` is a whole word somewhere in ``text``, in exact case."""
    at = text.find(name)
    while at >= 0:
        around = text[at - 1 : at] + text[at + len(name) : at + len(name) + 1]
        if "_" not in around and not any(map(str.isalnum, around)):
            return True
        at = text.find(name, at + 1)
    return False
