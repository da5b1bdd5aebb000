"""The review queue: one item at a time for each person, never the same to two, each answer
recorded with who gave it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from migrator.domain.decisions import AnswerKey, Decision, ReviewAnswer, follows
from migrator.domain.items import Frozen, ItemRef
from migrator.errors import MigratorError, UsageError
from migrator.execution.context import Context
from migrator.store.audit import AuditEvent
from migrator.store.reviews import Answered
from migrator.views.item import ItemView, item_view, question_about
from migrator.views.overview import Accuracy, accuracy, newest_plan

HOLDS: Final = timedelta(minutes=5)
"""How long an item stays with whoever opened it."""


class AnsweredMeanwhile(MigratorError):
    """Somebody else ``answered`` or has ``held`` the item; nothing was recorded."""

    exit_code = 2

    def __init__(self, cause: str, *, cure: str, code: str) -> None:
        super().__init__(cause, cure=cure)
        self.code = code


class Next(Frozen, frozen=True, kw_only=True):
    """The item to look at now, how many wait, and the agreement with the classifier so far.
    ``seen``: answers known of. The view's ``offers`` are the answers that settle it."""

    view: ItemView | None
    left: int
    seen: int
    accuracy: Accuracy


def next_item(context: Context, by: str, *, after: str = "") -> Next:
    """Claim the next unanswered item for a person; the queue begins anew at its end. ``after``
    is the key of the last one."""
    plan, measured = newest_plan(context), accuracy(context)
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


def answer_by_key(
    context: Context,
    item_key: str,
    key: AnswerKey,
    *,
    by: str,
    door: str,
    seen: int,
    reason: str = "",
) -> ReviewAnswer:
    """Record what a reviewer pressed. Raises :class:`AnsweredMeanwhile`, or :class:`UsageError`
    for an unknown item, and for an answer after which it would still wait."""
    asked = question_about(context, _known(context, item_key))
    given = asked.answer(key, by=by, reason=reason) if asked else None
    if given is None:
        raise UsageError(f"{key.value} does not fit this item", cure="choose another answer")
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


def withdraw_answer(context: Context, item_key: str, *, by: str, door: str) -> ReviewAnswer:
    """Take back one's own newest answer about an item, which then waits again if it did before.

    Raises :class:`UsageError` for an unknown item, or if the newest answer is not this person's.
    """
    key = _known(context, item_key).item.key
    given = context.store.queue.withdraw(key, by)
    if given is None:
        raise UsageError(
            f"the newest answer about {key} is not yours",
            cure="ask whoever gave it, or answer anew",
        )
    context.store.audit.note(
        AuditEvent(
            at=context.clock(),
            who=by,
            door=door,
            verb="withdraw answer",
            subject=key,
            detail=said(given),
        )
    )
    return given


def review_item(context: Context, item_key: str, by: str) -> Next:
    """One item of the queue, asked for by name: held for this person, unless somebody else has it
    open. Raises :class:`UsageError` for an unknown item."""
    view, plan = _known(context, item_key), newest_plan(context)
    context.store.queue.claim(view.item.key, by, context.clock(), HOLDS)
    return Next(
        view=view,
        left=context.store.queue.left(plan.hash) if plan else 0,
        seen=len(view.answers),
        accuracy=accuracy(context),
    )


class Confirmation(Frozen, frozen=True, kw_only=True):
    """What was recorded about an item, in words, and whether this person may undo it."""

    key: str
    says: str
    follows: str
    can_be_undone: bool


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
    )


def _refuse_idle(context: Context, view: ItemView, given: ReviewAnswer) -> None:
    """An item that waits takes no answer after which it would still wait."""
    asked = question_about(context, view)
    if asked is None or asked.is_settled_by(given):
        return
    offered = ", ".join(f"{each.key.value} ({each.says})" for each in view.offers)
    raise UsageError(
        f"this answer does not settle {view.item.key}: {asked.decided(given).message}",
        cure=f"choose one of: {offered}" if offered else "decide it on GitHub, and scan again",
    )


def _known(context: Context, item_key: str) -> ItemView:
    try:
        ref = ItemRef.parse(item_key)
    except ValueError as error:
        raise UsageError(f"{item_key!r} names no item", cure="write owner/name#number") from error
    return item_view(context, *ref)


def _record(
    context: Context, item_key: str, given: ReviewAnswer, *, seen: int, door: str
) -> ReviewAnswer:
    view = _known(context, item_key)
    key = view.item.key
    _refuse_idle(context, view, given)
    obstacle = context.store.queue.answer(key, given, seen=seen, now=context.clock())
    if isinstance(obstacle, Answered):
        newer = said(obstacle.answer)
        raise AnsweredMeanwhile(
            f"{obstacle.answer.by} has answered {key} meanwhile: {newer}",
            cure="look at that answer first",
            code="answered",
        )
    if isinstance(obstacle, str):
        raise AnsweredMeanwhile(
            f"{obstacle} has {key} open just now", cure="take the next item", code="held"
        )
    detail = said(given) + (f": {given.reason}" if given.reason else "")
    context.store.audit.note(
        AuditEvent(
            at=given.at, who=given.by, door=door, verb="answer", subject=key, detail=detail[:500]
        )
    )
    return given


def said(answer: ReviewAnswer) -> str:
    """What an answer says, in a few words."""
    parts = (answer.decision, answer.ownership, answer.activity)
    return ", ".join(part.value.replace("_", " ") for part in parts if part)
