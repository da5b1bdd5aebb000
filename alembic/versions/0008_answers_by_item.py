"""answers by item

Revision ID: 0008
Revises: 0007.

Answers and landings say which item they are about, whatever it is called. Names of items say GitHub's
id of the repository, where a scan has read it.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLES = {"mig_review": ("item_key", "answered_at"), "mig_landing": ("old_key", "found_at")}
"""Table -> its columns with the item's name, and with the date on which that was its name."""

ITEM = sa.table("mig_item", sa.column("id", BIG_ID), sa.column("migration"))
ALIAS = sa.table(
    "mig_item_alias",
    sa.column("item_id", BIG_ID),
    *map(sa.column, ("migration", "node_id", "repository_id", "repository", "number")),
    sa.column("seen_from", MOMENT),
    sa.column("seen_until", MOMENT),
)
SNAPSHOT = sa.table(
    "mig_snapshot", *map(sa.column, ("migration", "repository", "number", "node_id"))
)
REPOSITORY = sa.table(
    "mig_repository", *map(sa.column, ("migration", "name")), sa.column("facts", sa.LargeBinary)
)


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("item_id", BIG_ID, nullable=True))
        op.create_index(op.f(f"ix_{table}_item_id"), table, ["item_id"])
    connection = op.get_bind()
    for migration, name, facts in connection.execute(sa.select(REPOSITORY)).all():
        _fill_repository_id(connection, migration, name, facts)
    for name, (key, at) in TABLES.items():
        _fill_item_ids(connection, name, key, at)


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch:
            batch.drop_index(op.f(f"ix_{table}_item_id"))
            batch.drop_column("item_id")


def _fill_repository_id(connection: sa.Connection, migration: str, name: str, facts: bytes) -> None:
    try:
        known = json.loads(facts).get("id", "")
    except (ValueError, AttributeError):
        return
    if isinstance(known, str) and known:
        where = (ALIAS.c.migration == migration, ALIAS.c.repository == name)
        connection.execute(sa.update(ALIAS).where(*where).values(repository_id=known))


def _fill_item_ids(connection: sa.Connection, name: str, key: str, at: str) -> None:
    """The item that bears the name now, else the one that was scanned under it, else a new one."""
    table = sa.table(
        name, sa.column("migration"), sa.column(key), sa.column("item_id"), sa.column(at, MOMENT)
    )
    named = sa.select(table.c.migration, table.c[key], sa.func.min(table.c[at]))
    for migration, item_key, since in connection.execute(
        named.group_by(table.c.migration, table.c[key])
    ).all():
        repository, _, number = item_key.rpartition("#")
        if not number.isdecimal():
            continue
        item_id = _item(connection, migration, repository, int(number), since)
        where = (table.c.migration == migration, table.c[key] == item_key)
        connection.execute(sa.update(table).where(*where).values(item_id=item_id))


def _item(
    connection: sa.Connection, migration: str, repository: str, number: int, since: object
) -> int:
    of_migration = sa.select(ALIAS.c.item_id).where(ALIAS.c.migration == migration)
    named = of_migration.where(ALIAS.c.repository == repository, ALIAS.c.number == number)
    found = connection.scalar(
        named.order_by(ALIAS.c.seen_until.is_not(None), ALIAS.c.item_id.desc())
    )
    scanned = sa.select(SNAPSHOT.c.node_id).where(
        SNAPSHOT.c.migration == migration,
        SNAPSHOT.c.repository == repository,
        SNAPSHOT.c.number == number,
    )
    node_id = connection.scalar(scanned) or ""
    if found is None and node_id:
        found = connection.scalar(of_migration.where(ALIAS.c.node_id == node_id))
    if found is not None:
        return int(found)
    item = connection.execute(sa.insert(ITEM).values(migration=migration).returning(ITEM.c.id))
    item_id = int(item.scalar_one())
    connection.execute(
        sa.insert(ALIAS).values(
            item_id=item_id,
            migration=migration,
            node_id=node_id,
            repository_id=_repository_id(connection, migration, repository),
            repository=repository,
            number=number,
            seen_from=since,
        )
    )
    return item_id


def _repository_id(connection: sa.Connection, migration: str, name: str) -> str:
    where = (REPOSITORY.c.migration == migration, REPOSITORY.c.name == name)
    facts = connection.scalar(sa.select(REPOSITORY.c.facts).where(*where))
    try:
        known = json.loads(facts).get("id", "") if facts else ""
    except (ValueError, AttributeError):
        return ""
    return known if isinstance(known, str) else ""
