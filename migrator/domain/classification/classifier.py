"""Both questions and the decision in one place, so that plan, preview and live re-check use the
very same decider."""

from __future__ import annotations

from datetime import datetime

from migrator.domain.calibration import Calibration
from migrator.domain.classification import activity, ownership
from migrator.domain.classification.activity import ActivityFacts, reading_digest
from migrator.domain.decisions import Decided, ReviewAnswer, decide
from migrator.domain.evidence import ActivityVerdict, OwnershipVerdict
from migrator.domain.items import Item
from migrator.domain.not_judged import (
    activity_not_judged,
    attempt,
    facts_not_judged,
    ownership_not_judged,
    why_not,
)
from migrator.domain.people import BotIdentity
from migrator.domain.rules import MigrationFile


class Classifier:
    """Judges and decides under one set of rules and one calibration (without one, by the file's own
    bias).

    Patterns are compiled once; keep it while rules and ledger stay the same. Verdicts never raise:
    an item that cannot be judged gets some that say so (:mod:`migrator.domain.not_judged`), and is
    decided to ``review``.
    """

    def __init__(
        self, file: MigrationFile, own: BotIdentity, calibration: Calibration | None = None
    ) -> None:
        self._file = file
        self._ownership = ownership.prepare(file, calibration)
        self._activity = activity.prepare(file, own)

    def ownership(self, item: Item) -> OwnershipVerdict:
        """Whose is it?"""
        return attempt(lambda: self._ownership(item), ownership_not_judged)

    def activity(self, item: Item, now: datetime) -> ActivityVerdict:
        """Is it alive at ``now``?"""
        return attempt(
            lambda: self._activity(item, now=now), lambda why: activity_not_judged(item, why)
        )

    def knows_the_clock(self, item: Item) -> bool:
        """Whether nothing before what was read of its thread could be a later act of a person;
        also of one that cannot be judged, for which reading more is of no use."""
        return attempt(lambda: self._activity.knows_the_clock(item), lambda _why: True)

    def facts(self, item: Item) -> ActivityFacts:
        """What its activity is judged by: kept beside the verdicts, so that other rules can be
        tried without its thread."""
        return attempt(
            lambda: self._activity.facts(item),
            lambda _why: facts_not_judged(item, reading_digest(self._file)),
        )

    def verdicts(
        self, item: Item, now: datetime
    ) -> tuple[ActivityFacts, OwnershipVerdict, ActivityVerdict]:
        """Everything to be stored of an item at ``now``; where one part cannot be judged, all of
        it says so."""
        try:
            facts, whose = self._activity.facts(item), self._ownership(item)
            return facts, whose, self.by_facts(facts, now)
        except Exception as error:
            return self.no_verdicts(item, error)

    def no_verdicts(
        self, item: Item, error: Exception
    ) -> tuple[ActivityFacts, OwnershipVerdict, ActivityVerdict]:
        """The same for an item that could not be judged because of ``error``."""
        why = why_not(error)
        return (
            facts_not_judged(item, reading_digest(self._file)),
            ownership_not_judged(why),
            activity_not_judged(item, why),
        )

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
