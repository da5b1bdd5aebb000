"""GitHub held against the ledger, after people did what people do: each difference is found, and
nothing is put back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from migrator.domain.decisions import Decision
from migrator.domain.planning.plan import PlanItem
from migrator.domain.protocol.ledger import ActKind, Attempt, Unknown
from migrator.domain.protocol.verification import Discrepancy
from migrator.execution.verify import verify
from migrator.services.approve import approve
from migrator.services.undo import make_undo_plan
from tests.cli.conftest import Desk
from tests.execution.conftest import Stage, staged

OWNER = "repository-owner"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A smaller stage than the usual one."""
    with staged(tmp_path_factory.mktemp("verified"), items=400) as built:
        yield built


def found(stage: Stage, item: PlanItem) -> list[tuple[str, bool]]:
    """Code of each finding on the item, and whether it is a fault."""
    return [(finding.code, finding.fault) for finding in findings(stage, item)]


def findings(stage: Stage, item: PlanItem) -> list[Discrepancy]:
    """What a verification of the item's newest run finds on it."""
    verified = asyncio.run(
        verify(stage.context, run_id=stage.entry(item).entry.run_id, progress=lambda _: None)
    )
    return [finding for finding in verified.findings if finding.item_key == item.key]


def retired(stage: Stage) -> PlanItem:
    """An item that was noticed, labelled and closed."""
    plan, item = stage.one(Decision.RETIRE)
    stage.apply(plan)
    return item


def our_comment(stage: Stage, item: PlanItem) -> dict[str, Any]:
    """The comment that carries our notice."""
    return next(one for one in stage.record(item)["comments"] if "migrator:1" in one["body"])


def test_what_was_done_and_left_alone_is_well(stage: Stage) -> None:
    """No finding, of whatever decision."""
    plan = stage.plan(Decision.RETIRE, Decision.REDIRECT, Decision.CLEAR)
    stage.apply(plan)
    item = next(stage.context.store.plans.items(plan.hash))
    verified = asyncio.run(
        verify(stage.context, run_id=stage.entry(item).entry.run_id, progress=lambda _: None)
    )
    assert verified.entries == 3
    assert verified.findings == ()


def test_a_notice_that_a_person_deleted_is_missing(stage: Stage) -> None:
    """On an open item: somebody has to look, as people no longer know where to go."""
    plan, item = stage.one(Decision.REDIRECT)
    stage.apply(plan)
    stage.act(item, "delete_comment", comment=our_comment(stage, item)["id"])
    assert found(stage, item) == [("missing_notice", True)]


def test_an_item_that_stays_closed_without_its_notice_is_a_fault(stage: Stage) -> None:
    """A person deleted the notice, and the close stands without a word."""
    item = retired(stage)
    stage.act(item, "delete_comment", comment=our_comment(stage, item)["id"])
    assert found(stage, item) == [("missing_notice", True), ("closed_without_notice", True)]


def test_two_notices_of_one_entry_are_a_fault(stage: Stage) -> None:
    """Our own account's second comment with the same nonce; the same text by anybody else counts
    for nothing."""
    item = retired(stage)
    text = our_comment(stage, item)["body"]
    stage.act(item, "comment", body=text)
    assert found(stage, item) == []
    stage.act(item, "comment", by=stage.arena.sandbox.account, body=text)
    assert found(stage, item) == [("double_notice", True)]


def test_a_person_who_opens_it_again_is_named(stage: Stage) -> None:
    """It is told, is no fault, and the item stays open."""
    item = retired(stage)
    stage.act(item, "reopen")
    assert found(stage, item) == [("reopened", False)]
    assert OWNER in findings(stage, item)[0].message
    assert stage.is_open(item)


def test_a_label_that_a_person_took_off_is_never_put_back(stage: Stage) -> None:
    """Told by name; neither verify nor another apply of the plan restores it."""
    plan, item = stage.one(Decision.RETIRE)
    stage.apply(plan)
    stage.act(item, "unlabel", label=item.label)
    assert found(stage, item) == [("label_removed", False)]
    assert OWNER in findings(stage, item)[0].message
    stage.apply(plan)
    assert item.label not in stage.record(item).get("labels", ())


def test_a_notice_that_a_person_edited_is_told_and_left_so(stage: Stage) -> None:
    """Who may write may edit it."""
    item = retired(stage)
    text = our_comment(stage, item)["body"]
    stage.act(
        item,
        "edit_comment",
        comment=our_comment(stage, item)["id"],
        body=f"See also the wiki.\n\n{text}",
    )
    assert found(stage, item) == [("notice_edited", False)]
    assert our_comment(stage, item)["body"].startswith("See also the wiki.")


def test_a_notice_without_its_marker_is_still_known(stage: Stage) -> None:
    """A person replaced the whole text: the comment's id says that it is ours, so it is neither
    missing nor posted again."""
    item = retired(stage)
    stage.act(item, "edit_comment", comment=our_comment(stage, item)["id"], body="Moved.")
    assert found(stage, item) == [("notice_edited", False)]


def test_an_item_that_is_gone_is_told(stage: Stage) -> None:
    """People may delete."""
    item = retired(stage)
    stage.act(item, "delete")
    assert found(stage, item) == [("gone", False)]


def test_a_notice_that_the_ledger_does_not_know_is_a_fault(stage: Stage) -> None:
    """An act of ours that was never confirmed: here a line of the ledger that says the notice is
    not there."""
    plan, item = stage.one(Decision.REDIRECT)
    stage.apply(plan)
    lost = Attempt(line=Unknown(act=ActKind.NOTICE), at=stage.context.clock())
    stage.context.store.ledger.append(stage.entry(item), [lost])
    assert found(stage, item) == [("unknown_notice", True)]


@pytest.mark.trouble("items `yielded`")
def test_an_entry_that_yielded_is_well(stage: Stage) -> None:
    """A person spoke between notice and close: reopened, and the label taken off, by us."""
    plan, item = stage.one(Decision.RETIRE)
    stage.proxy.before["LabelAndClose"] = lambda: stage.act(
        item, "comment", body="I am still here."
    )
    stage.apply(plan)
    assert stage.entry(item).state.outcome == "yielded"
    assert found(stage, item) == []


def test_an_entry_that_waits_for_its_grace_is_well(stage: Stage) -> None:
    """Its notice stands and its item is open; a close by a person in between is no finding."""
    plan, item = stage.one(Decision.RETIRE, grace_days=14)
    assert stage.apply(plan).parked == 1
    assert found(stage, item) == []
    stage.act(item, "close")
    assert found(stage, item) == []


def test_an_undone_entry_is_well_and_its_undo_is_verified(stage: Stage) -> None:
    """Both entries are compared; a later close by a person is theirs."""
    plan, item = stage.one(Decision.RETIRE)
    stage.apply(plan)
    stage.apply(undo_of(stage, item))
    assert stage.entry(item).entry.decision == "undo-retire"
    whole = asyncio.run(verify(stage.context, run_id=None, progress=lambda _: None))
    assert [finding for finding in whole.findings if finding.item_key == item.key] == []
    stage.act(item, "close")
    assert found(stage, item) == []


def undo_of(stage: Stage, item: PlanItem) -> Any:
    """An approved plan that takes the item's acts back."""
    plan = make_undo_plan(
        stage.context, as_of=stage.context.clock(), item_key=item.key, progress=lambda *_: None
    )
    return asyncio.run(approve(stage.context, plan.hash, by="test", how="test"))


def test_the_command_ends_with_six_and_lists_every_finding(stage: Stage) -> None:
    """As one JSON object, the faults told from what people may do; without a fault it ends with
    0."""
    desk = Desk(stage.arena.folder, stage.arena.sandbox)
    kept, broken = retired(stage), retired(stage)
    runs = [stage.entry(item).entry.run_id for item in (kept, broken)]
    stage.act(kept, "reopen")
    stage.act(broken, "delete_comment", comment=our_comment(stage, broken)["id"])
    well = desk.run("verify", "--run", runs[0], "--json").json
    assert (well["entries"], well["verified"]) == (1, True)
    assert [(one["item_key"], one["code"], one["fault"]) for one in well["findings"]] == [
        (kept.key, "reopened", False)
    ]
    ill = desk.run("verify", "--run", runs[1], "--json", code=6)
    assert ill.json["verified"] is False
    assert {one["code"] for one in ill.json["findings"] if one["fault"]} == {
        "missing_notice",
        "closed_without_notice",
    }
    assert all(one["url"].startswith("https://") for one in ill.json["findings"])
    assert ill.error["exit_code"] == 6
    assert broken.key in desk.run("verify", "--run", runs[1], code=6).out


def test_only_the_chosen_run_is_compared(stage: Stage) -> None:
    """What is wrong with another run is not told here."""
    broken, kept = retired(stage), retired(stage)
    stage.act(broken, "delete_comment", comment=our_comment(stage, broken)["id"])
    verified = asyncio.run(
        verify(stage.context, run_id=stage.entry(kept).entry.run_id, progress=lambda _: None)
    )
    assert (verified.entries, verified.findings) == (1, ())
