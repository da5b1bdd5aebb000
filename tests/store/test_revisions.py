"""Revisions climb and descend with rows in the tables, and a database of another revision is refused with the cure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Boolean, DateTime, Double, Engine, Integer, LargeBinary, MetaData, inspect, select, text

from migrator.errors import DatabaseError
from migrator.store import revisions
from migrator.store.models import Base
from tests.store.conftest import NOW
from tests.store.databases import Databases, opened, run_together

REVISIONS = [script.revision for script in reversed(list(ScriptDirectory.from_config(revisions.config()).walk_revisions()))]
THE_ENGINES = "workflow_status"


@pytest.fixture
def empty(databases: Databases) -> Iterator[Engine]:
    """An engine on a database without any table."""
    with opened(databases.empty()) as engine:
        yield engine


def ours(engine: Engine) -> set[str]:
    """Names of our tables, without the one that keeps the revision."""
    return {name for name in inspect(engine).get_table_names() if name.startswith("mig_")} - {revisions.VERSION_TABLE}


def sample(column: Any) -> Any:
    """A value for a column of any type."""
    for kind, value in ((Boolean, True), (Integer, 1), (BigInteger, 1), (Double, 0.5), (LargeBinary, b"{}"), (DateTime, NOW)):
        if isinstance(column.type, kind):
            return value
    return "x"


def fill(engine: Engine) -> dict[str, int]:
    """Write one row into every table of ours as the database has it now, parents first; how many rows each has then."""
    tables = MetaData()
    tables.reflect(engine, only=sorted(ours(engine)))
    with engine.begin() as connection:
        for table in tables.sorted_tables:
            connection.execute(table.insert().values({column.name: sample(column) for column in table.columns}))
    return {table.name: 1 for table in tables.sorted_tables}


def counts(engine: Engine) -> dict[str, int]:
    """How many rows each of our tables has."""
    with engine.connect() as connection:
        return {name: len(connection.execute(select(text("*")).select_from(text(name))).all()) for name in ours(engine)}


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_is_climbed_and_left_with_rows_in_the_tables(empty: Engine, revision: str) -> None:
    """To it, with rows up to the newest one, and all the way down again."""
    revisions.upgrade(empty, revision)
    before = fill(empty)
    revisions.upgrade(empty)
    after = counts(empty)
    assert {name: after.get(name) for name in before} == before
    revisions.downgrade(empty, "base")
    assert ours(empty) == set()
    revisions.upgrade(empty)
    assert ours(empty) == set(Base.metadata.tables)


def test_the_revisions_make_what_the_models_say(empty: Engine) -> None:
    """No drift: neither tables, nor columns and their types, nor indexes."""
    revisions.upgrade(empty)
    with empty.connect() as connection:
        options = {
            "version_table": revisions.VERSION_TABLE,
            "compare_type": True,
            "include_object": lambda _object, name, kind, _reflected, _other: kind != "table" or name.startswith("mig_"),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_an_upgrade_can_be_repeated(empty: Engine) -> None:
    """The second one changes nothing."""
    revisions.upgrade(empty)
    before = fill(empty)
    revisions.upgrade(empty)
    assert counts(empty) == before
    revisions.require_current(empty)


def test_tables_of_the_durable_engine_are_left_alone(empty: Engine) -> None:
    """They live in the same database and are none of our business."""
    with empty.begin() as connection:
        connection.execute(text(f"create table {THE_ENGINES} (id integer primary key)"))
        connection.execute(text(f"insert into {THE_ENGINES} values (7)"))
    revisions.upgrade(empty)
    revisions.downgrade(empty, "base")
    with empty.connect() as connection:
        assert connection.scalar(text(f"select id from {THE_ENGINES}")) == 7


def test_an_empty_database_is_refused_with_the_cure(empty: Engine) -> None:
    """It names the command that helps, and nothing is written to it."""
    with pytest.raises(DatabaseError, match="has revision none") as caught:
        revisions.require_current(empty)
    assert "migrator db upgrade" in caught.value.cure
    assert inspect(empty).get_table_names() == []


def _stamp(engine: Engine, revision: str) -> None:
    revisions.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text(f"update {revisions.VERSION_TABLE} set version_num = :revision"), {"revision": revision})


def test_a_database_of_a_newer_migrator_is_refused_and_not_touched(empty: Engine) -> None:
    """Neither used nor upgraded: this program does not know what it would break."""
    _stamp(empty, "9999")
    for act in (revisions.require_current, revisions.upgrade):
        with pytest.raises(DatabaseError, match="9999") as caught:
            act(empty)
        assert "newer version" in caught.value.cure
    assert revisions.current(empty) == "9999"


UPGRADE = """
import sys
from migrator.store import revisions
from migrator.store.engine import open_engine
engine = open_engine(sys.argv[2])
revisions.newest()
print("ready", flush=True)
input()
revisions.upgrade(engine)
revisions.require_current(engine)
"""


def test_several_processes_may_upgrade_at_the_same_time(databases: Databases) -> None:
    """Containers start together, and each one upgrades first."""
    address = databases.empty()
    run_together(3, UPGRADE, [address])
    with opened(address) as engine:
        assert ours(engine) == set(Base.metadata.tables)


def test_text_sorts_as_in_python_whatever_the_servers_language(engine: Engine) -> None:
    """Plans are hashed in the order of their keys: it must be the same on every machine."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite compares bytes")
    query = "select table_name || '.' || column_name from information_schema.columns where table_name like 'mig%'"
    query += " and data_type = 'character varying' and collation_name is distinct from 'C' and table_name <> 'mig_revision'"
    with engine.connect() as connection:
        assert connection.scalars(text(query)).all() == []


def test_every_table_of_ours_carries_the_prefix() -> None:
    """Or the revisions would not see it."""
    assert all(name.startswith("mig_") for name in Base.metadata.tables)
