"""Which items wait for a maintainer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from migrator.domain.decisions import Decision, ReviewAnswer
from migrator.domain.evaluation.review_order import ReviewCandidate, ReviewOrder, ranked
from migrator.domain.items import ItemRef
from migrator.domain.planning.plan import PlanHeader, PlanItem, Totals
from migrator.store import Store
from tests.store.conftest import NOW


@pytest.mark.parametrize(
    ("code", "day", "left"),
    [
        pytest.param("unsure", -1, 1, id="the plan knew it and asks all the same"),
        pytest.param("unsure", 1, 0, id="answered since"),
        pytest.param("close_after_notice", -1, 1, id="an older answer confirms no close"),
        pytest.param("close_after_notice", 1, 0, id="confirmed since"),
    ],
)
def test_an_answer_settles_what_it_could_know(
    store: Store, header: PlanHeader, code: str, day: int, left: int
) -> None:
    """A plan that asks in spite of an older answer has not been answered. A close behind a notice
    that says otherwise wants an answer of its own."""
    item = PlanItem(
        key="big/house#1", repository="big/house", number=1, decision=Decision.REVIEW, code=code
    )
    plan = store.plans.save_whole("b" * 64, header, Totals(items=1), [item], NOW)
    assert store.queue.left(plan.hash) == 1
    answer = ReviewAnswer(by="root", at=NOW + timedelta(days=day))
    store.verdicts.record_answer(item.key, answer)
    assert store.queue.left(plan.hash) == left


def queue_of(store: Store, header: PlanHeader, *numbers: int) -> str:
    """Hash of a plan in which these items wait."""
    items = [
        PlanItem(key=f"big/house#{n}", repository="big/house", number=n, decision=Decision.REVIEW)
        for n in numbers
    ]
    return store.plans.save_whole("c" * 64, header, Totals(items=len(items)), items, NOW).hash


def test_items_are_claimed_in_the_order_of_their_plan(store: Store, header: PlanHeader) -> None:
    """What was answered or is open elsewhere is passed over; at its end the queue begins anew."""
    plan = queue_of(store, header, 1, 2, 3, 4)
    candidates = [
        ReviewCandidate(ref=ItemRef("big/house", n), uncertain=1.0, mails=n) for n in (1, 2, 3, 4)
    ]
    order = ReviewOrder(ranked(candidates))

    def claimed(by: str, after: int = 0) -> int | None:
        place = store.queue.claim_next(
            plan, by, NOW, timedelta(minutes=5), after=("big/house", after), order=order
        )
        return place.number if place else None

    assert claimed("amy") == 4
    assert claimed("bob") == 3, "the first one is open at another's"
    store.verdicts.record_answer("big/house#2", ReviewAnswer(by="root", at=NOW))
    assert claimed("amy", after=4) == 1
    assert claimed("amy", after=1) == 4
    store.verdicts.record_answer("big/house#4", ReviewAnswer(by="root", at=NOW))
    store.verdicts.record_answer("big/house#1", ReviewAnswer(by="root", at=NOW))
    assert claimed("amy") is None
    assert store.queue.left(plan) == 1


def test_a_copied_answer_goes_to_what_still_waits_and_is_undone_with_its_original(
    store: Store, header: PlanHeader
) -> None:
    """Not to what was answered or is open elsewhere; an answer of somebody else stays."""
    plan = queue_of(store, header, 1, 2, 3, 4, 5)
    refs = [ItemRef("big/house", number) for number in (2, 3, 4, 5)]
    original = ReviewAnswer(by="amy", at=NOW + timedelta(microseconds=7), reason="All the same")
    copy = replace(original, copied_from="big/house#1")
    store.queue.claim("big/house#3", "bob", NOW, timedelta(minutes=5))
    store.verdicts.record_answer("big/house#4", ReviewAnswer(by="bob", at=original.at))
    assert store.queue.still_waiting(plan, refs, "amy", NOW, most=1) == refs[:1]
    assert store.queue.still_waiting(plan, refs, "amy", NOW, most=9) == [refs[0], refs[3]]
    store.verdicts.record_answer("big/house#1", original)
    assert store.queue.copy_answer(plan, copy, refs, NOW) == [refs[0], refs[3]]
    assert store.queue.copies_of("big/house#1", original) == ["big/house#2", "big/house#5"]
    assert store.queue.copies_of("big/house#4", original) == []
    assert store.queue.withdraw("big/house#1", "bob") is None
    taken = store.queue.withdraw("big/house#1", "amy")
    assert taken is not None
    assert (taken.answer, taken.copies) == (original, ("big/house#2", "big/house#5"))
    answered = [n for n in (1, 2, 3, 4, 5) if store.queue.answers_to(f"big/house#{n}")]
    assert answered == [4]


def test_one_copy_can_be_undone_alone(store: Store, header: PlanHeader) -> None:
    """Its original and the others stay."""
    plan = queue_of(store, header, 1, 2, 3)
    original = ReviewAnswer(by="amy", at=NOW)
    store.verdicts.record_answer("big/house#1", original)
    copy = replace(original, copied_from="big/house#1")
    refs = [ItemRef("big/house", n) for n in (2, 3)]
    store.queue.copy_answer(plan, copy, refs, NOW)
    taken = store.queue.withdraw("big/house#2", "amy")
    assert taken is not None
    assert taken.copies == ()
    assert [len(store.queue.answers_to(f"big/house#{n}")) for n in (1, 2, 3)] == [1, 0, 1]
