"""``migrator worker``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer

from migrator import bootstrap
from migrator.cli.output import MigrationOption, PlainLogsOption, out
from migrator.config import logs
from migrator.errors import ConfigError, MigratorError
from migrator.execution.context import Context
from migrator.execution.engine import only_worker
from migrator.services.worker import Worker, obstacles
from migrator.views.metrics import gauges
from migrator.web.metrics import Metrics
from migrator.web.sockets import address_of, listen

EXAMPLE = "migrator worker --migration moved.toml --metrics-port 9090"
LOOK_EVERY = 1.0
"""Seconds between two looks whether the work still goes on."""


MetricsPortOption = Annotated[
    int | None,
    typer.Option(
        "--metrics-port",
        min=0,
        max=65535,
        help="Answer /metrics, /healthz and /readyz on this port; 0 takes a free one.",
        show_default="off",
    ),
]
MetricsHostOption = Annotated[
    str,
    typer.Option("--metrics-host", help="Address for that; 0.0.0.0 for every one of this machine."),
]
StartApprovedOption = Annotated[
    bool,
    typer.Option(
        "--start-approved",
        help="Begin every plan that is approved and was never begun, at GitHub's pace.",
    ),
]


def command(
    migration: MigrationOption,
    metrics_port: MetricsPortOption = None,
    metrics_host: MetricsHostOption = "127.0.0.1",
    start_approved: StartApprovedOption = False,
    plain_logs: PlainLogsOption = False,
) -> None:
    """Work on runs and webhooks without serving pages: beside `migrator serve --no-worker`, on
    PostgreSQL any number of them."""
    logs.configure(plain=plain_logs)
    context = bootstrap.build(migration)
    if not context.settings.can_sign_in:
        raise ConfigError(
            "the worker has no way to sign in to GitHub",
            cure=(
                "set MIGRATOR_GITHUB_APP_ID and MIGRATOR_GITHUB_PRIVATE_KEY_FILE, or make an App "
                "with `migrator serve` on this machine"
            ),
        )
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    metrics = Metrics(lambda: gauges(context))
    with ExitStack() as opened:
        opened.enter_context(only_worker(context))
        context.clients.watch(metrics.requested)
        worker = Worker(
            context, ended=metrics.worked, held=metrics.held, start_approved=start_approved
        )
        working = opened.enter_context(_at_work(worker))
        metrics.listens(lambda: working.alive)
        if metrics_port is not None:
            opened.enter_context(_watched(working, metrics, context, (metrics_host, metrics_port)))
        out.print(f"working as {context.executor_id}")
        while not stopped.wait(LOOK_EVERY):
            if not working.alive:
                raise MigratorError(
                    "the work ended by itself",
                    cure="read why in the log, and start it again; nothing is lost",
                )


@contextmanager
def _at_work(working: Worker) -> Iterator[Worker]:
    """The worker, started, for the length of the block."""
    working.start()
    try:
        yield working
    finally:
        working.stop()


@contextmanager
def _watched(
    working: Worker, metrics: Metrics, context: Context, at: tuple[str, int]
) -> Iterator[None]:
    """What tells others how the worker is, for the length of the block."""
    from migrator.web.health import probed, router  # the web framework, for those who ask for it

    routes = router(metrics, lambda: obstacles(context), alive=lambda: working.alive)
    with (
        listen(*at, options="--metrics-host or --metrics-port") as listening,
        probed(routes, listening),
    ):
        out.print(f"metrics at {address_of(listening)}/metrics", soft_wrap=True)
        yield
