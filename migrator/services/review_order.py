"""The order of the review queue: worked out when a plan is made, kept beside it, and read by the
page, the API and the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from weakref import WeakKeyDictionary

from migrator.domain.decisions import Decision
from migrator.domain.evaluation.review_order import (
    RankedItem,
    ReviewCandidate,
    ReviewOrder,
    ranked,
    review_grounds,
    uncertainty,
)
from migrator.domain.evidence import Activity, OwnershipVerdict
from migrator.domain.items import Item, ItemRef
from migrator.domain.not_judged import NOT_JUDGED
from migrator.domain.people import BotIdentity, People, recipients_of
from migrator.domain.planning.plan import PlanItem, PlanKind
from migrator.domain.rules import MigrationFile
from migrator.execution.migration_state import MigrationState
from migrator.store.verdicts import ClassifiedItem

ORDER: Final = "review order 1"
"""Under this name a plan's order is kept beside it; the number changes with its shape."""

_read: Final[WeakKeyDictionary[object, tuple[str, ReviewOrder]]] = WeakKeyDictionary()
"""For each database engine: hash and order of the plan that was asked for last. A plan never
changes, and an order of a hundred thousand items takes a tenth of a second to read."""


class CandidateCollector:
    """Collects items that wait, out of a plan while it is made."""

    def __init__(self, file: MigrationFile, own: BotIdentity) -> None:
        self._people = People(file.migration)
        self._own = own
        self.found: list[ReviewCandidate] = []

    def watching(self, planned: Iterable[tuple[ClassifiedItem, PlanItem]]) -> Iterator[PlanItem]:
        """The same plan items, with a look at each."""
        for judged, item in planned:
            if item.decision is Decision.REVIEW:
                self.add(judged.item, item.code, judged.ownership, judged.activity.answer)
            yield item

    def add(self, item: Item, reason: str, ownership: OwnershipVerdict, activity: Activity) -> None:
        """Take in an item that waits for that reason. One that could not be judged is not read
        again."""
        readable = reason != NOT_JUDGED
        one = ReviewCandidate(
            ref=item.ref,
            uncertain=uncertainty(ownership),
            mails=len(recipients_of(item, self._people, self._own)) if readable else 0,
            grounds=review_grounds(item.repository, item.kind, reason, ownership, activity),
        )
        self.found.append(one)


def keep_order(
    records: MigrationState, plan_hash: str, candidates: Iterable[ReviewCandidate]
) -> None:
    """Work out the order of a plan's queue and keep it beside the plan."""
    records.store.facts.keep(plan_hash, ORDER, ranked(candidates, plan_hash))


def newest_order(records: MigrationState) -> ReviewOrder:
    """The order of the newest plan's queue; empty without a plan, or for one from before there
    were orders."""
    return order_of(records, newest_plan_hash(records))


def newest_plan_hash(records: MigrationState) -> str:
    """The hash of the newest migrating plan; empty if there is none."""
    newest = records.store.plans.newest(1, kinds=(PlanKind.MIGRATE,))
    return newest[0].hash if newest else ""


def is_asked_for_information(records: MigrationState, ref: ItemRef) -> bool:
    """Whether the newest plan's queue asks about an item because an answer teaches much, and not
    because the item was drawn at random."""
    order = newest_order(records)
    if not order.items:
        return False
    names = (ref, *(alias.ref for alias in records.store.items.names_of(ref)))
    known = (order.item(name) for name in names)
    return any(each is not None and not each.sample for each in known)


def order_of(records: MigrationState, plan_hash: str) -> ReviewOrder:
    """The order of a plan's queue; empty if none is kept."""
    if not plan_hash:
        return ReviewOrder()
    known, order = _read.get(records.store.engine, ("", ReviewOrder()))
    if known == plan_hash:
        return order
    kept = records.store.facts.get(plan_hash, ORDER, tuple[RankedItem, ...])
    if kept is None:
        return ReviewOrder()
    order = ReviewOrder(kept)
    _read[records.store.engine] = plan_hash, order
    return order
