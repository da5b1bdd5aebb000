"""``plan``: verdicts and rules in, a frozen and hashed plan out. Nothing is sent to GitHub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from migrator.domain.calibration import Calibration
from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import Decision
from migrator.domain.evidence import Ownership
from migrator.domain.items import State
from migrator.domain.people import BotIdentity, People
from migrator.domain.planning.plan import (
    PlanHasher,
    PlanHeader,
    PlanItem,
    PlanKind,
    Totals,
    gated_wave_numbers,
)
from migrator.errors import PlanRefused
from migrator.execution.calibrating import calibration_in_force
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
        standings=records.store.ledger.standings(),
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
        set_aside=unknown_items(records) if kind is PlanKind.MIGRATE else 0,
        calibration=_calibration(records, kind),
    )


def unknown_items(records: MigrationState) -> int:
    """How many items GitHub has and we do not know: set aside by name, or counted by GitHub and
    never shown."""
    return records.store.set_aside.count() + sum(records.store.snapshots.missing().values())


def refuse_too_many_unknown(records: MigrationState, plan: StoredPlan) -> None:
    """Raise :class:`PlanRefused` if more items are set aside than the migration file allows when
    a run begins."""
    unknown, most = unknown_items(records), records.migration.file.plan.max_set_aside
    of_all = records.store.snapshots.count(state=State.OPEN) + unknown
    if plan.header.kind is PlanKind.MIGRATE and unknown > most * of_all:
        raise PlanRefused(
            f"{unknown} of {of_all} items could not be read and are set aside; the migration "
            f"file allows {most:.1%}",
            cure=(
                "run `migrator scan` again, then classify and plan; or raise `max_set_aside` in "
                "[plan]"
            ),
        )


def _calibration(records: MigrationState, kind: PlanKind) -> Calibration | None:
    """A plan to migrate freezes the calibration of the verdicts that it is made from; later
    plans go by that one."""
    if kind is PlanKind.MIGRATE:
        return records.store.calibrations.newest(rules_digest=records.migration.digest)
    return calibration_in_force(records)


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
    hasher, tally, done = PlanHasher(header), _PlanTally(header), 0
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
    numbers = list(gated_wave_numbers(tally.notices - tally.clears, tally.clears, sizes))
    plans.set_waves(draft, numbers)
    return plans.finish_draft(
        draft, hasher.hexdigest(), header, tally.totals(numbers), records.clock()
    )


class _PlanTally:
    """Sums while a plan streams by."""

    def __init__(self, header: PlanHeader) -> None:
        self._source = header.source.casefold()
        self._gates = header.kind is not PlanKind.UNDO
        self._whole = header.kind is PlanKind.MIGRATE
        self._decisions: Counter[str] = Counter()
        self._items = 0
        self.notices = 0
        self.clears = 0
        self._closes = 0
        self._source_open = 0
        self._source_ours = 0

    def add(self, item: PlanItem) -> None:
        self._items += 1
        self._decisions[item.decision.value] += 1
        self.notices += item.acts
        self.clears += self._gates and item.acts and item.decision is Decision.CLEAR
        self._closes += item.acts and item.closes
        if self._whole and item.repository.casefold() == self._source and item.code != "closed":
            self._source_open += 1
            self._source_ours += item.acts or item.answer == Ownership.OURS.value

    def totals(self, waves: Sequence[int]) -> Totals:
        return Totals(
            items=self._items,
            decisions=dict(sorted(self._decisions.items())),
            notices=self.notices,
            closes=self._closes,
            waves=waves[-1] if waves else 0,
            source_open=self._source_open,
            source_ours=self._source_ours,
            clear_wave=waves[-self.clears] if self.clears else 0,
        )
