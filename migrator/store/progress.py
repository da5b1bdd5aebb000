"""How far the acts have come, counted from the ledger: cheap enough to be asked every second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, Engine, exists, func, select
from sqlalchemy.orm import aliased

from migrator.domain.items import Frozen
from migrator.domain.planning import STEERED
from migrator.store.models import DueRow, EntryRow, LandingRow, OutcomeRow, RunRow


class Waiting(Frozen, frozen=True, kw_only=True):
    """Closes that wait for their grace: how many, and when the first is due."""

    count: int = 0
    first: datetime | None = None


class Trouble(Frozen, frozen=True, kw_only=True):
    """An act that failed or whose outcome nobody knows."""

    item_key: str
    outcome: str
    code: str
    at: datetime
    run_id: str


class Progress:
    """Counts over the ledger of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def outcomes(self, run_id: str) -> dict[str, dict[str, int]]:
        """Decision -> outcome -> entries of a run that ended so."""
        query = select(OutcomeRow.decision, OutcomeRow.outcome, func.count()).where(OutcomeRow.run_id == run_id)
        counts: dict[str, dict[str, int]] = {}
        with self._engine.connect() as connection:
            for decision, outcome, count in connection.execute(query.group_by(OutcomeRow.decision, OutcomeRow.outcome)):
                counts.setdefault(decision, {})[outcome] = count
        return counts

    def waiting(self, run_id: str) -> Waiting:
        """Closes of a run that wait for their grace."""
        ended = exists().where(OutcomeRow.entry_id == DueRow.entry_id)
        ours = exists().where(EntryRow.id == DueRow.entry_id, EntryRow.run_id == run_id)
        query = select(func.count(), func.min(DueRow.due_at)).where(~ended, ours)
        with self._engine.connect() as connection:
            count, first = connection.execute(query).one()
        return Waiting(count=count, first=first)

    def span(
        self, run_id: str, *, after: datetime | None = None, before: datetime | None = None
    ) -> tuple[datetime, datetime] | None:
        """When the first and the last entry of a run ended (within these bounds); ``None`` if none did."""
        where = [OutcomeRow.run_id == run_id]
        if after is not None:
            where.append(OutcomeRow.at >= after)
        if before is not None:
            where.append(OutcomeRow.at < before)
        # apart, each is one step in the index; together they would read all of it
        first, last = (select(edge(OutcomeRow.at)).where(*where).scalar_subquery() for edge in (func.min, func.max))
        with self._engine.connect() as connection:
            begins, ends = connection.execute(select(first, last)).one()
        return (begins, ends) if begins is not None else None

    def ended_between(self, run_id: str, edges: Sequence[datetime]) -> list[int]:
        """How many entries of a run ended between each two neighbouring moments (the later one included for the last)."""
        stretches = []
        for place, (lower, upper) in enumerate(pairwise(edges)):
            ends = OutcomeRow.at <= upper if place == len(edges) - 2 else OutcomeRow.at < upper
            count = select(func.count()).where(OutcomeRow.run_id == run_id, OutcomeRow.at >= lower, ends)
            stretches.append(count.scalar_subquery().label(f"stretch{place}"))
        with self._engine.connect() as connection:
            return [int(count) for count in connection.execute(select(*stretches)).one()]

    def failed(self, run_id: str) -> list[str]:
        """Keys of the items whose act failed in a run and was not tried again."""
        query = select(EntryRow.item_key).join(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
        where = (OutcomeRow.run_id == run_id, OutcomeRow.outcome == "failed", ~_tried_again())
        with self._engine.connect() as connection:
            return list(connection.scalars(query.where(*where).order_by(EntryRow.item_key)))

    def troubles(self, limit: int = 20) -> tuple[int, list[Trouble]]:
        """How many acts failed or are in doubt and were not tried again, and the latest of them."""
        ours = select(RunRow.id).where(RunRow.migration == self._migration)
        where = (OutcomeRow.outcome.in_(("failed", "in_doubt")), OutcomeRow.run_id.in_(ours), ~_tried_again())
        columns = (EntryRow.item_key, OutcomeRow.outcome, OutcomeRow.code, OutcomeRow.at, OutcomeRow.run_id)
        both = EntryRow.id == OutcomeRow.entry_id
        latest = select(*columns).join(EntryRow, both).where(*where)
        with self._engine.connect() as connection:
            count = connection.scalar(select(func.count()).select_from(OutcomeRow).join(EntryRow, both).where(*where)) or 0
            rows = connection.execute(latest.order_by(OutcomeRow.at.desc()).limit(limit)).mappings().all() if count else []
        return count, [Trouble(**row) for row in rows]

    def landed(self) -> int:
        """How many old items were found again in a target repository."""
        query = select(func.count(func.distinct(LandingRow.old_key))).where(LandingRow.migration == self._migration)
        with self._engine.connect() as connection:
            return connection.scalar(query) or 0

    def landings_of(self, item_key: str) -> list[tuple[str, str, str]]:
        """``(new key, its address, how it names the old one)`` of an item's successors."""
        query = select(LandingRow.new_key, LandingRow.new_url, LandingRow.how)
        where = (LandingRow.migration == self._migration, LandingRow.old_key == item_key)
        with self._engine.connect() as connection:
            return [(row[0], row[1], row[2]) for row in connection.execute(query.where(*where).order_by(LandingRow.new_key))]

    def stamp(self) -> str:
        """A word that changes whenever a run does: cheap to compare, says nothing by itself."""
        steered = [kind.value for kind in STEERED]
        runs = select(RunRow.id, RunRow.state, RunRow.wave).where(RunRow.migration == self._migration, RunRow.kind.in_(steered))
        with self._engine.connect() as connection:
            states = connection.execute(runs.order_by(RunRow.started_at.desc()).limit(5)).all()
            last = connection.scalar(select(func.max(OutcomeRow.at)).where(OutcomeRow.run_id == states[0][0])) if states else None
            waits = connection.scalar(select(func.count()).select_from(DueRow))
        return "|".join(str(part) for row in (*states, (last, waits)) for part in row)


def _tried_again() -> ColumnElement[bool]:
    """Whether an entry of a later generation followed: what failed then is told by that one."""
    later = aliased(EntryRow)
    same = (later.migration == EntryRow.migration, later.item_key == EntryRow.item_key, later.decision == EntryRow.decision)
    return exists().where(*same, later.generation > EntryRow.generation)
