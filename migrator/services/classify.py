"""``classify``: judges every open snapshot, with evidence, and stores both verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from migrator.domain.classification.activity import ActivityFacts
from migrator.domain.classification.classifier import Classifier
from migrator.domain.items import Frozen, Item, State
from migrator.domain.not_judged import of_verdicts
from migrator.domain.people import BotIdentity
from migrator.execution.deadlines import JUDGING_SECONDS, deadline
from migrator.execution.migration_state import MigrationState
from migrator.store.verdicts import ClassifiedItem

BATCH = 200


class Classified(Frozen, frozen=True, kw_only=True):
    """How many items got which answers. ``not_judged`` of them could not be judged, and wait for
    a maintainer."""

    items: int
    not_judged: int = 0
    ownership: dict[str, int]
    activity: dict[str, int]


def classify(
    records: MigrationState,
    *,
    as_of: datetime,
    own: BotIdentity,
    progress: Callable[[int, int], None],
) -> Classified:
    """Judge all open items as they stood when scanned, at the moment ``as_of``."""
    store, digest = records.store, records.migration.digest
    judge = Classifier(records.migration.file, own)
    whose: Counter[str] = Counter()
    alive: Counter[str] = Counter()
    batch: list[tuple[ClassifiedItem, ActivityFacts]] = []
    total, done = store.snapshots.count(state=State.OPEN), 0
    store.verdicts.forget()
    unjudged = 0
    for item in store.snapshots.stream(state=State.OPEN):
        judged, facts = judge_item(judge, item, as_of)
        unjudged += of_verdicts(judged.ownership, judged.activity) is not None
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
        not_judged=unjudged,
        ownership=dict(sorted(whose.items())),
        activity=dict(sorted(alive.items())),
    )


def judge_item(
    judge: Classifier, item: Item, as_of: datetime, seconds: float = JUDGING_SECONDS
) -> tuple[ClassifiedItem, ActivityFacts]:
    """Both verdicts on one item, and the facts of its activity. One that cannot be judged in
    time gets some that say so."""
    try:
        with deadline(seconds):
            facts, whose, alive = judge.verdicts(item, as_of)
    except TimeoutError as error:  # in the very last moment
        facts, whose, alive = judge.no_verdicts(item, error)
    return ClassifiedItem(item=item, ownership=whose, activity=alive), facts
