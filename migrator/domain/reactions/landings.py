"""An item of a target repository may continue or fix old ones."""

from __future__ import annotations

from migrator.domain.events import Happened
from migrator.domain.items import Item
from migrator.domain.landings import Finder
from migrator.domain.reactions.base import Intent, Reaction, Scope

EVENTS = frozenset(
    {
        "issues.opened",
        "issues.edited",
        "issues.reopened",
        "pull_request.opened",
        "pull_request.edited",
        "pull_request.reopened",
        "pull_request.synchronize",
        "pull_request.closed",
    }
)


def of_event(happened: Happened, scope: Scope) -> bool:
    """Whether a webhook may tell of a landing; of closed pull requests only merged ones are."""
    if happened.name == "pull_request.closed" and not happened.merged:
        return False
    return happened.name in EVENTS and scope.in_target(happened.repository)


def of_item(item: Item, scope: Scope) -> bool:
    """Whether an item of a target repository names an old one."""
    return scope.in_target(item.repository) and bool(Finder(scope.source).find(item))


REACTION = Reaction(intent=Intent.LANDING, of_event=of_event, of_item=of_item)
