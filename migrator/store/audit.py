"""The audit log: who did what, when, and how they had signed in. Rows are appended and never
changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen
from migrator.store.models import AuditRow


class AuditEvent(Frozen, frozen=True, kw_only=True):
    """One action of a person: ``who`` did ``verb`` to ``subject`` (a plan's hash, a run, an item);
    ``detail`` is for people, ``door`` how they had signed in."""

    at: datetime
    who: str
    door: str
    verb: str
    subject: str = ""
    detail: str = ""


class AuditLog:
    """Audit rows of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def record(self, event: AuditEvent) -> None:
        """Append an event."""
        row = AuditRow(migration=self._migration, **msgspec.structs.asdict(event))
        with Session(self._engine) as session, session.begin():
            session.add(row)

    def since(self, moment: datetime, verbs: Sequence[str]) -> list[AuditEvent]:
        """Every deed with one of these verbs from that moment on, oldest first."""
        row = AuditRow
        query = select(row.at, row.who, row.door, row.verb, row.subject, row.detail).where(
            row.migration == self._migration, row.at >= moment, row.verb.in_(verbs)
        )
        with self._engine.connect() as connection:
            return [
                AuditEvent(**each)
                for each in connection.execute(query.order_by(row.at, row.id)).mappings()
            ]

    def newest(
        self, limit: int = 50, *, subject: str = "", once: Sequence[str] = ()
    ) -> list[AuditEvent]:
        """The latest events, newest first; only those on ``subject`` if it is given, and on the
        names that it had ``once``."""
        row = AuditRow
        query = select(row.at, row.who, row.door, row.verb, row.subject, row.detail).where(
            row.migration == self._migration
        )
        if subject:
            query = query.where(row.subject.in_((subject, *once)))
        with self._engine.connect() as connection:
            found = connection.execute(
                query.order_by(row.at.desc(), row.id.desc()).limit(limit)
            ).mappings()
            return [AuditEvent(**each) for each in found]
