"""Connections for those who only read."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from migrator.store.database import engine_at, open_engine


def test_a_connection_that_only_reads_can_write_nothing(address: str) -> None:
    """The database refuses it; others write as before."""
    engine = open_engine(address, reads_only=True)
    insert = text("insert into mig_item (migration) values ('x')")
    try:
        with engine.connect() as connection:
            assert connection.scalar(text("select count(*) from mig_item")) == 0
        with pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(insert)
    finally:
        engine.dispose()
    with engine_at(address) as usual, usual.begin() as connection:
        connection.execute(insert)
