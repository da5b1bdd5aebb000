"""What happens in a world besides the change itself: mails, the order of acts, and what webhooks
tell of."""

from __future__ import annotations

from typing import Any

import msgspec

from migrator.sandbox.entities import Account, Item, Repository


class Mail(msgspec.Struct, kw_only=True):
    """The mails that one act causes: one to each login in ``to`` (participants), and one to each
    of ``watchers`` people."""

    sequence: int
    act: str
    item: str
    actor: str | None
    to: list[str]
    mentioned: list[str]
    watchers: int


class ActRecord(msgspec.Struct, kw_only=True):
    """One act that was done, in the world's order."""

    sequence: int
    act: str
    item: str
    by: str


class Announcement(msgspec.Struct, kw_only=True):
    """Something happened that webhooks tell of; ``event`` and ``action`` are the webhook's
    words, ``about`` what it concerns."""

    event: str
    action: str
    repository: Repository
    sender: Account | None
    item: Item | None = None
    about: dict[str, Any] = {}
    delay: float = 0
