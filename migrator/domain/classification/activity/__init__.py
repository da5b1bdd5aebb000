"""Is it alive? One pure judgement: prepared once from the rules, then asked for every item.

Only people move the clock. ``docs/activity.md`` explains every rule by its name.

>>> judge = prepare(file, own)          # doctest: +SKIP
>>> verdict = judge(item, now=now)      # doctest: +SKIP
"""

from __future__ import annotations

from datetime import datetime

from migrator.domain.classification.activity.facts import (
    Act,
    ActivityFacts,
    ActName,
    Subject,
    subject_of,
)
from migrator.domain.classification.activity.reader import ActivityReader, reading_digest
from migrator.domain.classification.activity.verdict import distance, judge_facts
from migrator.domain.evidence import ActivityVerdict
from migrator.domain.items import Item
from migrator.domain.people import NO_BOT, BotIdentity
from migrator.domain.rules import MigrationFile

__all__ = [
    "NO_BOT",
    "Act",
    "ActName",
    "ActivityFacts",
    "ActivityJudge",
    "BotIdentity",
    "Subject",
    "distance",
    "judge",
    "judge_facts",
    "prepare",
    "reading_digest",
    "subject_of",
]


class ActivityJudge:
    """Judges the items of one migration. Patterns are compiled here, once; keep it for as long
    as the rules hold."""

    def __init__(self, file: MigrationFile, own: BotIdentity) -> None:
        self._rules = file.activity
        self._reader = ActivityReader(file, own)

    def __call__(self, item: Item, *, now: datetime) -> ActivityVerdict:
        """Active or stale at ``now`` (aware)."""
        return judge_facts(self._reader.facts(item), self._rules, now)

    def facts(self, item: Item) -> ActivityFacts:
        """The item's facts, to be stored beside the snapshot and judged again with
        :func:`judge_facts`."""
        return self._reader.facts(item)

    def knows_the_clock(self, item: Item) -> bool:
        """Whether enough of the thread was read: nothing before it could be a later act of a
        person than those we saw."""
        return self._reader.knows_the_clock(item)


def prepare(file: MigrationFile, own: BotIdentity = NO_BOT) -> ActivityJudge:
    """Return the judge of this migration: ``judge(item, now=...) -> ActivityVerdict``, pure and
    fast."""
    return ActivityJudge(file, own)


def judge(
    item: Item, file: MigrationFile, *, now: datetime, own: BotIdentity = NO_BOT
) -> ActivityVerdict:
    """Judge one item; for many, keep :func:`prepare`'s result."""
    return prepare(file, own)(item, now=now)
