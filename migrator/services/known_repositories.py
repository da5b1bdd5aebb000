"""Which repositories this migration is about, by the numbers that webhooks name them by.

Whoever installs a public App sends us correctly signed webhooks about repositories of their own. A
repository's number stays through renames and transfers, and nobody can take it over, as they can a
name that became free.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Final

import structlog

from migrator.errors import MigratorError
from migrator.execution.context import Context

log = structlog.get_logger(__name__)

ASK_EVERY: Final = 60.0
"""Seconds between two tries to learn the numbers."""


class KnownRepositories:
    """Says whether a webhook is about this migration. Until GitHub has told a repository's
    number, its name decides."""

    def __init__(self, context: Context) -> None:
        self._context = context
        file = context.migration.file
        self._names = dict.fromkeys((file.migration.source, *file.targets))
        self._numbers: dict[str, int] = {}
        self._stopped = threading.Event()

    def concerns(self, number: int, name: str) -> bool:
        """Whether a repository with this number (0 if it is not known) and name is the source or
        a target."""
        if number and number in self._numbers.values():
            return True
        nameless = {
            each.casefold() for each in self._names if not number or each not in self._numbers
        }
        return name.casefold() in nameless

    def learn(self) -> bool:
        """Ask GitHub for the numbers that are missing; says whether all are known now."""
        for name in self._names:
            if name not in self._numbers:
                try:
                    self._numbers[name] = asyncio.run(self._ask(name))
                except MigratorError as error:
                    log.warning(
                        "a repository is known by its name only", repository=name, error=str(error)
                    )
        return len(self._numbers) == len(self._names)

    def start(self) -> None:
        """Learn the numbers in a thread, and go on trying until all are known."""
        threading.Thread(target=self._keep_learning, name="repositories", daemon=True).start()

    def stop(self) -> None:
        """Try no more."""
        self._stopped.set()

    async def _ask(self, name: str) -> int:
        async with self._context.open_github(name) as github:
            return await github.repository_number(name)

    def _keep_learning(self) -> None:
        while not self._stopped.is_set() and not self.learn():
            self._stopped.wait(ASK_EVERY)
