"""An item was deleted or transferred away: what is known of it is set aside, and nothing is done to it any more."""

from __future__ import annotations

from migrator.domain.events import Happened
from migrator.domain.items import Item
from migrator.domain.reactions.base import Intent, Reaction, Scope

EVENTS = frozenset({"issues.deleted", "issues.transferred"})


def of_event(happened: Happened, scope: Scope) -> bool:
    """Whether a webhook may tell of a departure."""
    return happened.name in EVENTS and scope.knows(happened.repository)


def of_item(_item: Item, _scope: Scope) -> bool:
    """An item that can be read is there."""
    return False


REACTION = Reaction(intent=Intent.DEPARTURE, of_event=of_event, of_item=of_item)
