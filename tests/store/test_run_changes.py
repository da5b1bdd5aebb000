"""What is kept of the sums over a run is what a full count says, after each kind of commit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from migrator.domain.items import State
from migrator.domain.planning.plan import PlanHeader
from migrator.domain.protocol.ledger import ActKind, Attempt, Outcome, Phase
from migrator.store import Store
from migrator.store.ledger import Recorded
from migrator.store.models import RunRow
from migrator.store.outcomes import OutcomeTotals
from migrator.store.read_cache import ReadCache
from migrator.store.runs import Run, RunState
from migrator.store.set_aside import APPLY, SetAsideItem
from tests.store.conftest import NOW
from tests.store.test_ledger import ended, entry, line
from tests.store.test_plans import item, stored
from tests.store.test_snapshots import numbered

ITEMS = tuple(item(number, closes=True) for number in (1, 2, 3))
DONE = Phase.DONE


class Watched:
    """A run, and the sums over it: as kept, and as counted now."""

    def __init__(self, store: Store, header: PlanHeader) -> None:
        self.store = store
        self.plan = stored(store, header, ITEMS, (1, 1, 1))
        self.start("run")
        self.start("undo run", "undo")

    def start(self, run_id: str, kind: str = "migrate") -> None:
        """Begin a run of the plan."""
        state = RunState.FINISHED
        self.store.runs.start(
            Run(id=run_id, plan_hash=self.plan.hash, kind=kind, state=state, started_at=NOW)
        )

    def open(self, number: int = 1, **fields: object) -> Recorded:
        """An entry on an item of the plan."""
        whole = {"plan_hash": self.plan.hash, "decision": "redirect", **fields}
        return self.store.ledger.open_entry(entry(number, **whole))

    def append(self, to: Recorded, *lines: Attempt) -> Recorded:
        """The same with more lines."""
        return self.store.ledger.append(to, lines)

    def undo(self, of: Recorded) -> Recorded:
        """The entry that undoes another."""
        name = f"undo-{of.entry.decision}"
        undo = replace(of.entry, id=f"{name} {of.entry.id}", decision=name, run_id="undo run")
        return self.store.ledger.open_entry(undo)

    def counted(self) -> object:
        """Everything counted anew."""
        totals, waiting = OutcomeTotals(self.store.engine, "garden"), self.store.progress.waiting
        return (
            totals.standing("run"),
            totals.noticed("run"),
            totals.closed("run", self.plan.hash),
            totals.by_wave(self.plan.hash, (1,)),
            waiting("run"),
        )

    def kept(self) -> object:
        """The same, as kept until the run changes."""
        state = self.store.runs.changes("run")
        return self.store.answers.get("sums", self.counted, state=state)


@pytest.fixture
def watched(store: Store, header: PlanHeader) -> Watched:
    """A run with nothing done."""
    return Watched(store, header)


def closed_and_done(watched: Watched, number: int = 1) -> Recorded:
    """An item that got its notice and was closed."""
    acts = (line(phase=DONE, comment_id="C1"), line(ActKind.CLOSE, DONE), ended())
    return watched.append(watched.open(number), *acts)


def steps(watched: Watched) -> list[Callable[[], object]]:
    """Every kind of commit that alters a sum, in an order in which each of them does."""
    store, found = watched.store, dict[str, Recorded]()

    def keep(name: str, recorded: Recorded) -> None:
        found[name] = recorded

    def together() -> None:
        assert store.ledger.append_together([(found["second"], [ended()])])

    def reopen() -> None:
        keep("undo", watched.append(watched.undo(found["first"]), line(ActKind.REOPEN, DONE)))

    later = NOW + timedelta(days=1)
    return [
        lambda: keep("first", watched.open()),
        lambda: keep("first", watched.append(found["first"], line(phase=DONE, comment_id="C1"))),
        lambda: store.ledger.park(found["first"].entry.id, later),
        lambda: keep("first", watched.append(found["first"], line(ActKind.CLOSE, DONE))),
        lambda: watched.append(found["first"], ended()),
        lambda: store.snapshots.save([numbered(1, state=State.OPEN)], read_at=later),
        lambda: store.snapshots.save([numbered(1, state=State.CLOSED)], read_at=later),
        lambda: keep(
            "second",
            store.ledger.open_entries([entry(2, plan_hash=watched.plan.hash, decision="redirect")])[
                0
            ],
        ),
        together,
        reopen,
        lambda: watched.append(found["undo"], ended()),
        lambda: store.ledger.adopt(found["second"].entry, "undo run", watched.plan.hash),
        lambda: store.ledger.adopt(
            replace(found["second"].entry, run_id="undo run"), "run", watched.plan.hash
        ),
        lambda: closed_and_done(watched, 3),
        lambda: watched.append(
            watched.open(3, decision="clear", id="another"), ended(Outcome.FAILED, "declined")
        ),
    ]


def test_the_kept_sums_are_the_counted_ones_after_each_commit(watched: Watched) -> None:
    """No way of writing to the ledger, or of reading an item again, is forgotten."""
    assert watched.kept() == watched.counted()
    for number, step in enumerate(steps(watched)):
        before = watched.counted()
        step()
        assert watched.counted() != before, f"step {number} alters nothing: it tests nothing"
        assert watched.kept() == watched.counted(), f"after step {number}"


def test_a_renamed_repository_counts_as_a_change(watched: Watched) -> None:
    """Its items are read under another name then."""
    closed_and_done(watched)
    watched.store.snapshots.save([numbered(1, state=State.OPEN)], read_at=NOW + timedelta(days=1))
    assert watched.kept() == watched.counted()
    watched.store.items.rename_repository("big/house", "big/home", NOW)
    assert watched.kept() == watched.counted()


def test_an_item_that_is_set_aside_half_way_counts_as_a_change(watched: Watched) -> None:
    """It waits, and is counted apart from those that wait for their grace."""
    first = watched.append(watched.open(), line(phase=DONE, comment_id="C1"))
    watched.store.ledger.park(first.entry.id, NOW + timedelta(days=1))
    before = watched.kept()
    watched.store.set_aside.put(
        [
            SetAsideItem(
                repository="big/house",
                number=1,
                kind="issue",
                node_id="I_1",
                stage=APPLY,
                cause="not_read",
                words="null",
                first_at=NOW,
                last_at=NOW,
            )
        ]
    )
    assert watched.counted() != before
    assert watched.kept() == watched.counted()


def test_what_does_not_concern_a_run_leaves_its_sums_kept(watched: Watched) -> None:
    """Another run's items, readings of items that were not acted on, claims."""
    closed_and_done(watched)
    before = watched.store.runs.changes("run")
    watched.start("other")
    watched.open(2, run_id="other")
    watched.store.snapshots.save([numbered(9)], read_at=NOW)
    watched.store.queue.claim("big/house#2", "ada", NOW, timedelta(minutes=5))
    assert watched.store.runs.changes("run") == before


def test_a_program_that_counts_no_changes_is_noticed_later(watched: Watched) -> None:
    """The version before may work on the database during an upgrade."""
    assert watched.kept() == watched.counted()
    short = ReadCache(watched.store.engine, holds=0)
    assert short.get("sums", watched.counted, state="0") == watched.counted()
    closed_and_done(watched)
    with watched.store.engine.begin() as connection:
        connection.execute(update(RunRow).values(changes=0))
    assert watched.kept() != watched.counted()
    assert short.get("sums", watched.counted, state="0") == watched.counted()
