"""Rows that an older version wrote otherwise, or that were damaged: each item is set aside by its
name, and the others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update

from migrator.domain.decisions import Decision
from migrator.domain.protocol.ledger import Outcome
from migrator.errors import DatabaseError, ItemsSetAside
from migrator.execution.kept_labels import KeptLabels
from migrator.execution.migration_state import known_repository
from migrator.execution.own_account import bot_identity
from migrator.execution.repository_survey import survey_all
from migrator.services import runs
from migrator.services.classify import Classified, classify
from migrator.services.export import world_records
from migrator.services.mail_forecast import mail_forecast
from migrator.services.plan import make_plan
from migrator.services.undo import NotUndone, make_undo_plan, report_not_undone
from migrator.services.unreadable import report_unreadable
from migrator.store.models import AttemptRow, PlanItemRow, RepositoryRow, SnapshotRow, VerdictRow
from migrator.store.plans import StoredPlan
from tests.execution.conftest import Stage, staged

BAD = (b'{"old": 1}', b"[]", b"{", b'"\xff"', b"[" * 2000)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage with few items."""
    with staged(tmp_path_factory.mktemp("unreadable"), items=250) as stage:
        yield stage


def spoil(stage: Stage, row: type[Any], column: str, document: bytes, **where: object) -> None:
    """Put something else into a column of one row."""
    wanted = [getattr(row, name) == value for name, value in where.items()]
    with stage.context.store.engine.begin() as connection:
        changed = connection.execute(update(row).where(*wanted).values({column: document}))
    assert changed.rowcount == 1


def judged(stage: Stage, processes: int) -> Classified:
    """Classify all that was scanned."""
    now, own = stage.context.clock(), bot_identity(stage.context)
    return classify(
        stage.context, as_of=now, own=own, progress=lambda *_: None, processes=processes
    )


def planned(stage: Stage) -> StoredPlan:
    """Plan all that was judged."""
    return make_plan(
        stage.context,
        as_of=stage.context.clock(),
        own=bot_identity(stage.context),
        commands_served=False,
        progress=lambda *_: None,
    )


@pytest.mark.parametrize("processes", [0, 2])
def test_snapshots_that_cannot_be_read_stop_nobody(small: Stage, processes: int) -> None:
    """Whatever stands there, and wherever they are judged: exit code 8 names them."""
    store = small.context.store
    whole = judged(small, processes).items
    places = store.snapshots.places(state="open")[: len(BAD)]
    documents = {}
    for ref, document in zip(places, BAD, strict=True):
        where = {"repository": ref.repository, "number": ref.number}
        item = store.snapshots.get(*ref)
        documents[ref] = item
        spoil(small, SnapshotRow, "document", document, **where)
    assert judged(small, processes).items == whole - len(BAD)
    with pytest.raises(ItemsSetAside) as told:
        report_unreadable(small.context)
    assert all(str(ref) in str(told.value) for ref in places)
    store.snapshots.save(
        [item for item in documents.values() if item], read_at=small.context.clock()
    )
    assert judged(small, processes).items == whole  # a scan reads them again, which saves them
    report_unreadable(small.context)


def test_a_verdict_that_cannot_be_read_is_left_out_of_the_plan(small: Stage) -> None:
    """And counted in its header, which whoever approves it sees."""
    store = small.context.store
    judged(small, 0)
    ref = store.snapshots.places(state="open")[0]
    whole = planned(small).totals.items
    where = {"repository": ref.repository, "number": ref.number}
    spoil(small, VerdictRow, "activity_document", b"[]", **where)
    plan = planned(small)
    assert (plan.totals.items, plan.header.set_aside) == (whole - 1, 1)
    with pytest.raises(ItemsSetAside):
        report_unreadable(small.context)
    store.set_aside.take_back([ref])


@pytest.mark.parametrize("document", BAD)
def test_a_repository_that_cannot_be_read_is_read_again_by_the_next_scan(
    small: Stage, document: bytes
) -> None:
    """Until then nothing is planned: the notices would say otherwise than the target is."""
    context = small.context
    file, snapshots = context.migration.file, context.store.snapshots
    names = (file.migration.source, *file.targets)
    judged(small, 0)
    whole = planned(small)
    for name in names:
        spoil(small, RepositoryRow, "facts", document, name=name)
        assert known_repository(snapshots, name) is None
        KeptLabels(snapshots).find(name, "bug")
    with pytest.raises(DatabaseError, match=f"{names[1]} cannot be read") as told:
        planned(small)
    assert "migrator scan" in told.value.cure
    assert list(world_records(context))
    asyncio.run(survey_all(context))
    again = planned(small)
    assert again.totals == whole.totals
    assert mail_forecast(context, again.hash) == mail_forecast(context, whole.hash)


def test_an_item_of_a_plan_that_cannot_be_read_is_skipped_by_name(small: Stage) -> None:
    """The run finishes with the others, and nothing is written on it."""
    plan = small.plan(Decision.REDIRECT, Decision.REDIRECT)
    bad, good = small.context.store.plans.items(plan.hash)
    where = {"plan_hash": plan.hash, "repository": bad.repository, "number": bad.number}
    spoil(small, PlanItemRow, "document", b"{}", **where)
    final = small.apply(plan)
    assert (len(small.notices(bad)), len(small.notices(good))) == (0, 1)
    (left,) = runs.left_unread(small.context, final.run.id)
    assert (left.item_key, left.begun) == (bad.key, False)


def test_a_line_of_the_ledger_that_cannot_be_read_leaves_its_entry_in_doubt(small: Stage) -> None:
    """Nothing more is done to the item, and every other entry is read."""
    plan, item = small.one(Decision.REDIRECT)
    small.apply(plan)
    entry = small.entry(item).entry
    spoil(small, AttemptRow, "data", b'{"reason": [1]}', entry_id=entry.id, seq=0)
    state = small.entry(item).state
    assert state.outcome is Outcome.DONE  # its last line can be read
    spoil(small, AttemptRow, "data", b"{", entry_id=entry.id, seq=2)
    state = small.entry(item).state
    assert (state.outcome, state.code) == (Outcome.IN_DOUBT, "unreadable_line")
    assert len(list(small.context.store.ledger.stream())) > 1


def test_an_undo_names_the_items_of_which_it_cannot_read_what_was_done(small: Stage) -> None:
    """The others are taken back."""
    plan = small.plan(Decision.REDIRECT, Decision.REDIRECT)
    bad, good = small.context.store.plans.items(plan.hash)
    run_id = small.apply(plan).run.id
    spoil(small, AttemptRow, "data", b"[]", entry_id=small.entry(bad).entry.id, seq=1)
    left: list[NotUndone] = []
    undo = make_undo_plan(
        small.context,
        as_of=small.context.clock(),
        run_id=run_id,
        progress=lambda *_: None,
        left_out=left.append,
    )
    assert [item.key for item in small.context.store.plans.items(undo.hash)] == [good.key]
    with pytest.raises(ItemsSetAside, match="notice done") as told:
        report_not_undone(left)
    assert bad.key in str(told.value)
