"""The process that is killed: our web application and our dispatcher, whose work is one act in a
world outside.

Run as ``python -m bench.ingesting.victim PORT DATABASE WORLD``. The world is a database of its own,
as GitHub's is. As every act of ours, this one is looked for before it is done: a process may have
died after doing it and before noting it.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import threading
from datetime import UTC, datetime

import uvicorn

from migrator.domain.webhooks.triggers import Trigger, TriggerScope
from migrator.listener.dispatcher import Dispatcher
from migrator.store.database import open_engine
from migrator.store.deliveries import Deliveries
from migrator.web.app import AppDependencies, create_app

START = datetime(2024, 1, 1, tzinfo=UTC)


class Acting:
    """Does one act for each item that it is asked to look after."""

    scope = TriggerScope(source="octo/mono", targets=("octo/new",), since=START)

    def __init__(self, world: str) -> None:
        self._path = world
        self._world: sqlite3.Connection | None = None

    def note_repository(self, repository: str, repository_id: str) -> None:
        """Its repositories are never renamed."""

    async def handle(self, _repository: str, number: int, _intents: frozenset[Trigger]) -> str:
        """Look whether it was done; do it if not."""
        if self._world is None:  # a connection belongs to the thread that opened it
            self._world = sqlite3.connect(self._path, isolation_level=None)
            self._world.execute(
                "PRAGMA synchronous=OFF"
            )  # it is not what is tested, and survives a killed process anyway
        if not self._world.execute("SELECT 1 FROM act WHERE number = ?", (number,)).fetchone():
            self._world.execute("INSERT INTO act VALUES (?)", (number,))
        return "acted"


def now() -> datetime:
    """The present."""
    return datetime.now(UTC)


def main(port: int, database: str, world: str) -> None:
    """Serve and work until killed."""
    deliveries = Deliveries(open_engine(database))
    dispatcher = Dispatcher(deliveries, Acting(world), now)
    threading.Thread(target=lambda: asyncio.run(dispatcher.run()), daemon=True).start()
    secrets = (os.environ["BENCH_SECRET"].encode(),)
    app = create_app(
        AppDependencies(store=deliveries.accept, secrets=secrets, clock=now, stored=dispatcher.wake)
    )
    uvicorn.run(app, port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
