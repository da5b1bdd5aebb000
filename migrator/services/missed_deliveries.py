"""Webhooks that GitHub could not deliver: found among its deliveries, and asked for again."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Final

from migrator.domain.webhooks import Interest, interest
from migrator.execution.context import Context
from migrator.github.app import GitHubApp, HookDelivery
from migrator.listener.item_handler import listener_started_at
from migrator.store.deliveries import Deliveries

LOOK_BACK: Final = timedelta(days=3)
"""GitHub redelivers no older ones."""
MOST_A_ROUND: Final = 200
"""Asking takes a second each, and the next sweep waits for it. There is no hurry: the sweep has
found what they tell of."""


async def redeliver_missed(context: Context, app: GitHubApp, deliveries: Deliveries) -> int:
    """Have GitHub deliver again what matters and is not stored, the oldest of it; returns how many.

    Safe to call again: ids stay the same.
    """
    missed = (await missing(context, app, deliveries))[:MOST_A_ROUND]
    for delivery in missed:
        await app.redeliver(delivery.id)
    return len(missed)


async def missing(context: Context, app: GitHubApp, deliveries: Deliveries) -> list[HookDelivery]:
    """Deliveries of interest since the listener began (three days at most) that are not stored.

    Those that were tried least often come first, of these the oldest: what fails again and again
    keeps no one waiting. What answered with success is not asked for again, even if it is not
    stored: then we said on purpose that it is not wanted.
    """
    since = max(context.clock() - LOOK_BACK, listener_started_at(context))
    tried = [
        each
        for each in await app.deliveries(since=since)
        if interest(each.event, each.action) is Interest.REACT
    ]
    arrived = {each.guid for each in tried if each.arrived}
    newest = {each.guid: each for each in reversed(tried) if each.guid not in arrived}
    known, tries = deliveries.known(list(newest)), Counter(each.guid for each in tried)
    return sorted(
        (each for guid, each in newest.items() if guid not in known),
        key=lambda each: tries[each.guid],
    )
