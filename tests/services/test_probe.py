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

from migrator.domain.assumptions import ASSUMPTIONS, PROBED
from migrator.errors import NotFound, PlanRefused, UsageError
from migrator.execution.context import Context
from migrator.rehearsal.sandbox import ACCOUNT, running_sandbox, write_world
from migrator.sandbox.worlds import generate
from migrator.services.probe import GOOD_FOR, Seen, newest_probe, probe, require_probe, waive_probe
from migrator.store import revisions
from migrator.store.audit import AuditEvent
from tests.support.runner import Runner

SCRATCH = f"{ACCOUNT}/scratch"


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A sandbox with a scratch repository of ours beside the migration's."""
    folder = tmp_path_factory.mktemp("probe")
    write_world(generate(items=20, seed=2), folder / "world.jsonl")
    with running_sandbox("--world", str(folder / "world.jsonl")) as sandbox:
        httpx.post(f"{sandbox.url}/_sandbox/repository", json={"name": SCRATCH}).raise_for_status()
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
