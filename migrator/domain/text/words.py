"""Words and phrases: fast exact matching of many phrases at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """Return the words of ``text`` in order and in their own case. Dots, hyphens and spaces all separate; ``_`` does not."""
    return _WORD.findall(text)


class PhraseIndex:
    """Finds phrases in a sequence of words; each phrase stands for a topic. Prepared once, then only read.

    ``phrases`` are matched in any case, ``names`` in exact case. Every topic is reported once, with the first phrase seen.
    """

    def __init__(self, phrases: Iterable[tuple[str, str]], names: Iterable[tuple[str, str]] = ()) -> None:
        self._phrases = _indexed((phrase.lower(), topic) for phrase, topic in phrases)
        self._names = _indexed(names)

    def find(self, words: Sequence[str], lower: Sequence[str]) -> dict[str, str]:
        """Return topic -> the phrase that was seen. ``lower`` is ``words`` in lower case."""
        seen: dict[str, str] = {}
        _search(self._names, words, seen)
        _search(self._phrases, lower, seen)
        return seen


_Index = dict[str, list[tuple[tuple[str, ...], str, str]]]


def _indexed(phrases: Iterable[tuple[str, str]]) -> _Index:
    index: _Index = {}
    for phrase, topic in phrases:
        words = tuple(words_of(phrase))
        index.setdefault(words[0], []).append((words, topic, phrase))
    return index


def _search(index: _Index, words: Sequence[str], seen: dict[str, str]) -> None:
    for start, word in enumerate(words):
        if word in index:
            for phrase, topic, text in index[word]:
                if topic not in seen and (len(phrase) == 1 or tuple(words[start : start + len(phrase)]) == phrase):
                    seen[topic] = text
