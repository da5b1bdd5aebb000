"""``classify``: judges every open snapshot, with evidence, and stores both verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from migrator.domain.classification.activity import ActivityFacts
from migrator.domain.classification.classifier import Classifier
from migrator.domain.items import Frozen, State
from migrator.domain.people import BotIdentity
from migrator.execution.migration_state import MigrationState
from migrator.store.verdicts import ClassifiedItem

BATCH = 200


class Classified(Frozen, frozen=True, kw_only=True):
    """How many items got which answers."""

    items: int
    ownership: dict[str, int]
    activity: dict[str, int]


def classify(
    records: MigrationState,
    *,
    as_of: datetime,
    own: BotIdentity,
    progress: Callable[[int, int], None],
) -> Classified:
    """Judge all open items as they stood when scanned, at the time ``as_of``."""
    store, digest = records.store, records.migration.digest
    judge = Classifier(records.migration.file, own)
    whose: Counter[str] = Counter()
    alive: Counter[str] = Counter()
    batch: list[tuple[ClassifiedItem, ActivityFacts]] = []
    total, done = store.snapshots.count(state=State.OPEN), 0
    store.verdicts.forget()
    for item in store.snapshots.stream(state=State.OPEN):
        facts = judge.facts(item)
        judged = ClassifiedItem(
            item=item, ownership=judge.ownership(item), activity=judge.by_facts(facts, as_of)
        )
        whose[judged.ownership.answer.value] += 1
        alive[judged.activity.answer.value] += 1
        batch.append((judged, facts))
        if len(batch) == BATCH:
            store.verdicts.save(batch, rules_digest=digest, as_of=as_of)
            done += len(batch)
            progress(done, total)
            batch = []
    store.verdicts.save(batch, rules_digest=digest, as_of=as_of)
    progress(total, total)
    return Classified(
        items=sum(whose.values()),
        ownership=dict(sorted(whose.items())),
        activity=dict(sorted(alive.items())),
    )
