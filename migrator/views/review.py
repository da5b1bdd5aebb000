"""The review page: the next item that waits for a maintainer, never the same one for two people."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from migrator.domain.decisions import follows
from migrator.domain.evaluation.review_order import RankedItem, deciding
from migrator.domain.items import Frozen, ItemRef
from migrator.errors import UsageError
from migrator.execution.context import Context
from migrator.execution.review_accuracy import Accuracy, measure
from migrator.services.review_alike import AlikeItem, alike_items
from migrator.services.review_answers import said
from migrator.services.review_order import newest_order, order_of
from migrator.views.item import ItemView, item_view
from migrator.views.overview import newest_plan

HOLDS: Final = timedelta(minutes=5)
"""How long an item stays with whoever opened it."""


class Next(Frozen, frozen=True, kw_only=True):
    """The item to look at now, how many wait, and the agreement with the classifier so far.
    ``seen``: answers known of. The view's ``offers`` are the answers that settle it.

    ``information`` is what an answer teaches: the uncertainty of the verdict in bits, times the
    ``similar`` items that wait on the same grounds (this one included), times the ``mails`` that a
    wrong act would send. All are 0 where the plan keeps no order.
    ``sample``: it was drawn at random, and its answer counts for the error rate.
    ``alike`` are the items that wait on the same grounds, of which an answer can be copied to so
    many at once; ``signals`` are those that ownership rests on.
    """

    view: ItemView | None
    left: int
    seen: int
    accuracy: Accuracy
    information: float = 0.0
    similar: int = 0
    mails: int = 0
    sample: bool = False
    alike: tuple[AlikeItem, ...] = ()
    signals: tuple[str, ...] = ()


def next_item(context: Context, by: str, *, after: str = "") -> Next:
    """Claim the next unanswered item for a person; the queue begins anew at its end. ``after``
    is the key of the last one."""
    plan = newest_plan(context)
    if plan is None:
        return Next(view=None, left=0, seen=0, accuracy=measure(context))
    try:
        behind = ItemRef.parse(after)
    except ValueError:
        behind = ItemRef("", 0)
    order = order_of(context, plan.hash)
    place = context.store.queue.claim_next(
        plan.hash, by, context.clock(), HOLDS, after=behind, order=order
    )
    if place is None:
        return Next(view=None, left=0, seen=0, accuracy=measure(context))
    found = _shown(context, item_view(context, place.repository, place.number), by, place.left)
    return _with_rank(found, order.item(ItemRef(place.repository, place.number)))


def _shown(context: Context, view: ItemView, by: str, left: int) -> Next:
    return Next(
        view=view,
        left=left,
        seen=len(view.answers),
        accuracy=measure(context),
        alike=alike_items(context, view.item.ref, by),
        signals=tuple(each.signal for each in deciding(view.ownership)) if view.ownership else (),
    )


def _with_rank(found: Next, ranked: RankedItem | None) -> Next:
    if ranked is None:
        return found
    return replace(
        found,
        information=ranked.information,
        similar=ranked.similar,
        mails=ranked.mails,
        sample=ranked.sample,
    )


def review_item(context: Context, item_key: str, by: str) -> Next:
    """One item of the queue, asked for by name: held for this person, unless somebody else has it
    open. Raises :class:`UsageError` for an unknown item."""
    view, plan = _known(context, item_key), newest_plan(context)
    context.store.queue.claim(view.item.key, by, context.clock(), HOLDS)
    left = context.store.queue.left(plan.hash) if plan else 0
    found = _shown(context, view, by, left)
    planned = view.planned
    return _with_rank(found, newest_order(context).item(planned.ref) if planned else None)


class Confirmation(Frozen, frozen=True, kw_only=True):
    """What was recorded about an item, in words, and whether this person may undo it. ``copies``
    counts the items that got a copy of it; ``copied_from`` is set on such a one."""

    key: str
    says: str
    follows: str
    can_be_undone: bool
    copies: int = 0
    copied_from: str = ""


def confirmation(context: Context, item_key: str, by: str) -> Confirmation | None:
    """The newest answer about an item; ``None`` if it has none, or is not known."""
    try:
        view = _known(context, item_key)
    except UsageError:
        return None
    if not view.answers or view.decided is None:
        return None
    newest = view.answers[-1]
    return Confirmation(
        key=view.item.key,
        says=said(newest) if newest.by == by else f"{said(newest)}, by {newest.by}",
        follows=follows(view.decided),
        can_be_undone=newest.by == by,
        copies=len(context.store.queue.copies_of(view.item.key, newest)),
        copied_from=newest.copied_from,
    )


def _known(context: Context, item_key: str) -> ItemView:
    try:
        ref = ItemRef.parse(item_key)
    except ValueError as error:
        raise UsageError(f"{item_key!r} names no item", cure="write owner/name#number") from error
    return item_view(context, *ref)
