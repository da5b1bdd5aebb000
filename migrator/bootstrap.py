"""The only place that builds concrete objects from settings; entry points call it and hand the result down."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec
from msgspec.structs import replace
from sqlalchemy import Engine

from migrator.config import logs
from migrator.config.migration_file import LoadedMigration, load
from migrator.config.settings import Settings, load_settings
from migrator.domain.actions import Timing
from migrator.domain.rules import BudgetRules
from migrator.github.clients import Clients
from migrator.github.wire import Manners
from migrator.store import open_store, revisions
from migrator.store.budget import Budget
from migrator.store.clocks import scaled
from migrator.store.engine import engine_at, open_engine
from migrator.workflows.context import Clock, Context
from migrator.workflows.pacing import Pacer


def system_clock() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


class ShiftedClock:
    """A clock that began at a chosen moment and runs on from there; a rehearsal's. It can be moved forward."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        """Now, on this clock."""
        return self._start + timedelta(seconds=time.monotonic() - self._began)

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._start += by


def clock_of(settings: Settings) -> Clock:
    """The present; where GitHub is a sandbox on this machine, the time of its world, by which its items are old."""
    if not settings.on_loopback:
        return system_clock
    try:
        with urllib.request.urlopen(f"{settings.github_url}/_sandbox/health", timeout=2) as reply:  # noqa: S310 - loopback
            return ShiftedClock(datetime.fromisoformat(msgspec.json.decode(reply.read())["now"]))
    except (OSError, ValueError, KeyError, TypeError, msgspec.DecodeError):
        return system_clock


def build(
    migration: str | Path | LoadedMigration,
    *,
    settings: Settings | None = None,
    clock: Clock | None = None,
    executor_id: str = "",
    require_revision: bool = True,
) -> Context:
    """Build everything that one migration needs. Without a ``clock`` it is :func:`clock_of` the settings.

    Raises ``ConfigError`` for a wrong migration file or setting, ``DatabaseError`` for a database that is not at the
    right revision (unless ``require_revision`` is off).
    """
    logs.keep_quiet()
    settings = settings or load_settings()
    loaded = migration if isinstance(migration, LoadedMigration) else load(migration)
    engine = open_engine(settings.database_url.get_secret_value(), through_power_cuts=not settings.on_loopback)
    if require_revision:
        revisions.require_current(engine)
    clients = open_clients(settings)
    return Context(
        migration=loaded,
        settings=settings,
        store=open_store(engine, loaded.file.migration.name),
        clients=clients,
        clock=clock or clock_of(settings),
        timing=timing_of(settings),
        executor_id=executor_id or _executor_id(engine),
        pacer=open_pacers(engine, settings, loaded.file.budget, clients.account),
    )


def begin_database(settings: Settings) -> None:
    """Bring an empty SQLite database to the newest revision: there is nothing in it that could be lost.

    Every other database is brought there on purpose, by `migrator db upgrade`.
    """
    with engine_at(settings.database_url.get_secret_value()) as engine:
        if engine.dialect.name == "sqlite" and revisions.current(engine) is None:
            revisions.upgrade(engine)


def timing_of(settings: Settings) -> Timing:
    """How long GitHub may keep us in the dark; what is sent must leave well before that is over."""
    cut_off = timedelta(seconds=settings.cut_off_seconds)
    usual = Timing(cut_off=cut_off, read_lag=timedelta(seconds=settings.read_lag_seconds))
    return replace(usual, prompt=min(usual.prompt, cut_off / 2))


def _executor_id(engine: Engine) -> str:
    """Names this process to the others. On SQLite there is one worker at a time, which goes on where the last one died."""
    host = socket.gethostname()
    return f"worker@{host}" if engine.dialect.name == "sqlite" else f"{host}-{os.getpid()}-{secrets.token_hex(4)}"


def open_pacers(engine: Engine, settings: Settings, rules: BudgetRules, account: Callable[[str], str]) -> Callable[[str], Pacer]:
    """The pacer for a repository: that of the ``account`` that writes there.

    On a sandbox with a scaled clock its budget runs as fast.
    """
    scale = settings.clock_scale

    @cache
    def pacer(spender: str) -> Pacer:
        return Pacer(Budget(engine, spender, scaled(scale)), rules, lambda seconds: asyncio.sleep(seconds / scale))

    return lambda repository: pacer(account(repository))


def open_clients(settings: Settings) -> Clients:
    """Ways to GitHub as the App that the settings name, else with their token; without either, opening one raises."""
    token, key = settings.github_token, settings.github_private_key
    return Clients(
        settings.github_url,
        token=token.get_secret_value() if token else "",
        app_id=settings.github_app_id or 0,
        private_key=key.get_secret_value() if key else "",
        manners=manners_of(settings),
    )


def manners_of(settings: Settings) -> Manners:
    """How the client behaves; on a sandbox with a scaled clock its waits are scaled, too."""
    usual = Manners()
    scale = settings.clock_scale
    return replace(usual, first_delay=usual.first_delay / scale, least_limit_wait=usual.least_limit_wait / scale)
