"""The tables. All carry the prefix ``mig_``, because the durable engine keeps its own tables in
the same database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, MetaData, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from migrator.store.types import BigId, Document, Text, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Root of all tables; constraint names are fixed so that revisions can name them on both
    databases."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text, datetime: UtcDateTime(), bytes: Document()}


class RepositoryRow(Base):
    """What we know of a source or target repository: facts as a JSON document."""

    __tablename__ = "mig_repository"
    migration: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    facts: Mapped[bytes]
    read_at: Mapped[datetime]


class CursorRow(Base):
    """How far a scan has come: everything before ``complete_until`` was read; ``cursor`` resumes an
    unfinished one.

    ``missing`` is how many items the last walk over everything did not meet, by GitHub's own count;
    empty where none was.
    """

    __tablename__ = "mig_cursor"
    migration: Mapped[str] = mapped_column(primary_key=True)
    repository: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    complete_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    cursor: Mapped[str]
    missing: Mapped[int | None]


class SetAsideRow(Base):
    """An item that exists and could not be read or stored. ``place`` is where a walk finds it
    again, ``words`` are GitHub's."""

    __tablename__ = "mig_set_aside"
    migration: Mapped[str] = mapped_column(primary_key=True)
    repository: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    stage: Mapped[str] = mapped_column(primary_key=True)
    node_id: Mapped[str]
    place: Mapped[str]
    cause: Mapped[str]
    words: Mapped[str]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    attempts: Mapped[int]


class SnapshotRow(Base):
    """An item as last read. The columns beside ``document`` serve filters and lists only."""

    __tablename__ = "mig_snapshot"
    __table_args__ = (
        Index(None, "migration", "node_id"),
        Index(None, "migration", "state", "updated_at"),
    )
    migration: Mapped[str] = mapped_column(primary_key=True)
    repository: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    node_id: Mapped[str]
    state: Mapped[str]
    title: Mapped[str]
    author: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    read_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    document: Mapped[bytes]


class LabelRow(Base):
    """A label that an item carried when it was last read, for lists of all items with one."""

    __tablename__ = "mig_label"
    __table_args__ = (Index(None, "migration", "label", "repository", "number"),)
    migration: Mapped[str] = mapped_column(primary_key=True)
    repository: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)


class ItemTextRow(Base):
    """The words of an item's title and text, each once, for searches (see ``store.item_texts``).
    The index on them is made by revision 0013: a virtual table with its triggers on SQLite, GIN on
    PostgreSQL, whose dialect is not loaded for it here."""

    __tablename__ = "mig_item_text"
    __table_args__ = (UniqueConstraint("migration", "repository", "number"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    migration: Mapped[str]
    repository: Mapped[str]
    number: Mapped[int]
    words: Mapped[str]


class VerdictRow(Base):
    """Both verdicts on an item under the rules of ``rules_digest``, and the facts of its
    activity, for what-if."""

    __tablename__ = "mig_verdict"
    __table_args__ = (Index(None, "migration", "rules_digest", "as_of"),)
    migration: Mapped[str] = mapped_column(primary_key=True)
    repository: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    rules_digest: Mapped[str]
    as_of: Mapped[datetime]
    answer: Mapped[str]
    probability: Mapped[float]
    activity: Mapped[str]
    ownership_document: Mapped[bytes]
    activity_document: Mapped[bytes]
    facts_document: Mapped[bytes]


class CalibrationRow(Base):
    """How ownership was calibrated to the stream, by the record's hash: made when items are
    classified, frozen by plans."""

    __tablename__ = "mig_calibration"
    migration: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    rules_digest: Mapped[str]
    made_at: Mapped[datetime]
    document: Mapped[bytes]


class ReviewRow(Base):
    """A maintainer's answer on one item, which was called ``item_key`` then; the newest one counts,
    older ones stay."""

    __tablename__ = "mig_review"
    __table_args__ = (Index(None, "migration", "item_key"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    migration: Mapped[str]
    item_key: Mapped[str]
    document: Mapped[bytes]
    answered_at: Mapped[datetime]
    item_id: Mapped[int | None] = mapped_column(BigId, index=True)


class ReviewClaimRow(Base):
    """Who has a review item open, so that nobody else is asked the same meanwhile."""

    __tablename__ = "mig_review_claim"
    migration: Mapped[str] = mapped_column(primary_key=True)
    item_key: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[str]
    until: Mapped[datetime]


class AuditRow(Base):
    """What a person did by which door: appended, never changed."""

    __tablename__ = "mig_audit"
    __table_args__ = (Index(None, "migration", "at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    migration: Mapped[str]
    at: Mapped[datetime]
    who: Mapped[str]
    door: Mapped[str]
    verb: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]


class PlanRow(Base):
    """A frozen plan. ``header`` and ``totals`` are JSON documents."""

    __tablename__ = "mig_plan"
    hash: Mapped[str] = mapped_column(primary_key=True)
    migration: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    as_of: Mapped[datetime]
    expires_at: Mapped[datetime]
    rules_digest: Mapped[str]
    header: Mapped[bytes]
    totals: Mapped[bytes]
    created_at: Mapped[datetime]


class PlanItemRow(Base):
    """One item of a plan, whole in ``document``. The list's index holds all that lists filter
    and sort by, and no document."""

    __tablename__ = "mig_plan_item"
    __table_args__ = (
        Index(None, "plan_hash", "wave"),
        Index("ix_mig_plan_item_newest", "plan_hash", "created_at", "repository", "number"),
        Index(
            "ix_mig_plan_item_list",
            *(
                "plan_hash",
                "decision",
                "clock",
                "created_at",
                "kind",
                "code",
                "signal",
                "wave",
                "author",
                "title",
            ),
            *("repository", "number"),
        ),
    )
    plan_hash: Mapped[str] = mapped_column(
        ForeignKey("mig_plan.hash", ondelete="CASCADE"), primary_key=True
    )
    repository: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    item_key: Mapped[str]
    decision: Mapped[str]
    code: Mapped[str]
    wave: Mapped[int]
    acts: Mapped[bool]
    closes: Mapped[bool]
    kind: Mapped[str]
    signal: Mapped[str]
    author: Mapped[str]
    title: Mapped[str]
    created_at: Mapped[datetime | None]
    clock: Mapped[datetime | None]
    document: Mapped[bytes]


class PlanFactRow(Base):
    """What was once worked out of a whole plan, which never changes: sums for pages, as JSON
    documents."""

    __tablename__ = "mig_plan_fact"
    plan_hash: Mapped[str] = mapped_column(
        ForeignKey("mig_plan.hash", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    document: Mapped[bytes]


class ApprovalRow(Base):
    """Who approved which plan, when, and how, with what comment."""

    __tablename__ = "mig_approval"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    plan_hash: Mapped[str] = mapped_column(
        ForeignKey("mig_plan.hash", ondelete="CASCADE"), index=True
    )
    approved_by: Mapped[str]
    how: Mapped[str]
    approved_at: Mapped[datetime]
    comment: Mapped[str] = mapped_column(server_default="")


UNFINISHED = text("state not in ('cancelled', 'finished')")


class RunRow(Base):
    """One application of one plan. ``state`` is running, paused, stopped, cancelled or finished;
    ``wave`` the one at work; ``changes`` counts what may alter the sums over its items.

    The partial unique index lets a plan have one unfinished run at most, whoever starts it.
    """

    __tablename__ = "mig_run"
    __table_args__ = (
        Index(
            "uq_mig_run_unfinished",
            "plan_hash",
            unique=True,
            sqlite_where=UNFINISHED,  # so it is on PostgreSQL; its dialect takes 40 ms to import
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    migration: Mapped[str] = mapped_column(index=True)
    plan_hash: Mapped[str] = mapped_column(ForeignKey("mig_plan.hash"))
    kind: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str]
    wave: Mapped[int]
    options: Mapped[bytes]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    changes: Mapped[int] = mapped_column(BigId, default=0, server_default="0")


class ItemRow(Base):
    """An item that was acted on, answered about or found again, whatever it is called: its names
    are in ``mig_item_alias``."""

    __tablename__ = "mig_item"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    migration: Mapped[str] = mapped_column(index=True)


class ItemAliasRow(Base):
    """A name under which an item was seen: GitHub's ids, repository and number, from when until
    when. Renames and transfers add one."""

    __tablename__ = "mig_item_alias"
    __table_args__ = (
        Index(None, "migration", "node_id"),
        Index(None, "migration", "repository", "number"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    item_id: Mapped[int] = mapped_column(BigId, ForeignKey("mig_item.id"), index=True)
    migration: Mapped[str]
    node_id: Mapped[str]
    repository_id: Mapped[str]
    repository: Mapped[str]
    number: Mapped[int]
    seen_from: Mapped[datetime | None]
    seen_until: Mapped[datetime | None]


class EntryRow(Base):
    """A ledger entry: immutable. At most one per item name, decision and generation. ``item_id``
    is empty for an old entry whose item could not be told."""

    __tablename__ = "mig_entry"
    __table_args__ = (
        UniqueConstraint("migration", "item_key", "decision", "generation"),
        Index(None, "migration", "nonce"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    migration: Mapped[str]
    item_key: Mapped[str]
    node_id: Mapped[str]
    decision: Mapped[str]
    generation: Mapped[int]
    run_id: Mapped[str] = mapped_column(ForeignKey("mig_run.id"), index=True)
    plan_hash: Mapped[str]
    nonce: Mapped[str]
    text_hash: Mapped[str]
    before: Mapped[bytes]
    created_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(server_default="notice")
    item_id: Mapped[int | None] = mapped_column(BigId, index=True)


class AttemptRow(Base):
    """One appended line of an entry's history. The key (entry, seq) lets only one of two
    processes write the next line."""

    __tablename__ = "mig_attempt"
    __table_args__ = (Index(None, "act", "phase", "entry_id", "at"),)
    entry_id: Mapped[str] = mapped_column(ForeignKey("mig_entry.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str]
    phase: Mapped[str]
    at: Mapped[datetime]
    fencing: Mapped[int]
    data: Mapped[bytes]


class OutcomeRow(Base):
    """Where an entry stands, kept beside the attempts in the same transaction so that lists need
    not fold them."""

    __tablename__ = "mig_outcome"
    __table_args__ = (
        Index(None, "run_id", "at"),
        Index(None, "run_id", "decision", "outcome", "code"),
    )
    entry_id: Mapped[str] = mapped_column(ForeignKey("mig_entry.id"), primary_key=True)
    run_id: Mapped[str]
    decision: Mapped[str]
    outcome: Mapped[str] = mapped_column(index=True)
    code: Mapped[str]
    at: Mapped[datetime]


class DueRow(Base):
    """When the next act of an entry may happen: a close that waits for its grace to end."""

    __tablename__ = "mig_due"
    entry_id: Mapped[str] = mapped_column(ForeignKey("mig_entry.id"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(index=True)


class LandingRow(Base):
    """An old item (``item_id``) found again in a target repository. ``due_at`` is set while its
    close waits for the quiet days to end."""

    __tablename__ = "mig_landing"
    migration: Mapped[str] = mapped_column(primary_key=True)
    old_key: Mapped[str] = mapped_column(primary_key=True)
    new_key: Mapped[str] = mapped_column(primary_key=True)
    new_url: Mapped[str]
    how: Mapped[str]
    found_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    item_id: Mapped[int | None] = mapped_column(BigId, index=True)


class DeliveryRow(Base):
    """A webhook as it arrived. ``finished_at`` is empty while work on it is outstanding."""

    __tablename__ = "mig_delivery"
    __table_args__ = (Index(None, "finished_at", "received_at"), Index(None, "received_at"))
    id: Mapped[str] = mapped_column(primary_key=True)
    event: Mapped[str]
    action: Mapped[str]
    received_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    result: Mapped[str]
    attempts: Mapped[int]
    payload: Mapped[bytes]


class SpendRow(Base):
    """One request out of an account's budget: its content-creating writes and its points.
    ``at``: seconds since 1970 (UTC)."""

    __tablename__ = "mig_spend"
    __table_args__ = (Index(None, "account", "at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account: Mapped[str]
    content: Mapped[int]
    points: Mapped[int]
    at: Mapped[float]


class ClaimRow(Base):
    """Somebody who waits for an account's budget, so that those behind leave room. Void after
    ``until`` unless renewed."""

    __tablename__ = "mig_claim"
    account: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    priority: Mapped[int]
    content: Mapped[int]
    points: Mapped[int]
    since: Mapped[float]
    until: Mapped[float]


class BudgetRow(Base):
    """What an account's limit errors taught: the share of the limits to use, and until when
    nothing may be sent at all."""

    __tablename__ = "mig_budget"
    account: Mapped[str] = mapped_column(primary_key=True)
    share: Mapped[float]
    held_until: Mapped[float]
    struck_at: Mapped[float]


class LeaseRow(Base):
    """Which worker acts for an installation. ``fencing`` grows by one with every change of
    holder."""

    __tablename__ = "mig_lease"
    installation: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    fencing: Mapped[int]
    expires_at: Mapped[datetime]


class WorkerRow(Base):
    """Heartbeat of a worker."""

    __tablename__ = "mig_worker"
    id: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]


UNFINISHED_JOB = text("state in ('waiting', 'running')")


class JobRow(Base):
    """A scan, a classification or a plan that somebody asked for on the dashboard. The web inserts
    it and may cancel it; everything else in it is the worker's.

    The partial unique index lets a migration have one unfinished job at most, whoever asks.
    """

    __tablename__ = "mig_job"
    __table_args__ = (
        Index(None, "migration", "requested_at"),
        Index(
            "uq_mig_job_unfinished",
            "migration",
            unique=True,
            sqlite_where=UNFINISHED_JOB,  # so it is on PostgreSQL, as with runs
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    migration: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    requested_by: Mapped[str]
    requested_at: Mapped[datetime]
    rules_digest: Mapped[str]
    options: Mapped[bytes]
    worker: Mapped[str]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    progress: Mapped[bytes]
