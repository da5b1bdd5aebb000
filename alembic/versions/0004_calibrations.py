"""calibrations

Revision ID: 0004
Revises: 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "mig_calibration",
        sa.Column("migration", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("rules_digest", TEXT, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("migration", "digest", name=op.f("pk_mig_calibration")),
    )


def downgrade() -> None:
    op.drop_table("mig_calibration")
