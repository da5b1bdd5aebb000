"""changes of runs

Revision ID: 0010
Revises: 0009.

A run counts what may alter the sums over its items, so that pages add up again only what changed.
The index that 0009 kept for the version before it goes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CONTRACTS = "without the former index the version before is slower, and does the same"
FORMER = "ix_mig_attempt_act_phase"


def upgrade() -> None:
    op.add_column("mig_run", sa.Column("changes", BIG_ID, nullable=False, server_default="0"))
    op.drop_index(FORMER, table_name="mig_attempt")


def downgrade() -> None:
    op.create_index(FORMER, "mig_attempt", ["act", "phase"])
    op.drop_column("mig_run", "changes")
