"""What acting takes beyond the records: clients of GitHub, their pace, and a name for this
process."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Callable
from datetime import timedelta
from functools import cache

from msgspec.structs import replace
from sqlalchemy import Engine

from migrator.config import logs
from migrator.config.settings import Settings
from migrator.domain.protocol.next_step import Timing
from migrator.domain.rules import BudgetRules
from migrator.execution.context import Context
from migrator.execution.migration_state import MigrationState
from migrator.execution.throttle import Pacer
from migrator.github.client_pool import ClientPool
from migrator.github.transport import RetryPolicy
from migrator.store import Store


def equip(records: MigrationState, executor_id: str = "") -> Context:
    """The records with a way to GitHub."""
    logs.keep_quiet()
    settings, engine = records.settings, records.store.engine
    clients = open_clients(settings)
    return Context(
        migration=records.migration,
        settings=settings,
        store=records.store,
        clock=records.clock,
        clients=clients,
        timing=timing_of(settings),
        executor_id=executor_id or _executor_id(engine),
        pacer=open_pacers(records.store, settings, records.migration.file.budget, clients.account),
    )


def timing_of(settings: Settings) -> Timing:
    """How long GitHub may keep us in the dark; what is sent must leave well before that is over."""
    cut_off = timedelta(seconds=settings.cut_off_seconds)
    usual = Timing(cut_off=cut_off, read_lag=timedelta(seconds=settings.read_lag_seconds))
    return replace(usual, prompt=min(usual.prompt, cut_off / 2))


def _executor_id(engine: Engine) -> str:
    """Names this process to the others. On SQLite there is one worker at a time, which goes on
    where the last one died."""
    host = socket.gethostname()
    return (
        f"worker@{host}"
        if engine.dialect.name == "sqlite"
        else f"{host}-{os.getpid()}-{secrets.token_hex(4)}"
    )


def open_pacers(
    store: Store, settings: Settings, rules: BudgetRules, account: Callable[[str], str]
) -> Callable[[str], Pacer]:
    """The pacer for a repository: that of the ``account`` that writes there.

    On a sandbox with a scaled clock its budget runs as fast.
    """
    scale = settings.clock_scale

    @cache
    def pacer(spender: str) -> Pacer:
        return Pacer(
            store.budget(spender, clock_scale=scale),
            rules,
            lambda seconds: asyncio.sleep(seconds / scale),
            store.budget(f"{spender} (listener)", clock_scale=scale),
        )

    return lambda repository: pacer(account(repository))


def open_clients(settings: Settings) -> ClientPool:
    """Ways to GitHub as the App that the settings name, else with their token; without either,
    opening one raises."""
    token, key = settings.github_token, settings.github_private_key
    return ClientPool(
        settings.github_url,
        token=token.get_secret_value() if token else "",
        app_id=settings.github_app_id or 0,
        private_key=key.get_secret_value() if key else "",
        retry_policy=retry_policy_of(settings),
    )


SANDBOX_PLACES = 50
"""Requests under way at once on a sandbox; GitHub allows 100 and likes fewer."""


def retry_policy_of(settings: Settings) -> RetryPolicy:
    """How the client behaves; on a sandbox with a scaled clock its waits are scaled, too, and there
    are places for all items of a run without a pace."""
    usual = RetryPolicy()
    scale = settings.clock_scale
    return replace(
        usual,
        concurrency=SANDBOX_PLACES if settings.on_loopback else usual.concurrency,
        first_delay=usual.first_delay / scale,
        least_limit_wait=usual.least_limit_wait / scale,
    )
