"""Frozen plans and who approved them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

import msgspec
from sqlalchemy import (
    ColumnElement,
    Engine,
    Table,
    bindparam,
    delete,
    exists,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from migrator.domain.decisions import Decision
from migrator.domain.items import Frozen, ItemRef
from migrator.domain.planning.plan import PlanHeader, PlanItem, PlanKind, Totals
from migrator.errors import PlanRefused
from migrator.store import json_columns
from migrator.store.models import ApprovalRow, PlanItemRow, PlanRow, RunRow
from migrator.store.set_aside import APPLY
from migrator.store.types import lock, upsert
from migrator.store.unreadable import RowReader

CHUNK = 500
SHORTEST_PREFIX = 8
LONGEST_TITLE = 256
"""Characters of a title in lists; GitHub allows no longer ones, and index entries must stay
small."""
DRAFT = "draft-"
"""How the place of a hash begins while a plan is being written."""
ABANDONED = timedelta(hours=6)
"""A draft older than this was left behind by a crash."""


class StoredPlan(Frozen, frozen=True, kw_only=True):
    """A plan without its items."""

    hash: str
    header: PlanHeader
    totals: Totals
    created_at: datetime


class Approval(Frozen, frozen=True, kw_only=True):
    """Who approved a plan. ``how`` says by which door (command line, page, sandbox); ``comment``
    is what they had to say."""

    approved_by: str
    how: str
    approved_at: datetime
    comment: str = ""


class Plans:
    """Plan rows of one migration."""

    def __init__(self, engine: Engine, migration: str) -> None:
        self._engine = engine
        self._migration = migration
        self._rows = RowReader(engine, migration, APPLY)

    def begin_draft(self, header: PlanHeader, now: datetime) -> str:
        """Open a plan whose hash is not known yet; drafts that a crash left behind are removed once
        they are old.

        Each draft has a name of its own: two people may plan at the same time.
        """
        draft = f"{DRAFT}{self._migration}-{uuid.uuid4().hex}"
        with Session(self._engine) as session, session.begin():
            old = (
                PlanRow.hash.startswith(f"{DRAFT}{self._migration}-", autoescape=True),
                PlanRow.created_at < now - ABANDONED,
            )
            session.execute(delete(PlanRow).where(*old))
            session.add(self._plan_row(draft, header, Totals(), now))
        return draft

    def _plan_row(
        self, plan_hash: str, header: PlanHeader, totals: Totals, now: datetime
    ) -> PlanRow:
        return PlanRow(
            hash=plan_hash,
            migration=self._migration,
            kind=header.kind.value,
            as_of=header.as_of,
            expires_at=header.expires_at,
            rules_digest=header.rules_digest,
            header=json_columns.write(header),
            totals=json_columns.write(totals),
            created_at=now,
        )

    def set_waves(
        self, draft: str, numbers: Sequence[int], depths: Mapping[str, int] | None = None
    ) -> int:
        """Give the acting items their waves, gentlest first, clears last (see ``wave_order``);
        returns how many there are. ``depths``: item -> how many others of the plan come before it
        among those that are as gentle; 0 for all others."""
        table = cast(Table, PlanItemRow.__table__)
        where = (PlanItemRow.plan_hash == draft, PlanItemRow.acts)
        clears = PlanItemRow.decision == Decision.CLEAR.value
        columns = (clears, PlanItemRow.closes, PlanItemRow.repository, PlanItemRow.number)
        known = depths or {}
        change = (
            update(table)
            .where(table.c.plan_hash == draft, table.c.repository == bindparam("at_repository"))
            .where(table.c.number == bindparam("at_number"))
            .values(wave=bindparam("new_wave"))
        )
        with Session(self._engine) as session, session.begin():
            places = sorted(
                (*gentle, known.get(f"{repository}#{number}", 0), repository, number)
                for *gentle, repository, number in session.execute(select(*columns).where(*where))
            )
            rows = [
                {"at_repository": repository, "at_number": number, "new_wave": wave}
                for (*_, repository, number), wave in zip(places, numbers, strict=True)
            ]
            if rows:
                session.connection().execute(change, rows)
        return numbers[-1] if numbers else 0

    def finish_draft(
        self, draft: str, plan_hash: str, header: PlanHeader, totals: Totals, now: datetime
    ) -> StoredPlan:
        """Give a draft its hash. If a plan of that hash is stored already, that one stays and
        the draft goes."""
        with Session(self._engine) as session, session.begin():
            lock(session, "plan", plan_hash)
            if session.get(PlanRow, plan_hash) is None:
                session.add(self._plan_row(plan_hash, header, totals, now))
                session.flush()
                session.execute(
                    update(PlanItemRow)
                    .where(PlanItemRow.plan_hash == draft)
                    .values(plan_hash=plan_hash)
                )
            session.execute(delete(PlanRow).where(PlanRow.hash == draft))
        return self.find(plan_hash)

    def save_whole(
        self,
        plan_hash: str,
        header: PlanHeader,
        totals: Totals,
        items: Sequence[PlanItem],
        now: datetime,
    ) -> StoredPlan:
        """Store a small plan of one wave whose hash is known, in one transaction; one that is
        stored already stays as it is."""
        with Session(self._engine) as session, session.begin():
            lock(session, "plan", plan_hash)
            if session.get(PlanRow, plan_hash) is None:
                session.add(self._plan_row(plan_hash, header, totals, now))
                session.flush()
                rows = [{**_item_row(plan_hash, item), "wave": int(item.acts)} for item in items]
                upsert(session, PlanItemRow, rows)
        return self.find(plan_hash)

    def save_items(self, plan_hash: str, items: Sequence[PlanItem]) -> None:
        """Store some of a plan's items."""
        with Session(self._engine) as session, session.begin():
            upsert(session, PlanItemRow, [_item_row(plan_hash, item) for item in items])

    def find(self, prefix: str) -> StoredPlan:
        """The plan whose hash begins so. Raises :class:`PlanRefused` if there is none or more
        than one."""
        if len(prefix) < SHORTEST_PREFIX:
            raise PlanRefused(
                f"{prefix!r} is too short for a plan's hash",
                cure=f"give at least {SHORTEST_PREFIX} digits of it",
            )
        like = (
            PlanRow.hash.startswith(prefix, autoescape=True),
            PlanRow.hash.not_like(f"{DRAFT}%"),
        )
        query = select(PlanRow).where(PlanRow.migration == self._migration, *like)
        with Session(self._engine) as session:
            rows = session.scalars(query.limit(2)).all()
        if len(rows) != 1:
            found = "no plan" if not rows else "more than one plan"
            raise PlanRefused(
                f"{found} of this migration has a hash that begins with {prefix}",
                cure="see `migrator plan --list`",
            )
        return _stored(rows[0])

    def newest(self, limit: int = 20, *, kinds: Collection[PlanKind] = ()) -> list[StoredPlan]:
        """The latest plans (of these kinds, or of all), newest first. The listener makes one for
        each item it acts on."""
        where = [PlanRow.migration == self._migration, PlanRow.hash.not_like(f"{DRAFT}%")]
        if kinds:
            where.append(PlanRow.kind.in_([kind.value for kind in kinds]))
        query = select(PlanRow).where(*where).order_by(PlanRow.created_at.desc()).limit(limit)
        with Session(self._engine) as session:
            return [_stored(row) for row in session.scalars(query)]

    def items(
        self, plan_hash: str, *, wave: int | None = None, acting: bool = False
    ) -> Iterator[PlanItem]:
        """A plan's items by repository and number, a chunk in memory at a time; only one wave,
        or only those that write."""
        last = ("", 0)
        while chunk := self._chunk(plan_hash, last, wave, acting):
            yield from self._rows.read(chunk, _place, _plan_item)
            last = (chunk[-1].repository, chunk[-1].number)

    def _chunk(
        self, plan_hash: str, after: tuple[str, int], wave: int | None, acting: bool
    ) -> Sequence[PlanItemRow]:
        place = tuple_(PlanItemRow.repository, PlanItemRow.number)
        query = select(PlanItemRow).where(PlanItemRow.plan_hash == plan_hash, place > after)
        if wave is not None:
            query = query.where(PlanItemRow.wave == wave)
        if acting:
            query = query.where(PlanItemRow.wave > 0)
        query = query.order_by(PlanItemRow.repository, PlanItemRow.number).limit(CHUNK)
        with Session(self._engine) as session:
            return session.scalars(query).all()

    def item(self, plan_hash: str, repository: str, number: int) -> PlanItem | None:
        """One item of a plan."""
        with Session(self._engine) as session:
            row = session.get(PlanItemRow, (plan_hash, repository, number))
        return next(self._rows.read([row] if row else [], _place, _plan_item), None)

    def holds(self, plan_hash: str, repository: str, number: int) -> bool:
        """Whether a plan has an item of that name, also one whose row cannot be read."""
        with Session(self._engine) as session:
            return session.get(PlanItemRow, (plan_hash, repository, number)) is not None

    def approve(self, plan_hash: str, approval: Approval) -> None:
        """Record an approval."""
        row = ApprovalRow(
            plan_hash=plan_hash,
            approved_by=approval.approved_by,
            how=approval.how,
            approved_at=approval.approved_at,
            comment=approval.comment,
        )
        with Session(self._engine) as session, session.begin():
            session.add(row)

    def approved(self, kinds: Collection[PlanKind]) -> list[StoredPlan]:
        """Plans of these kinds that are approved, in the order of their last approvals. The order
        does not depend on any clock."""
        last = func.max(ApprovalRow.id)
        query = (
            select(PlanRow)
            .join(ApprovalRow, ApprovalRow.plan_hash == PlanRow.hash)
            .where(
                PlanRow.migration == self._migration,
                PlanRow.kind.in_([kind.value for kind in kinds]),
            )
            .group_by(PlanRow.hash)
            .order_by(last)
        )
        with Session(self._engine) as session:
            return [_stored(row) for row in session.scalars(query)]

    def approval(self, plan_hash: str) -> Approval | None:
        """The first approval of a plan, ``None`` if nobody approved it."""
        return next(iter(self.approvals(plan_hash)), None)

    def approvals(self, plan_hash: str) -> list[Approval]:
        """Every approval of a plan, the first one first."""
        row = ApprovalRow
        query = select(row.approved_by, row.how, row.approved_at, row.comment)
        with self._engine.connect() as connection:
            found = connection.execute(query.where(row.plan_hash == plan_hash).order_by(row.id))
            return [Approval(**each) for each in found.mappings()]

    def not_begun(self, kinds: Collection[PlanKind], limit: int = 50) -> list[StoredPlan]:
        """The latest plans of these kinds that were never run, newest first."""
        query = select(PlanRow).where(
            PlanRow.migration == self._migration,
            PlanRow.hash.not_like(f"{DRAFT}%"),
            PlanRow.kind.in_([kind.value for kind in kinds]),
            ~_has_run(),
        )
        with Session(self._engine) as session:
            rows = session.scalars(query.order_by(PlanRow.created_at.desc()).limit(limit))
            return [_stored(row) for row in rows]

    def discard(self, plan_hash: str) -> bool:
        """Remove a plan with its items and approvals; ``False`` if it has a run, which stays with
        its plan. A run that begins at the same time holds on to the plan by its foreign key."""
        this = (PlanRow.hash == plan_hash, PlanRow.migration == self._migration)
        try:
            with Session(self._engine) as session, session.begin():
                lock(session, "plan", plan_hash)
                gone = session.connection().execute(delete(PlanRow).where(*this, ~_has_run()))
                return bool(gone.rowcount)
        except IntegrityError:
            return False


def _has_run() -> ColumnElement[bool]:
    return exists().where(RunRow.plan_hash == PlanRow.hash)


def _place(row: PlanItemRow) -> ItemRef:
    return ItemRef(row.repository, row.number)


def _plan_item(row: PlanItemRow) -> PlanItem:
    """The item with its wave, which the hash does not cover: it follows from the whole plan."""
    return msgspec.structs.replace(json_columns.read(row.document, PlanItem), wave=row.wave)


def _item_row(plan_hash: str, item: PlanItem) -> dict[str, object]:
    return {
        "plan_hash": plan_hash,
        "repository": item.repository,
        "number": item.number,
        "item_key": item.key,
        "decision": item.decision.value,
        "code": item.code,
        "wave": 0,
        "acts": item.acts,
        "closes": item.closes,
        "kind": item.kind.value,
        "signal": item.deciding.signal if item.deciding else "",
        "author": item.author,
        "title": item.title[:LONGEST_TITLE],
        "created_at": item.created_at,
        "clock": item.clock,
        "document": json_columns.write(item),
    }


def _stored(row: PlanRow) -> StoredPlan:
    return StoredPlan(
        hash=row.hash,
        header=json_columns.read(row.header, PlanHeader),
        totals=json_columns.read(row.totals, Totals),
        created_at=row.created_at,
    )
