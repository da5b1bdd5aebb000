"""How often maintainers disagreed with an automatic verdict: measured here for the gate, the
dashboard, the API and the command line alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from weakref import WeakKeyDictionary

from migrator.domain.calibration import Calibration
from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import ReviewAnswer
from migrator.domain.evaluation.review_stats import (
    AnswersNeeded,
    ErrorRate,
    Reviewed,
    ReviewGate,
    alive_at,
    answers_needed,
    error_rate,
    gate,
)
from migrator.domain.items import Frozen, Item, ItemRef
from migrator.execution.migration_state import MigrationState, calibration_in_force
from migrator.execution.own_account import bot_identity

_Stamp = tuple[str, Calibration | None, ReviewAnswer, datetime | None]
_judged: Final[WeakKeyDictionary[object, dict[tuple[str, str], tuple[_Stamp, Reviewed | None]]]] = (
    WeakKeyDictionary()
)
"""For each database engine: (migration, item key) -> the last comparison, with what it was made
from. A page of the review queue would otherwise judge every answered item again."""


class Accuracy(Frozen, frozen=True, kw_only=True):
    """How often maintainers disagreed with an automatic verdict, whether the migration file
    accepts that, and how many more answers are needed to know."""

    rate: ErrorRate
    gate: ReviewGate
    needed: AnswersNeeded


def measure(records: MigrationState) -> Accuracy:
    """The error rate of the rules in force on all answered items, with its interval.

    After a rule is changed every item is judged anew: stored verdicts say how the old rules did.
    """
    rules = records.migration.file.review
    rate = error_rate(_reviewed(records), confidence=rules.confidence)
    return Accuracy(rate=rate, gate=gate(rate, rules), needed=answers_needed(rate, rules))


def answered_items(records: MigrationState) -> Iterator[tuple[Item, ReviewAnswer]]:
    """Every scanned item that maintainers answered, by key, with what their answers say
    together. A copy of the answer to another item says nothing of its own."""
    for key, answer in sorted(records.store.verdicts.answers().items()):
        item = records.store.snapshots.get(*ItemRef.parse(key))
        if item is not None and not answer.copied_from:
            yield item, answer


def _reviewed(records: MigrationState) -> Iterator[Reviewed]:
    """Every answer beside the automatic verdicts. Only what changed since the last call is judged
    again."""
    migration, store = records.migration, records.store
    known, read_at = _judged.setdefault(store.engine, {}), store.queue.read_times()
    calibration, judge = calibration_in_force(records), None
    for key, answer in sorted(store.verdicts.answers().items()):
        place = (migration.file.migration.name, key)
        stamp = (migration.digest, calibration, answer, read_at.get(key))
        if place not in known or known[place][0] != stamp:
            judge = judge or Classifier(migration.file, bot_identity(records), calibration)
            known[place] = (stamp, _compared(records, judge, key, answer))
        found = known[place][1]
        if found is not None:
            yield found


def _compared(
    records: MigrationState, judge: Classifier, key: str, answer: ReviewAnswer
) -> Reviewed | None:
    """One answer beside the automatic verdicts; ``None`` for an item that no scan has seen.

    Activity is judged as of the time of the answer, from what people had done until then: the
    maintainer did not see what came later.
    """
    item = records.store.snapshots.get(*ItemRef.parse(key))
    if item is None:
        return None
    return Reviewed(
        key=key,
        judged=judge.ownership(item).answer,
        answered=answer.ownership,
        alive=alive_at(judge.activity(item, answer.at), answer.at),
        said_alive=answer.activity,
        chosen=answer.by_information or bool(answer.copied_from),
    )
