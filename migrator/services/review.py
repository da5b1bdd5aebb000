"""``review``: the items that wait for a maintainer, the evidence on each, and the answers, which
beat the classifier for good."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import IO

from msgspec.structs import replace

from migrator.domain.classification.activity.facts import subject_of
from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import (
    ACTING,
    AnswerOffer,
    Decided,
    Decision,
    Question,
    ReviewAnswer,
    together,
)
from migrator.domain.evaluation.review_order import drawn, ranked
from migrator.domain.evidence import ActivityVerdict, Ownership, OwnershipVerdict
from migrator.domain.items import Frozen, Item, ItemRef
from migrator.errors import UsageError
from migrator.execution.migration_state import MigrationState, calibration_in_force
from migrator.execution.own_account import bot_identity
from migrator.execution.review_accuracy import answered_items
from migrator.services.review_alike import AlikeItem, alike_items, copy_answer
from migrator.services.review_order import (
    CandidateCollector,
    is_asked_for_information,
    newest_order,
)

LABELLED = ("id", "title", "body", "owner", "created_at", "confidence")
SURE = 3
Judgement = tuple[Decided, OwnershipVerdict, Question]


class WaitingItem(Frozen, frozen=True, kw_only=True):
    """One item that waits for a maintainer, why, and the answers that settle it.

    ``information`` is what an answer teaches: the uncertainty of the verdict in bits, times the
    ``similar`` items that wait on the same grounds (this one included), times the ``mails`` that a
    wrong act would send. ``sample``: it was drawn at random, and its answer counts for the error
    rate.
    """

    key: str
    title: str
    url: str
    decided: Decided
    probability: float
    offers: tuple[AnswerOffer, ...] = ()
    information: float = 0.0
    similar: int = 0
    mails: int = 0
    sample: bool = False


class ReviewCase(Frozen, frozen=True, kw_only=True):
    """Everything on one item: both automatic verdicts, the newest answer, what follows from them
    now, the answers that settle it, and the items that wait on the same grounds. ``copied`` are the
    items that just got a copy of the answer."""

    item: Item
    ownership: OwnershipVerdict
    activity: ActivityVerdict
    answer: ReviewAnswer | None
    decided: Decided
    offers: tuple[AnswerOffer, ...] = ()
    alike: tuple[AlikeItem, ...] = ()
    copied: tuple[str, ...] = ()


def waiting(records: MigrationState) -> Iterator[WaitingItem]:
    """The items whose decision is `review`, those first whose answers teach most. Needs a
    classification under the present rules.

    The order is that of the newest plan, as on the page of the queue. Items that it does not know
    come behind, in an order of their own.
    """
    collector = CandidateCollector(records.migration.file, bot_identity(records))
    found: dict[ItemRef, WaitingItem] = {}
    for place, (decided, ownership, asked) in _decided(records, records.store.verdicts.answers()):
        item = records.store.snapshots.get(*place) if decided.decision is Decision.REVIEW else None
        if item is not None:
            shown = replace(_shown(item, decided, ownership), offers=asked.offers())
            found[item.ref] = shown
            collector.add(item, decided.code, ownership, asked.activity.answer)
    planned = newest_order(records)
    known = [each for ref in found if (each := planned.item(ref)) is not None]
    others = [each for each in ranked(collector.found) if planned.item(each.ref) is None]
    known.sort(key=lambda each: planned.place(each.ref) or 0)
    for each in (*known, *others):
        yield replace(
            found[each.ref],
            information=each.information,
            similar=each.similar,
            mails=each.mails,
            sample=each.sample,
        )


def _decided(
    records: MigrationState, answers: Mapping[str, ReviewAnswer] | None = None
) -> Iterator[tuple[ItemRef, Judgement]]:
    """What would be done to every judged item of the source and the targets, with these answers."""
    file, store = records.migration.file, records.store
    as_of = store.verdicts.as_of(rules_digest=records.migration.digest)
    if as_of is None:
        raise UsageError(
            "no item has been classified under these rules",
            cure="run `migrator scan` and `migrator classify`",
        )
    judge = Classifier(file, bot_identity(records))
    for one in store.verdicts.stored(rules_digest=records.migration.digest):
        subject, alive = one.facts.subject, judge.by_facts(one.facts, as_of)
        answer = (answers or {}).get(subject.key)
        asked = Question(
            subject=subject,
            ownership=one.ownership,
            activity=alive,
            file=file,
            now=as_of,
            answers=(answer,) if answer else (),
        )
        ref = ItemRef(subject.repository, subject.number)
        yield ref, (asked.decided(), one.ownership, asked)


def _shown(item: Item, decided: Decided, ownership: OwnershipVerdict) -> WaitingItem:
    return WaitingItem(
        key=item.key,
        title=item.title,
        url=item.url,
        decided=decided,
        probability=ownership.probability,
    )


def look_at(records: MigrationState, key: str, by: str = "") -> ReviewCase:
    """Judge one scanned item now. ``by`` is who looks: what others have open is not listed as
    alike. Raises :class:`UsageError` if the last scan does not know it."""
    item = _item(records, key)
    judge, now = (
        Classifier(records.migration.file, bot_identity(records), calibration_in_force(records)),
        records.clock(),
    )
    whose, alive = judge.ownership(item), judge.activity(item, now)
    asked = Question(
        subject=subject_of(item),
        ownership=whose,
        activity=alive,
        file=records.migration.file,
        now=now,
        answers=records.store.queue.answers_to(item.key),
    )
    return ReviewCase(
        item=item,
        ownership=whose,
        activity=alive,
        answer=together(asked.answers) if asked.answers else None,
        decided=asked.decided(),
        offers=asked.offers(),
        alike=alike_items(records, item.ref, by),
    )


def _item(records: MigrationState, key: str) -> Item:
    try:
        item = records.store.snapshots.get(*ItemRef.parse(key))
    except ValueError:
        item = None
    if item is None:
        raise UsageError(
            f"the last scan knows no item {key}", cure="name it as owner/name#number, or scan again"
        )
    return item


def record_answer(
    records: MigrationState, key: str, answer: ReviewAnswer, *, alike: int = 0
) -> ReviewCase:
    """Keep a maintainer's answer; it beats the classifier from now on. Older answers stay on
    record. With ``alike`` it is copied to the items that are alike, which must be so many.

    Raises :class:`UsageError` for an unknown item or part, an answer that says nothing, one after
    which an item that waits would still wait, or another number of items that are alike.
    """
    item = _item(records, key)
    if answer.ownership is None and answer.activity is None and answer.decision is None:
        raise UsageError(
            "the answer says nothing", cure="say who owns it, if it is active, or what to do"
        )
    parts = [part.name for part in records.migration.file.parts]
    if answer.part and answer.part not in parts:
        raise UsageError(f"there is no part {answer.part}", cure=f"known: {', '.join(parts)}")
    _refuse_idle(records, item, answer)
    copied_to = _listed(records, item, answer.by, alike) if alike else ()
    chosen = is_asked_for_information(records, item.ref)
    answer = replace(answer, by_information=chosen)
    records.store.verdicts.record_answer(item.key, answer)
    copied = (
        copy_answer(records, item.ref, answer, [each.key for each in copied_to])
        if copied_to
        else ()
    )
    return replace(look_at(records, item.key, answer.by), copied=copied)


def _listed(records: MigrationState, item: Item, by: str, count: int) -> tuple[AlikeItem, ...]:
    """The items that are alike, if they are as many as whoever answers has seen."""
    found = alike_items(records, item.ref, by)
    if len(found) != count:
        raise UsageError(
            f"{len(found)} items are alike {item.key} now, not {count}",
            cure=f"look at them with `migrator review {item.key}`, and answer again",
        )
    return found


def _refuse_idle(records: MigrationState, item: Item, answer: ReviewAnswer) -> None:
    before = look_at(records, item.key)
    asked = Question(
        subject=subject_of(item),
        ownership=before.ownership,
        activity=before.activity,
        file=records.migration.file,
        now=answer.at,
        answers=records.store.queue.answers_to(item.key),
    )
    if before.decided.decision is not Decision.REVIEW or asked.is_settled_by(answer):
        return
    offered = "; ".join(f"`{each.option}`: {each.follows}" for each in before.offers)
    raise UsageError(
        f"this answer does not settle {item.key}: {asked.decided(answer).message}",
        cure=f"choose one of {offered}" if offered else "decide it on GitHub, and scan again",
    )


def withdraw_answer(records: MigrationState, key: str, by: str) -> ReviewAnswer:
    """Take back one's own newest answer about an item, and its copies. Raises
    :class:`UsageError` if the newest one is not this person's."""
    item = _item(records, key)
    given = records.store.queue.withdraw(item.key, by)
    if given is None:
        raise UsageError(
            f"the newest answer about {item.key} is not by {by}",
            cure="name who gave it with --by, or answer anew",
        )
    return given.answer


class ReviewSample(Frozen, frozen=True, kw_only=True):
    """Automatic verdicts that were drawn for checking. ``acting`` counts the items that they were
    drawn from.

    ``drawn`` is the size of the sample, ``waiting`` those of it that no maintainer has answered.
    """

    acting: int
    drawn: int
    waiting: tuple[WaitingItem, ...]


def sample(records: MigrationState, size: int) -> ReviewSample:
    """Draw items of the source that would be acted on without a person having looked, to measure
    how often that is wrong.

    Drawn by a hash of their names: as good as at random, the same ones for everybody and at every
    time, and a larger sample holds the smaller one. Raises :class:`UsageError` if nothing was
    classified under the present rules.
    """
    source = records.migration.file.migration.source.casefold()
    judged = ((ref, one) for ref, one in _decided(records) if ref.repository.casefold() == source)
    found = {
        ref: one
        for ref, one in judged
        if one[0].decision in ACTING and one[1].answer is not Ownership.UNSURE
    }
    chosen = drawn(found, size)
    answers = records.store.verdicts.answers()
    waiting = [ref for ref in sorted(chosen) if str(ref) not in answers]
    items = ((ref, records.store.snapshots.get(*ref)) for ref in waiting)
    shown = (_shown(item, *found[ref][:2]) for ref, item in items if item is not None)
    return ReviewSample(acting=len(found), drawn=len(chosen), waiting=tuple(shown))


def write_labelled(records: MigrationState, to: IO[str]) -> int:
    """Write answered items as the CSV that `evaluate` and `fit` read; returns how many. Open the
    file with ``newline=""``."""
    rows = csv.writer(to)
    rows.writerow(LABELLED)
    count = 0
    for item, answer in answered_items(records):
        if answer.ownership in (Ownership.OURS, Ownership.NOT_OURS):
            rows.writerow(
                [
                    item.key,
                    item.title,
                    item.body,
                    answer.ownership.value,
                    item.created_at.isoformat(),
                    SURE,
                ]
            )
            count += 1
    return count
