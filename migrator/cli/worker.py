"""``migrator worker``."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import MigrationOption, out
from migrator.config import logs
from migrator.operations.serve import Worker
from migrator.workflows.engine import only_worker

EXAMPLE = "migrator worker --migration moved.toml"


def command(
    migration: MigrationOption,
    plain_logs: Annotated[bool, typer.Option("--plain-logs", help="Logs for people instead of JSON.")] = False,
) -> None:
    """Work on runs and webhooks without serving pages: beside `migrator serve --no-worker`, on PostgreSQL any number of them."""
    logs.configure(plain=plain_logs)
    context = bootstrap.build(migration)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with only_worker(context):
        working = Worker(context)
        working.start()
        out.print(f"working as {context.executor_id}")
        try:
            stopped.wait()
        finally:
            working.stop()
