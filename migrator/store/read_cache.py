"""Keeps what pages read from the database until the database changes: sums over a whole run take
a tenth of a second with a hundred thousand items, and several pages show the same ones."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from copy import deepcopy
from typing import Final, TypeVar

from sqlalchemy import Engine, event, text

KEPT: Final = 200
"""Answers that are kept, those that were asked for last."""
HOLDS: Final = 300.0
"""Seconds for which an answer with a state of its own is believed: during an upgrade a program of
the version before may work on the database, which counts no changes."""

Answer = TypeVar("Answer")


class ReadCache:
    """Answers from one database, each with the state of the database in which it was read."""

    def __init__(self, engine: Engine, *, holds: float = HOLDS) -> None:
        self._engine = engine
        self._holds = holds
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[str, object, float]] = OrderedDict()
        self._watching: sqlite3.Connection | None = None
        self._watched = 0
        event.listen(engine, "engine_disposed", self._close)

    def get(self, key: Hashable, read: Callable[[], Answer], *, state: str = "") -> Answer:
        """What ``read`` returns, asked once for each state of the database. It may depend on
        nothing but ``key`` and the database.

        ``state`` was read before and is another one after each commit that matters to ``read``
        (see ``store.run_changes``); without it every commit counts.
        """
        # before reading: what is committed meanwhile makes it a later state
        now = state or self._state()
        with self._lock:
            known, answer, read_at = self._kept.get(key, ("", None, 0.0))
        old = bool(state) and time.monotonic() - read_at > self._holds
        if not now or known != now or old:
            answer = read()
            self._keep(key, now, answer)
        return deepcopy(answer)  # type: ignore[return-value]  # by its key it is an Answer

    def _keep(self, key: Hashable, state: str, answer: object) -> None:
        with self._lock:
            self._kept[key] = (state, answer, time.monotonic())
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def _state(self) -> str:
        """A word that is another one after each commit, by whatever process; empty where nothing
        says so.

        On PostgreSQL the transactions that are visible
        (https://www.postgresql.org/docs/current/functions-info.html), on SQLite the changes by
        all other connections than the one that asks
        (https://www.sqlite.org/pragma.html#pragma_data_version), which itself changes nothing.
        """
        if self._engine.dialect.name == "postgresql":
            with self._engine.connect() as connection:
                return str(connection.scalar(text("SELECT txid_current_snapshot()::text")))
        file = self._engine.url.database
        if not file or file == ":memory:":
            return ""
        with self._lock:
            if self._watching is None:
                self._watching = sqlite3.connect(
                    file, isolation_level=None, check_same_thread=False
                )
                self._watched += 1  # each connection counts from a number of its own
            (version,) = self._watching.execute("PRAGMA data_version").fetchone()
            return f"{self._watched} {version}"

    def _close(self, _engine: Engine) -> None:
        with self._lock:
            if self._watching is not None:
                self._watching.close()
                self._watching = None
