"""Words and phrases: fast exact matching of many phrases at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

_Hit = tuple[int, int, str, str]  # names before phrases, rank in the list, topic, what was seen
_TO_SPACE = str.maketrans({chr(code): " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")})
_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in order and in their own case.

    Dots, hyphens and spaces all separate; ``_`` does not. ``C++`` and ``C#`` become the words ``Cpp`` and ``Csharp``.
    """
    if "++" in text or "#" in text:
        text = text.replace("++", "pp").replace("c#", "csharp").replace("C#", "Csharp")
    return text.translate(_TO_SPACE).split() if text.isascii() else _WORD.findall(text)


class PhraseIndex:
    """Finds phrases in a sequence of words; each phrase stands for a topic. Prepared once, then only read.

    ``phrases`` are matched in any case, ``names`` (single words) in exact case. A text is looked at as a set of its
    words first, so that only the few places where a name or a longer phrase could stand need a second look.
    """

    def __init__(self, phrases: Iterable[tuple[str, str]], names: Iterable[tuple[str, str]] = ()) -> None:
        self._names: dict[str, list[_Hit]] = {}
        self._words: dict[str, list[_Hit]] = {}
        self._longer: dict[str, dict[str, list[tuple[_Hit, str]]]] = {}
        for rank, (name, topic) in enumerate(names):
            self._names.setdefault(name.lower(), []).append((0, rank, topic, name))
        for rank, (phrase, topic) in enumerate(phrases):
            words = words_of(phrase.lower())
            hit = (1, rank, topic, phrase)
            if len(words) == 1:
                self._words.setdefault(words[0], []).append(hit)
            elif words:
                followers = self._longer.setdefault(words[0], {})
                followers.setdefault(words[1], []).append((hit, f" {' '.join(words)} "))
        self._known = frozenset((*self._names, *self._words, *self._longer))

    def find(self, text: str, lower: Sequence[str], spaced: str) -> dict[str, str]:
        """Return topic -> the phrase that was seen, the first listed where there are several; names come before phrases.

        ``lower`` are the words of ``text`` in lower case, ``spaced`` the same in one string with spaces around each.
        """
        different = self._known.intersection(lower)
        hits = [hit for word in different if word in self._words for hit in self._words[word]]
        if named := different & self._names.keys():
            exact = set(words_of(text))
            hits += [hit for word in named for hit in self._names[word] if hit[3] in exact]
        if begun := different & self._longer.keys():
            hits += self._phrases(begun, lower, spaced)
        seen: dict[str, str] = {}
        for _, _, topic, phrase in sorted(hits):
            seen.setdefault(topic, phrase)
        return seen

    def _phrases(self, begun: frozenset[str], lower: Sequence[str], spaced: str) -> Iterator[_Hit]:
        for word, second in pairwise(lower):
            if word in begun and second in self._longer[word]:
                yield from (hit for hit, whole in self._longer[word][second] if whole in spaced)
