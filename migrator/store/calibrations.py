"""Calibrations of the ownership judgement: every one that was made, by its hash."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from migrator.domain.calibration import Calibration
from migrator.store import json_columns
from migrator.store.models import CalibrationRow
from migrator.store.types import upsert


class Calibrations:
    """Calibration rows of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def keep(self, calibration: Calibration, now: datetime) -> None:
        """Store a calibration as the newest; the same one again only becomes the newest."""
        row = {
            "migration": self._migration,
            "digest": calibration.digest,
            "rules_digest": calibration.rules_digest,
            "made_at": now,
            "document": json_columns.write(calibration),
        }
        with Session(self._engine) as session, session.begin():
            upsert(session, CalibrationRow, [row])

    def newest(self, *, rules_digest: str) -> Calibration | None:
        """The one made last under these rules: the one that the stored verdicts were given by.
        ``None`` before the first."""
        where = (
            CalibrationRow.migration == self._migration,
            CalibrationRow.rules_digest == rules_digest,
        )
        query = (
            select(CalibrationRow.document)
            .where(*where)
            .order_by(CalibrationRow.made_at.desc(), CalibrationRow.digest)
        )
        with Session(self._engine) as session:
            document = session.scalar(query.limit(1))
        return json_columns.read(document, Calibration) if document is not None else None
