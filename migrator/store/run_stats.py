"""Every number that is counted over runs and their ledger: outcomes, pace, what is due, what a gate
looks at. Cheap enough to be asked every second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice, pairwise, takewhile

from sqlalchemy import ColumnElement, Engine, Select, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from migrator.domain.items import Frozen, ItemRef
from migrator.domain.planning.plan import STEERED, PlanItem, PlanKind
from migrator.domain.protocol.ledger import NOT_READ, Absent, ActKind, Phase
from migrator.store import json_columns
from migrator.store.ledger_rows import stored_line
from migrator.store.models import (
    AttemptRow,
    DueRow,
    EntryRow,
    OutcomeRow,
    PlanItemRow,
    RunRow,
)
from migrator.store.set_aside import APPLY, SetAsideItem, SetAsideItems

WRITTEN = (
    ActKind.NOTICE,
    ActKind.CLOSE,
    ActKind.EDIT,
    ActKind.REOPEN,
    ActKind.TRANSFER,
)


class WaitingItems(Frozen, frozen=True, kw_only=True):
    """Items of a run that have begun and wait: how many for their grace, and when the ``first`` is
    due; and which are ``set_aside`` because GitHub does not show them, and when the first of them
    is tried again (``retry_at``)."""

    count: int = 0
    first: datetime | None = None
    set_aside: tuple[SetAsideItem, ...] = ()
    retry_at: datetime | None = None


class Trouble(Frozen, frozen=True, kw_only=True):
    """An act that failed or whose outcome no one knows."""

    item_key: str
    outcome: str
    code: str
    at: datetime
    run_id: str


class TroubleCause(Frozen, frozen=True, kw_only=True):
    """Acts of one run that failed, or are in doubt, for one cause. ``message`` is what GitHub or
    the migrator had to say; ``latest`` is the item met last, at ``at``."""

    run_id: str
    outcome: str
    code: str
    message: str
    count: int
    latest: str
    at: datetime


class RunStats:
    """Counts over the ledger of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration
        self._set_aside = SetAsideItems(engine, migration)

    def outcomes(
        self, run_id: str | None = None, *, by: tuple[str, str] = ("decision", "outcome")
    ) -> dict[str, dict[str, int]]:
        """How many entries of a run ended, of all runs without one; ``by`` names two of
        ``decision``, ``outcome`` and ``code``, the outer one first."""
        outer, inner = (getattr(OutcomeRow, name) for name in by)
        ours = select(RunRow.id).where(RunRow.migration == self._migration)
        where = OutcomeRow.run_id == run_id if run_id else OutcomeRow.run_id.in_(ours)
        query = select(outer, inner, func.count()).where(where).group_by(outer, inner)
        counts: dict[str, dict[str, int]] = {}
        with self._engine.connect() as connection:
            for one, other, count in connection.execute(query):
                counts.setdefault(one, {})[other] = count
        return counts

    def waiting(self, run_id: str) -> WaitingItems:
        """Items of a run that have begun and wait."""
        aside = self._aside()
        ended = exists().where(OutcomeRow.entry_id == DueRow.entry_id)
        ours = exists().where(
            EntryRow.id == DueRow.entry_id,
            EntryRow.run_id == run_id,
            EntryRow.node_id.not_in(aside),
        )
        query = select(func.count(), func.min(DueRow.due_at)).where(~ended, ours)
        with self._engine.connect() as connection:
            count, first = connection.execute(query).one()
            unread = connection.execute(_unread(run_id, aside)).all() if aside else ()
        return WaitingItems(
            count=count,
            first=first,
            set_aside=tuple(aside[node_id] for node_id, _ in unread),
            retry_at=min((due for _, due in unread), default=None),
        )

    def retry_set_aside(self, run_id: str, at: datetime) -> None:
        """Have the items of a run that are set aside tried again at that time."""
        aside = self._aside()
        theirs = select(EntryRow.id).where(EntryRow.run_id == run_id, EntryRow.node_id.in_(aside))
        if aside:
            with Session(self._engine) as session, session.begin():
                session.execute(update(DueRow).where(DueRow.entry_id.in_(theirs)).values(due_at=at))

    def _aside(self) -> dict[str, SetAsideItem]:
        """Node id -> item that GitHub stopped showing half way: names may change meanwhile."""
        return {item.node_id: item for item in self._set_aside.all((APPLY,))}

    def not_read(self, run_id: str) -> list[str]:
        """Keys of the items of a run on which nothing was done, as GitHub did not show them."""
        query = (
            select(EntryRow.item_key)
            .join(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(OutcomeRow.run_id == run_id, OutcomeRow.code == NOT_READ)
            .order_by(EntryRow.item_key)
        )
        with self._engine.connect() as connection:
            return list(connection.scalars(query))

    def span(
        self, run_id: str, *, after: datetime | None = None, before: datetime | None = None
    ) -> tuple[datetime, datetime] | None:
        """When the first and the last entry of a run ended (within these bounds); ``None`` if
        none did."""
        where = [OutcomeRow.run_id == run_id]
        if after is not None:
            where.append(OutcomeRow.at >= after)
        if before is not None:
            where.append(OutcomeRow.at < before)
        # apart, each is one step in the index; together they would read all of it
        first, last = (
            select(edge(OutcomeRow.at)).where(*where).scalar_subquery()
            for edge in (func.min, func.max)
        )
        with self._engine.connect() as connection:
            begins, ends = connection.execute(select(first, last)).one()
        return (begins, ends) if begins is not None else None

    def ended_between(self, run_id: str, edges: Sequence[datetime]) -> list[int]:
        """How many entries of a run ended between each two neighbouring timestamps (the later one
        included for the last)."""
        stretches = []
        for place, (lower, upper) in enumerate(pairwise(edges)):
            ends = OutcomeRow.at <= upper if place == len(edges) - 2 else OutcomeRow.at < upper
            count = select(func.count()).where(
                OutcomeRow.run_id == run_id, OutcomeRow.at >= lower, ends
            )
            stretches.append(count.scalar_subquery().label(f"stretch{place}"))
        with self._engine.connect() as connection:
            return [int(count) for count in connection.execute(select(*stretches)).one()]

    def failed(self, run_id: str, *, code: str = "") -> list[str]:
        """Keys of the items whose act failed in a run and was not tried again; only those that
        failed with that reason, if one is given."""
        query = select(EntryRow.item_key).join(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
        where = [OutcomeRow.run_id == run_id, OutcomeRow.outcome == "failed", ~_tried_again()]
        if code:
            where.append(OutcomeRow.code == code)
        with self._engine.connect() as connection:
            return list(connection.scalars(query.where(*where).order_by(EntryRow.item_key)))

    def troubles(self, limit: int = 20) -> tuple[int, list[Trouble]]:
        """How many acts failed or are in doubt and were not tried again, and the latest of them."""
        ours = select(RunRow.id).where(RunRow.migration == self._migration)
        where = (
            OutcomeRow.outcome.in_(("failed", "in_doubt")),
            OutcomeRow.run_id.in_(ours),
            ~_tried_again(),
        )
        columns = (
            EntryRow.item_key,
            OutcomeRow.outcome,
            OutcomeRow.code,
            OutcomeRow.at,
            OutcomeRow.run_id,
        )
        both = EntryRow.id == OutcomeRow.entry_id
        latest = select(*columns).join(EntryRow, both).where(*where)
        with self._engine.connect() as connection:
            count = (
                connection.scalar(
                    select(func.count()).select_from(OutcomeRow).join(EntryRow, both).where(*where)
                )
                or 0
            )
            rows = (
                connection.execute(latest.order_by(OutcomeRow.at.desc()).limit(limit))
                .mappings()
                .all()
                if count
                else []
            )
        return count, [Trouble(**row) for row in rows]

    def trouble_causes(self, limit: int = 50) -> list[TroubleCause]:
        """Acts that failed or are in doubt and were not tried again, by run and cause, the most
        frequent first."""
        ours = select(RunRow.id).where(RunRow.migration == self._migration)
        last = aliased(AttemptRow)
        newest = (
            select(func.max(last.seq))
            .where(last.entry_id == EntryRow.id, last.phase == Phase.FINAL.value)
            .correlate(EntryRow)
            .scalar_subquery()
        )
        same = (OutcomeRow.run_id, OutcomeRow.outcome, OutcomeRow.code, AttemptRow.data)
        count = func.count().label("count")
        query = (
            select(*same, count, func.max(EntryRow.item_key), func.max(OutcomeRow.at))
            .join(EntryRow, EntryRow.id == OutcomeRow.entry_id)
            .join(AttemptRow, (AttemptRow.entry_id == EntryRow.id) & (AttemptRow.seq == newest))
            .where(OutcomeRow.outcome.in_(("failed", "in_doubt")), OutcomeRow.run_id.in_(ours))
            .where(~_tried_again())
            .group_by(*same)
            .order_by(count.desc(), OutcomeRow.run_id)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [
                TroubleCause(
                    run_id=row[0],
                    outcome=row[1],
                    code=row[2],
                    message=str(json_columns.read_or(row[3], dict, {}).get("message", "")),
                    count=row[4],
                    latest=row[5],
                    at=row[6],
                )
                for row in connection.execute(query)
            ]

    def stamp(self) -> str:
        """A word that changes whenever a run does: cheap to compare, says nothing by itself."""
        steered = [kind.value for kind in STEERED]
        runs = select(RunRow.id, RunRow.state, RunRow.wave).where(
            RunRow.migration == self._migration, RunRow.kind.in_(steered)
        )
        with self._engine.connect() as connection:
            states = connection.execute(runs.order_by(RunRow.started_at.desc()).limit(5)).all()
            last = (
                connection.scalar(
                    select(func.max(OutcomeRow.at)).where(OutcomeRow.run_id == states[0][0])
                )
                if states
                else None
            )
            waits = connection.scalar(select(func.count()).select_from(DueRow))
        return "|".join(str(part) for row in (*states, (last, waits)) for part in row)

    def due_runs(self, now: datetime) -> list[str]:
        """Ids of the running runs that have an entry whose time has come, in the order of their
        start."""
        query = (
            select(RunRow.id)
            .join(EntryRow, EntryRow.run_id == RunRow.id)
            .join(DueRow, DueRow.entry_id == EntryRow.id)
            .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(
                RunRow.migration == self._migration,
                RunRow.state == "running",
                DueRow.due_at <= now,
                OutcomeRow.entry_id.is_(None),
            )
            .group_by(RunRow.id, RunRow.started_at)
            .order_by(RunRow.started_at, RunRow.id)
        )
        with Session(self._engine) as session:
            return list(session.scalars(query))

    def left_unfinished(self) -> list[ItemRef]:
        """Items on which the listener began something that has no outcome and waits for no
        hour."""
        query = (
            select(EntryRow.item_key)
            .join(RunRow, RunRow.id == EntryRow.run_id)
            .outerjoin(DueRow, DueRow.entry_id == EntryRow.id)
            .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(EntryRow.migration == self._migration, RunRow.kind == PlanKind.FOLLOW.value)
            .where(OutcomeRow.entry_id.is_(None), DueRow.entry_id.is_(None))
            .distinct()
            .order_by(EntryRow.item_key)
        )
        with Session(self._engine) as session:
            return [ItemRef.parse(key) for key in session.scalars(query)]

    def notice_totals(self) -> int:
        """How many notices were confirmed to stand on GitHub."""
        query = (
            select(func.count(func.distinct(AttemptRow.entry_id)))
            .join(EntryRow, EntryRow.id == AttemptRow.entry_id)
            .where(
                EntryRow.migration == self._migration,
                AttemptRow.act == ActKind.NOTICE.value,
                AttemptRow.phase == Phase.DONE.value,
            )
        )
        with Session(self._engine) as session:
            return session.scalar(query) or 0

    def sent_since(self, since: datetime) -> Counter[str]:
        """Login -> notices that the person got since then, over all runs."""
        query = (
            select(PlanItemRow.document)
            .join(
                EntryRow,
                (EntryRow.plan_hash == PlanItemRow.plan_hash)
                & (EntryRow.item_key == PlanItemRow.item_key),
            )
            .join(AttemptRow, AttemptRow.entry_id == EntryRow.id)
            .where(EntryRow.migration == self._migration, AttemptRow.at >= since)
            .where(AttemptRow.act == ActKind.NOTICE.value, AttemptRow.phase == Phase.DONE.value)
        )
        sent: Counter[str] = Counter()
        with Session(self._engine) as session:
            for document in session.scalars(query):
                with suppress(*json_columns.UNREADABLE):
                    sent.update(json_columns.read(document, PlanItem).recipients)
        return sent

    def arrivals_since(self, author: str, since: datetime, *, but: str) -> int:
        """On how many new items of an author (login) the listener began a notice since then,
        leaving out the item ``but``."""
        query = (
            select(func.count(func.distinct(EntryRow.item_key)))
            .join(RunRow, RunRow.id == EntryRow.run_id)
            .join(
                PlanItemRow,
                (PlanItemRow.plan_hash == EntryRow.plan_hash)
                & (PlanItemRow.item_key == EntryRow.item_key),
            )
            .where(EntryRow.migration == self._migration, RunRow.kind == PlanKind.FOLLOW.value)
            .where(EntryRow.created_at >= since, EntryRow.item_key != but)
            .where(func.lower(PlanItemRow.author) == author.lower())
        )
        with Session(self._engine) as session:
            return session.scalar(query) or 0

    def waves_since(self, run_id: str, since: datetime) -> set[int]:
        """Waves of a run of which the first entry was opened at ``since`` or later."""
        query = (
            select(PlanItemRow.wave)
            .join(
                EntryRow,
                (EntryRow.plan_hash == PlanItemRow.plan_hash)
                & (EntryRow.item_key == PlanItemRow.item_key),
            )
            .where(EntryRow.run_id == run_id)
            .group_by(PlanItemRow.wave)
            .having(func.min(EntryRow.created_at) >= since)
        )
        with Session(self._engine) as session:
            return set(session.scalars(query))

    def refused_in_a_row(self, run_id: str, most: int, since: datetime) -> int:
        """How many of the latest writes of one kind since then were refused, one after the other;
        counts up to ``most``.

        By kind: where notices are welcome and every close is refused, the two alternate. Not
        counted is what an author refused by blocking our account.
        """
        with Session(self._engine) as session:
            return max(_refused_in_a_row(session, run_id, kind, most, since) for kind in WRITTEN)

    def limit_errors(self, since: datetime) -> int:
        """Writes of all runs that GitHub refused since then because of a limit."""
        query = (
            select(AttemptRow.act, AttemptRow.phase, AttemptRow.data)
            .join(EntryRow, EntryRow.id == AttemptRow.entry_id)
            .where(
                EntryRow.migration == self._migration,
                AttemptRow.at >= since,
                AttemptRow.phase == Phase.ABSENT.value,
            )
        )
        with Session(self._engine) as session:
            lines = [stored_line(act, phase, data) for act, phase, data in session.execute(query)]
        return sum(isinstance(line, Absent) and bool(line.limited) for line in lines)

    def repeated_acts(self, run_id: str, since: datetime) -> int:
        """Items of a run on which one act of ours was seen twice since then."""
        query = (
            select(func.count())
            .select_from(OutcomeRow)
            .join(EntryRow, EntryRow.id == OutcomeRow.entry_id)
            .where(
                EntryRow.run_id == run_id, OutcomeRow.code == "notice_twice", OutcomeRow.at >= since
            )
        )
        with Session(self._engine) as session:
            return session.scalar(query) or 0


def _unread(run_id: str, aside: Mapping[str, SetAsideItem]) -> Select[str, datetime]:
    """Node id of each item of a run that is set aside, and when it is tried again."""
    return (
        select(EntryRow.node_id, DueRow.due_at)
        .join(DueRow, DueRow.entry_id == EntryRow.id)
        .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
        .where(EntryRow.run_id == run_id, OutcomeRow.entry_id.is_(None))
        .where(EntryRow.node_id.in_(aside))
        .order_by(EntryRow.item_key)
    )


def _tried_again() -> ColumnElement[bool]:
    """Whether an entry of a later generation followed: what failed then is told by that one."""
    later = aliased(EntryRow)
    same = (
        later.migration == EntryRow.migration,
        later.item_key == EntryRow.item_key,
        later.decision == EntryRow.decision,
    )
    return exists().where(*same, later.generation > EntryRow.generation)


def _refused_in_a_row(
    session: Session, run_id: str, kind: ActKind, most: int, since: datetime
) -> int:
    answered = (
        AttemptRow.act == kind.value,
        AttemptRow.phase.in_((Phase.DONE.value, Phase.REFUSED.value)),
    )
    query = (
        select(AttemptRow.phase, AttemptRow.data)
        .join(EntryRow, EntryRow.id == AttemptRow.entry_id)
        .where(EntryRow.run_id == run_id, AttemptRow.at >= since, *answered)
        .order_by(AttemptRow.at.desc(), AttemptRow.seq.desc())
        .execution_options(yield_per=2 * most or 1)
    )
    lines = (
        phase
        for phase, data in session.execute(query)
        if phase == Phase.DONE.value or not json_columns.read_or(data, dict, {}).get("by_person")
    )
    refused = takewhile(lambda phase: phase == Phase.REFUSED.value, lines)
    return sum(1 for _ in islice(refused, most))
