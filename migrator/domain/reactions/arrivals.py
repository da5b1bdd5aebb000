"""A new item in the source repository: it is welcomed, or a new pull request on a moved path is told where to go.

Any change of a young item counts, not only its opening: a label given an hour later may be what says whose it is.
"""

from __future__ import annotations

from migrator.domain.events import Happened
from migrator.domain.items import Item, State
from migrator.domain.reactions.base import Intent, Reaction, Scope

EVENTS = frozenset(
    {
        "issues.opened",
        "issues.edited",
        "issues.labeled",
        "issues.unlabeled",
        "issues.reopened",
        "pull_request.opened",
        "pull_request.edited",
        "pull_request.labeled",
        "pull_request.unlabeled",
        "pull_request.reopened",
        "pull_request.synchronize",
        "pull_request.ready_for_review",
    }
)


def of_event(happened: Happened, scope: Scope) -> bool:
    """Whether a webhook may tell of an arrival."""
    return happened.name in EVENTS and scope.in_source(happened.repository)


def of_item(item: Item, scope: Scope) -> bool:
    """Whether an item has arrived since the listener began, and is open."""
    return scope.in_source(item.repository) and item.state is State.OPEN and item.created_at >= scope.since


REACTION = Reaction(intent=Intent.ARRIVAL, of_event=of_event, of_item=of_item)
