"""The queue of items that wait for a person: one at a time to each, never the same to two."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    String,
    and_,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from migrator.domain.decisions import ReviewAnswer
from migrator.domain.evaluation.review_order import ReviewOrder
from migrator.domain.items import Frozen, ItemRef
from migrator.store import json_columns
from migrator.store.item_names import of_item
from migrator.store.models import (
    ItemAliasRow,
    PlanItemRow,
    PlanRow,
    ReviewClaimRow,
    ReviewRow,
    SnapshotRow,
)
from migrator.store.types import lock, upsert
from migrator.store.verdicts import add_answer, answered_names

CHUNK = 500


class QueuePosition(Frozen, frozen=True, kw_only=True):
    """An item of the queue. ``left`` counts the items that still wait for an answer, this one
    included."""

    repository: str
    number: int
    key: str
    left: int


class Answered(Frozen, frozen=True, kw_only=True):
    """The newest answer on an item, where somebody else was faster."""

    item_key: str
    answer: ReviewAnswer


class Withdrawn(Frozen, frozen=True, kw_only=True):
    """An answer that was undone. ``copies`` are the items that had got copies of it."""

    answer: ReviewAnswer
    copies: tuple[str, ...] = ()


class TakenItems(NamedTuple):
    """Items of the queue that are not to be asked: answered, or open at somebody else's."""

    keys: set[str]
    refs: set[ItemRef]

    def holds(self, ref: ItemRef) -> bool:
        """Whether an item is one of them."""
        return ref in self.refs or str(ref) in self.keys


class ReviewQueue:
    """Review items of one migration's plans."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration

    def left(self, plan_hash: str) -> int:
        """How many items of a plan wait for a maintainer and got no answer since it was made."""
        query = select(func.count()).select_from(PlanItemRow).where(*self._unanswered(plan_hash))
        with self._engine.connect() as connection:
            return connection.scalar(query) or 0

    def _answered_since(self, plan_hash: str) -> tuple[Select[str], Select[str, int]]:
        """What was answered since a plan was made: the names that were answered, and the other
        names of the same items."""
        made = select(PlanRow.created_at).where(PlanRow.hash == plan_hash).scalar_subquery()
        later = (
            ReviewRow.migration == self._migration,
            ReviewRow.answered_at >= made,  # the plan knew the older ones, and asks all the same
        )
        answered = select(ReviewRow.item_key).where(*later)
        renamed = select(ItemAliasRow.repository, ItemAliasRow.number).where(
            *later,  # answered under another name of the item
            ReviewRow.item_id == ItemAliasRow.item_id,
            ItemAliasRow.migration == self._migration,
        )
        return answered, renamed

    def _unanswered(self, plan_hash: str) -> tuple[ColumnElement[bool], ...]:
        key = (
            PlanItemRow.repository + "#" + cast(PlanItemRow.number, String)
        )  # of the list's index: no row has to be read
        # Answers are few and items many: what was answered is found once, not for each item.
        answered, renamed = self._answered_since(plan_hash)
        place = tuple_(PlanItemRow.repository, PlanItemRow.number)
        waits = (PlanItemRow.plan_hash == plan_hash, PlanItemRow.decision == "review")
        return (*waits, key.not_in(answered), place.not_in(renamed))

    def claim_next(
        self,
        plan_hash: str,
        by: str,
        now: datetime,
        holds: timedelta,
        *,
        after: tuple[str, int],
        order: ReviewOrder | None = None,
    ) -> QueuePosition | None:
        """Claim the next unanswered item behind ``after`` (repository, number) that nobody else
        holds; ``None``: none is left.

        ``order`` is that of the plan's queue; without one it goes by repository and number.
        """
        with Session(self._engine) as session, session.begin():
            lock(session, "review", self._migration)
            if order is not None and order.items:
                taken = self._taken(session, plan_hash, by, now)
                ahead = order.behind(ItemRef(*after))
                found = next((ref for ref in ahead if not taken.holds(ref)), None)
            else:
                found = self._next_by_name(session, plan_hash, by, now, after)
            if found is None:
                return None
            self._hold(session, str(found), by, now + holds)
            left = (
                session.scalar(
                    select(func.count())
                    .select_from(PlanItemRow)
                    .where(*self._unanswered(plan_hash))
                )
                or 0
            )
        return QueuePosition(
            repository=found.repository, number=found.number, key=str(found), left=left
        )

    def _next_by_name(
        self, session: Session, plan_hash: str, by: str, now: datetime, after: tuple[str, int]
    ) -> ItemRef | None:
        held = exists().where(
            ReviewClaimRow.item_key == PlanItemRow.item_key, *self._held_by_others(by, now)
        )
        behind = or_(
            PlanItemRow.repository > after[0],
            and_(PlanItemRow.repository == after[0], PlanItemRow.number > after[1]),
        )
        query = (
            select(PlanItemRow.repository, PlanItemRow.number)
            .where(*self._unanswered(plan_hash), ~held)
            .order_by(PlanItemRow.repository, PlanItemRow.number)
            .limit(1)
        )
        row = session.execute(query.where(behind)).first() or session.execute(query).first()
        return ItemRef(row[0], row[1]) if row is not None else None

    def _held_by_others(self, by: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
        claim = ReviewClaimRow
        return (claim.migration == self._migration, claim.by != by, claim.until > now)

    def _taken(self, session: Session, plan_hash: str, by: str, now: datetime) -> TakenItems:
        answered, renamed = self._answered_since(plan_hash)
        held = select(ReviewClaimRow.item_key).where(*self._held_by_others(by, now))
        return TakenItems(
            {*session.scalars(answered), *session.scalars(held)},
            {ItemRef(row[0], row[1]) for row in session.execute(renamed)},
        )

    def claim(self, item_key: str, by: str, now: datetime, holds: timedelta) -> str:
        """Claim one item; returns the login of whoever else holds it, empty if it worked."""
        with Session(self._engine) as session, session.begin():
            lock(session, "review", self._migration)
            claim = session.get(ReviewClaimRow, (self._migration, item_key))
            if claim is not None and claim.by != by and claim.until > now:
                return claim.by
            self._hold(session, item_key, by, now + holds)
        return ""

    def holder(self, item_key: str, now: datetime) -> str:
        """Login of whoever holds an item just now; empty if nobody does."""
        with Session(self._engine) as session:
            claim = session.get(ReviewClaimRow, (self._migration, item_key))
            return claim.by if claim is not None and claim.until > now else ""

    def still_waiting(
        self, plan_hash: str, refs: Iterable[ItemRef], by: str, now: datetime, *, most: int
    ) -> list[ItemRef]:
        """The first of these items of a plan's queue that got no answer and that nobody else has
        open."""
        with Session(self._engine) as session:
            taken = self._taken(session, plan_hash, by, now)
        return list(islice((ref for ref in refs if not taken.holds(ref)), most))

    def copy_answer(
        self, plan_hash: str, copy: ReviewAnswer, refs: Iterable[ItemRef], now: datetime
    ) -> list[ItemRef]:
        """Record the copy of an answer for each of these items that still waits; returns those."""
        with Session(self._engine) as session, session.begin():
            lock(session, "review", self._migration)
            taken = self._taken(session, plan_hash, copy.by, now)
            done = [ref for ref in refs if not taken.holds(ref)]
            for ref in done:
                add_answer(session, self._migration, str(ref), copy)
        return done

    def copies_of(self, item_key: str, answer: ReviewAnswer) -> list[str]:
        """The items that got a copy of an answer, by the names that they had then."""
        with Session(self._engine) as session:
            return [row.item_key for row in self._copies(session, {item_key}, answer)]

    def _copies(
        self, session: Session, names: Collection[str], answer: ReviewAnswer
    ) -> list[ReviewRow]:
        """Copies carry the time of their original."""
        query = select(ReviewRow).where(
            ReviewRow.migration == self._migration, ReviewRow.answered_at == answer.at
        )
        found = []
        for row in session.scalars(query.order_by(ReviewRow.id)):
            with suppress(*json_columns.UNREADABLE):
                copy = json_columns.read(row.document, ReviewAnswer)
                if copy.copied_from in names and copy.by == answer.by:
                    found.append(row)
        return found

    def withdraw(self, item_key: str, by: str) -> Withdrawn | None:
        """Undo the newest answer on an item, if it is this person's, and its copies; returns them.
        The audit log keeps both acts."""
        with Session(self._engine) as session, session.begin():
            lock(session, "review", self._migration)
            rows = session.scalars(self._answers_to(session, item_key)).all()
            if not rows:
                return None
            answer: ReviewAnswer = json_columns.read(rows[-1].document, ReviewAnswer)
            if answer.by != by:
                return None
            copies = self._copies(session, {item_key, rows[-1].item_key}, answer)
            for row in (rows[-1], *copies):
                session.delete(row)
            return Withdrawn(answer=answer, copies=tuple(row.item_key for row in copies))

    def _hold(self, session: Session, item_key: str, by: str, until: datetime) -> None:
        """One claim a person: taking the next item lets go of the one before."""
        mine = (ReviewClaimRow.migration == self._migration, ReviewClaimRow.by == by)
        session.execute(delete(ReviewClaimRow).where(*mine))
        upsert(
            session,
            ReviewClaimRow,
            [{"migration": self._migration, "item_key": item_key, "by": by, "until": until}],
        )

    def answer(
        self, item_key: str, answer: ReviewAnswer, *, seen: int, now: datetime
    ) -> Answered | str | None:
        """Record an answer unless somebody else was faster or holds the item.

        ``seen`` is the number of answers (:meth:`answers_to`) that the person knew of. Returns
        ``None`` if it was recorded, the newer answer if there is one, or the login of whoever holds
        the item.
        """
        with Session(self._engine) as session, session.begin():
            lock(session, "review", self._migration)
            rows = session.scalars(self._answers_to(session, item_key)).all()
            if len(rows) > seen:
                return Answered(
                    item_key=item_key, answer=json_columns.read(rows[-1].document, ReviewAnswer)
                )
            claim = session.get(ReviewClaimRow, (self._migration, item_key))
            if claim is not None and claim.by != answer.by and claim.until > now:
                return claim.by
            add_answer(session, self._migration, item_key, answer)
            if claim is not None:
                session.delete(claim)
        return None

    def _answers_to(self, session: Session, item_key: str) -> Select[ReviewRow]:
        about = of_item(session, self._migration, item_key, ReviewRow)
        where = (ReviewRow.migration == self._migration, about)
        return select(ReviewRow).where(*where).order_by(ReviewRow.id)

    def answers_to(self, item_key: str) -> list[ReviewAnswer]:
        """Every answer about an item, oldest first; the last one counts."""
        with Session(self._engine) as session:
            answers = []
            for row in session.scalars(self._answers_to(session, item_key)):
                with suppress(*json_columns.UNREADABLE):
                    answers.append(json_columns.read(row.document, ReviewAnswer))
            return answers

    def stamp(self) -> str:
        """A word that changes with each answer that is given or withdrawn."""
        query = select(func.max(ReviewRow.id), func.max(ReviewRow.answered_at), func.count())
        with self._engine.connect() as connection:
            row = connection.execute(query.where(ReviewRow.migration == self._migration)).one()
        return "|".join(str(part) for part in row)

    def read_times(self) -> dict[str, datetime]:
        """Present name of each answered item -> when it was last read from GitHub."""
        given = select(ReviewRow.item_id, ReviewRow.item_key).where(
            ReviewRow.migration == self._migration
        )
        row, found = SnapshotRow, dict[str, datetime]()
        with Session(self._engine) as session:
            names = answered_names(session, self._migration)
            keys = sorted({names.get(item_id or 0, key) for item_id, key in session.execute(given)})
            for at in range(0, len(keys), CHUNK):
                places = [tuple(ItemRef.parse(key)) for key in keys[at : at + CHUNK]]
                query = select(row.repository, row.number, row.read_at).where(
                    row.migration == self._migration, tuple_(row.repository, row.number).in_(places)
                )
                for repository, number, read_at in session.execute(query):
                    found[str(ItemRef(repository, number))] = read_at
        return found
