"""Answers that reviewers give on the dashboard: by key or as a decision, recorded unless someone
else was faster, and audited."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from migrator.domain.classification.activity.facts import subject_of
from migrator.domain.decisions import Decision, ReviewAnswer, fitting
from migrator.domain.evidence import Activity, Ownership
from migrator.domain.items import Item, ItemRef
from migrator.errors import MigratorError, UsageError
from migrator.execution.migration_state import MigrationState
from migrator.services.audited_actions import Principal, record
from migrator.store.reviews import Answered


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
"""Key -> what is answered. Whether an item is active matters only if it is ours, so ``a`` and
``s`` say both."""


class AnsweredMeanwhile(MigratorError):
    """Someone else answered or holds the item; nothing was recorded."""

    exit_code = 2


def answer_by_key(
    records: MigrationState,
    who: Principal,
    item_key: str,
    key: Key,
    *,
    seen: int,
    reason: str = "",
) -> ReviewAnswer:
    """Record what a reviewer pressed. ``seen``: how many answers to the item they knew of.

    Raises :class:`AnsweredMeanwhile`, or :class:`UsageError` for an unknown item.
    """
    whose, alive = MEANINGS[key]
    given = ReviewAnswer(
        by=who.login, at=records.clock(), reason=reason, ownership=whose, activity=alive
    )
    return _record(records, who, _item(records, item_key), given, seen)


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
    choices = fitting(subject_of(item), records.migration.file)
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


def _item(records: MigrationState, item_key: str) -> Item:
    try:
        ref = ItemRef.parse(item_key)
    except ValueError as error:
        raise UsageError(f"{item_key!r} names no item", cure="write owner/name#number") from error
    item = records.store.snapshots.get(*ref)
    if item is None:
        raise UsageError(f"no scan has seen {item_key}", cure="scan again, or look at its number")
    return item


def _record(
    records: MigrationState, who: Principal, item: Item, given: ReviewAnswer, seen: int
) -> ReviewAnswer:
    key = item.key
    obstacle = records.store.queue.answer(key, given, seen=seen, now=records.clock())
    if isinstance(obstacle, Answered):
        said = _said(obstacle.answer)
        raise AnsweredMeanwhile(
            f"{obstacle.answer.by} has already answered {key}: {said}",
            cure="look at that answer first",
        )
    if isinstance(obstacle, str):
        raise AnsweredMeanwhile(f"{obstacle} has {key} open now", cure="take the next item")
    detail = _said(given) + (f": {given.reason}" if given.reason else "")
    record(records, who, "answer", key, detail)
    return given


def _said(answer: ReviewAnswer) -> str:
    parts = (answer.decision, answer.ownership, answer.activity)
    return ", ".join(part.value.replace("_", " ") for part in parts if part)
