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
from pathlib import Path

import msgspec
from msgspec.structs import replace
from sqlalchemy import Engine

from migrator.config.migration_file import LoadedMigration, load
from migrator.config.settings import Settings, load_settings
from migrator.domain.actions import Timing
from migrator.domain.rules import BudgetRules
from migrator.errors import ConfigError
from migrator.github.client import GitHubClient
from migrator.github.tokens import StaticToken, Tokens
from migrator.github.wire import Manners
from migrator.store import open_store, revisions
from migrator.store.budget import Budget
from migrator.store.clocks import scaled
from migrator.store.engine import open_engine
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
    settings = settings or load_settings()
    loaded = migration if isinstance(migration, LoadedMigration) else load(migration)
    engine = open_engine(settings.database_url.get_secret_value())
    if require_revision:
        revisions.require_current(engine)
    client = open_client(settings)
    pacer = open_pacer(engine, settings, loaded.file.budget)
    return Context(
        migration=loaded,
        settings=settings,
        store=open_store(engine, loaded.file.migration.name),
        open_github=client,
        clock=clock or clock_of(settings),
        timing=Timing(cut_off=timedelta(seconds=settings.cut_off_seconds), read_lag=timedelta(seconds=settings.read_lag_seconds)),
        executor_id=executor_id or _executor_id(engine),
        pace=pacer.of,
    )


def _executor_id(engine: Engine) -> str:
    """Names this process to the others. On SQLite there is one worker at a time, which goes on where the last one died."""
    host = socket.gethostname()
    return f"worker@{host}" if engine.dialect.name == "sqlite" else f"{host}-{os.getpid()}-{secrets.token_hex(4)}"


def open_pacer(engine: Engine, settings: Settings, rules: BudgetRules) -> Pacer:
    """The account's pace; on a sandbox with a scaled clock its budget runs as fast."""
    scale = settings.clock_scale
    return Pacer(Budget(engine, account_of(settings), scaled(scale)), rules, lambda seconds: asyncio.sleep(seconds / scale))


def account_of(settings: Settings) -> str:
    """Whose budget our writes spend: the App's on this GitHub, or the token owner's."""
    who = f"app {settings.github_app_id}" if settings.github_app_id else "token"
    return f"{who} at {settings.github_url}"


def open_client(settings: Settings) -> Callable[[], GitHubClient]:
    """Returns what opens the client; the same one each time, so that its requests are counted in one place."""
    opened: list[GitHubClient] = []

    def client() -> GitHubClient:
        if not opened:
            opened.append(GitHubClient(settings.github_url, tokens_of(settings), manners=manners_of(settings)))
        return opened[0]

    return client


def manners_of(settings: Settings) -> Manners:
    """How the client behaves; on a sandbox with a scaled clock its waits are scaled, too."""
    usual = Manners()
    scale = settings.clock_scale
    return replace(usual, first_delay=usual.first_delay / scale, least_limit_wait=usual.least_limit_wait / scale)


def tokens_of(settings: Settings) -> Tokens:
    """The credentials that the settings name. Raises ``ConfigError`` if there are none."""
    if settings.github_token is not None:
        return StaticToken(settings.github_token.get_secret_value())
    raise ConfigError(
        "there is no way to sign in to GitHub",
        cure="set MIGRATOR_GITHUB_TOKEN (or _FILE), or MIGRATOR_GITHUB_APP_ID with MIGRATOR_GITHUB_PRIVATE_KEY_FILE",
    )
