"""Revisions climb and descend with rows in the tables, and a database of another revision is
refused with the cure."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    DateTime,
    Double,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    event,
    inspect,
    select,
    text,
)

from migrator.errors import DatabaseError
from migrator.store import open_store, revisions
from migrator.store.item_texts import holds_words, words_of
from migrator.store.leases import Leases
from migrator.store.models import Base, ItemTextRow
from tests.store.conftest import NOW
from tests.support.databases import Databases, opened, run_together

SCRIPTS = Path(__file__).parents[2] / "alembic"
REVISIONS = [
    script.revision
    for script in reversed(list(ScriptDirectory.from_config(revisions.config()).walk_revisions()))
]
BEFORE_IDENTITY = REVISIONS[REVISIONS.index("0006") - 1]
BEFORE_SEARCH = REVISIONS[REVISIONS.index("0013") - 1]
BEFORE_ANSWERS = REVISIONS[REVISIONS.index("0008") - 1]
THE_ENGINES = "workflow_status"


@pytest.fixture
def empty(databases: Databases) -> Iterator[Engine]:
    """An engine on a database without any table."""
    with opened(databases.empty()) as engine:
        yield engine


def ours(engine: Engine) -> set[str]:
    """Names of our tables, without the one that keeps the revision."""
    return {name for name in inspect(engine).get_table_names() if name.startswith("mig_")} - {
        revisions.VERSION_TABLE
    }


def sample(column: Any) -> Any:
    """A value for a column of any type."""
    for kind, value in (
        (Boolean, True),
        (Integer, 1),
        (BigInteger, 1),
        (Double, 0.5),
        (LargeBinary, b"{}"),
        (DateTime, NOW),
    ):
        if isinstance(column.type, kind):
            return value
    return "x"


def fill(engine: Engine) -> dict[str, int]:
    """Write one row into every table of ours as the database has it now, parents first; how many
    rows each has then."""
    tables = MetaData()
    tables.reflect(engine, only=sorted(ours(engine)))
    with engine.begin() as connection:
        for table in tables.sorted_tables:
            connection.execute(
                table.insert().values({column.name: sample(column) for column in table.columns})
            )
    return {table.name: 1 for table in tables.sorted_tables}


def counts(engine: Engine) -> dict[str, int]:
    """How many rows each of our tables has."""
    with engine.connect() as connection:
        return {
            name: len(connection.execute(select(text("*")).select_from(text(name))).all())
            for name in ours(engine)
        }


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_revision_is_climbed_and_left_with_rows_in_the_tables(
    empty: Engine, revision: str
) -> None:
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
            "include_object": lambda _object, name, kind, _reflected, _other: (
                name.startswith("mig_")
                if kind == "table"
                else not str(name).startswith("migfts_")  # of searches, and the database's own
            ),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_a_revisions_file_is_named_after_it_and_they_follow_in_the_order_of_their_names() -> None:
    """Which revision is the newest can be told from the names, without loading what revises."""
    assert revisions.known() == REVISIONS


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
        connection.execute(
            text(f"update {revisions.VERSION_TABLE} set version_num = :revision"),
            {"revision": revision},
        )


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
from migrator.store.database import open_engine
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
    query = (
        "select table_name || '.' || column_name from information_schema.columns where "
        "table_name like 'mig%'"
    )
    query += " and data_type = 'character varying' and collation_name is distinct from 'C' and table_name <> 'mig_revision'"
    with engine.connect() as connection:
        assert connection.scalars(text(query)).all() == []


def test_every_table_of_ours_carries_the_prefix() -> None:
    """Or the revisions would not see it."""
    assert all(name.startswith("mig_") for name in Base.metadata.tables)


NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "{newest}"


def upgrade():
    op.add_column("mig_run", sa.Column("added", sa.String(), nullable=True))
    op.create_index("ix_mig_run_added", "mig_run", ["added"])
    op.create_table("mig_added", sa.Column("id", sa.Integer(), primary_key=True))
"""


def with_one_more(folder: Path) -> Path:
    """A copy of the revisions as the next version may ship them: one more, which adds a column,
    an index and a table."""
    shutil.copytree(SCRIPTS, folder / "alembic")
    (folder / "alembic" / "versions" / "9999_next.py").write_text(
        NEXT.format(newest=revisions.newest()), encoding="utf-8"
    )
    return folder / "alembic"


def test_a_table_in_use_is_asked_for_again_and_given_up_whole(
    engine: Engine, tmp_path: Path
) -> None:
    """Nobody is blocked for long by a revision that waits; in the end it says what to look for,
    and has changed nothing."""
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    scripts, before = with_one_more(tmp_path), revisions.current(engine)
    with engine.connect() as reader:
        reader.execute(
            text("select * from mig_run")
        ).all()  # an open transaction: nobody may change the table
        with pytest.raises(DatabaseError, match="in use") as caught:
            revisions.upgrade(engine, scripts=scripts, tries=1)
        assert "pg_stat_activity" in caught.value.cure
        with engine.connect() as other:
            assert other.execute(text("select * from mig_run")).all() == []
    assert revisions.current(engine) == before
    revisions.upgrade(engine, scripts=scripts, tries=1)
    assert revisions.current(engine) == "9999"


BREAKS = re.compile(
    r"\b(DROP|RENAME|ALTER COLUMN|ADD CONSTRAINT|UNIQUE INDEX)\b|ADD COLUMN (?!.*DEFAULT).*NOT NULL"
)
"""SQL that a program of the version before, which still runs, would stumble over."""


def breaking(engine: Engine, scripts: Path) -> list[str]:
    """Statements of revisions after the first that break the version before, but for those that
    say why with ``CONTRACTS``."""
    seen: list[str] = []
    event.listen(
        engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_rest: seen.append(statement),
    )
    found: list[str] = []
    for script in reversed(
        list(ScriptDirectory.from_config(revisions.config(scripts=scripts)).walk_revisions())
    ):
        seen.clear()
        revisions.upgrade(engine, script.revision, scripts=scripts)
        if script.down_revision is not None and not hasattr(script.module, "CONTRACTS"):
            found += [statement for statement in seen if BREAKS.search(statement)]
    return found


def test_a_revision_only_adds(postgresql_server: str, tmp_path: Path) -> None:
    """The version before goes on working on the newer tables. What it no longer needs is removed
    one version later."""
    databases = Databases("postgresql", tmp_path, postgresql_server)
    with opened(databases.empty()) as engine:
        assert breaking(engine, SCRIPTS) == []
    scripts = with_one_more(tmp_path)
    with opened(databases.empty()) as engine:
        assert breaking(engine, scripts) == []
    last = scripts / "versions" / "9999_next.py"
    last.write_text(
        last.read_text(encoding="utf-8").replace("nullable=True", "nullable=False"),
        encoding="utf-8",
    )
    with opened(databases.empty()) as engine:
        assert ["NOT NULL" in statement for statement in breaking(engine, scripts)] == [True]


def test_old_entries_get_their_item_by_node_id_then_by_the_scan(empty: Engine) -> None:
    """One item under two names is one; what matches neither keeps its name and gets no item."""
    revisions.upgrade(empty, BEFORE_IDENTITY)
    rows = [
        ("a/b#1", "N1", "retire"),
        ("a/new#1", "N1", "undo-retire"),
        ("a/b#2", "", "redirect"),
        ("a/b#3", "", "port"),
        ("a/b#4", "N4", "command:IC_1"),
    ]
    with empty.begin() as connection:
        fill_parents(connection)
        for number, (key, node_id, decision) in enumerate(rows):
            connection.execute(
                table_of(connection, "mig_entry")
                .insert()
                .values(
                    id=f"e{number}",
                    migration="garden",
                    item_key=key,
                    node_id=node_id,
                    decision=decision,
                    generation=1,
                    run_id="run",
                    plan_hash="p",
                    nonce=f"n{number}",
                    text_hash="h",
                    before=b"{}",
                    created_at=NOW,
                )
            )
        snapshot = table_of(connection, "mig_snapshot")
        values = {column.name: sample(column) for column in snapshot.columns}
        scanned = {"migration": "garden", "repository": "a/b", "number": 2, "node_id": "N2"}
        connection.execute(snapshot.insert().values(values | scanned))
    revisions.upgrade(empty)
    store = open_store(empty, "garden")
    entries = {one.entry.id: one.entry for one in store.ledger.stream()}
    assert entries["e0"].item_id == entries["e1"].item_id is not None
    assert entries["e2"].item_id not in (None, entries["e0"].item_id)
    assert entries["e3"].item_id is None
    assert store.items.unmatched() == ["a/b#3"]
    assert store.items.present_names()[entries["e0"].item_id or 0] == "a/new#1"
    with empty.connect() as connection:
        kinds = connection.execute(text("select id, kind from mig_entry order by id")).all()
    assert [tuple(each) for each in kinds] == [
        ("e0", "notice"),
        ("e1", "undo"),
        ("e2", "notice"),
        ("e3", "notice"),
        ("e4", "reply"),
    ]


def test_old_answers_and_landings_get_their_item(empty: Engine) -> None:
    """By a name that is known, then by the scan, else as a new item; names of items get GitHub's id
    of their repository."""
    revisions.upgrade(empty, BEFORE_ANSWERS)
    with empty.begin() as connection:
        item = {"id": 7, "migration": "garden"}
        connection.execute(table_of(connection, "mig_item").insert().values(item))
        add(
            connection,
            "mig_item_alias",
            id=1001,
            item_id=7,
            node_id="N1",
            number=1,
            seen_until=None,
        )
        add(connection, "mig_snapshot", number=2, node_id="N2")
        add(connection, "mig_repository", name="a/b", facts=b'{"id":"R_1"}')
        for number, key in enumerate(("a/b#1", "a/b#1", "a/b#2", "a/b#3")):
            add(connection, "mig_review", id=number, item_key=key)
        add(connection, "mig_landing", old_key="a/b#2", new_key="c/d#1")
    revisions.upgrade(empty)
    with empty.connect() as connection:
        answers = connection.execute(text("select item_id from mig_review order by id"))
        first, second, third, fourth = answers.scalars()
        landing = connection.scalar(text("select item_id from mig_landing"))
        ids = connection.execute(text("select distinct repository_id from mig_item_alias"))
        assert ids.scalars().all() == ["R_1"]
    assert first == second == 7
    assert landing == third
    assert len({first, third, fourth, None}) == 4
    store = open_store(empty, "garden")
    assert store.items.present_names() == {7: "a/b#1", third: "a/b#2", fourth: "a/b#3"}


def test_items_that_were_scanned_before_can_be_searched(empty: Engine) -> None:
    """Their words are those that a scan of today stores; a damaged row has none, and stops nothing."""
    revisions.upgrade(empty, BEFORE_SEARCH)
    texts = [
        ("Masking breaks tf.keras", "Café, input_shape=(2, 3)"),
        ("日本 語", "x" * 300 + " end"),
    ]
    with empty.begin() as connection:
        for number, (title, body) in enumerate(texts, start=1):
            document = json.dumps({"title": title, "body": body}).encode()
            add(connection, "mig_snapshot", number=number, document=document)
        add(connection, "mig_snapshot", number=7, document=b"[damaged")
    revisions.upgrade(empty)
    with empty.connect() as connection:
        rows = connection.execute(text("select number, words from mig_item_text order by number"))
        stored = [tuple(row) for row in rows]
        found = connection.scalars(
            select(ItemTextRow.number).where(holds_words(empty.dialect.name, ["masking", "shap"]))
        ).all()
    expected = [" ".join(words_of(f"{title} {body}")) for title, body in texts]
    assert stored == [(1, expected[0]), (2, expected[1]), (7, "")]
    assert found == [1]


def add(connection: Connection, into: str, **values: Any) -> None:
    """One more row of the migration's repository, in a table as the database has it now."""
    table = table_of(connection, into)
    row = {column.name: sample(column) for column in table.columns}
    place = {"migration": "garden", "repository": "a/b", "repository_id": ""} | values
    kept = {column: value for column, value in place.items() if column in row}
    connection.execute(table.insert().values(row | kept))


def table_of(connection: Connection, name: str) -> Table:
    """A table as the database has it now."""
    tables = MetaData()
    tables.reflect(connection, only=[name])
    return tables.tables[name]


def fill_parents(connection: Connection) -> None:
    """The plan and the run that entries belong to."""
    for name, values in (("mig_plan", {"hash": "p"}), ("mig_run", {"id": "run", "plan_hash": "p"})):
        table = table_of(connection, name)
        row = {column.name: sample(column) for column in table.columns} | values
        connection.execute(table.insert().values(row))


def test_an_upgrade_that_needs_a_stop_is_refused_while_somebody_works(empty: Engine) -> None:
    """By heartbeat or by lease; an empty database, and one that is up to date, need none."""
    silence = timedelta(seconds=30)
    revisions.refuse_at_work(empty, silence)
    revisions.upgrade(empty, BEFORE_IDENTITY)
    revisions.refuse_at_work(empty, silence)
    leases = Leases(empty)
    leases.beat("worker-1")
    with pytest.raises(DatabaseError, match="worker-1 works on the database") as caught:
        revisions.refuse_at_work(empty, silence)
    assert "stop every" in caught.value.cure
    leases.forget("worker-1")
    leases.acquire("big", "worker-2")
    with pytest.raises(DatabaseError, match="worker-2"):
        revisions.refuse_at_work(empty, silence)
    revisions.upgrade(empty)
    revisions.refuse_at_work(empty, silence)
