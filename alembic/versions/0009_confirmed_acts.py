"""confirmed acts

Revision ID: 0009
Revises: 0008

Whether an act of an entry is confirmed is one step in this index. By the former one SQLite looked
at all confirmed acts of that kind for each entry. The former index stays for the version before.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_mig_attempt_act_phase_entry_id_at", "mig_attempt", ["act", "phase", "entry_id", "at"]
    )


def downgrade() -> None:
    op.drop_index("ix_mig_attempt_act_phase_entry_id_at", table_name="mig_attempt")
