"""The only package that writes SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from migrator.store.audit import Audit
from migrator.store.facts import PlanFacts
from migrator.store.ledger import Ledger
from migrator.store.lists import Lists
from migrator.store.plans import Plans
from migrator.store.progress import Progress
from migrator.store.review_queue import ReviewQueue
from migrator.store.runs import Runs
from migrator.store.snapshots import Snapshots
from migrator.store.tempo import Tempo
from migrator.store.verdicts import Verdicts


@dataclass(frozen=True)
class Store:
    """All tables of one migration, on one database."""

    engine: Engine
    snapshots: Snapshots
    verdicts: Verdicts
    plans: Plans
    ledger: Ledger
    runs: Runs
    tempo: Tempo
    lists: Lists
    progress: Progress
    queue: ReviewQueue
    facts: PlanFacts
    audit: Audit


def open_store(engine: Engine, migration: str) -> Store:
    """The tables of one migration. The database must be at the right revision (see ``revisions.require_current``)."""
    return Store(
        engine=engine,
        snapshots=Snapshots(engine, migration),
        verdicts=Verdicts(engine, migration),
        plans=Plans(engine, migration),
        ledger=Ledger(engine, migration),
        runs=Runs(engine, migration),
        tempo=Tempo(engine, migration),
        lists=Lists(engine, migration),
        progress=Progress(engine, migration),
        queue=ReviewQueue(engine, migration),
        facts=PlanFacts(engine),
        audit=Audit(engine, migration),
    )
