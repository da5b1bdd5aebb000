"""Nobody waits for ever on PostgreSQL: statements, locks and idle transactions have limits;
revisions may take their time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from migrator.store import revisions
from migrator.store.database import is_outage, open_engine
from tests.support.databases import Databases, opened


@pytest.fixture
def address(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of an empty PostgreSQL database."""
    return Databases("postgresql", tmp_path_factory.mktemp("patience"), postgresql_server).empty()


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    """An engine on it."""
    with opened(address) as engine:
        yield engine


def shown(engine: Engine, name: str) -> str:
    """A setting of a fresh connection."""
    with engine.connect() as connection:
        return str(connection.scalar(text(f"show {name}")))


def test_every_connection_has_limits(engine: Engine) -> None:
    """What hangs is ended by the server, also where our process is gone."""
    limits = (
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
        "application_name",
    )
    assert [shown(engine, name) for name in limits] == ["1min", "15s", "1min", "migrator"]


def test_a_statement_over_its_limit_is_ended(address: str) -> None:
    """The limit is the server's: it does not depend on us. Here it is short, as the address
    says."""
    short = open_engine(
        f"{address}{'&' if '?' in address else '?'}options=-c%20statement_timeout%3D50"
    )
    with short.connect() as connection, pytest.raises(OperationalError, match="statement timeout"):
        connection.execute(text("select pg_sleep(10)"))
    short.dispose()


def test_a_revision_has_all_the_time_it_needs(engine: Engine) -> None:
    """Large tables take longer than a minute. For a lock it waits less than others do, who queue
    up behind it."""
    with engine.begin() as connection:
        revisions.alone(connection)
        assert connection.scalar(text("show statement_timeout")) == "0"
        assert connection.scalar(text("show lock_timeout")) == revisions.LOCK_PATIENCE
    assert shown(engine, "statement_timeout") == "1min"


def error_of(engine: Engine, statement: str) -> DBAPIError:
    """What the database says to a statement."""
    with pytest.raises(DBAPIError) as caught, engine.connect() as connection:
        connection.execute(text(statement))
    return caught.value


def test_only_a_database_that_may_come_back_is_waited_for(tmp_path: Path) -> None:
    """SQLite says `OperationalError` for a held lock and for a missing table alike; no waiting
    brings a table. What several tasks met at once counts the same."""
    file = tmp_path / "it.sqlite"
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 0})
    with closing(sqlite3.connect(file)) as other:
        other.execute("create table it (id)")
        other.execute("begin exclusive")
        held = error_of(engine, "insert into it values (1)")
    missing = error_of(engine, "select * from absent_table")
    engine.dispose()
    assert [is_outage(held), is_outage(BaseExceptionGroup("tasks", [held]))] == [True, True]
    assert not is_outage(missing)
    assert not is_outage(ValueError("not of a database"))
