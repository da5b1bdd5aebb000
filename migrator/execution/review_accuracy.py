"""How often maintainers disagreed with an automatic verdict: measured here for the gate, the
dashboard, the API and the command line alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from weakref import WeakKeyDictionary

from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import ReviewAnswer
from migrator.domain.evaluation.review_stats import (
    ErrorRate,
    Reviewed,
    ReviewGate,
    alive_at,
    error_rate,
    gate,
)
from migrator.domain.items import Frozen, Item
from migrator.execution.migration_state import MigrationState
from migrator.execution.own_account import bot_identity

_Stamp = tuple[str, str]
_measured: Final[WeakKeyDictionary[object, dict[str, tuple[_Stamp, Accuracy]]]] = (
    WeakKeyDictionary()
)
"""The last measurement for each database engine and migration, with what it was made from."""


class Accuracy(Frozen, frozen=True, kw_only=True):
    """How often maintainers disagreed with an automatic verdict, and whether the migration file
    accepts that."""

    rate: ErrorRate
    gate: ReviewGate


def measure(records: MigrationState) -> Accuracy:
    """The error rate of the rules in force on all answered items, with its interval.

    Items are judged anew unless nothing has changed since the last call: after a rule is changed,
    stored verdicts say how the old rules did.
    """
    name, digest = records.migration.file.migration.name, records.migration.digest
    stamp = (digest, records.store.queue.stamp())
    known = _measured.setdefault(records.store.engine, {})
    if name not in known or known[name][0] != stamp:
        rules = records.migration.file.review
        rate = error_rate(_reviewed(records), confidence=rules.confidence)
        known[name] = (stamp, Accuracy(rate=rate, gate=gate(rate, rules)))
    return known[name][1]


def answered_items(records: MigrationState) -> Iterator[tuple[Item, ReviewAnswer]]:
    """Every scanned item that maintainers answered, by key, with what their answers say
    together."""
    for key, answer in sorted(records.store.verdicts.answers().items()):
        repository, _, number = key.rpartition("#")
        item = records.store.snapshots.get(repository, int(number))
        if item is not None:
            yield item, answer


def _reviewed(records: MigrationState) -> Iterator[Reviewed]:
    """Every answer beside the automatic verdicts.

    Activity is judged as of the time of the answer, from what people had done until then: the
    maintainer did not see what came later.
    """
    judge = Classifier(records.migration.file, bot_identity(records))
    for item, answer in answered_items(records):
        yield Reviewed(
            key=item.key,
            judged=judge.ownership(item).answer,
            answered=answer.ownership,
            alive=alive_at(judge.activity(item, answer.at), answer.at),
            said_alive=answer.activity,
        )
