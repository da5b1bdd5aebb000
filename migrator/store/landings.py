"""Old items found again in a target repository."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen
from migrator.store.item_names import item_id_named, of_item
from migrator.store.models import LandingRow
from migrator.store.types import upsert


class Landing(Frozen, frozen=True, kw_only=True):
    """``new_key`` continues or fixes ``old_key`` (both ``owner/name#number``); ``how`` is a word
    of ``domain.landings.How``."""

    old_key: str
    new_key: str
    new_url: str
    how: str
    found_at: datetime


class Landings:
    """Landing rows of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def record(self, landing: Landing) -> bool:
        """Store a landing; one that is known keeps the date on which it was first found. Says
        whether it is new."""
        with Session(self._engine) as session, session.begin():
            known = self._known(session, landing.old_key, landing.new_key)
            if known is not None:
                known.how, known.new_url = landing.how, landing.new_url
                return False
            old, at = landing.old_key, landing.found_at
            of = {
                "migration": self._migration,
                "item_id": item_id_named(session, self._migration, old, at),
            }
            upsert(session, LandingRow, [{**of, **msgspec.structs.asdict(landing)}])
            return True

    def _known(self, session: Session, old_key: str, new_key: str) -> LandingRow | None:
        """A landing by any name of the old item."""
        about = of_item(session, self._migration, old_key, LandingRow)
        where = (LandingRow.migration == self._migration, about, LandingRow.new_key == new_key)
        return session.scalars(select(LandingRow).where(*where)).first()

    def of_old(self, old_key: str) -> list[Landing]:
        """Where an old item was found again, oldest finding first."""
        with Session(self._engine) as session:
            about = of_item(session, self._migration, old_key, LandingRow)
            query = select(LandingRow).where(LandingRow.migration == self._migration, about)
            return [
                msgspec.convert(row, Landing, from_attributes=True)
                for row in session.scalars(query.order_by(LandingRow.found_at, LandingRow.new_key))
            ]

    def wait(self, old_key: str, new_key: str, until: datetime | None) -> None:
        """Look at a landing again at ``until``, because the old item may be closed then;
        ``None``: it waits for nothing."""
        with Session(self._engine) as session, session.begin():
            known = self._known(session, old_key, new_key)
            if known is not None and known.due_at != until:
                known.due_at = until

    def due(self, now: datetime) -> list[tuple[str, str]]:
        """``(old_key, new_key)`` of the landings whose time has come, in the order of their
        times."""
        query = select(LandingRow.old_key, LandingRow.new_key).where(
            LandingRow.migration == self._migration, LandingRow.due_at <= now
        )
        with Session(self._engine) as session:
            return [
                (row.old_key, row.new_key)
                for row in session.execute(query.order_by(LandingRow.due_at, LandingRow.old_key))
            ]

    def count(self) -> int:
        """How many old items were found again."""
        query = select(func.count(func.distinct(LandingRow.old_key))).where(
            LandingRow.migration == self._migration
        )
        with Session(self._engine) as session:
            return session.scalar(query) or 0
