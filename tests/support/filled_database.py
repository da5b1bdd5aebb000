"""Rows for every table that there is, so that a new table cannot be forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Engine, Table, select

from migrator.store.backups import tables
from migrator.store.types import UtcDateTime

BASE = datetime(2022, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
TEXT = "naïve – 日本 🧵 'quoted' \"and\" \\"


def fill(engine: Engine, rows: int = 3) -> None:
    """Put some rows into every table, the children of each below its parents of the same number."""
    with engine.begin() as connection:
        for table in tables():
            connection.execute(
                table.insert(), [_row(table, number) for number in range(1, rows + 1)]
            )


def _row(table: Table, number: int) -> dict[str, Any]:
    return {column.name: _value(column, number) for column in table.columns}


def _value(column: Column[Any], number: int) -> Any:
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return _value(key.column, number)
    if isinstance(column.type, UtcDateTime):
        return None if column.nullable and number == 1 else BASE + timedelta(days=number)
    kind = column.type.python_type
    if kind is bytes:
        return f'{{"text":"{TEXT}","number":{number}}}'.encode() + bytes(range(256))
    if kind is bool:
        return bool(number % 2)
    if kind in (int, float):
        return kind(number)
    return f"{column.name} {number}" if column.primary_key or column.unique else f"{TEXT} {number}"


def contents(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Everything that our tables hold."""
    with engine.connect() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(
                    select(table).order_by(*table.primary_key.columns)
                ).mappings()
            ]
            for table in tables()
        }
