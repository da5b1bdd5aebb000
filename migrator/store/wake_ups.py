"""Says when another process may have stored a delivery, so that nobody has to ask the tables.

On PostgreSQL by ``LISTEN`` and ``NOTIFY``
(https://www.postgresql.org/docs/current/sql-notify.html), on SQLite by the counter of changes by
other connections, which costs no transaction to read
(https://www.sqlite.org/pragma.html#pragma_data_version).
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Final

from sqlalchemy import Connection, Engine

log = logging.getLogger(__name__)

CHANNEL: Final = "mig_delivery"
LOOK_EVERY: Final = 0.25
"""Seconds between two looks at SQLite's counter, and until a request to stop is seen."""
LISTEN_FOR: Final = 0.5
"""Seconds until a request to stop is seen while PostgreSQL has nothing to say."""
AGAIN_AFTER: Final = 5.0
"""Seconds until the next try when the database is away. Meanwhile the tables are asked seldom."""


def notify(connection: Connection) -> None:
    """Wake whoever waits for deliveries, once this transaction is committed. SQLite counts its
    changes by itself."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")


class WakeUps:
    """Calls ``wake`` from a thread of its own, from :meth:`start` to :meth:`stop`. It may be called
    once too often, as other changes of the database count, too; it may be called too late while
    the database is away."""

    def __init__(self, engine: Engine, wake: Callable[[], None]) -> None:
        self._engine = engine
        self._wake = wake
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wake-ups", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End within a second, if it was started."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        watch = self._listen if self._engine.dialect.name == "postgresql" else self._look
        while not self._stopping.is_set():
            try:
                watch()
            except Exception as error:  # whatever the database's driver raises
                log.warning(
                    "new deliveries wait up to 15 s, as changes of the database cannot be watched: "
                    "%s: %s; if this comes again, check the database and restart the worker",
                    *(type(error).__name__, " ".join(str(error).split())),
                )
                self._stopping.wait(AGAIN_AFTER)

    def _listen(self) -> None:
        import psycopg  # 9 MB that SQLite does without

        address = self._engine.url.set(drivername="postgresql")
        conninfo = address.render_as_string(hide_password=False)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self._wake()  # for what was stored before
            while not self._stopping.is_set():
                for _ in connection.notifies(timeout=LISTEN_FOR, stop_after=1):
                    self._wake()

    def _look(self) -> None:
        file = self._engine.url.database or ":memory:"
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            seen = None
            while not self._stopping.wait(LOOK_EVERY):
                (version,) = connection.execute("PRAGMA data_version").fetchone()
                if version != seen:
                    seen = version
                    self._wake()
