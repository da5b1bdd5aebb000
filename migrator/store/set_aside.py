"""Items that exist and could not be read or stored: named, counted, and tried again by each
scan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, and_, delete, exists, func, select, tuple_
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen
from migrator.store.models import SetAsideRow, SnapshotRow, VerdictRow
from migrator.store.types import upsert

READ, STORE, LISTEN, APPLY, LEARN = "read", "store", "listen", "apply", "learn"
"""Stages. What could not be read or stored is neither planned nor reviewed; the listener's are
its own to try again, and so are a run's, whose items GitHub stopped showing half way, and the
closed items that `migrator learn` could not read."""
UNKNOWN = (READ, STORE)
MOST_WORDS = 500
"""Characters that are kept of what GitHub said."""


class SetAsideItem(Frozen, frozen=True, kw_only=True, omit_defaults=False):
    """One item that is set aside: neither planned nor reviewed, and in nobody's way.

    ``stage`` is ``read``, ``store``, ``listen``, ``apply`` or ``learn``; ``cause`` as
    :class:`~migrator.github.completeness.UnreadItem` has it, or an error's name; ``words`` are
    GitHub's. ``place`` is the cursor in front of it in a walk over everything, empty if there was
    none. ``attempts`` counts the scans that tried, from ``first_at`` to ``last_at``.
    """

    repository: str
    number: int
    kind: str
    node_id: str = ""
    place: str = ""
    stage: str
    cause: str
    words: str
    first_at: datetime
    last_at: datetime
    attempts: int = 1

    @property
    def key(self) -> str:
        """``owner/name#number``."""
        return f"{self.repository}#{self.number}"


class SetAsideItems:
    """Rows of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def all(self, stages: Sequence[str] = UNKNOWN) -> list[SetAsideItem]:
        """Every item that is set aside at one of these stages, by repository and number."""
        query = select(SetAsideRow).where(
            SetAsideRow.migration == self._migration, SetAsideRow.stage.in_(stages)
        )
        with Session(self._engine) as session:
            rows = session.scalars(query.order_by(SetAsideRow.repository, SetAsideRow.number))
            return [_item(row) for row in rows]

    def count(self) -> int:
        """How many could not be read or stored."""
        where = (SetAsideRow.migration == self._migration, SetAsideRow.stage.in_(UNKNOWN))
        query = select(func.count()).select_from(SetAsideRow).where(*where)
        with self._engine.connect() as connection:
            return connection.scalar(query) or 0

    def put(self, items: Sequence[SetAsideItem]) -> None:
        """Set items aside, or note that they could not be read once more."""
        with Session(self._engine) as session, session.begin():
            put_aside(session, self._migration, items)

    def take_back(self, places: Iterable[tuple[str, int]], stages: Sequence[str] = UNKNOWN) -> None:
        """Forget items (repository, number) of these stages that were read or looked after, or
        are gone."""
        with Session(self._engine) as session, session.begin():
            take_back(session, self._migration, list(places), stages)


def _item(row: SetAsideRow) -> SetAsideItem:
    return SetAsideItem(**{name: getattr(row, name) for name in SetAsideItem.__struct_fields__})


def put_aside(session: Session, migration: str, items: Sequence[SetAsideItem]) -> None:
    """Write items within a transaction. What was set aside before keeps its first date, and
    counts one more attempt."""
    for item in items:
        known = session.get(SetAsideRow, (migration, item.repository, item.number, item.stage))
        values = {name: getattr(item, name) for name in SetAsideItem.__struct_fields__} | {
            "words": item.words[:MOST_WORDS]
        }
        if known is not None:
            again = known.attempts + (known.last_at != item.last_at)
            values |= {
                "first_at": known.first_at,
                "attempts": again,
                "place": item.place or known.place,
            }
        upsert(session, SetAsideRow, [{"migration": migration, **values}])
        session.expire_all()


def take_back(
    session: Session,
    migration: str,
    places: Sequence[tuple[str, int]],
    stages: Sequence[str] = UNKNOWN,
) -> None:
    """Remove items within a transaction."""
    of_stages = (SetAsideRow.migration == migration, SetAsideRow.stage.in_(stages))
    where = (*of_stages, tuple_(SetAsideRow.repository, SetAsideRow.number).in_(places))
    session.execute(delete(SetAsideRow).where(*where))


def is_set_aside(row: type[SnapshotRow | VerdictRow]) -> ColumnElement[bool]:
    """Whether the item of a snapshot or verdict is set aside: what is known of it may be old."""
    same = (
        SetAsideRow.migration == row.migration,
        SetAsideRow.repository == row.repository,
        SetAsideRow.number == row.number,
        SetAsideRow.stage.in_(UNKNOWN),
    )
    return exists().where(and_(*same))
