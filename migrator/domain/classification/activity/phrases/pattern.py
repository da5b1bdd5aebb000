"""A group of phrases as one regular expression, and what several groups share."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final


class Phrases:
    """Any of some phrases, as whole words. Compiled when first searched for: all groups together
    take 0.15 s, and most commands judge no item."""

    def __init__(self, *phrases: str) -> None:
        self._phrases = phrases

    def search(self, sentence: str) -> re.Match[str] | None:
        """The first of the phrases in a sentence, ``None`` if it holds none."""
        return self._pattern.search(sentence)

    def affirmed_in(self, sentence: str, *, turned: Phrases | None = None) -> bool:
        """Whether a sentence holds one of the phrases, and none of the three words before it turns
        that around (by default, :data:`NEGATED`)."""
        found = self.search(sentence)
        if found is None:
            return False
        before = " ".join(sentence[max(0, found.start() - 60) : found.start()].split()[-3:])
        return (turned or NEGATED).search(before) is None

    def removed_from(self, sentence: str) -> str:
        """The sentence without any of the phrases."""
        return self._pattern.sub("", sentence)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![\w'])(?:{'|'.join(self._phrases)})(?!\w)")


BE: Final = r"(?:is|was|are|be|been|got|get)"

NEGATIONS: Final = (
    *("not", "no longer", "never", "cannot", "unable", r"\w+n't", "without", "hard to"),
    *("if you", "can you", "could you", "if"),
)
NEGATED: Final = Phrases(*NEGATIONS)
"""Words that turn the phrase behind them into its opposite, or into a request."""
