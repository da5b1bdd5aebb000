"""One answer for the items that wait on the same grounds: which they are, and the copies of the
answer, each stored with the item whose answer it repeats."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Final

from msgspec.structs import replace

from migrator.domain.classification.activity.facts import subject_of
from migrator.domain.decisions import Question, ReviewAnswer
from migrator.domain.evaluation.review_order import ReviewGrounds, review_grounds
from migrator.domain.items import Frozen, Item, ItemRef
from migrator.execution.migration_state import MigrationState
from migrator.services.review_order import newest_plan_hash, order_of

MOST_ALIKE: Final = 50
"""Items that one answer is copied to at most: as many as a person looks through."""


class AlikeItem(Frozen, frozen=True, kw_only=True):
    """An item that waits on the same grounds as another one."""

    key: str
    title: str


def question_about(records: MigrationState, item: Item) -> Question | None:
    """The item as a question to a maintainer; ``None`` if it was not judged."""
    judged = records.store.verdicts.get(item.repository, item.number)
    if judged is None:
        return None
    return Question(
        subject=subject_of(item),
        ownership=judged.ownership,
        activity=judged.activity,
        file=records.migration.file,
        now=records.clock(),
        answers=tuple(records.store.queue.answers_to(item.key)),
    )


def alike_items(records: MigrationState, ref: ItemRef, by: str) -> tuple[AlikeItem, ...]:
    """The items on whose grounds this one waits, too, and that nobody else has open: the first
    :data:`MOST_ALIKE` by the newest plan's order. Items of the random sample are none of them; each
    gets an answer of its own."""
    plan_hash = newest_plan_hash(records)
    alike = order_of(records, plan_hash).alike(ref)
    if not alike:
        return ()
    found = records.store.queue.still_waiting(
        plan_hash, alike, by, records.clock(), most=MOST_ALIKE
    )
    keys = [str(each) for each in found]
    titles = records.store.lists.titles(plan_hash, keys)
    return tuple(AlikeItem(key=key, title=titles.get(key, "")) for key in keys)


def copy_answer(
    records: MigrationState, ref: ItemRef, given: ReviewAnswer, keys: Collection[str]
) -> tuple[str, ...]:
    """Copy an answer that was just recorded to some of the items that are alike; returns the keys
    of those that got it.

    Left out is what is not alike in the newest plan, what somebody else answered or opened in the
    meantime, what was judged anew on other grounds, what the answer would decide otherwise, and
    what goes beyond :data:`MOST_ALIKE`.
    """
    plan_hash, named = newest_plan_hash(records), set(keys)
    alike = (each for each in order_of(records, plan_hash).alike(ref) if str(each) in named)
    copy = replace(given, copied_from=str(ref), by_information=False)
    fitting = _decided_alike(records, ref, copy, islice(alike, MOST_ALIKE))
    done = records.store.queue.copy_answer(plan_hash, copy, fitting, records.clock())
    return tuple(str(each) for each in done)


def _decided_alike(
    records: MigrationState, ref: ItemRef, copy: ReviewAnswer, refs: Iterable[ItemRef]
) -> list[ItemRef]:
    """Those of the items that are still judged on the grounds of the first one, and that the
    answer decides as it decided that one."""
    item = records.store.snapshots.get(*ref)
    asked = question_about(records, item) if item else None
    if item is None or asked is None:
        return []
    grounds, outcome = _grounds(item, asked), _outcome(asked, None)
    found = []
    for each in refs:
        other = records.store.snapshots.get(*each)
        question = question_about(records, other) if other else None
        if other is None or question is None or _grounds(other, question) != grounds:
            continue
        if _outcome(question, copy) == outcome:
            found.append(each)
    return found


def _grounds(item: Item, asked: Question) -> ReviewGrounds | None:
    """The grounds as of now, but for the reason: the plan's order knows that one."""
    activity = asked.activity.answer
    return review_grounds(item.repository, item.kind, "", asked.ownership, activity)


def _outcome(asked: Question, given: ReviewAnswer | None) -> tuple[object, ...]:
    decided = asked.decided(given)
    return decided.decision, decided.closes, decided.part
