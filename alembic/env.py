"""Alembic's entry: revises only our own tables (prefix ``mig_``); the durable engine's tables are none of its business."""

from alembic import context

from migrator.store.models import Base
from migrator.store.revisions import VERSION_TABLE, alone, without_foreign_keys
from migrator.store.types import Text, UtcDateTime


def ours(_object, name, kind, _reflected, _compare_to):
    """Whether a table belongs to us, and an index to the models: those of searches are the database's own."""
    return (
        name.startswith("mig_")
        if kind == "table"
        else not (kind == "index" and str(name).startswith("migfts_"))
    )


def render(kind, column_type, _autogen):
    """Write our own column types into revisions as what they are in the database (``TEXT`` stands at their top)."""
    if kind == "type" and isinstance(column_type, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return "TEXT" if kind == "type" and column_type is Text else False


def run():
    """Revise on the engine that the caller gave: whole or not at all, and one process at a time."""
    with without_foreign_keys(context.config.attributes["engine"]) as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=ours,
            version_table=VERSION_TABLE,
            render_as_batch=True,
            compare_type=True,
            transactional_ddl=True,
            render_item=render,
        )
        with context.begin_transaction():
            alone(connection)
            context.run_migrations()


run()
