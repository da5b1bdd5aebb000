"""``classify``: calibrates the judgement, judges every open snapshot, with evidence, and stores
both verdicts.

The items are judged by other processes, one for each processor, which only read; what they find is
stored here. An item that overruns its time is not judged, and goes to a maintainer.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple, cast

from migrator.config.migration_file import LoadedMigration
from migrator.domain.calibration import AnsweredScore, Calibration, calibrate, log_odds
from migrator.domain.classification import ownership
from migrator.domain.classification.activity import ActivityFacts
from migrator.domain.classification.classifier import Classifier
from migrator.domain.evidence import ActivityVerdict, Ownership, OwnershipVerdict
from migrator.domain.items import Frozen, Item, ItemRef, State
from migrator.domain.not_judged import NOT_JUDGED, of_verdicts
from migrator.domain.people import BotIdentity
from migrator.execution.compute_pool import OVERRUN, ComputePool, Task
from migrator.execution.deadlines import JUDGING_SECONDS, deadline, has_deadlines
from migrator.execution.migration_state import MigrationState
from migrator.execution.review_accuracy import answered_items
from migrator.store import json_columns, open_store
from migrator.store.database import open_engine
from migrator.store.snapshots import Snapshots
from migrator.store.verdicts import ClassifiedItem, VerdictData, Verdicts

BATCH = 200
FEW: Final = 1_500
"""Items below which processes do not pay: an item takes some 1.3 milliseconds, and the start of a
process half a second of processor time and 60 MB."""
MOST_PROCESSES: Final = 4
ALONE: Final = 1.5
TOGETHER: Final = 2.0
"""After so many times an item's seconds a process is killed, with one item or with a batch of them:
an item ends by itself in time, unless it is held up outside of Python."""
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
    processes: int | None = None,
    seconds: float = JUDGING_SECONDS,
) -> Classified:
    """Judge all open items as they stood when scanned, at the time ``as_of``.

    Done in the compute pool, in so many ``processes``; by default one for each processor, or (0)
    none where there are so few items that starting takes longer. Each item has so many
    ``seconds``.
    """
    store = records.store
    calibration = make_calibration(records)
    total, done = store.snapshots.count(state=State.OPEN), 0
    tally = _VerdictTally()
    store.verdicts.forget()
    store.calibrations.keep(calibration, records.clock())
    job = ClassifyJob(records.migration, calibration, own, as_of, seconds)
    if processes is None:
        processes = 0 if total < FEW and has_deadlines() else _processors()
    batches = _judged_apart(records, job, processes) if processes else _judged_here(records, job)
    for rows in batches:
        store.verdicts.save_rows(rows)
        tally.add(rows)
        done += len(rows)
        progress(min(done, total), total)
    progress(total, total)
    return tally.result(calibration)


def _processors() -> int:
    return min(MOST_PROCESSES, os.cpu_count() or 1)


class _VerdictTally:
    """Counts answers, from the rows that are stored."""

    def __init__(self) -> None:
        self._whose: Counter[str] = Counter()
        self._alive: Counter[str] = Counter()
        self._unjudged = 0

    def add(self, rows: Sequence[VerdictData]) -> None:
        """Count some rows."""
        self._whose.update(str(row["answer"]) for row in rows)
        self._alive.update(str(row["activity"]) for row in rows)
        self._unjudged += sum(_is_unjudged(row) for row in rows)

    def result(self, calibration: Calibration) -> Classified:
        """The counts."""
        return Classified(
            items=self._whose.total(),
            not_judged=self._unjudged,
            ownership=dict(sorted(self._whose.items())),
            activity=dict(sorted(self._alive.items())),
            calibration=calibration,
        )


_NAMED: Final = f'"{NOT_JUDGED}"'.encode()


def _is_unjudged(row: VerdictData) -> bool:
    documents = [cast(bytes, row[name]) for name in ("ownership_document", "activity_document")]
    if not any(_NAMED in document for document in documents):  # true of nearly all
        return False
    whose = json_columns.read(documents[0], OwnershipVerdict)
    return of_verdicts(whose, json_columns.read(documents[1], ActivityVerdict)) is not None


class ClassifyJob(NamedTuple):
    """By what items are judged; the same for all of them."""

    migration: LoadedMigration
    calibration: Calibration
    own: BotIdentity
    as_of: datetime
    seconds: float


class _Judge:
    """Judges items and makes the rows that are stored of them."""

    def __init__(self, verdicts: Verdicts, job: ClassifyJob) -> None:
        self._verdicts = verdicts
        self._job = job
        self.seconds = job.seconds
        self._classifier = Classifier(job.migration.file, job.own, job.calibration)

    def rows(self, items: Iterable[Item]) -> list[VerdictData]:
        """The rows of some items, each judged in its time."""
        job = self._job
        return self._rows(
            [judge_item(self._classifier, item, job.as_of, job.seconds) for item in items]
        )

    def unjudged(self, items: Iterable[Item], why: Exception) -> list[VerdictData]:
        """The rows of items that could not be judged."""
        return self._rows([_no_verdicts(self._classifier, item, why) for item in items])

    def _rows(self, judged: Sequence[tuple[ClassifiedItem, ActivityFacts]]) -> list[VerdictData]:
        digest = self._job.migration.digest
        return self._verdicts.rows(judged, rules_digest=digest, as_of=self._job.as_of)


def _judged_here(records: MigrationState, job: ClassifyJob) -> Iterator[list[VerdictData]]:
    """Batch after batch, in this thread."""
    judge = _Judge(records.store.verdicts, job)
    for places in _batches(records.store.snapshots.places(state=State.OPEN)):
        yield judge.rows(records.store.snapshots.at(places))


def _judged_apart(
    records: MigrationState, job: ClassifyJob, processes: int
) -> Iterator[list[VerdictData]]:
    """Batch after batch, by other processes, a few batches ahead of what is stored."""
    judge = _Judge(records.store.verdicts, job)
    url = records.store.engine.url.render_as_string(hide_password=False)
    batches = _batches(records.store.snapshots.places(state=State.OPEN))
    with ComputePool(processes, setup=_open_judge, given=(url, job)) as pool:
        ahead = deque[tuple[Sequence[ItemRef], Task[list[VerdictData]]]]()
        for places in batches:
            ahead.append((places, pool.submit(TOGETHER * job.seconds, _rows_at, places)))
            if len(ahead) > 2 * processes:
                yield _rows_or_one_by_one(records, judge, pool, *ahead.popleft())
        while ahead:
            yield _rows_or_one_by_one(records, judge, pool, *ahead.popleft())


def _rows_or_one_by_one(
    records: MigrationState,
    judge: _Judge,
    pool: ComputePool,
    places: Sequence[ItemRef],
    task: Task[list[VerdictData]],
) -> list[VerdictData]:
    """The rows of a batch. One that overran is judged item by item: then it shows which one it
    was, and the others are judged."""
    try:
        return task.result()
    except OVERRUN as error:
        if len(places) == 1:
            return judge.unjudged(records.store.snapshots.at(places), error)
    return [
        row
        for place in places
        for row in _rows_or_one_by_one(
            records, judge, pool, [place], pool.submit(ALONE * judge.seconds, _rows_at, [place])
        )
    ]


def _batches(places: Sequence[ItemRef]) -> Iterator[Sequence[ItemRef]]:
    return (places[at : at + BATCH] for at in range(0, len(places), BATCH))


_opened: tuple[Snapshots, _Judge] | None = None
"""In a process of the pool: where it reads, and by what it judges."""


def _open_judge(url: str, job: ClassifyJob) -> None:
    global _opened
    store = open_store(open_engine(url, reads_only=True), job.migration.file.migration.name)
    _opened = store.snapshots, _Judge(store.verdicts, job)


def _rows_at(places: Sequence[ItemRef]) -> list[VerdictData]:
    """Judge some items, in a process of the pool."""
    assert _opened is not None
    snapshots, judge = _opened
    return judge.rows(snapshots.at(places))


def judge_item(
    judge: Classifier, item: Item, as_of: datetime, seconds: float = JUDGING_SECONDS
) -> tuple[ClassifiedItem, ActivityFacts]:
    """Both verdicts on one item, and the facts of its activity. One that cannot be judged in
    time gets some that say so."""
    try:
        with deadline(seconds):
            facts, whose, alive = judge.verdicts(item, as_of)
    except TimeoutError as error:  # in the very last moment
        return _no_verdicts(judge, item, error)
    return ClassifiedItem(item=item, ownership=whose, activity=alive), facts


def _no_verdicts(
    judge: Classifier, item: Item, error: Exception
) -> tuple[ClassifiedItem, ActivityFacts]:
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
                    automatic=verdict.answer is Ownership.OURS and not answer.by_information,
                )
            )
    return calibrate(file.ownership, records.migration.digest, scores, answered)


def _log_odds(judge: Callable[[Item], OwnershipVerdict], item: Item) -> float | None:
    """The score of one item; ``None`` where it cannot be judged: one item stops no calibration."""
    try:
        with deadline(JUDGING_SECONDS):
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
