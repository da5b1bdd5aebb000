"""One account's budget, shared by all processes: exact, because the look at it and the spend are
one transaction."""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, Engine, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen
from migrator.domain.protocol.rate_limit import (
    HOUR,
    MINUTE,
    WRITE_POINTS,
    AccountLimits,
    AccountUsage,
    Demand,
    Learned,
    Priority,
    Spend,
    after_limit,
    seconds_left,
    wait_for,
)
from migrator.store.models import BudgetRow, ClaimRow, SpendRow
from migrator.store.types import Seconds, database_seconds, lock, upsert

LOOK_AGAIN = 5.0
"""Seconds after which a waiting asker asks again at the latest: meanwhile somebody may have
left, or gone first."""
CLAIM_HOLDS = LOOK_AGAIN + 10.0
"""Seconds for which a claim counts without being renewed: its process may be gone."""


class Outlook(Frozen, frozen=True, kw_only=True):
    """How an account stands: content written within the last minute and hour, the share of the
    limits in use, and

    for how many more seconds nothing is sent at all.
    """

    last_minute: int
    last_hour: int
    share: float
    held: float


class Budget:
    """Spends of one account (an installation or a token's owner)."""

    def __init__(self, engine: Engine, account: str, seconds: Seconds = database_seconds) -> None:
        self._engine = engine
        self._account = account
        self._seconds = seconds

    def ask(self, asker: str, demand: Demand, limits: AccountLimits) -> float:
        """Spend now if the limits allow it and nobody waits ahead: 0.0; else spend nothing: seconds
        until asking again.

        ``asker`` names this wait, and must be the same until it is granted or given up
        (:meth:`withdraw`).
        """
        with Session(self._engine) as session, session.begin():
            lock(session, "budget", self._account)
            now = self._seconds(session)
            wait = wait_for(demand, self._as_seen_by(session, asker, demand, now), limits, now)
            if wait > 0:
                self._claim(session, asker, demand, now)
                return min(wait, LOOK_AGAIN)
            session.execute(delete(ClaimRow).where(self._is_claim(asker)))
            session.add(
                SpendRow(
                    account=self._account, content=demand.content, points=demand.points, at=now
                )
            )
            self._forget(session, now)
            return 0.0

    def _is_claim(self, asker: str) -> ColumnElement[bool]:
        return and_(ClaimRow.account == self._account, ClaimRow.id == asker)

    def _as_seen_by(self, session: Session, asker: str, demand: Demand, now: float) -> AccountUsage:
        return AccountUsage(
            spends=self._spends(session, now),
            ahead=self._ahead(session, asker, demand, now) if demand.writes else (),
            learned=self._learned(session),
        )

    def _spends(self, session: Session, now: float) -> tuple[Spend, ...]:
        """Writes of the last hour and reads of the last minute, oldest first."""
        in_sight = or_(
            SpendRow.at > now - MINUTE,
            and_(SpendRow.at > now - HOUR, SpendRow.points >= WRITE_POINTS),
        )
        query = select(SpendRow.at, SpendRow.content, SpendRow.points).where(
            SpendRow.account == self._account, in_sight
        )
        return tuple(
            Spend(*row) for row in session.execute(query.order_by(SpendRow.at, SpendRow.id))
        )

    def _ahead(
        self, session: Session, asker: str, demand: Demand, now: float
    ) -> tuple[Demand, ...]:
        """What others wait for with a higher priority, or with the same one and for longer."""
        mine = session.get(ClaimRow, (self._account, asker))
        since = mine.since if mine else now
        longer = or_(ClaimRow.since < since, and_(ClaimRow.since == since, ClaimRow.id < asker))
        first = or_(
            ClaimRow.priority < demand.priority, and_(ClaimRow.priority == demand.priority, longer)
        )
        others = and_(ClaimRow.account == self._account, ClaimRow.id != asker, ClaimRow.until > now)
        rows = session.scalars(select(ClaimRow).where(others, first))
        return tuple(
            Demand(content=row.content, points=row.points, priority=Priority(row.priority))
            for row in rows
        )

    def _claim(self, session: Session, asker: str, demand: Demand, now: float) -> None:
        """Let others see that we wait; renewed each time that we ask."""
        known = session.get(ClaimRow, (self._account, asker))
        if known is not None:
            known.until = now + CLAIM_HOLDS
        elif demand.writes:
            session.add(
                ClaimRow(
                    account=self._account,
                    id=asker,
                    priority=int(demand.priority),
                    content=demand.content,
                    points=demand.points,
                    since=now,
                    until=now + CLAIM_HOLDS,
                )
            )

    def _forget(self, session: Session, now: float) -> None:
        """Remove what no window can see any more, and the claims of those who are gone."""
        unseen = or_(
            SpendRow.at < now - HOUR,
            and_(SpendRow.at < now - MINUTE, SpendRow.points < WRITE_POINTS),
        )
        session.execute(delete(SpendRow).where(SpendRow.account == self._account, unseen))
        session.execute(
            delete(ClaimRow).where(ClaimRow.account == self._account, ClaimRow.until < now)
        )

    def withdraw(self, asker: str) -> None:
        """Give up waiting."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(ClaimRow).where(self._is_claim(asker)))

    def on_rate_limit(self, wait: float) -> Learned:
        """Take in a limit error that asks for ``wait`` seconds: nobody sends before, and all go
        slower after."""
        with Session(self._engine) as session, session.begin():
            lock(session, "budget", self._account)
            learned = after_limit(self._learned(session), self._seconds(session), wait)
            upsert(
                session, BudgetRow, [{"account": self._account, **msgspec.structs.asdict(learned)}]
            )
            return learned

    def _learned(self, session: Session) -> Learned:
        row = session.get(BudgetRow, self._account)
        return (
            Learned(share=row.share, struck_at=row.struck_at, held_until=row.held_until)
            if row
            else Learned()
        )

    def outlook(self) -> Outlook:
        """How the account stands now, for pages and reports."""
        with Session(self._engine) as session:
            now, learned = self._seconds(session), self._learned(session)
            return Outlook(
                last_minute=self._content(session, now - MINUTE),
                last_hour=self._content(session, now - HOUR),
                share=learned.share_at(now),
                held=max(0.0, learned.held_until - now),
            )

    def _content(self, session: Session, since: float) -> int:
        total = select(func.coalesce(func.sum(SpendRow.content), 0))
        return int(
            session.scalar(total.where(SpendRow.account == self._account, SpendRow.at > since)) or 0
        )

    def seconds_left(self, units: int, limits: AccountLimits) -> float:
        """About how long ``units`` of bulk writes will take from now, if nobody else writes."""
        with Session(self._engine) as session:
            now = self._seconds(session)
            account = AccountUsage(
                spends=self._spends(session, now), learned=self._learned(session)
            )
            return seconds_left(units, account, limits, now)
