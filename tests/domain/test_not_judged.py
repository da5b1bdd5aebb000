"""An item that was read and cannot be judged goes to a maintainer, whatever went wrong, and says
nothing of its text."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from migrator.domain.classification.activity import NO_BOT, ActivityFacts, reading_digest
from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import Decision, ReviewAnswer, decide
from migrator.domain.evidence import ActivityVerdict, Ownership, OwnershipVerdict
from migrator.domain.items import Item
from migrator.domain.not_judged import NOT_JUDGED, of_verdicts
from migrator.execution.deadlines import deadline
from migrator.services.classify import judge_item
from tests.support.threads import after, issue, migration_file

FILE = migration_file()
NOW = after(400)
BROKEN: dict[str, Any] = {
    "body": None,
    "title": 7,
    "comments": (None,),
    "events": (None,),
    "labels": None,
}
"""Items that no reading brings: what judging makes of them is an error of some kind."""


@pytest.mark.parametrize("field", BROKEN)
def test_no_item_makes_a_verdict_raise(field: str) -> None:
    """Each of the questions is answered, and all that is stored of it says that it was not
    judged, if one was not."""
    judge, item = Classifier(FILE, NO_BOT), replace(issue(), **{field: BROKEN[field]})
    judge.ownership(item), judge.activity(item, NOW), judge.facts(item)
    facts, whose, alive = judge.verdicts(item, NOW)
    why = of_verdicts(whose, alive)
    assert why is not None
    assert why.value.endswith("Error")
    assert facts.reading == reading_digest(FILE)


@pytest.mark.trouble("items `not_judged` in review")
def test_what_was_not_judged_goes_to_a_maintainer_and_follows_the_answer() -> None:
    """Never to a close, nor out of sight; a decision that a maintainer names is taken."""
    item = issue()
    _, whose, alive = Classifier(FILE, NO_BOT).no_verdicts(item, RecursionError("a person's words"))
    decided = decide(item, whose, alive, FILE, now=NOW)
    assert (decided.decision, decided.code, decided.deciding.value) == (
        Decision.REVIEW,
        NOT_JUDGED,
        "RecursionError",
    )
    answer = ReviewAnswer(
        by="mo", at=NOW, reason="ours", ownership=Ownership.OURS, decision=Decision.REDIRECT
    )
    assert decide(item, whose, alive, FILE, now=NOW, answer=answer).decision is Decision.REDIRECT
    assert whose.answer is Ownership.UNSURE  # which the measured error rate leaves out


class _Slow(Classifier):
    """One that does not come to an end."""

    def verdicts(
        self, item: Item, now: datetime
    ) -> tuple[ActivityFacts, OwnershipVerdict, ActivityVerdict]:
        while True:
            pass


def test_an_item_has_a_deadline() -> None:
    """No text holds up all others."""
    judged, _ = judge_item(_Slow(FILE, NO_BOT), issue(), NOW, seconds=0.05)
    why = of_verdicts(judged.ownership, judged.activity)
    assert why is not None
    assert why.value == "TimeoutError"


def test_a_deadline_ends_with_its_block() -> None:
    """Nothing is interrupted later."""
    with deadline(0.01):
        pass
    time.sleep(0.03)
