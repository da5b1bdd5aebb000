"""``classify``: calibrates the judgement, judges every open snapshot, with evidence, and stores
both verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from migrator.domain.calibration import AnsweredScore, Calibration, calibrate, log_odds
from migrator.domain.classification import ownership
from migrator.domain.classification.activity import ActivityFacts
from migrator.domain.classification.classifier import Classifier
from migrator.domain.evidence import Ownership, OwnershipVerdict
from migrator.domain.items import Frozen, Item, State
from migrator.domain.not_judged import of_verdicts
from migrator.domain.people import BotIdentity
from migrator.execution.deadlines import JUDGING_SECONDS, deadline
from migrator.execution.migration_state import MigrationState
from migrator.execution.review_accuracy import answered_items
from migrator.store.verdicts import ClassifiedItem

BATCH = 200
MOST_SCORED = 5_000
"""Items that the share of ours is estimated from, spread evenly over all; more would only take
longer."""


class Classified(Frozen, frozen=True, kw_only=True):
    """How many items got which answers, and by which calibration. ``not_judged`` of them could not
    be judged, and wait for a maintainer."""

    items: int
    not_judged: int = 0
    ownership: dict[str, int]
    activity: dict[str, int]
    calibration: Calibration | None = None


def classify(
    records: MigrationState,
    *,
    as_of: datetime,
    own: BotIdentity,
    progress: Callable[[int, int], None],
) -> Classified:
    """Judge all open items as they stood when scanned, at the time ``as_of``."""
    store, digest = records.store, records.migration.digest
    calibration = make_calibration(records)
    judge = Classifier(records.migration.file, own, calibration)
    whose: Counter[str] = Counter()
    alive: Counter[str] = Counter()
    batch: list[tuple[ClassifiedItem, ActivityFacts]] = []
    total, done = store.snapshots.count(state=State.OPEN), 0
    store.verdicts.forget()
    unjudged = 0
    store.calibrations.keep(calibration, records.clock())
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
        calibration=calibration,
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


def make_calibration(records: MigrationState) -> Calibration:
    """Calibrate the judgement to the open issues of the source and to what maintainers answered.
    Stores nothing."""
    file = records.migration.file
    judge = ownership.prepare(file)
    source = file.migration.source.casefold()
    found = (_log_odds(judge, item) for item in _sampled(records, source))
    scores = [score for score in found if score is not None]
    answered = []
    for item, answer in answered_items(records):
        if item.repository.casefold() == source and answer.ownership in (
            Ownership.OURS,
            Ownership.NOT_OURS,
        ):
            verdict = judge(item)
            answered.append(
                AnsweredScore(
                    score=log_odds(verdict.probability),
                    ours=answer.ownership is Ownership.OURS,
                    automatic=verdict.answer is Ownership.OURS,
                )
            )
    return calibrate(file.ownership, records.migration.digest, scores, answered)


def _log_odds(judge: Callable[[Item], OwnershipVerdict], item: Item) -> float | None:
    """The score of one item; ``None`` where it cannot be judged: one item stops no calibration."""
    try:
        return log_odds(judge(item).probability)
    except Exception:
        return None


def _sampled(records: MigrationState, source: str) -> Iterator[Item]:
    """Open issues of the source (pull requests go by their paths), every n-th of them where
    there are many."""
    step = -(-records.store.snapshots.count(state=State.OPEN) // MOST_SCORED)
    issues = (
        item
        for item in records.store.snapshots.stream(state=State.OPEN)
        if item.repository.casefold() == source
    )
    for place, item in enumerate(item for item in issues if not item.is_pull_request):
        if place % step == 0:
            yield item
