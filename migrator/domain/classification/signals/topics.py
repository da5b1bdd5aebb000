"""Topics named in the title, in the lead, in the rest of the prose, in code and in logs:
subjects and vetoes alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from migrator.domain.classification.signals.base import Finding, ParsedItem, Signal
from migrator.domain.classification.text.words import PhraseIndex
from migrator.domain.rules import MigrationFile

FINDINGS: Final = {
    "REGION.TOPIC": "a word, phrase or identifier of a topic stands in this region of the text",
}
"""What it can find, and what each means."""


def prepare(file: MigrationFile) -> Signal:
    """Return the signal; it finds ``REGION.TOPIC`` at most once per region."""
    topics = file.ownership.topics
    index = PhraseIndex(
        ((phrase, name) for name, topic in topics.items() for phrase in topic.words),
        ((word, name) for name, topic in topics.items() for word in topic.names),
    )
    regions = tuple(file.ownership.regions)

    def find(reading: ParsedItem) -> Iterator[Finding]:
        for name in regions:
            region = reading.document.regions[name]
            for topic, seen in index.find(region.text, region.lower).items():
                yield Finding(f"{name}.{topic}", seen=seen)

    return find


def priors(file: MigrationFile) -> dict[str, float]:
    """Return the prior weight of every ``REGION.TOPIC``, in log-odds, signed."""
    rules = file.ownership
    return {
        f"{region}.{name}": (topic.prior if topic.owner == "ours" else -topic.prior)
        * topic.regions.get(region, factor)
        for name, topic in rules.topics.items()
        for region, factor in rules.regions.items()
    }
