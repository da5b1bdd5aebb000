"""The probe tells whether GitHub does what we believe: on a sandbox that does, and on one that
does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from migrator.domain.assumptions import ASSUMPTIONS, PROBED, TRANSFERS_PROBED
from migrator.errors import NotFound, PlanRefused, UsageError
from migrator.execution.context import Context
from migrator.rehearsal.sandbox import ACCOUNT, running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services.probe import GOOD_FOR, Seen, newest_probe, probe, require_probe, waive_probe
from migrator.store import revisions
from migrator.store.audit import AuditEvent
from tests.support.runner import Runner

SCRATCH = f"{ACCOUNT}/scratch"
SECOND = f"{ACCOUNT}/scratch-2"


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A sandbox with a scratch repository of ours beside the migration's."""
    folder = tmp_path_factory.mktemp("probe")
    write_world(generate(items=20, seed=2), folder / "world.jsonl")
    with running_sandbox("--world", str(folder / "world.jsonl")) as sandbox:
        for name in (SCRATCH, SECOND):
            address = f"{sandbox.url}/_sandbox/repository"
            httpx.post(address, json={"name": name}).raise_for_status()
        yield Runner(folder=folder, url=sandbox.url, sandbox=sandbox)


@pytest.fixture
def context(arena: Runner, tmp_path: Path) -> Context:
    """A migration with a database of its own."""
    made = replace(arena, folder=tmp_path).context()
    revisions.upgrade(made.store.engine)
    return made


async def test_the_sandbox_does_what_we_believe_of_github(context: Context) -> None:
    """Every belief that can be probed is, and the sandbox, which we made after them, agrees with
    each."""
    probed = await probe(context, SCRATCH, by="test")
    assert probed.broken == ()
    assert {one.code for one in probed.seen} == PROBED


async def test_transfers_are_probed_between_two_scratch_repositories(
    context: Context, arena: Runner
) -> None:
    """Each belief is tested and each question answered; what is left behind is closed."""
    probed = await probe(context, SCRATCH, by="test", transfer_to=SECOND)
    assert probed.broken == ()
    seen = {one.code: one for one in probed.seen}
    assert set(seen) == PROBED | TRANSFERS_PROBED
    assert "refuses" in seen["transfer_closed"].what
    assert seen["transfer_old_node"].what == "it is not found"
    states = {
        f"{record['repository']}#{record['number']}": record.get("state", "open")
        for record in arena.sandbox.world()
        if record.get("record") == "item"
    }
    assert {states[name] for name in probed.transferred} == {"closed"}
    assert sum(name.startswith(f"{SECOND}#") for name in probed.transferred) == 1


async def test_an_unkind_transfer_is_waited_for_and_its_answers_differ(
    context: Context, arena: Runner
) -> None:
    """Late comments, new ids, a lost relation, a closed issue that moves."""
    knobs = {
        "old_answers_seconds": 0.6,
        "comments_late_seconds": 0.9,
        "comment_ids": "new",
        "relations_lost": 1.0,
        "old_node": "follows",
        "closed": "moved",
    }
    address = f"{arena.sandbox.url}/_sandbox/transfers"
    httpx.post(address, json=knobs).raise_for_status()
    try:
        probed = await probe(context, SCRATCH, by="test", transfer_to=SECOND)
    finally:
        httpx.post(address, json={"use": "kind"}).raise_for_status()
    assert probed.broken == ()
    seen = {one.code: one.what for one in probed.seen}
    assert seen["transfer_comment_ids"] == "they are new"
    assert seen["transfer_relations"] == "it is gone"
    assert seen["transfer_old_node"].startswith(f"it leads to {SECOND}#")
    assert seen["transfer_closed"].startswith("it was moved")


async def test_two_owners_are_no_place_for_a_transfer(context: Context) -> None:
    """Nor is a repository of the migration."""
    with pytest.raises(UsageError, match="different owners"):
        await probe(context, SCRATCH, by="test", transfer_to="elsewhere/scratch")
    with pytest.raises(UsageError, match="part of the migration"):
        await probe(context, SCRATCH, by="test", transfer_to="keras-team/keras")


async def test_what_a_probe_leaves_behind_is_closed(context: Context, arena: Runner) -> None:
    """Two issues of ours, both closed; nothing else in the world has changed."""
    probed = await probe(context, SCRATCH, by="test")
    states = {
        record["number"]: record.get("state", "open")
        for record in arena.sandbox.world()
        if record.get("record") == "item" and record.get("repository") == SCRATCH
    }
    assert {states[number] for number in probed.issues} == {"closed"}


async def test_a_probe_is_recorded_with_its_date(context: Context) -> None:
    """Who asks later sees when it was, where, and what was seen."""
    probed = await probe(context, SCRATCH, by="test")
    assert newest_probe(context) == probed


@pytest.mark.parametrize("repository", ["tensorflow/tensorflow", "Keras-Team/keras"])
async def test_a_repository_of_the_migration_is_never_probed(
    context: Context, repository: str
) -> None:
    """Nothing is tried out where people are."""
    with pytest.raises(UsageError, match="part of the migration"):
        await probe(context, repository, by="test")


async def test_a_repository_that_does_not_exist_is_told(context: Context) -> None:
    """A misspelt name is an error, not a broken belief."""
    with pytest.raises(NotFound):
        await probe(context, f"{ACCOUNT}/nothing", by="test")
    assert newest_probe(context) is None


async def test_a_plan_needs_a_probe_that_is_recent(context: Context) -> None:
    """None, and one that is too old, are refused; a good one is enough."""
    with pytest.raises(PlanRefused, match="not probed"):
        require_probe(context)
    await probe(context, SCRATCH, by="test")
    require_probe(context)
    context.clock.advance(GOOD_FOR + timedelta(minutes=1))  # type: ignore[attr-defined]
    with pytest.raises(PlanRefused, match="not probed"):
        require_probe(context)


async def test_a_broken_belief_stands_in_the_way(context: Context) -> None:
    """What was seen is named, and what was not seen at all does not count as seen."""
    probed = await probe(context, SCRATCH, by="test")
    broken = (Seen(code="no_backlink", holds=False, what="the link left a reference"),)
    for seen, word in ((broken, "left a reference"), ((), "incomplete")):
        worse = msgspec.structs.replace(probed, seen=seen, at=context.clock())
        detail = msgspec.json.encode(worse).decode()
        deed = AuditEvent(
            at=context.clock(),
            who="test",
            door="test",
            verb="probe",
            subject=probed.address,
            detail=detail,
        )
        context.store.audit.record(deed)
        with pytest.raises(PlanRefused, match=word):
            require_probe(context)


def test_a_person_can_waive_the_probe_with_a_reason(context: Context) -> None:
    """It is on record who did, and it does not hold for ever."""
    with pytest.raises(UsageError):
        waive_probe(context, by="test", reason=" ")
    waive_probe(context, by="test", reason="probed by hand on Enterprise")
    require_probe(context)
    context.clock.advance(GOOD_FOR + timedelta(minutes=1))  # type: ignore[attr-defined]
    with pytest.raises(PlanRefused):
        require_probe(context)


def test_every_belief_can_be_found_out() -> None:
    """By the probe or by hand, never by neither; and each has a name of its own."""
    assert all(bool(one.probe) != bool(one.by_hand) for one in ASSUMPTIONS)
    assert len({one.code for one in ASSUMPTIONS}) == len(ASSUMPTIONS)
    assert all(re.fullmatch(r"[a-z_]+", one.code) for one in ASSUMPTIONS)
