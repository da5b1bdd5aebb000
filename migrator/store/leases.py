"""Who acts for an installation: one worker at a time, the others stand by and take over when it
falls silent.

GitHub wants writes one after the other, so a second worker would win nothing. A holder that was
only asleep must not go on as if nothing had happened: its *fencing number* is lower than that of
whoever took over, and the ledger refuses its lines (:meth:`migrator.store.ledger.Ledger.append`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen
from migrator.errors import DatabaseError
from migrator.store.models import LeaseRow, WorkerRow
from migrator.store.types import Seconds, database_seconds, lock, upsert

HOLDS = timedelta(seconds=30)
"""How long a lease holds without being renewed. Renew it every few seconds."""


class Lease(Frozen, frozen=True, kw_only=True):
    """The right to act for an installation until ``expires_at``, if it is renewed in time."""

    installation: str
    holder: str
    fencing: int
    expires_at: datetime


class LeaseLost(DatabaseError):
    """Somebody else holds the lease, or nobody does; whoever is told so must stop acting at
    once."""


class Leases:
    """The lease of each installation, and the heartbeats of all workers. ``seconds`` is the
    clock that all of them share."""

    def __init__(self, engine: Engine, seconds: Seconds = database_seconds) -> None:
        self._engine = engine
        self._seconds = seconds

    def acquire(self, installation: str, holder: str, holds: timedelta = HOLDS) -> Lease | None:
        """Take the lease if it is free or its time is over; ``None`` if somebody else has it.

        The fencing number grows each time, also when the same holder takes it again: that may be
        another process of the same name, and the one before may still be on its way. An
        installation that is new begins above all others: it may be an old one at another address,
        whose number stands in the ledger already.
        """
        with Session(self._engine) as session, session.begin():
            lock(session, "lease", installation)
            now, row = self._now(session), session.get(LeaseRow, installation)
            if row is None:
                highest = session.scalar(select(func.max(LeaseRow.fencing))) or 0
                row = LeaseRow(
                    installation=installation, holder="", fencing=highest, expires_at=now
                )
                session.add(row)
            elif row.holder not in ("", holder) and row.expires_at > now:
                return None
            row.holder, row.fencing, row.expires_at = holder, row.fencing + 1, now + holds
            return _lease(row)

    def renew(self, lease: Lease, holds: timedelta = HOLDS) -> Lease:
        """Hold on to the lease. Raises :class:`LeaseLost` if it is not ours any more.

        A lease whose time is over is renewed if nobody took it meanwhile.
        """
        with Session(self._engine) as session, session.begin():
            lock(session, "lease", lease.installation)
            row = _held(session, lease)
            row.expires_at = self._now(session) + holds
            return _lease(row)

    def release(self, lease: Lease) -> None:
        """Let go, so that the next one need not wait. A lease that is not ours any more stays as
        it is."""
        with Session(self._engine) as session, session.begin():
            lock(session, "lease", lease.installation)
            row = session.get(LeaseRow, lease.installation)
            if row is not None and (row.holder, row.fencing) == (lease.holder, lease.fencing):
                row.holder, row.expires_at = "", self._now(session)

    def current(self, installation: str) -> Lease | None:
        """The lease as it stands, ``None`` if nobody holds it or its time is over."""
        with Session(self._engine) as session:
            row = session.get(LeaseRow, installation)
            held = row is not None and row.holder and row.expires_at > self._now(session)
            return _lease(row) if row is not None and held else None

    def beat(self, worker: str) -> None:
        """Say that a worker is alive."""
        with Session(self._engine) as session, session.begin():
            upsert(session, WorkerRow, [{"id": worker, "seen_at": self._now(session)}])

    def alive(self, within: timedelta) -> list[str]:
        """Workers that were heard of within that time."""
        with Session(self._engine) as session:
            since = self._now(session) - within
            return list(
                session.scalars(
                    select(WorkerRow.id).where(WorkerRow.seen_at >= since).order_by(WorkerRow.id)
                )
            )

    def holders(self) -> list[str]:
        """Who holds a lease whose time is not over."""
        with Session(self._engine) as session:
            held = (LeaseRow.holder != "", LeaseRow.expires_at > self._now(session))
            return sorted(set(session.scalars(select(LeaseRow.holder).where(*held))))

    def heartbeat_ages(self) -> dict[str, float]:
        """Worker -> seconds since its last heartbeat, for the workers that did not say goodbye."""
        with Session(self._engine) as session:
            now = self._now(session)
            rows = session.execute(select(WorkerRow.id, WorkerRow.seen_at))
            return {worker: max(0.0, (now - seen).total_seconds()) for worker, seen in rows}

    def forget(self, worker: str) -> None:
        """Remove a worker that said goodbye."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(WorkerRow).where(WorkerRow.id == worker))

    def forget_silent(self, since: timedelta) -> None:
        """Remove the workers that were not heard of for that long. One that wakes up is back with
        its next heartbeat."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(WorkerRow).where(WorkerRow.seen_at < self._now(session) - since))

    def _now(self, session: Session) -> datetime:
        return datetime.fromtimestamp(self._seconds(session), UTC)


def _held(session: Session, lease: Lease) -> LeaseRow:
    row = session.get(LeaseRow, lease.installation)
    if row is None or (row.holder, row.fencing) != (lease.holder, lease.fencing):
        raise LeaseLost(
            f"{row.holder or 'nobody' if row else 'nobody'} holds the lease for "
            f"{lease.installation} now"
        )
    return row


def _lease(row: LeaseRow) -> Lease:
    return Lease(
        installation=row.installation,
        holder=row.holder,
        fencing=row.fencing,
        expires_at=row.expires_at,
    )
