"""landings that wait

Revision ID: 0003
Revises: 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mig_landing", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("mig_landing", schema=None) as batch_op:
        batch_op.drop_column("due_at")
