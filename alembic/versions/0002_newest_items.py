"""newest items

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_mig_plan_item_newest",
        "mig_plan_item",
        ["plan_hash", "created_at", "repository", "number"],
    )


def downgrade() -> None:
    op.drop_index("ix_mig_plan_item_newest", table_name="mig_plan_item")
