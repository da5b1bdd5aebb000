"""``migrator serve``."""

from __future__ import annotations

import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import structlog
import typer
import uvicorn

from migrator import bootstrap
from migrator.cli.app_setup import set_up
from migrator.cli.output import PlainLogsOption, err, out
from migrator.config import logs
from migrator.config.settings import (
    LOOPBACK,
    Settings,
    WebSettings,
    keys_in_reach,
    load_settings,
)
from migrator.errors import ConfigError, UsageError
from migrator.execution.context import Context
from migrator.execution.engine import Engine, only_worker
from migrator.services.check import ONE_PROCESS, SPLIT, is_reached
from migrator.services.known_repositories import KnownRepositories
from migrator.services.tour import TourNotes
from migrator.services.worker import Worker, obstacles
from migrator.views.metrics import gauges
from migrator.web import health
from migrator.web.app import AppDependencies, create_app
from migrator.web.auth.dependencies import Dashboard
from migrator.web.build import add_dashboard, open_dashboard
from migrator.web.connections import limits
from migrator.web.health import probed
from migrator.web.metrics import Metrics
from migrator.web.sockets import address_of, listen

EXAMPLE = "migrator serve --migration moved.toml --port 8080"
SWITCH_SECONDS = 0.0005
"""After so long a page that is being made lets the run beside it go on. With Python's own 5 ms, a
run waits up to that long after each commit and request."""
GRACE = 20
"""Seconds that requests in flight have to finish after a signal to stop."""

log = structlog.get_logger(__name__)


ServedMigrationOption = Annotated[
    str,
    typer.Option(
        "--migration",
        "-m",
        "--preset",
        envvar="MIGRATOR_MIGRATION",
        help="The migration file, or a preset's name.",
    ),
]
HostOption = Annotated[
    str,
    typer.Option("--host", help="Address to listen on; 0.0.0.0 for every one of this machine."),
]
PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
]
WorkerOption = Annotated[
    bool,
    typer.Option(
        "--worker/--no-worker",
        help=(
            "Whether this process works, too, which is for this machine only; else it reads "
            "no key, and `migrator worker` does the work."
        ),
    ),
]
OperationsPortOption = Annotated[
    int | None,
    typer.Option(
        "--operations-port",
        help=(
            "Answer /healthz, /readyz and /metrics on this port and not beside the pages; 0 "
            "takes a free one."
        ),
        show_default="beside the pages on this machine, off elsewhere",
    ),
]
OperationsHostOption = Annotated[
    str,
    typer.Option(
        "--operations-host", help="Address for that; 0.0.0.0 for every one of this machine."
    ),
]
DirectoryOption = Annotated[
    Path | None,
    typer.Option(
        "--dir", help="Go on with what `migrator rehearse --dir` left.", show_default=False
    ),
]


def command(
    migration: ServedMigrationOption = "",
    host: HostOption = "127.0.0.1",
    port: PortOption = 8080,
    worker: WorkerOption = True,
    operations_port: OperationsPortOption = None,
    operations_host: OperationsHostOption = "127.0.0.1",
    directory: DirectoryOption = None,
    plain_logs: PlainLogsOption = False,
) -> None:
    """Listen: take in webhooks, react to them, and serve the pages. Stop it with Ctrl-C or SIGTERM;
    nothing is lost.

    With `--no-worker` it stores what arrives and what maintainers decide, and neither needs nor
    reads the App's key or a token. Without a token or an App it opens `/setup` first, on this
    machine only, where the App is made.
    """
    logs.configure(plain=plain_logs)
    signal.signal(signal.SIGTERM, _leave)
    with (
        _context(migration, directory, works=worker) as (context, tour),
        listen(host, port) as listening,
    ):
        if worker and not context.settings.can_sign_in:
            if not set_up(context, listening, address_of(listening)):
                return
            context.store.engine.dispose()
            context = bootstrap.build(migration)
        _warn(context.settings, listening, works=worker)
        at = None if operations_port is None else (operations_host, operations_port)
        serve(context, listening, works=worker, operations=at, tour=tour)


def _leave(*_: object) -> None:
    """What SIGTERM means to us: an orderly end.

    uvicorn gives the signal back when it has stopped (``Server.capture_signals``). Without this the
    process would die on the spot, with the worker in the middle of an item.
    """
    raise SystemExit(0)


def _warn(settings: Settings, listening: socket.socket, *, works: bool) -> None:
    """Say where a process that strangers reach could write."""
    if works and is_reached(settings, listening.getsockname()[0]):
        err.print(f"warning: {ONE_PROCESS}; {SPLIT}")
    for variable in () if works else keys_in_reach():
        err.print(f"warning: {variable} is not read here; set it for the worker only")


@contextmanager
def _context(
    migration: str, directory: Path | None, *, works: bool
) -> Iterator[tuple[Context, TourNotes | None]]:
    """What to serve: a migration, or a rehearsal with its sandbox, and with a tour if it was left
    for one."""
    if directory is not None:
        from migrator.rehearsal.folder import reopened  # a service does without the sandbox

        with reopened(directory) as (folder, sandbox):
            clock = bootstrap.ShiftedClock(sandbox.now)
            tour = TourNotes(folder.tour_notes) if folder.about().tour else None
            yield (
                bootstrap.build(folder.rules, settings=folder.settings(sandbox), clock=clock),
                tour,
            )
        return
    if not migration:
        raise UsageError(
            "there is nothing to serve",
            cure="give --migration FILE, or --dir FOLDER of a rehearsal",
        )
    settings = load_settings(Settings if works else WebSettings)
    bootstrap.begin_database(settings)
    yield bootstrap.build(migration, settings=settings), None


def serve(
    context: Context,
    listening: socket.socket,
    *,
    works: bool,
    operations: tuple[str, int] | None = None,
    tour: TourNotes | None = None,
) -> None:
    """Serve until a signal to stop, then finish the requests in flight.

    ``operations`` is where health and metrics are answered; without it they are beside the pages,
    if only this machine can reach those.
    """
    metrics = Metrics(lambda: gauges(context))
    context.clients.watch(metrics.requested)
    if works:
        sys.setswitchinterval(SWITCH_SECONDS)
    with ExitStack() as opened:
        working = opened.enter_context(_working(context, metrics)) if works else None
        known = KnownRepositories(context)
        known.start()
        opened.callback(known.stop)
        tools = AppDependencies(
            store=context.store.deliveries.accept,
            secrets=secrets_of(context.settings),
            clock=context.clock,
            metrics=metrics,
            stored=working.wake if working else _nobody,
            obstacles=lambda: obstacles(context),
            alive=lambda: working is None or working.alive,
            concerns=known.concerns,
            operations=operations is None and listening.getsockname()[0] in LOOPBACK,
        )
        if operations is not None:
            opened.enter_context(_operated(tools, operations))
        address = address_of(listening)
        _tell(address, bool(tools.secrets))
        app = create_app(tools)
        server: list[uvicorn.Server] = []
        dashboard = _dashboard(
            context, address, tour, stopping=lambda: bool(server) and server[0].should_exit
        )
        if dashboard is not None:
            add_dashboard(app, dashboard)
        server.append(
            uvicorn.Server(uvicorn.Config(app, timeout_graceful_shutdown=GRACE, **limits()))
        )
        keep_what_is_loaded()
        server[0].run([listening])


@contextmanager
def _operated(tools: AppDependencies, at: tuple[str, int]) -> Iterator[None]:
    """Health and metrics on a port of their own, in a thread of their own, for the length of the
    block."""
    routes = health.router(tools.metrics, tools.obstacles, tools.alive)
    with (
        listen(*at, options="--operations-host or --operations-port") as listening,
        probed(routes, listening),
    ):
        out.print(f"metrics at {address_of(listening)}/metrics", soft_wrap=True)
        yield


def keep_what_is_loaded() -> None:
    """Have the garbage collector leave alone what stays until the end: looking through it takes
    a tenth of a second each time."""
    gc.collect()
    gc.freeze()


def _dashboard(
    context: Context, address: str, tour: TourNotes | None, *, stopping: Callable[[], bool]
) -> Dashboard | None:
    """What the pages need, if there is a way to log in to them; without one, webhooks are taken
    all the same."""
    try:
        dashboard = open_dashboard(
            context,
            address=address,
            enqueue=Engine(context).enqueue,
            tell=_tell_link,
            stopping=stopping,
            tour=tour,
        )
    except ConfigError as error:
        err.print(f"no dashboard: {error.cause}; {error.cure}")
        return None
    if dashboard.links is not None:
        dashboard.links.offer()
    return dashboard


def _tell_link(link: str) -> None:
    out.print(f"open the dashboard once with {link}", soft_wrap=True)


@contextmanager
def _working(context: Context, metrics: Metrics) -> Iterator[Worker]:
    """A worker in this process for the length of the block."""
    with only_worker(context):
        working = Worker(context, ended=metrics.worked, held=metrics.held)
        working.start()
        metrics.listens(lambda: working.alive)
        try:
            yield working
        finally:
            working.stop()


def _nobody() -> None:
    """No one in this process is waiting for deliveries."""


def secrets_of(settings: Settings) -> tuple[bytes, ...]:
    """Every secret that signs webhooks now."""
    named = (settings.webhook_secret, settings.webhook_secret_previous)
    return tuple(secret.get_secret_value().encode() for secret in named if secret is not None)


def _tell(address: str, takes_webhooks: bool) -> None:
    out.print(f"listening on {address}", soft_wrap=True)
    if takes_webhooks:
        out.print(f"webhooks go to {address}/webhooks", soft_wrap=True)
    else:
        err.print(
            "no webhooks are taken: MIGRATOR_WEBHOOK_SECRET is not set; changes are found by the "
            "sweep alone"
        )
