"""Words and phrases: fast exact matching of many phrases at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_SEPARATORS = (
    "".join(chr(code) for code in range(128) if not (chr(code).isalnum() or chr(code) == "_"))
    + "\u00a0\u00ab\u00bb\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u3000\u3001\u3002\uff08\uff09\uff0c\uff1a\uff1b\uff1f"
)
_TO_SPACE = str.maketrans(dict.fromkeys(_SEPARATORS, " "))


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in order and in their own case.

    Dots, hyphens and spaces all separate; ``_`` does not. ``C++`` and ``C#`` become the words ``Cpp`` and ``Csharp``.
    """
    if "++" in text or "#" in text:
        text = text.replace("++", "pp").replace("c#", "csharp").replace("C#", "Csharp")
    return text.translate(_TO_SPACE).split()


class PhraseIndex:
    """Finds phrases in a sequence of words; each phrase stands for a topic. Prepared once, then only read.

    ``phrases`` are matched in any case, ``names`` (single words) in exact case. A text is looked at as a set of its words
    and of its pairs of words, so that only phrases of three words and more need a second look.
    """

    def __init__(self, phrases: Iterable[tuple[str, str]], names: Iterable[tuple[str, str]] = ()) -> None:
        self._names = {word: (rank, topic) for rank, (word, topic) in enumerate(names)}
        self._words: dict[str, list[tuple[int, str, str]]] = {}
        self._longer: dict[str, dict[str, list[tuple[int, str, str, str]]]] = {}
        for rank, (phrase, topic) in enumerate(phrases):
            words = tuple(words_of(phrase.lower()))
            if len(words) == 1:
                self._words.setdefault(words[0], []).append((rank, topic, phrase))
            elif words:
                followers = self._longer.setdefault(words[0], {})
                followers.setdefault(words[1], []).append((rank, topic, phrase, f" {' '.join(words)} "))

    def find(self, words: Sequence[str], lower: Sequence[str], spaced: str) -> dict[str, str]:
        """Return topic -> the phrase that was seen, the first listed where there are several; names come before phrases.

        ``lower`` is ``words`` in lower case, ``spaced`` the same in one string with a space before and after each.
        """
        hits: list[tuple[int, int, str, str]] = []
        for word in self._names.keys() & set(words):
            rank, topic = self._names[word]
            hits.append((0, rank, topic, word))
        different = set(lower)
        for word in self._words.keys() & different:
            hits.extend((1, rank, topic, phrase) for rank, topic, phrase in self._words[word])
        for word in self._longer.keys() & different:
            followers = self._longer[word]
            for second in followers.keys() & different:
                hits.extend((1, rank, topic, phrase) for rank, topic, phrase, whole in followers[second] if whole in spaced)
        seen: dict[str, str] = {}
        for _, _, topic, phrase in sorted(hits):
            seen.setdefault(topic, phrase)
        return seen
