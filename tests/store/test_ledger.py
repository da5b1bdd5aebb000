"""The ledger loses nothing, and of two that act on one item only one goes on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError

from migrator.domain.items import ItemRef
from migrator.domain.planning.plan import PlanHeader, Totals
from migrator.domain.protocol.ledger import (
    PHASES,
    Absent,
    ActKind,
    Attempt,
    Declined,
    Done,
    Ending,
    Entry,
    Intended,
    LedgerLine,
    Outcome,
    Phase,
    Unknown,
    attempt_document,
    line_data,
    read_line,
)
from migrator.store import Store, json_columns, open_store
from migrator.store.ledger import Overtaken, Recorded
from migrator.store.outcomes import OutcomeTotals
from migrator.store.runs import Run
from tests.store.conftest import NOW
from tests.support.databases import run_together
from tests.support.ledger_lines import attempt


def entry(number: int = 1, **changes: object) -> Entry:
    """An entry on one item."""
    fields: dict[str, object] = {
        "id": f"garden:big/house#{number}:retire:1",
        "migration": "garden",
        "item_key": f"big/house#{number}",
        "node_id": f"I_{number}",
        "decision": "retire",
        "generation": 1,
        "run_id": "run",
        "plan_hash": "a" * 64,
        "nonce": f"{number:032x}",
        "text_hash": "h",
        "created_at": NOW,
        "before": {"state": "open", "labels": ["bug"]},
    }
    return Entry(**{**fields, **changes})  # type: ignore[arg-type]


def later(days: int) -> datetime:
    """So many days later."""
    return NOW + timedelta(days=days)


def line(
    act: ActKind = ActKind.NOTICE, phase: Phase = Phase.INTENDED, fencing: int = 0, **data: object
) -> Attempt:
    """One line of a history."""
    return attempt(act, phase, NOW, fencing=fencing, **data)


def ended(outcome: Outcome = Outcome.DONE, code: str = "retire") -> Attempt:
    """The last line of a history."""
    return line(ActKind.OUTCOME, Phase.FINAL, outcome=outcome.value, code=code)


def test_an_entry_is_read_back_as_it_was_written(store: Store, run: Run) -> None:
    """With its history, by each way of finding it."""
    written = store.ledger.append(
        store.ledger.open_entry(entry()), [line(), line(phase=Phase.DONE, comment_id="C1")]
    )
    assert store.ledger.get(written.entry.id) == written
    assert store.ledger.find("big/house#1", "retire", 1) == written
    assert store.ledger.of_item("big/house#1") == [written]
    assert list(store.ledger.stream(run_id=run.id)) == [written]
    assert written.state.comment_id == "C1"
    assert store.ledger.migration == "garden"


def test_what_is_not_there_is_not_found(store: Store, run: Run) -> None:
    """Neither by id, nor by item, nor by run."""
    assert store.ledger.get("nothing") is None
    assert store.ledger.find("big/house#1", "retire", 1) is None
    assert store.ledger.of_item("big/house#1") == []
    assert list(store.ledger.stream(run_id=run.id)) == []


def test_entries_are_listed_by_the_number_of_their_item(store: Store, run: Run) -> None:
    """Item 9 before item 10, by the name that the item has now; of one item the oldest first; or
    those of one item, of one run."""
    for number in (10, 9, 100):
        store.ledger.append(store.ledger.open_entry(entry(number)), [line()])
    newer = entry(9, id="newer", decision="undo-retire", created_at=later(1), nonce="f" * 32)
    store.ledger.append(store.ledger.open_entry(newer), [line()])
    names = store.items.present_names()

    def listed(**wanted: Any) -> list[str]:
        found = store.ledger.by_item(names, **wanted)
        return [f"{one.entry.item_key} {one.entry.decision}" for one in found]

    nine = ["big/house#9 retire", "big/house#9 undo-retire"]
    assert listed() == [*nine, "big/house#10 retire", "big/house#100 retire"]
    assert listed(item=ItemRef("big/house", 9)) == nine
    assert listed(item=ItemRef("big/house", 7)) == []
    assert len(listed(run_id=run.id)) == 4
    assert listed(run_id="another") == []


def test_opening_an_entry_twice_gives_the_first_one(store: Store, run: Run) -> None:
    """With the nonce and the lines of the first: a second nonce would make a second notice."""
    first = store.ledger.append(store.ledger.open_entry(entry(nonce="f" * 32)), [line()])
    assert store.ledger.open_entry(entry(nonce="e" * 32, id="another id")) == first
    assert store.histories.nonces() == {"f" * 32}


def test_an_entry_of_no_run_is_refused(store: Store, run: Run) -> None:
    """A missing run is no race."""
    with pytest.raises(IntegrityError):
        store.ledger.open_entry(entry(run_id="no such run"))


def test_a_line_written_by_another_stops_us(store: Store, run: Run) -> None:
    """Whoever read the entry before that line must let go, and none of their lines is kept."""
    opened = store.ledger.open_entry(entry())
    theirs = store.ledger.append(opened, [line()])
    with pytest.raises(Overtaken):
        store.ledger.append(opened, [line(phase=Phase.DONE), ended()])
    assert store.ledger.get(opened.entry.id) == theirs
    assert store.ledger.ended(run.id) == set()


def test_a_worker_that_was_taken_over_writes_no_more(store: Store, run: Run) -> None:
    """Not even after it has read the entry again: its fencing number is too low."""
    opened = store.ledger.append(store.ledger.open_entry(entry()), [line(fencing=2)])
    with pytest.raises(Overtaken):
        store.ledger.append(opened, [line(phase=Phase.DONE, fencing=1)])
    assert store.ledger.append(opened, [line(phase=Phase.DONE, fencing=3)]).fencing == 3


RACE = """
import sys
from datetime import UTC, datetime
from migrator.domain.protocol.ledger import ActKind, Attempt, Entry, Intended
from migrator.store import open_store
from migrator.store.database import open_engine
from migrator.store.ledger import Overtaken
me, address = sys.argv[1:]
store = open_store(open_engine(address), "garden")
store.histories.nonces()
ledger = store.ledger
now = datetime.now(UTC)
print("ready", flush=True)
input()
for item in range(30):
    new = Entry(id=f"e{item}", migration="garden", item_key=f"big/house#{item}", node_id="I", decision="retire", generation=1,
                run_id="run", plan_hash="p", nonce=f"{me}-{item}", text_hash="h", created_at=now)
    opened = ledger.open_entry(new)
    if opened.attempts:
        continue
    try:
        ledger.append(opened, [Attempt(line=Intended(act=ActKind.NOTICE, code=me), at=now)])
        print(item, opened.entry.nonce)
    except Overtaken:
        pass
"""


def test_of_several_processes_one_intends_each_act(store: Store, run: Run, address: str) -> None:
    """Three processes race for thirty items: each item is intended once, under one nonce."""
    outputs = run_together(3, RACE, [address])
    winners = [output.splitlines() for output in outputs]
    assert sorted(int(each.split()[0]) for lines in winners for each in lines) == list(range(30))
    stored = list(store.ledger.stream())
    assert len(stored) == 30
    assert all(len(one.attempts) == 1 for one in stored)
    assert {one.entry.nonce for one in stored} == {
        each.split()[1] for lines in winners for each in lines
    }


def test_what_we_closed_lately_is_known(store: Store, run: Run) -> None:
    """From the moment at which we meant to, as the reply may be lost; what stood closed long
    before is not ours."""
    opened = store.ledger.open_entry(entry())
    asked = {opened.entry.item_key, "big/house#404"}
    assert store.histories.closed_since(asked, NOW) == frozenset()
    store.ledger.append(opened, [line(), line(phase=Phase.DONE), line(ActKind.CLOSE)])
    assert store.histories.closed_since(asked, NOW) == {opened.entry.item_key}
    later, by_plan = NOW + timedelta(seconds=1), {"plan_hash": opened.entry.plan_hash}
    assert store.histories.closed_since(asked, later) == frozenset()
    assert store.histories.closed_since(asked, later, **by_plan) == {opened.entry.item_key}
    assert store.histories.closed_since(frozenset({"big/house#404"}), NOW) == frozenset()


def test_outcomes_are_counted_by_reason(store: Store, run: Run) -> None:
    """And an entry that has none is unfinished."""
    for number, last in enumerate([ended(), ended(), ended(Outcome.SKIPPED, "locked")], 1):
        store.ledger.append(store.ledger.open_entry(entry(number)), [line(), last])
    store.ledger.open_entry(entry(4))
    assert store.progress.outcomes(run.id, by=("outcome", "code")) == {
        "done": {"retire": 2},
        "skipped": {"locked": 1},
    }
    assert store.ledger.ended(run.id) == {"big/house#1", "big/house#2", "big/house#3"}
    assert store.progress.outcomes("another run") == {}


def test_an_entry_waits_until_it_is_due_or_ended(store: Store, run: Run) -> None:
    """A later moment replaces an earlier one; what has ended waits no more."""
    opened = store.ledger.open_entry(entry())
    store.ledger.park(opened.entry.id, NOW)
    store.ledger.park(opened.entry.id, NOW + timedelta(days=14))
    assert store.ledger.parked(run.id) == {"big/house#1": NOW + timedelta(days=14)}
    store.ledger.append(opened, [ended()])
    assert store.ledger.parked(run.id) == {}


def test_the_newest_entry_of_an_item_stands(store: Store, run: Run) -> None:
    """With its outcome, and whether a notice of it was confirmed; under any name of the item."""
    first = store.ledger.open_entry(entry())
    store.ledger.append(first, [line(), line(phase=Phase.DONE), ended()])
    renamed = entry(id="second", item_key="big/home#1", nonce="b" * 32, created_at=later(1))
    store.ledger.open_entry(renamed)
    store.ledger.append(
        store.ledger.open_entry(entry(2)), [line(), line(phase=Phase.DONE), ended()]
    )
    histories = store.histories.all()
    of_first = histories.of("I_1", "whatever/it-is-called#1")
    assert [each.entry_id for each in of_first.entries] == [first.entry.id, "second"]
    assert of_first.standing is not None
    assert (of_first.standing.entry_id, of_first.standing.outcome) == ("second", None)
    assert of_first == histories.of("", "big/house#1") == histories.of("", "big/home#1")
    standing = histories.of("I_2", "").standing
    assert standing is not None
    assert (standing.outcome, standing.noticed, standing.closed) == ("done", True, False)
    assert histories.of("I_3", "big/house#1").entries == ()
    assert [one.entry.id for one in store.ledger.of_item("big/home#1")] == [
        first.entry.id,
        "second",
    ]


def test_entries_stream_in_chunks_without_loss(store: Store, run: Run) -> None:
    """More than one chunk, each entry once."""
    for number in range(250):
        store.ledger.open_entry(entry(number))
    assert len({one.entry.id for one in store.ledger.stream()}) == 250


def test_one_migration_does_not_see_the_entries_of_another(store: Store, run: Run) -> None:
    """Two migrations may share a database, and an item."""
    store.ledger.open_entry(entry())
    other = entry(id="other", migration="kitchen", nonce="9" * 32)
    store.ledger.open_entry(other)
    assert store.histories.nonces() == {entry().nonce}
    found = store.ledger.of_item("big/house#1")
    assert [one.entry for one in found] == [entry(item_id=found[0].entry.item_id)]


lines = st.one_of(
    st.from_type(Intended),
    st.from_type(Done),
    st.from_type(Unknown),
    st.from_type(Absent),
    st.from_type(Declined),
    st.from_type(Ending),
)


@given(lines)
def test_what_a_line_says_survives_its_column(written: LedgerLine) -> None:
    """Each kind of line, with any letters, nested values, and what it does not speak of."""
    column = json_columns.write(line_data(written))
    assert read_line(written.act, PHASES[type(written)], json_columns.read(column, dict)) == written


def test_a_line_of_an_older_version_is_read(store: Store, run: Run) -> None:
    """With names that nobody knows any more, times with an offset, and without what came later."""
    data = {
        "comment_id": "C",
        "confirmed_at": "2022-03-01T00:00:00+00:00",
        "errors": {"label": "kein Recht — 権利"},
        "yield": "person_spoke",
        "n": None,
    }
    found = read_line("notice", "done", data)
    assert found == Done(
        act=ActKind.NOTICE,
        comment_id="C",
        confirmed_at=datetime(2022, 3, 1, tzinfo=UTC),
        errors={"label": "kein Recht — 権利"},
        yielded="person_spoke",
    )
    written = store.ledger.append(store.ledger.open_entry(entry()), [Attempt(line=found, at=NOW)])
    assert store.ledger.get(written.entry.id) == written


def test_a_line_is_shown_as_it_always_was() -> None:
    """Act, phase and time; data and fencing only where there are any."""
    assert attempt_document(line()) == {"act": "notice", "phase": "intended", "at": NOW}
    done = Done(act=ActKind.NOTICE, yielded="person_spoke", errors={})
    spoken = Attempt(line=done, at=NOW, fencing=3)
    assert attempt_document(spoken) == {
        "act": "notice",
        "phase": "done",
        "at": NOW,
        "data": {"yield": "person_spoke", "errors": {}},
        "fencing": 3,
    }


@pytest.fixture
def second(store: Store, header: PlanHeader, run: Run) -> Run:
    """Another plan's run in the same database."""
    other = replace(header, as_of=NOW + timedelta(seconds=1))
    plan = store.plans.finish_draft(
        store.plans.begin_draft(other, NOW), "b" * 64, other, Totals(), NOW
    )
    return store.runs.start(replace(run, id="second", plan_hash=plan.hash))


def noticed(number: int, **changes: object) -> tuple[Entry, list[Attempt]]:
    """An entry whose notice stands, with its lines."""
    return entry(number, **changes), [line(), line(phase=Phase.DONE, comment_id=f"C{number}")]


def keys(found: Iterable[Recorded]) -> list[str]:
    """Items of entries, in their order."""
    return [one.entry.item_key for one in found]


def test_each_way_of_finding_an_entry_heeds_every_part_of_its_key(store: Store, run: Run) -> None:
    """Item, decision, generation and migration."""
    store.ledger.open_entry(entry(), [line()])
    for item, decision, generation in (
        ("big/house#2", "retire", 1),
        ("big/house#1", "port", 1),
        ("big/house#1", "retire", 2),
    ):
        assert store.ledger.find(item, decision, generation) is None
    kitchen = open_store(store.engine, "kitchen")
    assert kitchen.ledger.find("big/house#1", "retire", 1) is None
    assert kitchen.ledger.of_item("big/house#1") == list(kitchen.ledger.stream()) == []


def test_entries_of_an_item_come_in_the_order_of_their_opening(store: Store, run: Run) -> None:
    """Then by id; other items are left out."""
    later = NOW + timedelta(seconds=1)
    for number, (name, at) in enumerate((("b", later), ("c", NOW), ("a", later)), 1):
        store.ledger.open_entry(
            entry(1, id=name, generation=number, created_at=at, nonce=name * 32)
        )
    store.ledger.open_entry(entry(2))
    assert [one.entry.id for one in store.ledger.of_item("big/house#1")] == ["c", "a", "b"]


def test_a_stream_is_of_one_run_and_in_the_order_of_ids(
    store: Store, run: Run, second: Run
) -> None:
    """Or of all."""
    for number, name in enumerate(("c", "a", "b"), 1):
        store.ledger.open_entry(
            entry(number, id=name, run_id="second" if name == "a" else "run"), [line()]
        )
    assert [one.entry.id for one in store.ledger.stream()] == ["a", "b", "c"]
    assert [one.entry.id for one in store.ledger.stream(run_id=run.id)] == ["b", "c"]
    assert [one.attempts for one in store.ledger.stream(run_id="second")] == [(line(),)]


def test_the_latest_notices_of_a_run_are_found(store: Store, run: Run, second: Run) -> None:
    """Newest first and no more than asked for: not another run's, not one that is only intended,
    no other act's."""
    for number in range(1, 5):
        store.ledger.open_entry(*noticed(number, created_at=NOW + timedelta(seconds=number % 3)))
    store.ledger.open_entry(*noticed(5, run_id="second", created_at=NOW + timedelta(days=1)))
    store.ledger.open_entry(entry(6), [line()])
    store.ledger.open_entry(entry(7), [line(ActKind.CLOSE, Phase.DONE)])
    latest = store.ledger.latest_noticed(run.id, 3)
    assert keys(latest) == ["big/house#2", "big/house#1", "big/house#4"]
    assert latest[0].state.comment_id == "C2"
    assert keys(store.ledger.latest_noticed(run.id, 9)) == [*keys(latest), "big/house#3"]


def test_reopenings_are_remembered_from_their_intent(store: Store, run: Run) -> None:
    """Every one, whatever came of it; of this migration."""
    at = [NOW + timedelta(days=number) for number in range(3)]
    intents = [attempt(ActKind.REOPEN, Phase.INTENDED, when) for when in at[:2]]
    store.ledger.open_entry(entry(1), [intents[0], line(ActKind.REOPEN, Phase.DONE), intents[1]])
    store.ledger.open_entry(
        entry(2), [line(ActKind.REOPEN, Phase.DONE), line(ActKind.CLOSE), line()]
    )
    theirs = attempt(ActKind.REOPEN, Phase.INTENDED, at[2])
    store.ledger.open_entry(entry(3, migration="kitchen"), [theirs])
    assert store.histories.reopens() == {"big/house#1": (at[0], at[1])}


def test_what_others_closed_or_we_only_reopened_is_not_ours_lately(store: Store, run: Run) -> None:
    """Neither another migration's close, nor another act of ours, nor a close that is only
    looked back at."""
    store.ledger.open_entry(entry(1, migration="kitchen"), [line(ActKind.CLOSE)])
    store.ledger.open_entry(entry(2), [line(ActKind.REOPEN)])
    store.ledger.open_entry(entry(3), [line(ActKind.CLOSE, Phase.DONE)])
    store.ledger.open_entry(entry(4), [line(ActKind.CLOSE)])
    asked = {f"big/house#{number}" for number in range(1, 4)}
    assert store.histories.closed_since(asked, NOW) == frozenset()
    assert store.histories.closed_since(set(), NOW) == frozenset()


def test_what_came_of_questions_is_counted_by_where_they_stand(
    store: Store, run: Run, second: Run
) -> None:
    """Those that were posted, of one run; what was undone counts as that."""
    posted = line(phase=Phase.DONE, comment_id="C")

    def ask(number: int, *lines: Attempt, **changes: object) -> None:
        store.ledger.open_entry(entry(number, decision="ask", **changes), lines)

    ask(1, posted)
    ask(2, posted, ended(Outcome.DONE, "resolved"))
    ask(3, posted, ended(Outcome.YIELDED, "person_spoke"))
    ask(4, posted, ended(Outcome.YIELDED, "person_spoke"))
    ask(5, ended(Outcome.SKIPPED, "closed"))
    ask(6, posted, ended(Outcome.DONE, "ask"))
    ask(7, posted, run_id="second")
    store.ledger.open_entry(entry(8), [posted, ended()])
    undo = entry(6, id="undo", decision="undo-ask", nonce="f" * 32, run_id="second")
    store.ledger.open_entry(undo, [ended(Outcome.DONE, "undo")])
    assert OutcomeTotals(store.engine, "garden").asked(run.id) == {
        ("waiting", ""): 1,
        ("done", "resolved"): 1,
        ("yielded", "person_spoke"): 2,
        ("reverted", "ask"): 1,
    }


def test_outcomes_of_items_are_those_of_their_run(store: Store, run: Run, second: Run) -> None:
    """And what is unfinished has none."""
    store.ledger.open_entry(entry(1), [ended()])
    store.ledger.open_entry(entry(2), [ended(Outcome.SKIPPED)])
    store.ledger.open_entry(entry(3), [line()])
    store.ledger.open_entry(entry(4, run_id="second"), [ended(Outcome.FAILED, "close_refused")])
    assert store.ledger.outcome_of_items(run.id) == {
        "big/house#1": "done",
        "big/house#2": "skipped",
    }
    assert store.ledger.outcome_of_items("second") == {"big/house#4": "failed"}
    assert store.ledger.ended("second") == {"big/house#4"}
    assert store.progress.outcomes("second", by=("outcome", "code")) == {
        "failed": {"close_refused": 1}
    }


def test_an_outcome_is_kept_with_its_reason_or_without_one(store: Store, run: Run) -> None:
    """A later outcome of the same entry replaces the first."""
    opened = store.ledger.open_entry(
        entry(1), [line(ActKind.OUTCOME, Phase.FINAL, outcome="yielded")]
    )
    assert store.progress.outcomes(run.id, by=("outcome", "code")) == {"yielded": {"": 1}}
    store.ledger.append(opened, [ended(code="landed")])
    assert store.progress.outcomes(run.id, by=("outcome", "code")) == {"done": {"landed": 1}}


def test_what_waits_in_another_run_does_not_wait_in_this_one(
    store: Store, run: Run, second: Run
) -> None:
    """Each run is woken for its own."""
    for number, name in ((1, "run"), (2, "second")):
        opened = store.ledger.open_entry(entry(number, run_id=name))
        store.ledger.park(opened.entry.id, NOW + timedelta(days=number))
    store.ledger.open_entry(entry(3))
    assert store.ledger.parked(run.id) == {"big/house#1": NOW + timedelta(days=1)}
    assert store.ledger.parked("second") == {"big/house#2": NOW + timedelta(days=2)}


def test_the_highest_fencing_number_of_an_entry_stands_against_lower_ones_but_not_against_none(
    store: Store, run: Run
) -> None:
    """A writer without a lease (a command on one machine) is let through, and so is an equal
    number."""
    opened = store.ledger.open_entry(entry(1))
    assert opened.fencing == 0
    first = store.ledger.append(opened, [line(fencing=1)])
    assert first.fencing == 1
    higher = store.ledger.append(first, [line(fencing=3), line(fencing=2)])
    assert higher.fencing == 3
    with pytest.raises(Overtaken, match="another worker has taken over big/house#1"):
        store.ledger.append(higher, [line(fencing=2)])
    both = store.ledger.append(higher, [line(), line(fencing=3)])
    assert both.fencing == 3
    assert store.ledger.get(both.entry.id) == both
    with pytest.raises(Overtaken, match="another process is at work on big/house#1"):
        store.ledger.append(opened, [line(fencing=9)])


def test_entries_opened_together_are_as_if_opened_one_by_one(store: Store, run: Run) -> None:
    """One that stands is read with its lines, new items get an identity each, and an item that was
    seen under another name keeps its own."""
    standing = store.ledger.append(store.ledger.open_entry(entry(1, nonce="f" * 32)), [line()])
    moved = entry(4, node_id="I_1", decision="redirect", id="moved")
    asked = [entry(1, nonce="e" * 32), entry(2), entry(3), moved]
    opened = store.ledger.open_entries(asked)
    assert opened[0] == standing
    assert [store.ledger.get(each.entry.id) for each in opened] == opened
    ids = [each.entry.item_id for each in opened]
    assert ids[3] == ids[0]
    assert None not in ids
    assert len(set(ids)) == 3
    assert store.ledger.open_entry(entry(2, id="again")) == opened[1]
    assert [each.entry.id for each in store.ledger.of_item("big/house#4", "I_1")] == [
        standing.entry.id,
        "moved",
    ]


def test_two_entries_for_one_new_item_opened_together_share_it(store: Store, run: Run) -> None:
    """Also where nobody has seen the item before."""
    first, second = store.ledger.open_entries([entry(1), entry(1, decision="redirect", id="other")])
    assert first.entry.item_id == second.entry.item_id is not None


def test_lines_appended_together_are_all_written_or_none(store: Store, run: Run) -> None:
    """Where another process wrote to one of the entries, nothing of the others is written either:
    who asked learns it for each by itself."""
    one, two = store.ledger.open_entries([entry(1), entry(2)])
    assert store.ledger.append_together([(one, [line()]), (two, [line(), ended()])])
    assert store.ledger.outcome_of_items("run") == {"big/house#2": "done"}
    one, two = (store.ledger.get(each.entry.id) or each for each in (one, two))
    store.ledger.append(two, [line(ActKind.EDIT)])
    assert not store.ledger.append_together([(one, [ended()]), (two, [ended()])])
    assert store.ledger.get(one.entry.id) == one
    fenced = store.ledger.append(one, [line(ActKind.CLOSE, fencing=5)])
    assert not store.ledger.append_together([(fenced, [line(ActKind.EDIT, fencing=4)])])
