"""Topics named in the title, in the lead, in the rest of the prose, in code and in logs:
subjects and vetoes alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from migrator.domain.classification.signals.base import Finding, ParsedItem, Signal
from migrator.domain.classification.text.document import Region
from migrator.domain.classification.text.words import PhraseIndex, words_of
from migrator.domain.rules import MigrationFile
from migrator.domain.rules.ownership import ANY_ENDING

FINDINGS: Final = {
    "REGION.TOPIC": "a word, phrase or identifier of a topic stands in this region of the text",
}
"""What it can find, and what each means."""


def prepare(file: MigrationFile) -> Signal:
    """Return the signal; it finds ``REGION.TOPIC`` at most once per region."""
    topics = file.ownership.topics
    words = [(phrase, name) for name, topic in topics.items() for phrase in topic.words]
    names = [(word, name) for name, topic in topics.items() for word in topic.names]
    index = PhraseIndex(_whole(words), _whole(names))
    beginnings, exact_beginnings = _beginnings(words), _beginnings(names)
    regions = tuple(file.ownership.regions)

    def find(reading: ParsedItem) -> Iterator[Finding]:
        for name in regions:
            region = reading.document.regions[name]
            found = index.find(region.text, region.lower)
            if beginnings or exact_beginnings:
                found = {**_begun(region, beginnings, exact_beginnings), **found}
            for topic, seen in found.items():
                yield Finding(f"{name}.{topic}", seen=seen)

    return find


def _whole(words: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(word, topic) for word, topic in words if not word.endswith(ANY_ENDING)]


def _beginnings(words: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Beginning of a word -> topic, for words that a ``*`` ends (``aws_*``)."""
    return {
        word.removesuffix(ANY_ENDING): topic for word, topic in words if word.endswith(ANY_ENDING)
    }


def _begun(region: Region, beginnings: dict[str, str], exact: dict[str, str]) -> dict[str, str]:
    """Topic -> the first word that begins as it says, in any case or in exact case."""
    found: dict[str, str] = {}
    lower = {beginning.lower(): topic for beginning, topic in beginnings.items()}
    for texts, starts in ((region.lower, lower), (words_of(region.text) if exact else [], exact)):
        every = tuple(starts)
        for word in texts if every else ():
            if word.startswith(every):
                found.setdefault(
                    next(topic for start, topic in starts.items() if word.startswith(start)), word
                )
    return found


def priors(file: MigrationFile) -> dict[str, float]:
    """Return the prior weight of every ``REGION.TOPIC``, in log-odds, signed."""
    rules = file.ownership
    return {
        f"{region}.{name}": (topic.prior if topic.owner == "ours" else -topic.prior)
        * topic.regions.get(region, factor)
        for name, topic in rules.topics.items()
        for region, factor in rules.regions.items()
    }
