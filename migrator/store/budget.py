"""One account's budget for writes, shared by all processes: exact because the spend and the look at it are one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, delete, func, select, text
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen
from migrator.store.models import SpendRow


class Window(Frozen, frozen=True, kw_only=True):
    """At most ``limit`` units within any ``seconds``."""

    limit: float
    seconds: float


class Budget:
    """Spends of one account (an installation or a token's owner)."""

    def __init__(self, engine: Engine, account: str) -> None:
        self._engine = engine
        self._account = account

    def reserve(self, cost: int, now: float, windows: Sequence[Window]) -> float:
        """Spend ``cost`` units now if every window allows it: 0.0; else spend nothing: seconds until it may."""
        with Session(self._engine) as session, session.begin():
            self._lock(session)
            wait = max((self._wait(session, window, cost, now) for window in windows), default=0.0)
            if wait <= 0:
                session.add(SpendRow(account=self._account, kind="content", cost=cost, at=now))
            return max(wait, 0.0)

    def _lock(self, session: Session) -> None:
        """SQLite's transaction is a writer from its first statement (see ``engine``); PostgreSQL needs a lock of its own."""
        if self._engine.dialect.name == "postgresql":
            session.execute(text("select pg_advisory_xact_lock(hashtext(:account))"), {"account": self._account})
        else:
            session.execute(delete(SpendRow).where(SpendRow.account == self._account, SpendRow.at < 0))

    def _wait(self, session: Session, window: Window, cost: int, now: float) -> float:
        """Seconds until the window has room: when enough of the oldest spends have left it."""
        since = (SpendRow.account == self._account, SpendRow.at > now - window.seconds)
        rows = session.execute(select(SpendRow.at, SpendRow.cost).where(*since).order_by(SpendRow.at)).all()
        over = sum(spent for _, spent in rows) + cost - window.limit
        for at, spent in rows:
            if over <= 0:
                break
            over -= spent
            if over <= 0:
                return float(at + window.seconds - now)
        return 0.0

    def spent(self, now: float, seconds: float) -> int:
        """Units spent within the last ``seconds``."""
        query = select(func.coalesce(func.sum(SpendRow.cost), 0))
        with Session(self._engine) as session:
            return int(session.scalar(query.where(SpendRow.account == self._account, SpendRow.at > now - seconds)) or 0)

    def forget_before(self, moment: float) -> None:
        """Remove spends that no window can see any more."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(SpendRow).where(SpendRow.account == self._account, SpendRow.at < moment))
