"""An undo takes back what stands, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem
from migrator.domain.planning.undo import Undoable, can_be_undone, undo_item
from migrator.domain.protocol.ledger import ActKind, Entry, Outcome, Phase, fold
from tests.support.ledger_lines import attempt
from tests.support.threads import issue

NOON = datetime(2022, 3, 1, 12, tzinfo=UTC)
PLANNED = PlanItem(
    key="big/house#7",
    repository="big/house",
    number=7,
    decision=Decision.RETIRE,
    text="Moved.",
    label="migrated",
    closes=True,
    generation=2,
    recipients=("ada",),
)
ENTRY = Entry(
    id="entry",
    migration="garden",
    item_key="big/house#7",
    node_id="I_7",
    decision="retire",
    generation=2,
    run_id="run",
    plan_hash="p",
    nonce="0" * 32,
    text_hash="h",
    created_at=NOON,
)
NOTICED = [(ActKind.NOTICE, Phase.INTENDED), (ActKind.NOTICE, Phase.DONE)]
CLOSED = [*NOTICED, (ActKind.CLOSE, Phase.INTENDED), (ActKind.CLOSE, Phase.DONE)]
REOPENED = [*CLOSED, (ActKind.REOPEN, Phase.INTENDED), (ActKind.REOPEN, Phase.DONE)]


def undoable(
    steps: list[tuple[ActKind, Phase]],
    outcome: Outcome | None = Outcome.DONE,
    planned: PlanItem = PLANNED,
    **last: Any,
) -> Undoable:
    """An entry with this history; ``last`` is the data of its last step."""
    lines = [attempt(act, phase, NOON) for act, phase in steps[:-1]]
    lines.append(attempt(*steps[-1], NOON, **last))
    if outcome is not None:
        lines.append(attempt(ActKind.OUTCOME, Phase.FINAL, NOON, outcome=outcome.value))
    return Undoable(entry=ENTRY, state=fold(lines), planned=planned, item=issue())


def test_a_close_is_taken_back_with_its_label() -> None:
    """In the same generation, naming the entry; those who get the mail of it are the same
    people."""
    item = undo_item(undoable(CLOSED), "Taken back.")
    assert (item.closes, item.label, item.text) == (True, "migrated", "Taken back.")
    assert (item.undoes, item.generation, item.decision) == ("entry", 2, Decision.RETIRE)
    assert item.recipients == ("ada",)


def test_a_notice_alone_is_only_reworded() -> None:
    """Nobody is mailed for an edit."""
    item = undo_item(
        undoable(
            NOTICED, planned=replace(PLANNED, decision=Decision.REDIRECT, closes=False, label="")
        ),
        "Back.",
    )
    assert (item.closes, item.label, item.recipients) == (False, "", ())


def test_a_close_that_waits_for_its_grace_is_not_there_to_take_back() -> None:
    """The entry is unfinished; its notice stands."""
    item = undo_item(undoable(NOTICED, outcome=None), "Back.")
    assert (item.closes, item.label) == (False, "")


def test_what_we_opened_again_ourselves_is_not_opened_twice() -> None:
    """A person spoke, and the label went with the close."""
    item = undo_item(undoable(REOPENED, Outcome.YIELDED), "Back.")
    assert (item.closes, item.label) == (False, "")


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.IN_DOUBT, Outcome.SKIPPED, None])
def test_a_close_stands_whatever_the_outcome_was(outcome: Outcome | None) -> None:
    """What was closed and could not be finished is taken back like any other close."""
    assert undo_item(undoable(CLOSED, outcome), "Back.").closes


@pytest.mark.parametrize(("data", "closes"), [({}, True), ({"unwritten": True}, False)])
def test_a_close_that_may_have_happened_is_looked_at(data: dict[str, Any], closes: bool) -> None:
    """Unless it surely did not."""
    phase = Phase.ABSENT if data else Phase.UNKNOWN
    steps = [*NOTICED, (ActKind.CLOSE, Phase.INTENDED), (ActKind.CLOSE, phase)]
    assert undo_item(undoable(steps, Outcome.IN_DOUBT, **data), "Back.").closes is closes


def test_what_left_no_notice_cannot_be_undone() -> None:
    """There is nothing on GitHub to take back."""
    assert can_be_undone(undoable(NOTICED).state)
    assert not can_be_undone(undoable(NOTICED[:1]).state)
    assert not can_be_undone(fold([]))
