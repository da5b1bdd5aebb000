"""Everything that durable work needs, built once by ``bootstrap`` and handed down."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from migrator.domain.protocol.next_step import Timing
from migrator.execution.migration_state import MigrationState
from migrator.execution.throttle import Pacer
from migrator.github.client import GitHubClient
from migrator.github.client_pool import ClientPool


@dataclass(frozen=True)
class Context(MigrationState):
    """The records of one migration with a way to GitHub, and what acting there takes."""

    clients: ClientPool
    timing: Timing
    executor_id: str
    pacer: Callable[[str], Pacer]
    """Keeps the pace of writes to a repository (``owner/name``): each account has limits of its
    own."""
    leaving: threading.Event = field(default_factory=threading.Event)
    """Set once this process shall end in order: no new item is begun then."""

    def open_github(self, repository: str) -> GitHubClient:
        """The client for ``owner/name``; it may be used on any event loop (the durable engine
        has one of its own)."""
        return self.clients.of(repository)

    @property
    def installation(self) -> str:
        """Names the right to act: migrations of one source owner share it, as they share an
        installation's limits."""
        owner = self.migration.file.migration.source.partition("/")[0]
        return f"{owner} at {self.settings.github_url}"

    @property
    def silence(self) -> timedelta:
        """After so long without a sign of life a worker is taken for dead."""
        return timedelta(seconds=self.settings.worker_silence_seconds)
