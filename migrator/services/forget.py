"""``forget``: removes a person's texts and name from what we keep. See ``docs/privacy.md`` for
what stays, and why."""

from __future__ import annotations

import re

from migrator.errors import UsageError
from migrator.store import erasure, revisions
from migrator.store.database import engine_at
from migrator.store.erasure import Erased

LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
"""What GitHub takes for a login: letters, digits and hyphens, at most 39."""


def forget(address: str, login: str) -> Erased:
    """Forget a person in the database at ``address``; returns how many rows named them.

    Raises :class:`UsageError` for what is no login, and if a run or a webhook that concerns them is
    unfinished.
    """
    name = login.strip().removeprefix("@")
    if not LOGIN.fullmatch(name):
        raise UsageError(
            f"{login!r} is not a GitHub login",
            cure="give the name as it stands in the URL of their profile",
        )
    with engine_at(address) as engine:
        revisions.require_current(engine)
        return erasure.erase(engine, name)
