"""items that could not be read

Revision ID: 0005
Revises: 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "mig_set_aside",
        sa.Column("migration", TEXT, nullable=False),
        sa.Column("repository", TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("node_id", TEXT, nullable=False),
        sa.Column("place", TEXT, nullable=False),
        sa.Column("stage", TEXT, nullable=False),
        sa.Column("cause", TEXT, nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "migration", "repository", "number", "stage", name="pk_mig_set_aside"
        ),
    )
    op.add_column("mig_cursor", sa.Column("missing", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("mig_cursor", schema=None) as batch_op:
        batch_op.drop_column("missing")
    op.drop_table("mig_set_aside")
