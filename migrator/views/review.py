"""The review queue: one item at a time for each person, never the same to two, each answer
recorded with who gave it."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from migrator.domain.decisions import Decision, ReviewAnswer
from migrator.domain.evidence import Activity, Ownership
from migrator.domain.items import Frozen
from migrator.errors import MigratorError, UsageError
from migrator.execution.context import Context
from migrator.execution.review_accuracy import Accuracy, measure
from migrator.store.audit import AuditEvent
from migrator.store.reviews import Answered
from migrator.views.item import ItemView, item_view
from migrator.views.overview import newest_plan

HOLDS: Final = timedelta(minutes=5)
"""How long an item stays with whoever opened it."""


class Key(StrEnum):
    """What a reviewer may answer with one key."""

    OURS = "o"
    NOT_OURS = "n"
    ACTIVE = "a"
    STALE = "s"


MEANINGS: Final[dict[Key, tuple[Ownership, Activity | None]]] = {
    Key.OURS: (Ownership.OURS, None),
    Key.NOT_OURS: (Ownership.NOT_OURS, None),
    Key.ACTIVE: (Ownership.OURS, Activity.ACTIVE),
    Key.STALE: (Ownership.OURS, Activity.STALE),
}
"""Key -> what is answered. Whether an item is alive matters only if it is ours, so ``a`` and
``s`` say both."""


class AnsweredMeanwhile(MigratorError):
    """Somebody else answered or holds the item; nothing was recorded."""

    exit_code = 2


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
    repository, _, number = after.rpartition("#")
    behind = (repository, int(number)) if number.isdecimal() else ("", 0)
    place = context.store.queue.claim_next(plan.hash, by, context.clock(), HOLDS, after=behind)
    if place is None:
        return Next(view=None, left=0, seen=0, accuracy=measured)
    view = item_view(context, place.repository, place.number)
    return Next(view=view, left=place.left, seen=len(view.answers), accuracy=measured)


def answer_by_key(
    context: Context, item_key: str, key: Key, *, by: str, door: str, seen: int, reason: str = ""
) -> ReviewAnswer:
    """Record what a reviewer pressed. Raises :class:`AnsweredMeanwhile`, or :class:`UsageError`
    for an unknown item."""
    whose, alive = MEANINGS[key]
    given = ReviewAnswer(by=by, at=context.clock(), reason=reason, ownership=whose, activity=alive)
    return _record(context, item_key, given, seen=seen, door=door)


def decide_by_hand(
    context: Context,
    item_key: str,
    decision: Decision,
    *,
    by: str,
    door: str,
    seen: int,
    reason: str,
) -> ReviewAnswer:
    """Record what a maintainer decided outright, with the reason, which must be given.

    Raises :class:`AnsweredMeanwhile`, or :class:`UsageError` for an unknown item, an empty reason,
    or a decision that does not fit.
    """
    view = _known(context, item_key)
    if not reason.strip():
        raise UsageError(
            "a decision by hand needs a reason",
            cure="write one sentence that others will understand later",
        )
    if decision not in view.choices:
        fitting = ", ".join(each.value for each in view.choices)
        raise UsageError(
            f"{decision.value} does not fit this item", cure=f"choose one of: {fitting}"
        )
    given = ReviewAnswer(by=by, at=context.clock(), reason=reason.strip(), decision=decision)
    return _record(context, item_key, given, seen=seen, door=door)


def _known(context: Context, item_key: str) -> ItemView:
    repository, _, number = item_key.rpartition("#")
    if not number.isdecimal() or len(number) > 18:
        raise UsageError(f"{item_key!r} names no item", cure="write owner/name#number")
    return item_view(context, repository, int(number))


def _record(
    context: Context, item_key: str, given: ReviewAnswer, *, seen: int, door: str
) -> ReviewAnswer:
    key = _known(context, item_key).item.key
    obstacle = context.store.queue.answer(key, given, seen=seen, now=context.clock())
    if isinstance(obstacle, Answered):
        said = _said(obstacle.answer)
        raise AnsweredMeanwhile(
            f"{obstacle.answer.by} has answered {key} meanwhile: {said}",
            cure="look at that answer first",
        )
    if isinstance(obstacle, str):
        raise AnsweredMeanwhile(f"{obstacle} has {key} open just now", cure="take the next item")
    detail = _said(given) + (f": {given.reason}" if given.reason else "")
    context.store.audit.note(
        AuditEvent(
            at=given.at, who=given.by, door=door, verb="answer", subject=key, detail=detail[:500]
        )
    )
    return given


def _said(answer: ReviewAnswer) -> str:
    parts = (answer.decision, answer.ownership, answer.activity)
    return ", ".join(part.value.replace("_", " ") for part in parts if part)
