"""PostgreSQL stops hard under a running service and its worker, and starts again: both wait for
it, and nothing is lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from migrator.execution.engine import Engine
from migrator.execution.own_account import bot_identity
from migrator.execution.scan import scan
from migrator.services import runs
from migrator.services.classify import classify
from migrator.services.plan import make_plan
from migrator.store.plans import Approval
from migrator.store.runs import RunOptions, RunState
from tests.cli.test_serve import Served, hook, served
from tests.support.databases import Databases, control, postgresql
from tests.support.listener import SECRET, House, house
from tests.support.small_world import SOURCE
from tests.support.webhook_sender import Sender

pytestmark = pytest.mark.slow

PROMPT = {"MIGRATOR_WORKER_SILENCE_SECONDS": "3"}


@pytest.fixture
def server() -> Iterator[str]:
    """A PostgreSQL server of this test's own: it is stopped."""
    with postgresql() as address:
        yield address


def issue(home: House, number: int) -> dict[str, Any]:
    """What GitHub delivers of a new issue."""
    return {
        "action": "opened",
        "issue": {"number": number, "user": {"login": "amy", "id": 1, "type": "User"}},
        "repository": {"full_name": SOURCE},
        "sender": {"login": "amy", "id": 1, "type": "User"},
    }


def empty_run(home: House) -> str:
    """Have the worker's engine work on a run in which nothing is left to do; its id."""
    context = home.context
    asyncio.run(scan(context, lambda *_: None))
    classify(context, as_of=context.clock(), own=bot_identity(context), progress=lambda *_: None)
    plan = make_plan(
        context,
        as_of=context.clock(),
        own=bot_identity(context),
        commands_served=True,
        progress=lambda *_: None,
    )
    context.store.plans.approve(
        plan.hash, Approval(approved_by="amy", how="sandbox", approved_at=context.clock())
    )
    run = runs.start(context, plan.hash, options=RunOptions(paced=False))
    Engine(context).enqueue(run.id)
    return run.id


@contextmanager
def signed_in(one: Served) -> Iterator[httpx.Client]:
    """A browser that used the one-time link."""
    assert one.process.stdout is not None
    link = next(
        found[0]
        for line in one.process.stdout
        if (found := re.search(r"http://\S+/login/once\S+", line))
    )
    with httpx.Client(base_url=one.address, follow_redirects=True, timeout=30) as client:
        client.get(link).raise_for_status()
        yield client


def test_a_service_and_its_worker_outlive_their_database(server: str, tmp_path: Path) -> None:
    """What was answered with 202 is worked on, once. Meanwhile everybody gets 503, and nobody
    needs to start anything."""
    address = Databases("postgresql", tmp_path, server).empty()
    database = control(server)
    with (
        house(tmp_path, database=address) as home,
        served(home, tmp_path, "--port", "0", "--no-worker", variables=PROMPT) as web,
        served(home, tmp_path, "--metrics-port", "0", verb="worker", variables=PROMPT) as worker,
        signed_in(web) as browser,
    ):
        hook(home, web.address)
        beside = worker.address.removesuffix("/metrics")
        home.until(lambda: httpx.get(f"{web.address}/readyz").status_code == 200)
        for place in range(8):
            home.open(f"The widget breaks {place}", by=("amy", "bob")[place % 2])
        home.until(
            lambda: len(home.deliveries.newest(500)) >= 4
        )  # accepted, and the worker is at work on them
        home.context.store.engine.dispose()

        database("stop")
        late = home.open("The widget breaks late")
        home.until(lambda: not home.github.server.webhooks._tasks)
        sender = Sender(web.address, home.deliveries)
        refused = sender.send(issue(home, late), secret=SECRET.encode(), delivery="late")
        assert (refused.status_code, refused.json()["result"]) == (503, "not_stored")
        for base in (web.address, beside):
            assert httpx.get(f"{base}/healthz").status_code == 200
            ready = httpx.get(f"{base}/readyz")
            assert ready.status_code == 503
            assert ready.json()["obstacles"][0].startswith("the database does not answer")
            numbers = httpx.get(f"{base}/metrics")
            assert numbers.status_code == 200
            assert "migrator_database_up 0.0" in numbers.text
        for path in ("/", "/api/runs"):
            page = browser.get(path)
            assert page.status_code == 503
            assert "the database does not answer" in page.text

        database("start")
        home.until(lambda: httpx.get(f"{web.address}/readyz").status_code == 200, seconds=90)
        assert (
            sender.send(issue(home, late), secret=SECRET.encode(), delivery="late").status_code
            == 202
        )
        home.until(lambda: home.deliveries.backlog().unfinished == 0, seconds=90)
        accepted = [
            each for each in home.github.world.deliveries.values() if each.status_code == 202
        ]
        assert {each.guid for each in accepted} <= {each.id for each in home.deliveries.newest(500)}
        opened = {each.payload["issue"]["number"] for each in accepted if each.action == "opened"}
        assert len(opened) >= 4
        assert [len(home.comments(number)) for number in sorted(opened | {late})] == [1] * (
            len(opened) + 1
        )
        assert browser.get("/").status_code == 200
        run_id = empty_run(home)
        runs = home.context.store.runs
        home.until(
            lambda: (run := runs.get(run_id)) is not None and run.state is RunState.FINISHED,
            seconds=90,
        )

        home.context.store.engine.dispose()
        database("stop")  # both are asked to end while it is away, and do so in good order
    for one in (web, worker):
        assert "Traceback" not in one.log.read_text()
