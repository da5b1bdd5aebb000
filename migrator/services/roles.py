"""Who may do what on the dashboard: it follows from a person's permission on every repository
that the plan writes to. GitHub is asked with the person's own token."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import IntEnum
from hashlib import sha256
from typing import Final

from migrator.execution.context import Context
from migrator.github.models import Permission

KEPT_SECONDS: Final = 120.0
"""How long a permission that was asked for is believed: so long a person who lost it can still
act."""
MOST_KNOWN: Final = 1000
"""People who are remembered; then those asked for longest ago are forgotten."""


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
        return {0: "no access", 1: "may look", 2: "may review", 3: "may approve"}[self.value]


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
    """Asks GitHub what people may do, with their own tokens, and remembers it for a short while.
    Safe to use from several threads."""

    def __init__(self, context: Context, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._context = context
        self._seconds = seconds
        self._known: dict[str, tuple[float, Role]] = {}
        self._lock = threading.Lock()

    async def role_of(self, token: str, *, account: int = 0, fresh: bool = False) -> Role:
        """The role of whoever has this token; ``fresh`` asks again whatever is remembered.

        The token of another account than the one of that number (``databaseId``) is nobody's.
        Raises ``AuthenticationError`` for a token that has run out or was revoked, and another
        ``GitHubError`` if GitHub does not answer or refuses the account.
        """
        who = sha256(f"{account} {token}".encode()).hexdigest()
        now = self._seconds()
        with self._lock:
            asked, role = self._known.get(who, (-KEPT_SECONDS, Role.NOBODY))
        if not fresh and now - asked < KEPT_SECONDS:
            return role
        role = await self._asked(token, account)
        with self._lock:
            self._known.pop(who, None)
            self._known[who] = (now, role)
            while len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
        return role

    async def _asked(self, token: str, account: int) -> Role:
        file = self._context.migration.file
        async with self._context.clients.as_user(token) as github:
            names = (file.migration.source, *file.targets)
            viewer, permissions = await github.viewer_permissions(names)
        if account and viewer.database_id != account:
            return Role.NOBODY
        return role_with(permissions)
