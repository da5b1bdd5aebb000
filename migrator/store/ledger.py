"""The ledger: immutable entries, appended attempts, and nothing else.

What is in doubt after a crash follows from what is written here, so each write below is one
transaction and comes *before* the request that it announces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen, ItemRef
from migrator.domain.protocol.ledger import (
    LOOKED_AT_AGAIN,
    ActKind,
    Attempt,
    Done,
    Ending,
    Entry,
    EntryState,
    Phase,
    fold,
    reopens,
)
from migrator.errors import DatabaseError
from migrator.store.item_names import (
    item_id_of,
    item_ids_of,
    known_ids,
    lock_item,
)
from migrator.store.ledger_rows import (
    UNREADABLE_LINE,
    attempt_row,
    entry_row,
    outcome_row,
    read_attempt,
    read_entry,
    stored_line,
)
from migrator.store.models import AttemptRow, DueRow, EntryRow, OutcomeRow
from migrator.store.run_changes import note_entries, note_runs
from migrator.store.types import upsert


class Recorded(Frozen, frozen=True, kw_only=True):
    """An entry with its history."""

    entry: Entry
    attempts: tuple[Attempt, ...] = ()

    @property
    def state(self) -> EntryState:
        """What follows from the attempts."""
        return fold(self.attempts)

    @property
    def unreadable(self) -> str:
        """Why a line cannot be read; empty if all can."""
        lines = (attempt.line for attempt in self.attempts)
        ends = (line for line in lines if isinstance(line, Ending))
        return next((end.message for end in ends if end.code == UNREADABLE_LINE), "")

    @property
    def fencing(self) -> int:
        """The highest fencing number among those who wrote to it."""
        return max((line.fencing for line in self.attempts), default=0)

    def followed_by(self, *attempts: Attempt) -> Recorded:
        """The same with more lines."""
        return Recorded(entry=self.entry, attempts=self.attempts + attempts)

    def without(self, last: int) -> Recorded:
        """The same without its last lines."""
        return Recorded(entry=self.entry, attempts=self.attempts[: len(self.attempts) - last])


class Overtaken(DatabaseError):
    """Another process has written to the same entry; whoever is told so must let go of the item."""


class Ledger:
    """Ledger rows of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    @property
    def migration(self) -> str:
        """Name of the migration."""
        return self._migration

    def open_entry(self, entry: Entry, attempts: Sequence[Attempt] = ()) -> Recorded:
        """Write an entry with its first lines, or read the one that already stands for this item,
        decision and generation.

        The unique key decides between two processes: both get the same entry, with the nonce and
        the lines of the first.
        """
        try:
            with Session(self._engine) as session, session.begin():
                lock_item(session, entry.migration, entry.node_id or entry.item_key)
                item_id = item_id_of(
                    session, entry.migration, entry.ref, entry.node_id, entry.created_at
                )
                entry = replace(entry, item_id=item_id)
                session.flush()
                connection = session.connection()
                connection.execute(_ENTRY, [entry_row(entry)])
                _add_lines(connection, [(Recorded(entry=entry), attempts)])
                note_entries(connection, [entry])
        except IntegrityError:
            known = self.find(entry.item_key, entry.decision, entry.generation)
            if known is None:  # not our unique key: a missing run, say
                raise
            return known
        return Recorded(entry=entry, attempts=tuple(attempts))

    def open_entries(self, entries: Sequence[Entry]) -> list[Recorded]:
        """Write several entries in one transaction, or read those that already stand, as
        :meth:`open_entry` does for one; in the order given."""
        known = self._standing(entries)
        fresh = [entry for entry in entries if _unique(entry) not in known]
        if fresh:
            try:
                known |= {_unique(each.entry): each for each in self._opened(fresh)}
            except IntegrityError:  # another process opened one of them meanwhile
                known |= {_unique(entry): self.open_entry(entry) for entry in fresh}
        return [known[_unique(entry)] for entry in entries]

    def _opened(self, entries: Sequence[Entry]) -> list[Recorded]:
        with Session(self._engine) as session, session.begin():
            lock_item(
                session, self._migration, *(each.node_id or each.item_key for each in entries)
            )
            ids = item_ids_of(session, self._migration, entries)
            numbered = [replace(entry, item_id=ids[entry.id]) for entry in entries]
            session.flush()
            session.connection().execute(_ENTRY, [entry_row(entry) for entry in numbered])
            note_entries(session.connection(), numbered)
        return [Recorded(entry=entry) for entry in numbered]

    def _standing(self, entries: Sequence[Entry]) -> dict[tuple[str, str, int], Recorded]:
        query = select(EntryRow).where(
            EntryRow.migration == self._migration,
            EntryRow.item_key.in_([entry.item_key for entry in entries]),
        )
        with Session(self._engine) as session:
            rows = session.scalars(query).all()
            found = self._recorded_many(session, rows) if rows else []
        return {_unique(each.entry): each for each in found}

    def append(self, recorded: Recorded, attempts: Sequence[Attempt]) -> Recorded:
        """Append lines to an entry's history in one transaction; returns the entry as it then
        stands.

        Raises :class:`Overtaken` if another process has written a line since ``recorded`` was read,
        or if somebody with a higher fencing number has ever written one (0: a writer without a
        lease): then nothing is written.
        """
        if any(0 < line.fencing < recorded.fencing for line in attempts):
            raise Overtaken(f"another worker has taken over {recorded.entry.item_key}")
        try:
            with self._engine.begin() as connection:
                _add_lines(connection, [(recorded, attempts)])
                note_entries(connection, [recorded.entry])
        except IntegrityError as error:
            raise Overtaken(f"another process is at work on {recorded.entry.item_key}") from error
        return recorded.followed_by(*attempts)

    def append_together(self, lines: Sequence[tuple[Recorded, Sequence[Attempt]]]) -> bool:
        """Append lines to the histories of several entries in one transaction: all of them, or none
        (false) because one would be refused. :meth:`append` then says which."""
        if any(0 < line.fencing < recorded.fencing for recorded, more in lines for line in more):
            return False
        try:
            with self._engine.begin() as connection:
                _add_lines(connection, lines)
                note_entries(connection, [recorded.entry for recorded, _ in lines])
        except IntegrityError:
            return False
        return True

    def find(self, item_key: str, decision: str, generation: int) -> Recorded | None:
        """The entry for one item, decision and generation, with its history."""
        query = select(EntryRow).where(
            EntryRow.migration == self._migration,
            EntryRow.item_key == item_key,
            EntryRow.decision == decision,
            EntryRow.generation == generation,
        )
        with Session(self._engine) as session:
            row = session.scalars(query).first()
            return self._recorded(session, row) if row else None

    def get(self, entry_id: str) -> Recorded | None:
        """One entry by its id."""
        with Session(self._engine) as session:
            row = session.get(EntryRow, entry_id)
            return self._recorded(session, row) if row else None

    def of_item(self, item_key: str, node_id: str = "") -> list[Recorded]:
        """All entries of an item under any of its names, oldest first; also those that bear this
        name and whose item is not known."""
        with Session(self._engine) as session:
            ids = known_ids(session, self._migration, ItemRef.parse(item_key), node_id)
            ours = EntryRow.migration == self._migration
            named = and_(ours, EntryRow.item_key == item_key, EntryRow.item_id.is_(None))
            # the migration stands in both parts, so that SQLite has an index for each of them
            itself = (and_(ours, EntryRow.item_id.in_(ids)),) if ids else ()
            query = select(EntryRow).where(or_(*itself, named))
            rows = session.scalars(query.order_by(EntryRow.created_at, EntryRow.id)).all()
            return [self._recorded(session, row) for row in rows]

    def stream(self, *, run_id: str | None = None) -> Iterator[Recorded]:
        """All entries (of one run), in the order of their ids, a hundred in memory at a time."""
        last = ""
        while True:
            query = select(EntryRow).where(
                EntryRow.migration == self._migration, EntryRow.id > last
            )
            if run_id is not None:
                query = query.where(EntryRow.run_id == run_id)
            with Session(self._engine) as session:
                rows = session.scalars(query.order_by(EntryRow.id).limit(100)).all()
                chunk = self._recorded_many(session, rows)
            if not chunk:
                return
            yield from chunk
            last = chunk[-1].entry.id

    def by_item(
        self, names: Mapping[int, str], *, run_id: str = "", item: ItemRef | None = None
    ) -> Iterator[Recorded]:
        """Entries (of one run, of one item) by their item's repository and number, oldest first.
        ``names`` are those that items have now, by item id; a hundred in memory at a time."""
        query = select(EntryRow.id, EntryRow.item_id, EntryRow.item_key, EntryRow.created_at)
        query = query.where(EntryRow.migration == self._migration)
        if run_id:
            query = query.where(EntryRow.run_id == run_id)
        if item is not None:
            query = query.where(EntryRow.id.in_(one.entry.id for one in self.of_item(str(item))))
        with Session(self._engine) as session:
            found = [
                (ItemRef.parse(names.get(item_id or 0, key)), at, entry_id)
                for entry_id, item_id, key, at in session.execute(query)
            ]
        ids = [entry_id for _ref, _at, entry_id in sorted(found)]
        for start in range(0, len(ids), 100):
            yield from self._at(ids[start : start + 100])

    def _at(self, ids: Sequence[str]) -> list[Recorded]:
        with Session(self._engine) as session:
            rows = session.scalars(select(EntryRow).where(EntryRow.id.in_(ids))).all()
            found = {one.entry.id: one for one in self._recorded_many(session, rows)}
        return [found[entry_id] for entry_id in ids if entry_id in found]

    def transfers(self, run_id: str) -> list[Recorded]:
        """The entries of a run of which a transfer was ever intended, oldest first."""
        begun = select(AttemptRow.entry_id).where(
            AttemptRow.act == ActKind.TRANSFER.value, AttemptRow.phase == Phase.INTENDED.value
        )
        query = select(EntryRow).where(EntryRow.run_id == run_id, EntryRow.id.in_(begun))
        with Session(self._engine) as session:
            rows = session.scalars(query.order_by(EntryRow.created_at, EntryRow.id)).all()
            return self._recorded_many(session, rows)

    def compared(self, run_id: str) -> list[tuple[str, datetime, Done]]:
        """What was compared of a run's transfers, in the order of the entries: (entry, when that
        was opened, line)."""
        query = (
            select(EntryRow.id, EntryRow.created_at, AttemptRow.data)
            .join(AttemptRow, AttemptRow.entry_id == EntryRow.id)
            .where(EntryRow.run_id == run_id)
            .where(AttemptRow.act == ActKind.COMPARE.value, AttemptRow.phase == Phase.DONE.value)
            .order_by(EntryRow.created_at, EntryRow.id, AttemptRow.seq)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        found = []
        for entry_id, opened_at, data in rows:
            line = stored_line(ActKind.COMPARE, Phase.DONE, data)
            if isinstance(line, Done):
                found.append((entry_id, opened_at, line))
        return found

    def in_doubt(self, run_id: str) -> list[Recorded]:
        """The entries of a run that are in doubt, and that a later look may settle; also those that
        one was asked for and that none has ended yet."""
        query = (
            select(EntryRow)
            .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(EntryRow.run_id == run_id)
            .where(or_(OutcomeRow.code.in_(LOOKED_AT_AGAIN), OutcomeRow.entry_id.is_(None)))
        )
        with Session(self._engine) as session:
            rows = session.scalars(query.order_by(EntryRow.created_at, EntryRow.id)).all()
            found = self._recorded_many(session, rows)
        return [
            each
            for each in found
            if each.state.outcome is not None or any(act.again for act in each.state.acts.values())
        ]

    def latest_noticed(self, run_id: str, most: int) -> list[Recorded]:
        """The entries of a run whose notice stands, the latest opened ones, at most so many,
        newest first."""
        stands = select(AttemptRow.entry_id).where(
            AttemptRow.act == ActKind.NOTICE.value, AttemptRow.phase == Phase.DONE.value
        )
        query = select(EntryRow).where(EntryRow.run_id == run_id, EntryRow.id.in_(stands))
        with Session(self._engine) as session:
            rows = session.scalars(
                query.order_by(EntryRow.created_at.desc(), EntryRow.id).limit(most)
            ).all()
            return self._recorded_many(session, rows)

    def _recorded(self, session: Session, row: EntryRow) -> Recorded:
        return self._recorded_many(session, [row])[0]

    def _recorded_many(self, session: Session, rows: Iterable[EntryRow]) -> list[Recorded]:
        entries = [read_entry(row) for row in rows]
        query = (
            select(AttemptRow)
            .where(AttemptRow.entry_id.in_([entry.id for entry in entries]))
            .order_by(AttemptRow.entry_id, AttemptRow.seq)
        )
        lines: dict[str, list[Attempt]] = {}
        for row in session.scalars(query):
            lines.setdefault(row.entry_id, []).append(read_attempt(row))
        return [Recorded(entry=entry, attempts=tuple(lines.get(entry.id, ()))) for entry in entries]

    def ended(self, run_id: str) -> set[str]:
        """Keys of the items whose entry in this run has an outcome."""
        query = (
            select(EntryRow.item_key)
            .join(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(EntryRow.run_id == run_id)
        )
        with Session(self._engine) as session:
            return set(session.scalars(query))

    def outcome_of_items(self, run_id: str) -> dict[str, str]:
        """Item key -> outcome, for the ended entries of a run."""
        query = select(EntryRow.item_key, OutcomeRow.outcome).join(
            OutcomeRow, OutcomeRow.entry_id == EntryRow.id
        )
        with Session(self._engine) as session:
            return {
                row[0]: row[1] for row in session.execute(query.where(EntryRow.run_id == run_id))
            }

    def adopt(self, entry: Entry, run_id: str, plan_hash: str) -> None:
        """Have an entry, and its outcome, belong to another run: the one that it was made for, when
        ``recover`` has read it back under a run of its own."""
        belongs = {"run_id": run_id}
        with Session(self._engine) as session, session.begin():
            session.execute(
                update(EntryRow)
                .where(EntryRow.id == entry.id)
                .values(**belongs, plan_hash=plan_hash)
            )
            session.execute(
                update(OutcomeRow).where(OutcomeRow.entry_id == entry.id).values(**belongs)
            )
            note_runs(session, {entry.run_id, run_id})

    def park(self, entry_id: str, due_at: datetime) -> None:
        """Note when the next act of an entry may happen."""
        with Session(self._engine) as session, session.begin():
            upsert(session, DueRow, [{"entry_id": entry_id, "due_at": due_at}])
            waits = select(EntryRow.run_id).where(EntryRow.id == entry_id)
            note_runs(session, session.scalars(waits))

    def parked(self, run_id: str) -> dict[str, datetime]:
        """Item key -> when its next act may happen, for the entries of a run that wait and have
        no outcome."""
        query = (
            select(EntryRow.item_key, DueRow.due_at)
            .join(DueRow, DueRow.entry_id == EntryRow.id)
            .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
            .where(EntryRow.run_id == run_id, OutcomeRow.entry_id.is_(None))
        )
        with Session(self._engine) as session:
            return {row[0]: row[1] for row in session.execute(query)}


_ENTRY = insert(EntryRow.__table__)  # type: ignore[arg-type]
_ATTEMPT = insert(AttemptRow.__table__)  # type: ignore[arg-type]


def _unique(entry: Entry) -> tuple[str, str, int]:
    """The unique key of an entry within its migration."""
    return entry.item_key, entry.decision, entry.generation


def _add_lines(connection: Connection, lines: Sequence[tuple[Recorded, Sequence[Attempt]]]) -> None:
    """Append lines to entries that are as given; each write to the ledger goes through here, so
    without the ORM, whose share would be twice the statements'."""
    rows = [
        attempt_row(recorded.entry.id, seq, attempt)
        # in one order everywhere, so that two processes do not wait for each other
        for recorded, attempts in sorted(lines, key=lambda each: each[0].entry.id)
        for seq, attempt in enumerate(attempts, len(recorded.attempts))
    ]
    if rows:
        connection.execute(_ATTEMPT, rows)
    opened = [
        recorded.entry.id
        for recorded, attempts in lines
        if any(reopens(attempt.line) for attempt in attempts)
    ]
    if opened:
        connection.execute(delete(OutcomeRow).where(OutcomeRow.entry_id.in_(opened)))
    ended = {
        recorded.entry.id: outcome_row(recorded.entry, attempt.line, attempt.at)
        for recorded, attempts in lines
        for attempt in attempts
        if isinstance(attempt.line, Ending)
    }
    upsert(connection, OutcomeRow, list(ended.values()))
