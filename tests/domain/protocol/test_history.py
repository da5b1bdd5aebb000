"""An item has one notice, whatever is decided later, and what a person undid is not done again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from migrator.domain.decisions import REASONS, Decided, Decision, ReviewAnswer
from migrator.domain.evidence import Evidence, Leaning
from migrator.domain.items import EventKind
from migrator.domain.protocol.history import (
    LEAST_GRACE_DAYS,
    Histories,
    ItemHistory,
    PastEntry,
    follow_up,
    was_reopened_by_others,
)
from tests.support.threads import AUTHOR, OURS, OWN, after, event, issue

NOON = datetime(2022, 3, 1, 12, tzinfo=UTC)
EVIDENCE = Evidence(signal="clock", says=Leaning.STALE)
REDIRECT = Decided(decision=Decision.REDIRECT, code="active", message="", deciding=EVIDENCE)
TRANSFER = Decided(decision=Decision.TRANSFER, code="active", message="", deciding=EVIDENCE)
RETIRE = Decided(
    decision=Decision.RETIRE, code="stale", message="", deciding=EVIDENCE, closes=True, label="m"
)


def past(
    decision: str = "redirect",
    outcome: str | None = "done",
    *,
    day: int = 0,
    noticed: bool = True,
    closed: bool = False,
    code: str = "",
    generation: int = 1,
    nonce: str = "",
) -> PastEntry:
    """An entry of the past, with a comment of its own unless ``nonce`` says otherwise."""
    name = f"{decision}-{generation}-{day}"
    at = NOON + timedelta(days=day)
    return PastEntry(name, decision, generation, at, outcome, code, noticed, closed, nonce or name)


def came_of(
    decided: Decided, *entries: PastEntry, answered: int | None = None, reopened: bool = False
) -> tuple[str, str, str]:
    """Decision, code, and which entry's notice is edited; ``answered``: a maintainer answered on
    that day."""
    answer = ReviewAnswer(by="root", at=NOON + timedelta(days=answered)) if answered else None
    found = follow_up(decided, ItemHistory(entries=entries), answer, reopened=reopened)
    edits = found.edits.entry_id if found.edits else ""
    return found.decided.decision.value, found.decided.code, edits


@pytest.mark.parametrize(
    ("decided", "entries", "expected"),
    [
        pytest.param(REDIRECT, (), ("redirect", "active", ""), id="nothing yet"),
        pytest.param(
            REDIRECT,
            (past(outcome="skipped", noticed=False),),
            ("redirect", "active", ""),
            id="a try that wrote nothing",
        ),
        pytest.param(REDIRECT, (past(),), ("leave", "already_done", ""), id="it stands"),
        pytest.param(
            REDIRECT, (past("welcome"),), ("leave", "already_done", ""), id="welcomed before"
        ),
        pytest.param(
            REDIRECT,
            (past("retire", closed=True),),
            ("redirect", "active", "retire-1-0"),
            id="another decision that stays open",
        ),
        pytest.param(
            RETIRE,
            (past("retire", None, noticed=False),),
            ("leave", "already_done", ""),
            id="a run is at work on it",
        ),
        pytest.param(
            REDIRECT,
            (past("retire", "in_doubt", noticed=False),),
            ("leave", "already_done", ""),
            id="a notice that may stand",
        ),
        pytest.param(
            TRANSFER,
            (past("transfer", "failed", code="transfer_not_sent"),),
            ("transfer", "active", "transfer-1-0"),
            id="its notice and surely not its transfer: sent again",
        ),
        pytest.param(
            TRANSFER,
            (past("transfer", "failed", code="no_progress"),),
            ("leave", "already_done", ""),
            id="a transfer that failed otherwise",
        ),
        pytest.param(
            RETIRE,
            (past("retire", "failed"),),
            ("retire", "stale", "retire-1-0"),
            id="its notice and not its close: finished",
        ),
        pytest.param(
            RETIRE,
            (past("retire", closed=True), past("undo-retire", day=1)),
            ("retire", "stale", "retire-1-0"),
            id="taken back by us: the same comment",
        ),
        pytest.param(
            REDIRECT,
            (past("retire", "skipped", code="notice_deleted"),),
            ("leave", "notice_deleted", ""),
            id="a person deleted it",
        ),
        pytest.param(
            RETIRE,
            (past("retire", "yielded", closed=True),),
            ("leave", "reopened", ""),
            id="a person asked for it",
        ),
    ],
)
def test_what_follows_from_what_was_done(
    decided: Decided, entries: tuple[PastEntry, ...], expected: tuple[str, str, str]
) -> None:
    """One line for each row of the module's table."""
    assert came_of(decided, *entries) == expected


@pytest.mark.parametrize("stands", [past(), past("retire", "yielded"), past("retire")])
def test_from_stays_open_to_a_close_a_maintainer_decides(stands: PastEntry) -> None:
    """An older answer is none; once confirmed, the notice is edited and a week passes."""
    assert came_of(RETIRE, stands) == (
        ("leave", "already_done", "")
        if stands.decision == "retire" and stands.outcome == "done"
        else ("review", "close_after_notice", "")
    )
    if stands.decision == "redirect":
        assert came_of(RETIRE, replace_at(stands, 3), answered=2)[0] == "review"
        found = follow_up(
            RETIRE,
            ItemHistory(entries=(stands,)),
            ReviewAnswer(by="root", at=NOON + timedelta(days=2)),
            reopened=False,
        )
        assert (found.edits, found.decided.grace_days) == (stands, LEAST_GRACE_DAYS)
        longer = replace(RETIRE, grace_days=30)
        confirmed = ReviewAnswer(by="root", at=NOON + timedelta(days=2))
        history = ItemHistory(entries=(stands,))
        assert follow_up(longer, history, confirmed, reopened=False).decided.grace_days == 30


def replace_at(entry: PastEntry, day: int) -> PastEntry:
    """The entry, opened on another day."""
    return entry._replace(at=NOON + timedelta(days=day))


def test_what_a_person_opened_again_is_never_closed_by_us() -> None:
    """Not by another decision that closes, not after an undo; what stays open may still be said."""
    closed = past("retire", closed=True)
    undone = past("undo-retire", day=1)
    port = replace(RETIRE, decision=Decision.PORT)
    for entries in ((closed,), (closed, undone)):
        assert came_of(port, *entries, reopened=True, answered=9)[:2] == ("leave", "reopened")
    assert came_of(REDIRECT, closed, reopened=True) == ("redirect", "active", closed.entry_id)


def test_of_two_old_notices_the_newest_that_was_not_taken_back_stands() -> None:
    """The other one is superseded; of one comment that was edited only the last entry counts."""
    old, new = past("redirect"), past("retire", closed=True, day=5)
    assert ItemHistory(entries=(old, new)).standing == new
    undone = past("undo-retire", day=6)
    assert ItemHistory(entries=(old, new, undone)).standing == old
    edited = new._replace(nonce=old.nonce)
    assert ItemHistory(entries=(old, edited, undone)).standing == edited


def test_an_old_name_that_may_mean_another_item_waits_for_a_maintainer() -> None:
    """Nothing is posted until somebody answers; then its old entries count as the item's."""
    histories = Histories({}, {}, {}, {"a/b#1": [past("retire", closed=True)]})
    history = histories.of("I_1", "a/b#1")
    assert not history.known
    found = follow_up(REDIRECT, history, None, reopened=False)
    assert (found.decided.decision, found.decided.code) == (Decision.REVIEW, "unknown_item")
    answer = ReviewAnswer(by="root", at=NOON + timedelta(days=1))
    assert follow_up(REDIRECT, history, answer, reopened=False).edits == history.entries[0]


def test_generations_grow_over_all_entries_of_a_decision() -> None:
    """Also where another decision stood in between."""
    history = ItemHistory(entries=(past(), past("retire", day=1), past(day=2, generation=2)))
    assert history.next_generation("redirect") == 3
    assert history.next_generation("port") == 1


def test_a_reopening_counts_if_it_followed_our_close_and_was_not_ours() -> None:
    """Whoever did it; what a person closed and opened again says nothing."""
    closed, theirs = (
        event(EventKind.CLOSED, OURS, after(1)),
        event(EventKind.CLOSED, AUTHOR, after(1)),
    )
    reopened = event(EventKind.REOPENED, AUTHOR, after(2))
    ours = event(EventKind.REOPENED, OURS, after(2))
    assert was_reopened_by_others(issue(events=(closed, reopened)), OWN)
    assert not was_reopened_by_others(issue(events=(closed, ours)), OWN)
    assert not was_reopened_by_others(issue(events=(theirs, reopened)), OWN)
    assert not was_reopened_by_others(issue(events=(closed,)), OWN)


def test_a_history_is_found_by_node_id_in_either_form_else_by_name() -> None:
    """Old entries of a name whose item is not known stand among the others, by date."""
    first, second, third = past(), past("retire", day=1), past("port", day=2)
    histories = Histories(
        {1: [third, first], 2: [second]},
        {"MDU6SXNzdWU3": 1},
        {"a/b#1": 1, "a/b#2": 2},
        {"a/b#1": [second]},
    )
    assert histories.of("MDU6SXNzdWU3", "a/b#9") == ItemHistory(entries=(first, third), known=True)
    assert histories.of("", "a/b#1") == ItemHistory(entries=(first, second, third), known=False)
    assert histories.of("", "a/b#2").entries == (second,)
    assert histories.of("I_other", "a/b#2") == histories.of("", "a/b#3") == ItemHistory()


def test_entries_of_one_time_come_in_the_order_of_their_ids() -> None:
    """Whichever of both lists they come from."""
    known, unknown = past("port"), past("retire")
    histories = Histories({1: [unknown]}, {}, {"a/b#1": 1}, {"a/b#1": [known]})
    assert histories.of("", "a/b#1").entries == (known, unknown)
    turned = Histories({1: [known]}, {}, {"a/b#1": 1}, {"a/b#1": [unknown]})
    assert turned.of("", "a/b#1").entries == (known, unknown)


def test_an_item_was_in_each_repository_under_whose_name_it_was_seen() -> None:
    """Names of repositories compare without case; an unknown item was nowhere."""
    histories = Histories({}, {"I_1": 1, "I_3": 3}, {"A/b#1": 1, "a/c#7": 1, "a/d#2": 2}, {})
    for place in ("a/B", "A/b", "a/c"):
        assert histories.was_in(place, "I_1", "a/x#1")
        assert histories.was_in(place, "", "a/c#7")
    assert not histories.was_in("a/d", "I_1", "a/c#7")
    assert histories.was_in("a/d", "", "a/d#2")
    for node_id in ("I_2", "I_3"):
        assert not histories.was_in("a/d", node_id, "a/d#2")


def test_a_close_that_stands_needs_no_second_confirmation() -> None:
    """A notice that closed had announced it; one that only spoke had not."""
    assert came_of(RETIRE, past("port", closed=True)) == ("retire", "stale", "port-1-0")
    assert came_of(RETIRE, past("port")) == ("review", "close_after_notice", "")


def test_a_reopening_without_a_close_of_ours_says_nothing() -> None:
    """The timeline may begin after the close of a person."""
    assert not was_reopened_by_others(
        issue(events=(event(EventKind.REOPENED, AUTHOR, after(2)),)), OWN
    )


def test_a_decision_that_is_not_carried_out_writes_nothing() -> None:
    """It closes nothing, labels nothing, and says why in its own words."""
    asked = replace(RETIRE, grace_days=14)
    found = follow_up(asked, ItemHistory(entries=(past(),)), None, reopened=False).decided
    message = REASONS["close_after_notice"]
    assert found == replace(
        asked,
        decision=Decision.REVIEW,
        code="close_after_notice",
        message=message,
        closes=False,
        grace_days=0,
        label="",
    )


def test_an_answer_of_the_time_of_the_notice_is_older_than_it() -> None:
    """What the maintainer saw was the item without the notice."""
    answer = ReviewAnswer(by="root", at=NOON)
    found = follow_up(RETIRE, ItemHistory(entries=(past(),)), answer, reopened=False)
    assert found.decided.decision is Decision.REVIEW


def test_an_item_that_landed_already_is_done() -> None:
    """Whatever stands on it."""
    landed = replace(REDIRECT, code="known_landing")
    assert came_of(landed, past("port", closed=True)) == ("leave", "already_done", "")
