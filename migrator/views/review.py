"""The review page: the next item that waits for a maintainer, never the same one for two people."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from migrator.domain.items import Frozen, ItemRef
from migrator.execution.context import Context
from migrator.execution.review_accuracy import Accuracy, measure
from migrator.views.item import ItemView, item_view
from migrator.views.overview import newest_plan

HOLDS: Final = timedelta(minutes=5)
"""How long an item stays with whoever opened it."""


class Next(Frozen, frozen=True, kw_only=True):
    """The item to look at now, how many wait, and the agreement with the classifier so far.
    ``seen``: answers known of."""

    view: ItemView | None
    left: int
    seen: int
    accuracy: Accuracy


def next_item(context: Context, by: str, *, after: str = "") -> Next:
    """Claim the next unanswered item for a person; the queue begins anew at its end. ``after``
    is the key of the last one."""
    plan, measured = newest_plan(context), measure(context)
    if plan is None:
        return Next(view=None, left=0, seen=0, accuracy=measured)
    try:
        behind = ItemRef.parse(after)
    except ValueError:
        behind = ItemRef("", 0)
    place = context.store.queue.claim_next(plan.hash, by, context.clock(), HOLDS, after=behind)
    if place is None:
        return Next(view=None, left=0, seen=0, accuracy=measured)
    view = item_view(context, place.repository, place.number)
    return Next(view=view, left=place.left, seen=len(view.answers), accuracy=measured)
