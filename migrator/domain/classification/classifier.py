"""Both questions and the decision in one place, so that plan, preview and live re-check use the
very same decider."""

from __future__ import annotations

from datetime import datetime

from migrator.domain.classification import activity, ownership
from migrator.domain.classification.activity import ActivityFacts
from migrator.domain.decisions import Decided, ReviewAnswer, decide
from migrator.domain.evidence import ActivityVerdict, OwnershipVerdict
from migrator.domain.items import Item
from migrator.domain.people import BotIdentity
from migrator.domain.rules import MigrationFile


class Classifier:
    """Judges and decides under one set of rules. Patterns are compiled once; keep it while rules
    and ledger stay the same."""

    def __init__(self, file: MigrationFile, own: BotIdentity) -> None:
        self._file = file
        self._ownership = ownership.prepare(file)
        self._activity = activity.prepare(file, own)

    def ownership(self, item: Item) -> OwnershipVerdict:
        """Whose is it?"""
        return self._ownership(item)

    def activity(self, item: Item, now: datetime) -> ActivityVerdict:
        """Is it alive at ``now``?"""
        return self._activity(item, now=now)

    def facts(self, item: Item) -> ActivityFacts:
        """What its activity is judged by: kept beside the verdicts, so that other rules can be
        tried without its thread."""
        return self._activity.facts(item)

    def by_facts(self, facts: ActivityFacts, now: datetime) -> ActivityVerdict:
        """Is it alive at ``now``, going by facts that were read before under these rules?"""
        return activity.judge_facts(facts, self._file.activity, now)

    def decide(
        self,
        item: Item,
        whose: OwnershipVerdict,
        alive: ActivityVerdict,
        *,
        now: datetime,
        answer: ReviewAnswer | None = None,
        arrived: bool = False,
    ) -> Decided:
        """What happens to the item, given both verdicts."""
        return decide(item, whose, alive, self._file, now=now, answer=answer, arrived=arrived)
