"""jobs that people ask for on the dashboard

Revision ID: 0012
Revises: 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
CONTRACTS = "the table is new: the version before knows nothing of it"
UNFINISHED = sa.text("state in ('waiting', 'running')")


def upgrade() -> None:
    op.create_table(
        "mig_job",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("migration", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("requested_by", TEXT, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rules_digest", TEXT, nullable=False),
        sa.Column("options", sa.LargeBinary(), nullable=False),
        sa.Column("worker", TEXT, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mig_job"),
    )
    op.create_index("ix_mig_job_migration_requested_at", "mig_job", ["migration", "requested_at"])
    op.create_index(
        "uq_mig_job_unfinished",
        "mig_job",
        ["migration"],
        unique=True,
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )


def downgrade() -> None:
    op.drop_table("mig_job")
