"""The only package that writes SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from migrator.store.audit import AuditLog
from migrator.store.budget import Budget
from migrator.store.calibrations import Calibrations
from migrator.store.deliveries import Deliveries
from migrator.store.item_histories import ItemHistories
from migrator.store.items import Items
from migrator.store.jobs import JobQueue
from migrator.store.landings import Landings
from migrator.store.leases import Leases
from migrator.store.ledger import Ledger
from migrator.store.plan_cache import PlanCache
from migrator.store.plan_items import PlanItemQuery
from migrator.store.plans import Plans
from migrator.store.read_cache import ReadCache
from migrator.store.reviews import ReviewQueue
from migrator.store.run_stats import RunStats
from migrator.store.runs import Runs
from migrator.store.set_aside import SetAsideItems
from migrator.store.snapshots import Snapshots
from migrator.store.types import scaled
from migrator.store.verdicts import Verdicts


@dataclass(frozen=True)
class Store:
    """All tables of one migration, on one database."""

    engine: Engine
    snapshots: Snapshots
    set_aside: SetAsideItems
    verdicts: Verdicts
    calibrations: Calibrations
    plans: Plans
    ledger: Ledger
    histories: ItemHistories
    runs: Runs
    lists: PlanItemQuery
    progress: RunStats
    queue: ReviewQueue
    facts: PlanCache
    audit: AuditLog
    jobs: JobQueue
    items: Items
    landings: Landings
    deliveries: Deliveries
    """Webhooks of all migrations on this database."""
    leases: Leases
    """Leases and heartbeats of all workers on this database."""
    answers: ReadCache
    """What pages read, until the database changes."""

    def budget(self, account: str, *, clock_scale: float = 1.0) -> Budget:
        """The budget of one account; its clock runs ``clock_scale`` times as fast as the real
        one (1: GitHub's)."""
        return Budget(self.engine, account, scaled(clock_scale))


def open_store(engine: Engine, migration: str) -> Store:
    """The tables of one migration. The database must be at the right revision (see
    ``revisions.require_current``)."""
    return Store(
        engine=engine,
        snapshots=Snapshots(engine, migration),
        set_aside=SetAsideItems(engine, migration),
        verdicts=Verdicts(engine, migration),
        calibrations=Calibrations(engine, migration),
        plans=Plans(engine, migration),
        ledger=Ledger(engine, migration),
        histories=ItemHistories(engine, migration),
        runs=Runs(engine, migration),
        lists=PlanItemQuery(engine, migration),
        progress=RunStats(engine, migration),
        queue=ReviewQueue(engine, migration),
        facts=PlanCache(engine),
        audit=AuditLog(engine, migration),
        jobs=JobQueue(engine, migration),
        items=Items(engine, migration),
        landings=Landings(engine, migration),
        deliveries=Deliveries(engine),
        leases=Leases(engine),
        answers=ReadCache(engine),
    )
