"""Maintainers' answers beside what is judged without them: what the error rate is measured on,
for the gate and for people."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import ReviewAnswer
from migrator.domain.evaluation.review_stats import Reviewed, alive_at
from migrator.domain.items import Item, ItemRef
from migrator.execution.calibrating import calibration_in_force
from migrator.execution.migration_state import MigrationState
from migrator.execution.own_account import bot_identity


def answered_items(records: MigrationState) -> Iterator[tuple[Item, ReviewAnswer]]:
    """Every scanned item that maintainers answered, by key, with what their answers say
    together."""
    for key, answer in sorted(records.store.verdicts.answers().items()):
        item = records.store.snapshots.get(*ItemRef.parse(key))
        if item is not None:
            yield item, answer


def reviewed(records: MigrationState) -> Iterator[Reviewed]:
    """Every answer beside the automatic verdicts.

    Whether an item is alive is judged as of the moment of the answer, going by what people had done
    until then: the maintainer did not see what came later, and neither does the measure of how
    often we agree.
    """
    judge = Classifier(records.migration.file, bot_identity(records), calibration_in_force(records))
    for item, answer in answered_items(records):
        yield Reviewed(
            key=item.key,
            judged=judge.ownership(item).answer,
            answered=answer.ownership,
            alive=alive_at(judge.activity(item, answer.at), answer.at),
            said_alive=answer.activity,
        )
