"""approval comments

Revision ID: 0007
Revises: 0006.

An approval may carry a comment of the maintainer who gave it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("mig_approval", sa.Column("comment", TEXT, nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("mig_approval", schema=None) as batch:
        batch.drop_column("comment")
