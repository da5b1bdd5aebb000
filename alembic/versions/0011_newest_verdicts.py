"""newest verdicts

Revision ID: 0011
Revises: 0010

When items were last judged under some rules is one step in this index. Without it each page of
what-if looked at every verdict, and so at all the documents beside them.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEX = "ix_mig_verdict_migration_rules_digest_as_of"


def upgrade() -> None:
    op.create_index(INDEX, "mig_verdict", ["migration", "rules_digest", "as_of"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="mig_verdict")
