"""Makes a large migration out of a small one by copying its rows: a hundred thousand items in
seconds instead of hours."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from migrator.domain.evaluation.review_order import RankedItem
from migrator.services.review_order import ORDER

STEP: Final = 10_000_000
"""Numbers of copied items are so far apart; no real one is as large."""

_COPIED: Final[dict[str, dict[str, str]]] = {
    "mig_snapshot": {"number": "number + :far", "node_id": "node_id || :copy"},
    "mig_label": {"number": "number + :far"},
    "mig_item_text": {"id": "null", "number": "number + :far"},
    "mig_verdict": {"number": "number + :far"},
    "mig_plan_item": {
        "number": "number + :far",
        "item_key": "repository || '#' || (number + :far)",
    },
    "mig_entry": {
        "id": "id || :copy",
        "nonce": "nonce || :copy",
        "item_id": "null",
        "item_key": (
            "substr(item_key, 1, instr(item_key, '#')) || (substr(item_key, instr(item_key, '#') "
            "+ 1) + :far)"
        ),
    },
    "mig_attempt": {"entry_id": "entry_id || :copy"},
    "mig_outcome": {"entry_id": "entry_id || :copy"},
    "mig_due": {"entry_id": "entry_id || :copy"},
}
"""Table -> column -> what a copy has there; all other columns stay."""


def multiply(database: Path, least: int) -> int:
    """Copy every planned item of a database until there are ``least`` of them; returns how many
    there are then. A database may be multiplied again."""
    connection = sqlite3.connect(database)
    (furthest,) = connection.execute("select max(number) from mig_snapshot").fetchone()
    before = furthest // STEP + 1
    times = -(-least // connection.execute("select count(*) from mig_plan_item").fetchone()[0])
    with connection:
        for table, changed in _COPIED.items():
            _multiply(connection, table, changed, times, before)
        _multiply_order(connection, times, before)
        _multiply_totals(connection, times)
    items = connection.execute("select count(*) from mig_plan_item").fetchone()[0]
    connection.close()
    return int(items)


def _multiply(
    connection: sqlite3.Connection, table: str, changed: dict[str, str], times: int, before: int
) -> None:
    """``before``: copies of each row that are there already, itself included."""
    columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
    values = ", ".join(changed.get(column, column) for column in columns)
    connection.execute(f"create temp table original as select * from {table}")
    for number in range(before, before * times, before):
        rows = f"insert into {table} ({', '.join(columns)}) select {values} from temp.original"
        connection.execute(rows, {"far": number * STEP, "copy": f"~{number}"})
    connection.execute("drop table temp.original")


def _multiply_order(connection: sqlite3.Connection, times: int, before: int) -> None:
    """The order of each plan's review queue: the copies of an item come behind it."""
    query = "select plan_hash, document from mig_plan_fact where name = ?"
    for plan, document in connection.execute(query, (ORDER,)).fetchall():
        copies = [
            replace(each, number=each.number + far * STEP, similar=each.similar * times)
            for each in msgspec.json.decode(document, type=list[RankedItem])
            for far in range(0, before * times, before)
        ]
        connection.execute(
            "update mig_plan_fact set document = ? where plan_hash = ? and name = ?",
            (msgspec.json.encode(copies), plan, ORDER),
        )


def _multiply_totals(connection: sqlite3.Connection, times: int) -> None:
    """The sums that plans carry, and no other facts that were worked out before."""
    connection.execute("delete from mig_plan_fact where name <> ?", (ORDER,))
    for plan, document in connection.execute("select hash, totals from mig_plan").fetchall():
        totals = msgspec.json.decode(document)
        totals["decisions"] = {name: count * times for name, count in totals["decisions"].items()}
        for name in ("items", "notices", "closes"):
            totals[name] = totals.get(name, 0) * times
        connection.execute(
            "update mig_plan set totals = ? where hash = ?", (msgspec.json.encode(totals), plan)
        )
