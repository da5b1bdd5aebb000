"""Removes one person's texts and name from what we keep of GitHub. The ledger's facts stay: what we
did to which item, and when.

Snapshots, what was judged and planned of them, and webhooks are rewritten in one transaction; the
database's file is then written anew, so that the bytes are gone, too. What GitHub still shows is
read again by the next scan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from migrator.domain.items import Frozen, ItemRef
from migrator.domain.redaction import Redactor
from migrator.errors import UsageError
from migrator.store.item_texts import forget_index, note_texts
from migrator.store.models import (
    ApprovalRow,
    AuditRow,
    Base,
    DeliveryRow,
    EntryRow,
    OutcomeRow,
    PlanFactRow,
    PlanItemRow,
    ReviewClaimRow,
    ReviewRow,
    RunRow,
    SnapshotRow,
    VerdictRow,
)

Row = TypeVar("Row", bound=Base)
CHUNK = 200


class Erased(Frozen, frozen=True, kw_only=True):
    """How many rows named the person: items, verdicts on them, lines of plans, sums over plans,
    webhooks, maintainers' words."""

    snapshots: int = 0
    verdicts: int = 0
    plan_items: int = 0
    plan_facts: int = 0
    deliveries: int = 0
    remarks: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return (
            self.snapshots
            + self.verdicts
            + self.plan_items
            + self.plan_facts
            + self.deliveries
            + self.remarks
        )


def erase(engine: Engine, login: str) -> Erased:
    """Forget a person in every migration of this database.

    Raises :class:`UsageError` if a run at work still has to write on an item that names them, or a
    webhook about them still waits: then nothing is changed.
    """
    forgetter = Redactor(login)
    with Session(engine) as session, session.begin():
        _refuse_unfinished(session, forgetter)
        items = [
            _snapshot(session, row, forgetter) for row in _naming(session, SnapshotRow, forgetter)
        ]
        removed = sum(_remove_verdict(session, *place) for place in items)
        done = Erased(
            snapshots=len(items),
            verdicts=removed
            + sum(
                _documents(row, forgetter, _VERDICT)
                for row in _naming(session, VerdictRow, forgetter)
            ),
            plan_items=sum(
                _plan_item(row, forgetter) for row in _naming(session, PlanItemRow, forgetter)
            ),
            plan_facts=sum(
                _documents(row, forgetter, ("document",))
                for row in _naming(session, PlanFactRow, forgetter)
            ),
            deliveries=sum(
                _documents(row, forgetter, ("payload",))
                for row in _naming(session, DeliveryRow, forgetter)
            ),
            remarks=_reasons(session, forgetter)
            + _details(session, forgetter)
            + _comments(session, forgetter)
            + _unclaim(session, forgetter),
        )
    if done.total and engine.dialect.name == "sqlite":
        _rewrite(engine)
    return done


_VERDICT = ("ownership_document", "activity_document", "facts_document")
_BYTES = {
    SnapshotRow: ("document",),
    VerdictRow: _VERDICT,
    PlanItemRow: ("document",),
    PlanFactRow: ("document",),
    DeliveryRow: ("payload",),
}


def _naming(session: Session, table: type[Row], forgetter: Redactor) -> Iterator[Row]:
    """Rows in whose documents the login stands somewhere; the others are only looked at."""
    columns = _BYTES[table]
    for row in session.scalars(select(table).execution_options(yield_per=CHUNK)):
        if any(forgetter.mentions(_text(getattr(row, column))) for column in columns):
            yield row
            session.flush()


def _text(document: bytes) -> str:
    return document.decode("utf-8", errors="replace")


def _documents(row: Any, forgetter: Redactor, columns: Iterable[str]) -> int:
    for column in columns:
        setattr(
            row,
            column,
            msgspec.json.encode(forgetter.forget(msgspec.json.decode(getattr(row, column)))),
        )
    return 1


def _snapshot(session: Session, row: SnapshotRow, forgetter: Redactor) -> tuple[str, str, int]:
    """The columns for lists and the words for searches follow the document; what was judged of the
    item quotes it, and is judged again when needed."""
    _documents(row, forgetter, ("document",))
    item = msgspec.json.decode(row.document)
    row.title = item.get("title", "")
    row.author = (item.get("author") or {}).get("login", "")
    title_and_body = (row.title, item.get("body", ""))
    note_texts(session, row.migration, [(ItemRef(row.repository, row.number), *title_and_body)])
    return row.migration, row.repository, row.number


def _plan_item(row: PlanItemRow, forgetter: Redactor) -> int:
    """The columns for lists follow the document."""
    _documents(row, forgetter, ("document",))
    line = msgspec.json.decode(row.document)
    row.title, row.author = line.get("title", ""), line.get("author", "")
    return 1


def _remove_verdict(session: Session, migration: str, repository: str, number: int) -> int:
    where = (
        VerdictRow.migration == migration,
        VerdictRow.repository == repository,
        VerdictRow.number == number,
    )
    return len(session.execute(delete(VerdictRow).where(*where).returning(VerdictRow.number)).all())


def _reasons(session: Session, forgetter: Redactor) -> int:
    """Mentions in the reasons that maintainers gave. Who answered stays: an answer beats the
    classifier, and has to be owned."""
    changed = 0
    for row in session.scalars(select(ReviewRow).execution_options(yield_per=CHUNK)):
        answer = msgspec.json.decode(row.document)
        if forgetter.mentions(answer.get("reason", "")):
            row.document = msgspec.json.encode(
                answer | {"reason": forgetter.forget(answer["reason"])}
            )
            changed += 1
            session.flush()
    return changed


def _details(session: Session, forgetter: Redactor) -> int:
    """Mentions in what the audit says about a deed. Who did it stays."""
    rows = list(
        session.scalars(
            select(AuditRow).where(AuditRow.detail != "").execution_options(yield_per=CHUNK)
        )
    )
    named = [row for row in rows if forgetter.mentions(row.detail)]
    for row in named:
        row.detail = forgetter.forget(row.detail)
    return len(named)


def _comments(session: Session, forgetter: Redactor) -> int:
    """Mentions in what was said with an approval. Who approved stays."""
    rows = session.scalars(select(ApprovalRow).where(ApprovalRow.comment != ""))
    named = [row for row in rows if forgetter.mentions(row.comment)]
    for row in named:
        row.comment = forgetter.forget(row.comment)
    return len(named)


def _unclaim(session: Session, forgetter: Redactor) -> int:
    """Items that they were about to review: a claim holds for minutes, and no one needs to know
    of it later."""
    claims = [
        claim for claim in session.scalars(select(ReviewClaimRow)) if forgetter.mentions(claim.by)
    ]
    for claim in claims:
        session.delete(claim)
    return len(claims)


def _refuse_unfinished(session: Session, forgetter: Redactor) -> None:
    """A text that is still to be posted cannot be changed: it was approved word for word."""
    open_items = (
        select(PlanItemRow)
        .join(RunRow, RunRow.plan_hash == PlanItemRow.plan_hash)
        .outerjoin(
            EntryRow, (EntryRow.run_id == RunRow.id) & (EntryRow.item_key == PlanItemRow.item_key)
        )
        .outerjoin(OutcomeRow, OutcomeRow.entry_id == EntryRow.id)
        .where(
            RunRow.state.not_in(("cancelled", "finished")),
            PlanItemRow.acts,
            OutcomeRow.entry_id.is_(None),
        )
    )
    for row in session.scalars(open_items.execution_options(yield_per=CHUNK)):
        if forgetter.mentions(_text(row.document)):
            raise UsageError(
                f"a run still has to write on {row.item_key}",
                cure="let it end, or cancel it, and ask again",
            )
    waiting = (
        select(DeliveryRow)
        .where(DeliveryRow.finished_at.is_(None))
        .execution_options(yield_per=CHUNK)
    )
    if any(forgetter.mentions(_text(row.payload)) for row in session.scalars(waiting)):
        raise UsageError(
            "a webhook that names them still waits for its work", cure="ask again when it is done"
        )


def _rewrite(engine: Engine) -> None:
    """Write an SQLite file anew: deleted bytes stay in it otherwise
    (https://www.sqlite.org/lang_vacuum.html)."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        forget_index(connection)
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
