"""item identity

Revision ID: 0006
Revises: 0003.

Gives each item that has a ledger entry a row of its own, with the names that it was seen under, and
each entry its kind. Needs a stop: ``migrator db upgrade`` refuses while a worker is alive.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)
CHUNK = 1000


def upgrade() -> None:
    item = op.create_table(
        "mig_item",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("migration", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mig_item")),
    )
    op.create_index(op.f("ix_mig_item_migration"), "mig_item", ["migration"])
    alias = op.create_table(
        "mig_item_alias",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("item_id", BIG_ID, nullable=False),
        sa.Column("migration", TEXT, nullable=False),
        sa.Column("node_id", TEXT, nullable=False),
        sa.Column("repository_id", TEXT, nullable=False),
        sa.Column("repository", TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seen_from", MOMENT, nullable=True),
        sa.Column("seen_until", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["mig_item.id"], name=op.f("fk_mig_item_alias_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mig_item_alias")),
    )
    op.create_index(op.f("ix_mig_item_alias_item_id"), "mig_item_alias", ["item_id"])
    op.create_index(
        op.f("ix_mig_item_alias_migration_node_id"), "mig_item_alias", ["migration", "node_id"]
    )
    op.create_index(
        op.f("ix_mig_item_alias_migration_repository_number"),
        "mig_item_alias",
        ["migration", "repository", "number"],
    )
    op.add_column("mig_entry", sa.Column("kind", TEXT, nullable=False, server_default="notice"))
    op.add_column("mig_entry", sa.Column("item_id", BIG_ID, nullable=True))
    op.create_index(op.f("ix_mig_entry_item_id"), "mig_entry", ["item_id"])
    _back_fill(op.get_bind(), item, alias)


def downgrade() -> None:
    with op.batch_alter_table("mig_entry", schema=None) as batch:
        batch.drop_index(op.f("ix_mig_entry_item_id"))
        batch.drop_column("item_id")
        batch.drop_column("kind")
    op.drop_table("mig_item_alias")
    op.drop_table("mig_item")


ENTRY = sa.table(
    "mig_entry",
    *map(sa.column, ("id", "migration", "item_key", "node_id", "decision", "kind", "item_id")),
    sa.column("created_at", MOMENT),
)
SNAPSHOT = sa.table(
    "mig_snapshot", *map(sa.column, ("migration", "repository", "number", "node_id"))
)


def _back_fill(connection: sa.Connection, item: sa.Table, alias: sa.Table) -> None:
    """Items from the node ids in the entries, then from those of the snapshots. An entry that
    matches neither keeps its name and gets no item."""
    for kind, prefix in (("undo", "undo-"), ("reply", "command:")):
        connection.execute(
            sa.update(ENTRY)
            .where(ENTRY.c.decision.startswith(prefix, autoescape=True))
            .values(kind=kind)
        )
    known: dict[tuple[str, str], int] = {}
    seen: set[tuple[int, str]] = set()
    for row in _entries(connection):
        repository, _, number = row.item_key.rpartition("#")
        node_id = row.node_id or _scanned(connection, row.migration, repository, number)
        if not node_id or not number.isdecimal():
            continue
        if (row.migration, node_id) not in known:
            made = connection.execute(sa.insert(item).values(migration=row.migration))
            known[row.migration, node_id] = made.inserted_primary_key[0]
        item_id = known[row.migration, node_id]
        connection.execute(sa.update(ENTRY).where(ENTRY.c.id == row.id).values(item_id=item_id))
        if (item_id, row.item_key) not in seen:
            seen.add((item_id, row.item_key))
            connection.execute(
                sa.insert(alias).values(
                    item_id=item_id,
                    migration=row.migration,
                    node_id=node_id,
                    repository_id="",
                    repository=repository,
                    number=int(number),
                    seen_from=row.created_at,
                )
            )


def _entries(connection: sa.Connection) -> Iterator[Any]:
    """All entries in the order of their ids, some in memory at a time."""
    last = ""
    while True:
        query = sa.select(ENTRY).where(ENTRY.c.id > last).order_by(ENTRY.c.id).limit(CHUNK)
        rows = connection.execute(query).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].id


def _scanned(connection: sa.Connection, migration: str, repository: str, number: str) -> str:
    if not number.isdecimal():
        return ""
    where = (
        SNAPSHOT.c.migration == migration,
        SNAPSHOT.c.repository == repository,
        SNAPSHOT.c.number == int(number),
    )
    return connection.scalar(sa.select(SNAPSHOT.c.node_id).where(*where)) or ""
