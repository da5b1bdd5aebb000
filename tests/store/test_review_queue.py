"""Which items wait for a maintainer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from migrator.domain.decisions import Decision, ReviewAnswer
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
