"""Answers that reviewers give on the dashboard: by key or as a decision, recorded unless someone
else was faster, and audited."""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from migrator.domain.classification.activity.facts import subject_of
from migrator.domain.decisions import AnswerKey, Decision, ReviewAnswer, fitting
from migrator.domain.items import Item, ItemRef
from migrator.errors import MigratorError, UsageError
from migrator.execution.migration_state import MigrationState
from migrator.services.audited_actions import Principal, record
from migrator.services.review_alike import copy_answer, question_about
from migrator.services.review_order import is_asked_for_information
from migrator.store.reviews import Answered


class AnsweredMeanwhile(MigratorError):
    """Someone else ``answered`` or has ``held`` the item (``code``); nothing was recorded."""

    exit_code = 2

    def __init__(self, cause: str, *, cure: str, code: str) -> None:
        super().__init__(cause, cure=cure)
        self.code = code


def answer_by_key(
    records: MigrationState,
    who: Principal,
    item_key: str,
    key: AnswerKey,
    *,
    seen: int,
    reason: str = "",
) -> ReviewAnswer:
    """Record what a reviewer pressed. ``seen``: how many answers to the item they knew of.

    Raises :class:`AnsweredMeanwhile`, or :class:`UsageError` for an unknown item, and for an answer
    after which it would still wait.
    """
    item = _item(records, item_key)
    asked = question_about(records, item)
    given = asked.answer(key, by=who.login, reason=reason) if asked else None
    if given is None:
        raise UsageError(f"{key.value} does not fit this item", cure="choose another answer")
    return _record(records, who, item, given, seen)


def decide_by_hand(
    records: MigrationState,
    who: Principal,
    item_key: str,
    decision: Decision,
    *,
    seen: int,
    reason: str,
) -> ReviewAnswer:
    """Record what a maintainer decided outright, with the reason, which must be given.

    Raises :class:`AnsweredMeanwhile`, or :class:`UsageError` for an unknown item, an empty reason,
    or a decision that does not fit.
    """
    item = _item(records, item_key)
    asked = question_about(records, item)
    choices = asked.choices() if asked else fitting(subject_of(item), records.migration.file)
    if not reason.strip():
        raise UsageError(
            "a decision by hand needs a reason",
            cure="write one sentence that others will understand later",
        )
    if decision not in choices:
        names = ", ".join(each.value for each in choices)
        raise UsageError(f"{decision.value} does not fit this item", cure=f"choose one of: {names}")
    given = ReviewAnswer(by=who.login, at=records.clock(), reason=reason.strip(), decision=decision)
    return _record(records, who, item, given, seen)


def copy_in_name_of(
    records: MigrationState,
    who: Principal,
    ref: ItemRef,
    given: ReviewAnswer,
    keys: Collection[str],
) -> tuple[str, ...]:
    """Copy an answer that this person just gave on the dashboard (see ``review_alike``): each copy
    is recorded in the audit log."""
    done = copy_answer(records, ref, given, keys)
    for key in done:
        detail = f"{said(given)}, as for {ref}" + (f": {given.reason}" if given.reason else "")
        record(records, who, "answer", key, detail)
    return done


def withdraw_answer(records: MigrationState, who: Principal, item_key: str) -> ReviewAnswer:
    """Undo one's own newest answer about an item, and its copies. What waited before waits again.

    Raises :class:`UsageError` for an unknown item, or if the newest answer is someone else's.
    """
    key = _item(records, item_key).key
    given = records.store.queue.withdraw(key, who.login)
    if given is None:
        raise UsageError(
            f"the newest answer about {key} is not yours",
            cure="ask whoever gave it, or answer anew",
        )
    record(records, who, "withdraw answer", key, said(given.answer))
    for copy in given.copies:
        record(records, who, "withdraw answer", copy, f"{said(given.answer)}, as for {key}")
    return given.answer


def _item(records: MigrationState, item_key: str) -> Item:
    try:
        ref = ItemRef.parse(item_key)
    except ValueError as error:
        raise UsageError(f"{item_key!r} names no item", cure="write owner/name#number") from error
    item = records.store.snapshots.get(*ref)
    if item is None:
        raise UsageError(f"no scan has seen {item_key}", cure="scan again, or look at its number")
    return item


def _refuse_idle(records: MigrationState, item: Item, given: ReviewAnswer) -> None:
    """An item that waits takes no answer after which it would still wait."""
    asked = question_about(records, item)
    if asked is None or asked.is_settled_by(given):
        return
    offered = ", ".join(f"{each.key.value} ({each.says})" for each in asked.offers())
    raise UsageError(
        f"this answer does not settle {item.key}: {asked.decided(given).message}",
        cure=f"choose one of: {offered}" if offered else "decide it on GitHub, and scan again",
    )


def _record(
    records: MigrationState, who: Principal, item: Item, given: ReviewAnswer, seen: int
) -> ReviewAnswer:
    key = item.key
    _refuse_idle(records, item, given)
    given = replace(given, by_information=is_asked_for_information(records, item.ref))
    obstacle = records.store.queue.answer(key, given, seen=seen, now=records.clock())
    if isinstance(obstacle, Answered):
        raise AnsweredMeanwhile(
            f"{obstacle.answer.by} has already answered {key}: {said(obstacle.answer)}",
            cure="look at that answer first",
            code="answered",
        )
    if isinstance(obstacle, str):
        raise AnsweredMeanwhile(
            f"{obstacle} has {key} open now", cure="take the next item", code="held"
        )
    detail = said(given) + (f": {given.reason}" if given.reason else "")
    record(records, who, "answer", key, detail)
    return given


def said(answer: ReviewAnswer) -> str:
    """What an answer says, in a few words."""
    parts = (answer.decision, answer.ownership, answer.activity)
    return ", ".join(part.value.replace("_", " ") for part in parts if part)
