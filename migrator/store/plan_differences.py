"""What another plan decides otherwise."""

from __future__ import annotations

from sqlalchemy import Engine, String, cast, literal, select

from migrator.domain.items import Frozen
from migrator.store.models import PlanItemRow

_CHANGES = 100_000
"""Differences between two plans that are listed at most."""


class PlanItemDifference(Frozen, frozen=True, kw_only=True):
    """An item that another plan decides otherwise; an empty word says that the item is not in
    that plan."""

    key: str
    title: str
    before: str
    after: str
    before_code: str = ""
    after_code: str = ""


def plan_differences(engine: Engine, before: str, after: str) -> list[PlanItemDifference]:
    """Every item on which two plans differ, by its place."""
    old, new = PlanItemRow.__table__.alias("old"), PlanItemRow.__table__.alias("new")
    same = (old.c.repository == new.c.repository) & (old.c.number == new.c.number)
    other = (
        (old.c.decision != new.c.decision) | (old.c.code != new.c.code) | old.c.decision.is_(None)
    )
    shown = (
        new.c.item_key,
        new.c.title,
        old.c.decision,
        new.c.decision,
        old.c.code,
        new.c.code,
    )
    kept = (
        select(*shown)
        .select_from(new.outerjoin(old, same & (old.c.plan_hash == before)))
        .where(new.c.plan_hash == after, other)
    )
    nothing = cast(literal(None), String)
    lost = (
        select(old.c.item_key, old.c.title, old.c.decision, nothing, old.c.code, nothing)
        .select_from(old.outerjoin(new, same & (new.c.plan_hash == after)))
        .where(old.c.plan_hash == before, new.c.decision.is_(None))
    )
    with engine.connect() as connection:
        found = (connection.execute(each.limit(_CHANGES)) for each in (kept, lost))
        rows = [row for some in found for row in some]
    return [
        PlanItemDifference(
            key=key,
            title=title,
            before=decision or "",
            after=later or "",
            before_code=code or "",
            after_code=later_code or "",
        )
        for key, title, decision, later, code, later_code in sorted(rows, key=lambda row: row[0])
    ]
