"""Who may do what on the dashboard: it follows from a person's permission on every repository
that the plan writes to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from migrator.errors import PermissionDenied
from migrator.execution.context import Context
from migrator.github.models import Permission

KEPT_SECONDS: Final = 120.0
"""How long a permission that was asked for is believed: so long a person who lost it can still
act."""


class Role(IntEnum):
    """What a person may do here, least first: nothing, look, answer reviews, or approve, steer
    and undo."""

    NOBODY = 0
    SEE = 1
    REVIEW = 2
    STEER = 3

    @property
    def word(self) -> str:
        """The role in a word for people."""
        return {0: "no access", 1: "may look", 2: "may review", 3: "may steer"}[self.value]


_NEEDS: Final = (
    (Permission.MAINTAIN, Role.STEER),
    (Permission.TRIAGE, Role.REVIEW),
    (Permission.READ, Role.SEE),
)


def role_with(permissions: list[Permission]) -> Role:
    """The role of someone who has these permissions, one for each repository: the weakest
    decides."""
    if not permissions:
        return Role.NOBODY
    return next(
        (role for least, role in _NEEDS if all(each.allows(least) for each in permissions)),
        Role.NOBODY,
    )


class RoleLookup:
    """Asks GitHub what people may do, and remembers it for a short while. Safe to use from
    several threads."""

    def __init__(self, context: Context, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._context = context
        self._seconds = seconds
        self._known: dict[tuple[str, int], tuple[float, Role]] = {}
        self._lock = threading.Lock()

    async def role_of(self, login: str, *, account: int = 0, fresh: bool = False) -> Role:
        """The role of an account; ``fresh`` asks again whatever is remembered.

        With the account's number, nobody who took over its former login is taken for it.

        Where GitHub does not tell us a permission, the answer is no. Raises ``GitHubError`` if it
        does not answer at all.
        """
        now = self._seconds()
        with self._lock:
            asked, role = self._known.get((login.casefold(), account), (-KEPT_SECONDS, Role.NOBODY))
        if not fresh and now - asked < KEPT_SECONDS:
            return role
        role = role_with(await self._permissions(login, account))
        with self._lock:
            self._known[login.casefold(), account] = (now, role)
        return role

    async def _permissions(self, login: str, account: int) -> list[Permission]:
        file = self._context.migration.file
        names = (file.migration.source, *file.targets)
        try:
            return [await self._permission(name, login, account) for name in names]
        except PermissionDenied:
            return [Permission.NONE]

    async def _permission(self, repository: str, login: str, account: int) -> Permission:
        async with self._context.open_github(repository) as github:
            return await github.permission(repository, login, account=account)
