"""What differs between GitHub and the ledger is found, and what people may do is no fault."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from migrator.domain.items import Actor, Comment, Event, EventKind, Item, State
from migrator.domain.protocol.ledger import (
    ActKind,
    Entry,
    EntryState,
    Outcome,
    Phase,
    fold,
)
from migrator.domain.protocol.verification import Discrepancy, compare, compare_undo
from tests.support.ledger_lines import attempt
from tests.support.threads import AUTHOR, NONCE, NOTICE, OURS, OWN, after, comment, event, issue

NOON = datetime(2022, 3, 1, 12, tzinfo=UTC)
ENTRY = Entry(
    id="entry",
    migration="garden",
    item_key="big/house#7",
    node_id="I_7",
    decision="retire",
    generation=1,
    run_id="run",
    plan_hash="p",
    nonce=NONCE,
    text_hash="h",
    created_at=NOON,
)
OUR_NOTICE = comment(OURS, after(1), NOTICE)
OUR_CLOSE = event(EventKind.CLOSED, OURS, after(2))
CLOSED = issue(state=State.CLOSED, labels=("migrated",), events=(OUR_CLOSE,))


def done(
    *, closed: bool = True, outcome: Outcome | None = Outcome.DONE, **close: Any
) -> EntryState:
    """The state of an entry whose notice stands, and (``closed``) whose close does."""
    steps: list[tuple[ActKind, Phase, dict[str, Any]]] = [
        (ActKind.NOTICE, Phase.DONE, {"comment_id": "C"})
    ]
    if closed:
        errors = close.pop("errors", {})
        steps.append(
            (ActKind.CLOSE, Phase.INTENDED, {"closes": True, "label": "migrated", **close})
        )
        steps.append((ActKind.CLOSE, Phase.DONE, {"errors": errors}))
    if outcome:
        steps.append((ActKind.OUTCOME, Phase.FINAL, {"outcome": outcome.value}))
    return fold(attempt(act, phase, NOON, **data) for act, phase, data in steps)


def codes(state: EntryState, item: Item | None, *comments: Comment) -> list[tuple[str, bool]]:
    """Code of each finding, and whether it is a fault."""
    return [(finding.code, finding.fault) for finding in compare(ENTRY, state, item, comments, OWN)]


def test_what_the_ledger_says_and_github_shows_is_well() -> None:
    """No finding."""
    assert codes(done(), CLOSED, OUR_NOTICE) == []
    assert codes(done(closed=False), issue(), OUR_NOTICE) == []


def test_two_notices_are_a_fault() -> None:
    """One entry, one nonce, one comment."""
    assert ("double_notice", True) in codes(
        done(), CLOSED, OUR_NOTICE, replace(OUR_NOTICE, id="another")
    )


def test_a_notice_that_is_not_there_is_a_fault() -> None:
    """Somebody deleted it, or it never was; a close without it is one more."""
    assert codes(done(closed=False), issue()) == [("missing_notice", True)]
    assert ("closed_without_notice", True) in codes(done(), CLOSED)


def test_a_notice_that_we_know_to_be_deleted_is_told_and_no_fault() -> None:
    """People may; a close that came before it is no fault of ours either."""
    for state, item in ((done(closed=False), issue()), (done(), CLOSED)):
        found = compare(ENTRY, state, item, (), OWN, deleted=True)
        assert [(finding.code, finding.fault) for finding in found] == [("notice_deleted", False)]


def test_a_notice_that_the_ledger_does_not_know_is_a_fault() -> None:
    """It must be taken into the ledger."""
    assert codes(fold([]), issue(), OUR_NOTICE) == [("unknown_notice", True)]


def test_a_pasted_marker_is_not_our_notice() -> None:
    """Only our own account's comments count."""
    assert codes(done(closed=False), issue(), OUR_NOTICE, comment(AUTHOR, after(3), NOTICE)) == []


def test_a_close_that_github_does_not_show_is_a_fault() -> None:
    """Whatever the decision was called."""
    assert codes(done(), issue(labels=("migrated",)), OUR_NOTICE) == [("not_closed", True)]


def test_a_label_alone_closes_nothing() -> None:
    """An open item is what was planned."""
    assert codes(done(closes=False), issue(labels=("migrated",)), OUR_NOTICE) == []


@pytest.mark.parametrize("who", [AUTHOR, None], ids=["author", "ghost"])
def test_a_person_may_open_it_again(who: Actor | None) -> None:
    """It is told, with the name, and is no fault."""
    item = replace(
        CLOSED, state=State.OPEN, events=(OUR_CLOSE, event(EventKind.REOPENED, who, after(3)))
    )
    findings = compare(ENTRY, done(), item, (OUR_NOTICE,), OWN)
    assert [(finding.code, finding.fault) for finding in findings] == [("reopened", False)]
    assert findings[0].message.startswith("Ada " if who else "ghost ")


def test_what_we_took_back_ourselves_is_no_finding() -> None:
    """An undone entry is as it should be."""
    item = issue(events=(OUR_CLOSE, event(EventKind.REOPENED, OURS, after(3))))
    assert codes(done(), item, OUR_NOTICE) == []


def test_a_person_may_take_our_label_off() -> None:
    """It is told and never put back."""
    removal: Event = event(EventKind.UNLABELED, AUTHOR, after(3), label="Migrated")
    item = replace(CLOSED, labels=(), events=(OUR_CLOSE, removal))
    assert codes(done(), item, OUR_NOTICE) == [("label_removed", False)]


def test_a_label_that_github_refused_is_not_missed_twice() -> None:
    """The reply to the close told it."""
    assert codes(done(errors={"label": "no right"}), replace(CLOSED, labels=()), OUR_NOTICE) == []


def test_a_label_that_we_took_off_is_no_finding() -> None:
    """After an undo of an item that was only labelled."""
    item = issue(events=(event(EventKind.UNLABELED, OURS, after(3), label="migrated"),))
    assert codes(done(closes=False), item, OUR_NOTICE) == []


def test_an_item_that_is_gone_is_told() -> None:
    """People may delete and transfer."""
    assert codes(done(), None) == [("gone", False)]


def test_an_entry_that_was_skipped_expects_nothing() -> None:
    """Its notice stands, and somebody else closed the item."""
    item = issue(state=State.CLOSED, events=(event(EventKind.CLOSED, AUTHOR, after(2)),))
    assert codes(done(closed=False, outcome=Outcome.SKIPPED), item, OUR_NOTICE) == []


EDITED = replace(OUR_NOTICE, edited_at=after(4), editor=AUTHOR)


def undone(outcome: Outcome = Outcome.DONE, *, reopened_days: float = 3) -> EntryState:
    """The state of an undo's entry, or of one that yielded, which opened the item again and
    reworded the notice."""
    lines = [
        attempt(ActKind.REOPEN, Phase.INTENDED, after(reopened_days)),
        attempt(ActKind.REOPEN, Phase.DONE, after(reopened_days)),
        attempt(ActKind.EDIT, Phase.DONE, after(reopened_days)),
        attempt(ActKind.OUTCOME, Phase.FINAL, after(reopened_days), outcome=outcome.value),
    ]
    return fold(lines)


def undo_codes(item: Item | None, *comments: Comment) -> list[tuple[str, bool]]:
    """Findings on an undo that is done."""
    return [
        (finding.code, finding.fault)
        for finding in compare_undo(ENTRY, undone(), item, comments, OWN)
    ]


def test_a_person_may_edit_our_notice() -> None:
    """It is told, with the name, and is no fault."""
    findings = compare(ENTRY, done(), CLOSED, (EDITED,), OWN)
    assert [(finding.code, finding.fault) for finding in findings] == [("notice_edited", False)]
    assert findings[0].message == "Ada edited our notice"


def test_a_notice_whose_marker_was_edited_away_is_still_our_notice() -> None:
    """Known by its comment id: it is not missing, and nothing was closed without it."""
    findings = compare(
        ENTRY, done(), CLOSED, (replace(EDITED, id="C", body="See the new place."),), OWN
    )
    assert [(finding.code, finding.fault) for finding in findings] == [("notice_edited", False)]
    assert "marker is gone" in findings[0].message


def test_what_we_reworded_ourselves_is_no_finding() -> None:
    """And one that shows no edit although the ledger has one is a fault."""
    state = fold(
        [
            attempt(ActKind.NOTICE, Phase.DONE, NOON),
            attempt(ActKind.EDIT, Phase.DONE, NOON),
        ]
    )
    assert codes(state, issue(), replace(EDITED, editor=OURS)) == []
    assert codes(state, issue(), OUR_NOTICE) == [("not_reworded", True)]


def test_an_undo_that_github_shows_is_well() -> None:
    """Open again by us and reworded; what is gone is told by the original's comparison."""
    item = issue(events=(OUR_CLOSE, event(EventKind.REOPENED, OURS, after(3))))
    assert undo_codes(item, replace(EDITED, editor=OURS)) == []
    assert undo_codes(None) == []


def test_an_undo_that_github_does_not_show_is_a_fault() -> None:
    """Still closed by our close of before, and the notice as it was."""
    assert undo_codes(CLOSED, OUR_NOTICE) == [("not_reworded", True), ("not_reopened", True)]


@pytest.mark.parametrize("who", [AUTHOR, OURS], ids=["a person", "our next generation"])
def test_what_was_closed_after_the_undo_is_no_finding_of_the_undo(who: Actor) -> None:
    """A person may close it, and so may a later plan of ours."""
    item = replace(
        CLOSED,
        events=(
            OUR_CLOSE,
            event(EventKind.REOPENED, OURS, after(3)),
            event(EventKind.CLOSED, who, after(5)),
        ),
    )
    assert undo_codes(item, replace(EDITED, editor=OURS)) == []


def test_an_entry_that_yielded_must_be_open_again() -> None:
    """A person spoke: our close may not stand. That our label went with it is no finding."""
    acts = [ActKind.NOTICE, ActKind.CLOSE, ActKind.REOPEN]
    closing = attempt(ActKind.CLOSE, Phase.INTENDED, after(3), closes=True, label="migrated")
    kept = [attempt(act, Phase.DONE, after(3)) for act in acts]
    ending = attempt(ActKind.OUTCOME, Phase.FINAL, after(3), outcome=Outcome.YIELDED.value)
    state = fold([closing, *kept, ending])
    opened = issue(events=(OUR_CLOSE, event(EventKind.REOPENED, OURS, after(3))))
    assert codes(state, opened, OUR_NOTICE) == []
    assert codes(state, CLOSED, OUR_NOTICE) == [("not_reopened", True)]


def test_an_entry_that_waits_for_its_grace_expects_its_notice_only() -> None:
    """Open and without the label is what was planned; a notice that is gone is a fault."""
    waiting = done(closed=False, outcome=None)
    assert codes(waiting, issue(), OUR_NOTICE) == []
    assert codes(waiting, issue()) == [("missing_notice", True)]


UNLABELLED = event(EventKind.UNLABELED, AUTHOR, after(3), label="migrated")
NOT_REWORDED = fold(attempt(act, Phase.DONE, NOON) for act in (ActKind.NOTICE, ActKind.EDIT))
ONLY_REOPENED = fold([attempt(ActKind.REOPEN, Phase.DONE, after(3))])
TOLD = {
    "gone": (done(), None, (), "the item was deleted or transferred away", False),
    "double_notice": (
        done(),
        CLOSED,
        (OUR_NOTICE, replace(OUR_NOTICE, id="another")),
        "2 comments carry one notice's nonce",
        True,
    ),
    "missing_notice": (
        done(closed=False),
        issue(),
        (),
        "the ledger has a notice that GitHub does not show",
        True,
    ),
    "unknown_notice": (
        fold([]),
        issue(),
        (OUR_NOTICE,),
        "GitHub shows a notice that the ledger does not know as done",
        True,
    ),
    "notice_edited": (
        done(),
        CLOSED,
        (replace(OUR_NOTICE, id="C", body="See there.", edited_at=after(4), editor=AUTHOR),),
        "Ada edited our notice, and its marker is gone",
        False,
    ),
    "not_reworded": (
        NOT_REWORDED,
        issue(),
        (OUR_NOTICE,),
        "the ledger has a new text of our notice that GitHub does not show",
        True,
    ),
    "closed_without_notice": (
        fold([]),
        CLOSED,
        (),
        "we closed it, and no notice of ours is visible",
        True,
    ),
    "not_closed": (
        done(),
        issue(labels=("migrated",)),
        (OUR_NOTICE,),
        "the ledger has a close that GitHub does not show",
        True,
    ),
    "reopened": (
        done(),
        replace(CLOSED, state=State.OPEN),
        (OUR_NOTICE,),
        "somebody opened it again",
        False,
    ),
    "label_removed": (
        done(),
        replace(CLOSED, labels=(), events=(OUR_CLOSE, UNLABELLED)),
        (OUR_NOTICE,),
        "Ada took the label migrated off",
        False,
    ),
}


@pytest.mark.parametrize("code", TOLD)
def test_each_finding_says_what_is_wrong_and_where(code: str) -> None:
    """The item's key, a sentence, and its page; an item that is gone has none."""
    state, item, comments, message, fault = TOLD[code]
    url = item.url if item else ""
    expected = Discrepancy(item_key="big/house#7", code=code, message=message, fault=fault, url=url)
    assert compare(ENTRY, state, item, comments, OWN) == [expected]


def test_a_reopening_that_is_missing_is_told_with_its_item() -> None:
    """For an undo as for a close on which somebody spoke."""
    message = "the ledger has a reopening that GitHub does not show"
    expected = Discrepancy(
        item_key="big/house#7", code="not_reopened", message=message, url=CLOSED.url
    )
    assert compare_undo(ENTRY, ONLY_REOPENED, CLOSED, (), OWN) == [expected]


def test_a_label_that_vanished_without_a_trace_may_have_been_renamed() -> None:
    """GitHub's timeline does not always say who it was."""
    (finding,) = compare(ENTRY, done(), replace(CLOSED, labels=()), (OUR_NOTICE,), OWN)
    assert finding.message == (
        "the label migrated is not on it: it was taken off, renamed or deleted"
    )


def test_a_close_without_a_label_misses_none() -> None:
    """Whether the ledger names an empty one or says nothing of it."""
    assert codes(done(label=""), replace(CLOSED, labels=()), OUR_NOTICE) == []
    lines = [attempt(act, Phase.DONE, NOON) for act in (ActKind.NOTICE, ActKind.CLOSE)]
    ending = attempt(ActKind.OUTCOME, Phase.FINAL, NOON, outcome=Outcome.DONE.value)
    assert codes(fold([*lines, ending]), replace(CLOSED, labels=()), OUR_NOTICE) == []


def test_an_item_that_others_closed_needs_no_notice() -> None:
    """Neither one that only others closed, nor one that was opened again since."""
    theirs = issue(
        state=State.CLOSED, events=(OUR_CLOSE, event(EventKind.CLOSED, AUTHOR, after(5)))
    )
    assert codes(fold([]), theirs) == []
    assert codes(fold([]), replace(CLOSED, state=State.OPEN)) == []
    assert codes(fold([]), issue(state=State.CLOSED)) == []


def test_only_our_own_comment_of_that_id_stands_for_a_notice_without_its_marker() -> None:
    """Neither another comment of ours, which is told beside it, nor one that has no id, nor one of
    that id by somebody else."""
    other = comment(OURS, after(3), "Thanks.", id="other")
    unknown, missing = ("unknown_comment", True), ("missing_notice", True)
    for stranger, told in (
        (other, {unknown, missing}),
        (replace(other, id=""), {unknown, missing}),
        (replace(other, id="C", author=AUTHOR), {missing}),
    ):
        assert set(codes(done(closed=False), issue(), stranger)) == told
    never = fold([attempt(ActKind.NOTICE, Phase.DONE, NOON)])
    assert set(codes(never, issue(), replace(other, id=""))) == {unknown, missing}


def test_a_close_after_our_reopening_is_another_ones_and_one_in_its_second_is_not() -> None:
    """GitHub dates by the second."""
    for closed_at, found in ((after(3), ["not_reopened"]), (after(3, 1), [])):
        item = replace(CLOSED, events=(event(EventKind.CLOSED, OURS, closed_at),))
        assert [each.code for each in compare_undo(ENTRY, ONLY_REOPENED, item, (), OWN)] == found


def test_a_reopening_that_was_never_confirmed_is_not_missed() -> None:
    """The entry's outcome tells of it."""
    lost = fold([attempt(ActKind.REOPEN, Phase.UNKNOWN, after(3))])
    assert compare_undo(ENTRY, lost, CLOSED, (), OWN) == []
    assert compare_undo(ENTRY, fold([]), CLOSED, (), OWN) == []


def test_an_undo_that_did_not_reword_the_notice_is_told_with_its_item() -> None:
    """The same sentence as for any other entry, and the same page."""
    message = "the ledger has a new text of our notice that GitHub does not show"
    expected = Discrepancy(
        item_key="big/house#7", code="not_reworded", message=message, url=issue().url
    )
    assert compare_undo(ENTRY, NOT_REWORDED, issue(), (OUR_NOTICE,), OWN) == [expected]
