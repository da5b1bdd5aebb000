"""What was once worked out of a whole plan. A plan never changes, so this never grows old."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from migrator.store import json_columns
from migrator.store.models import PlanFactRow
from migrator.store.types import upsert

Fact = TypeVar("Fact")


class PlanCache:
    """Sums over plans, by the plan's hash and a name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, plan_hash: str, name: str, kind: type[Fact]) -> Fact | None:
        """The stored fact; ``None`` if no one worked it out yet."""
        with Session(self._engine) as session:
            row = session.get(PlanFactRow, (plan_hash, name))
            return json_columns.read(row.document, kind) if row else None

    def any_has(self, name: str) -> bool:
        """Whether a fact of that name is stored for any plan."""
        query = select(PlanFactRow.name).where(PlanFactRow.name == name).limit(1)
        with Session(self._engine) as session:
            return session.scalar(query) is not None

    def keep(self, plan_hash: str, name: str, fact: object) -> None:
        """Store a fact; whoever does it second changes nothing."""
        with Session(self._engine) as session, session.begin():
            upsert(
                session,
                PlanFactRow,
                [{"plan_hash": plan_hash, "name": name, "document": json_columns.write(fact)}],
            )
