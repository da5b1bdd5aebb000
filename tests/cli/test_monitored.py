"""Prometheus scrapes a running service: its rules and the dashboard's queries find what they ask
for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import httpx
import pytest

from migrator.domain.protocol.causes import HoldCause
from migrator.store.runs import Run, RunState
from tests.cli.test_serve import hook, served
from tests.support.listener import House, house
from tests.support.prometheus import needs_prometheus, prometheus, queries

pytestmark = [pytest.mark.slow, needs_prometheus]
WHILE_SOMETHING_WAITS = ("Waiting until A", "Waiting until B", "Webhooks and errors B")
"""Panels that are empty while nothing waits, and while there was no error."""


def a_stopped_run(home: House) -> None:
    """A maintainer's run that a gate stopped."""
    plan = home.context.store.plans.newest()[0].hash
    now = home.context.clock()
    run = Run(
        id="5709bed00001", plan_hash=plan, kind="migrate", state=RunState.RUNNING, started_at=now
    )
    home.context.store.runs.start(run)
    home.context.store.runs.stop(
        run.id, "people opened 3 of 9 closed items again", HoldCause.REOPENS
    )


def test_rules_and_dashboard_find_what_they_ask_for(tmp_path: Path) -> None:
    """One process that works on one webhook, with a run that stopped: its alert fires, every rule
    and query is evaluated, and the text is as Prometheus wants it."""
    with house(tmp_path) as home, served(home, tmp_path, "--port", "0") as one:
        hook(home, one.address)
        number = home.open()
        home.until(lambda: len(home.comments(number)) == 1)
        home.until(lambda: home.deliveries.backlog().unfinished == 0)
        a_stopped_run(home)
        text = httpx.get(f"{one.address}/metrics").text
        linted = subprocess.run(
            ["promtool", "check", "metrics"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert linted.returncode == 0, linted.stderr
        with prometheus(tmp_path, one.address.removeprefix("http://")) as server:
            server.until('ALERTS{alertname="MigratorRunStopped", cause="reopens"}')
            server.until("rate(migrator_github_requests_total[5m])")
            rules = server.rules()
            found = {panel: server.query(query) for panel, query in queries().items()}
    assert {rule["health"] for rule in rules} == {"ok"}
    firing = {rule["name"] for rule in rules if rule["state"] == "firing"}
    assert firing == {"MigratorRunStopped"}
    assert [panel for panel, samples in found.items() if not samples] == [
        panel for panel in found if panel in WHILE_SOMETHING_WAITS
    ]
