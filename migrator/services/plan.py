"""``plan``: verdicts and rules in, a frozen and hashed plan out. Nothing is sent to GitHub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from migrator.domain.classification.classifier import Classifier
from migrator.domain.people import BotIdentity, People
from migrator.domain.planning.plan import (
    PlanHasher,
    PlanHeader,
    PlanItem,
    PlanKind,
    Totals,
    wave_numbers,
)
from migrator.errors import PlanRefused
from migrator.execution.migration_state import MigrationState
from migrator.execution.notices import open_notices
from migrator.execution.planner import Planner
from migrator.services.notice_check import refuse_wrong_texts
from migrator.store.plans import StoredPlan

BATCH = 200


def make_plan(
    records: MigrationState,
    *,
    as_of: datetime,
    own: BotIdentity,
    commands_served: bool,
    progress: Callable[[int, int], None],
) -> StoredPlan:
    """Plan every judged item at the moment ``as_of``, store the plan, and return it.

    The same snapshots, rules and moment give the plan that is already stored, by its hash.
    Raises :class:`PlanRefused` if nothing was classified under the current rules, ``ConfigError``
    for a wrong text.
    """
    planner = open_planner(records, as_of=as_of, own=own, commands_served=commands_served)
    verdicts = records.store.verdicts
    judged = verdicts.stream(rules_digest=records.migration.digest)
    total = verdicts.count(rules_digest=records.migration.digest)
    if not total:
        raise PlanRefused(
            "no item has been classified under these rules",
            cure="run `migrator scan` and `migrator classify` first",
        )
    header = plan_header(records, PlanKind.MIGRATE, as_of)
    return write_plan(
        records, header, (planner.plan(one) for one in judged), total=total, progress=progress
    )


def open_planner(
    records: MigrationState, *, as_of: datetime, own: BotIdentity, commands_served: bool
) -> Planner:
    """What turns judged items into plan items at that moment. Raises ``ConfigError`` for a wrong
    text."""
    refuse_wrong_texts(records)
    file = records.migration.file
    return Planner(
        Classifier(file, own),
        open_notices(records, commands_served=commands_served),
        People(file.migration),
        own,
        as_of=as_of,
        answers=records.store.verdicts.answers(),
        histories=records.store.ledger.histories(),
    )


def plan_header(records: MigrationState, kind: PlanKind, as_of: datetime) -> PlanHeader:
    """What a plan of that kind, made at that moment, stands on."""
    file = records.migration.file
    return PlanHeader(
        migration=file.migration.name,
        kind=kind,
        source=file.migration.source,
        targets=file.targets,
        as_of=as_of,
        expires_at=as_of + file.plan.valid_days,
        rules_digest=records.migration.digest,
    )


def write_plan(
    records: MigrationState,
    header: PlanHeader,
    items: Iterable[PlanItem],
    *,
    total: int,
    progress: Callable[[int, int], None],
) -> StoredPlan:
    """Store a plan's items as they come, in the order of repository and number, then give it its
    hash and its waves."""
    plans = records.store.plans
    draft = plans.begin_draft(header, records.clock())
    hasher, tally, done = PlanHasher(header), _PlanTally(), 0
    batch: list[PlanItem] = []
    for item in items:
        hasher.add(item)
        tally.add(item)
        batch.append(item)
        if len(batch) == BATCH:
            plans.save_items(draft, batch)
            done += len(batch)
            progress(done, total)
            batch = []
    plans.save_items(draft, batch)
    progress(total, total)
    sizes = records.migration.file.plan.waves
    waves = plans.set_waves(draft, list(wave_numbers(tally.notices, sizes)))
    return plans.finish_draft(
        draft, hasher.hexdigest(), header, tally.totals(waves), records.clock()
    )


class _PlanTally:
    """Sums while a plan streams by."""

    def __init__(self) -> None:
        self._decisions: Counter[str] = Counter()
        self._items = 0
        self.notices = 0
        self._closes = 0
        self._edited = 0

    def add(self, item: PlanItem) -> None:
        self._items += 1
        self._decisions[item.decision.value] += 1
        self.notices += item.acts
        self._closes += item.acts and item.closes
        self._edited += item.acts and bool(item.edits)

    def totals(self, waves: int) -> Totals:
        return Totals(
            items=self._items,
            decisions=dict(sorted(self._decisions.items())),
            notices=self.notices,
            closes=self._closes,
            waves=waves,
            edited=self._edited,
        )
