"""The time that several machines agree on: the database server's, as their own clocks may differ."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.orm import Session

Seconds = Callable[[Session], float]
"""Gives the present moment in seconds since 1970 (UTC); called inside the transaction that uses it, after its lock was got."""


def database_seconds(session: Session) -> float:
    """PostgreSQL's own clock; with SQLite everybody is on one machine."""
    if session.get_bind().dialect.name == "postgresql":
        return float(session.scalar(text("select extract(epoch from clock_timestamp())")) or 0.0)
    return time.time()


def scaled(factor: float) -> Seconds:
    """A clock that runs ``factor`` times as fast as the real one, the same in every process."""
    return lambda session: database_seconds(session) * factor


def lock(session: Session, kind: str, name: str) -> None:
    """Let no other transaction pass this line for the same name before ours ends.

    On SQLite every transaction of ours begins as the only writer (see ``engine``); PostgreSQL needs a lock of its own
    (https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS).
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(hashtext(:kind), hashtext(:name))"), {"kind": kind, "name": name})
    else:
        session.connection().exec_driver_sql("BEGIN IMMEDIATE")
