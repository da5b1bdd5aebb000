"""Scan again, classify, plan again from the browser: the page asks, the worker does, and both show
the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from migrator.services import runs
from migrator.services.jobs import JobRunner
from tests.support.dashboard import SOURCE, UNPACED, Hall, hall, planned
from tests.support.html import Page


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Hall]:
    """A migration whose plan waits for approval."""
    with hall(tmp_path, items=25, applies=False) as found:
        yield found


def work(made: Hall) -> None:
    """Have a worker do the job that waits."""
    assert asyncio.run(JobRunner(made.context).work()) is not None


def test_a_new_issue_comes_into_the_plan_by_two_clicks_on_one_button(made: Hall) -> None:
    """The second click finds the first one's job. When it is done, the plan's address shows the new
    plan, which nobody has approved."""
    client, before = made.client("mia"), made.plan
    made.sandbox.act("rita", "open_issue", 0, SOURCE, title="tf.keras.Model fails", body="As said.")
    clicks = [client.post("/jobs", data={"kind": "refresh"}) for _ in range(2)]
    assert [each.status_code for each in clicks] == [303, 303]
    page = clicks[0].headers["location"]
    assert clicks[1].headers["location"] == page
    assert "waits for a worker" in Page(client.get(page).text).text
    assert made.enqueued == [], "the web had something done"
    work(made)
    told = Page(client.get(page).text).text
    assert "items classified" in told
    assert client.get(f"/api{page}").json()["job"]["progress"]["items"][SOURCE] == 1
    assert made.plan.hash != before.hash
    assert client.get("/plan").headers["location"] == f"/plan/{made.plan.hash[:16]}"
    assert made.context.store.plans.approval(made.plan.hash) is None
    listed = client.get("/jobs").text
    assert listed.count(page) == 1
    assert made.plan.hash[:12] in listed


def test_another_job_waits_until_the_first_has_ended(made: Hall) -> None:
    """The refusal says whose it is and what to do; cancelling it makes room."""
    client = made.client("mia")
    page = client.post("/jobs", data={"kind": "scan", "full": "1"}).headers["location"]
    refused = made.client("ada").post("/jobs", data={"kind": "plan"})
    assert refused.status_code == 409
    assert "mia has asked for another job" in refused.text
    assert made.client("ada").post(f"{page}/cancel").status_code == 303
    assert "cancelled job" in Page(client.get(page).text).text
    assert client.post("/jobs", data={"kind": "plan"}).status_code == 303


def test_an_error_shows_its_cause_and_what_to_do(made: Hall) -> None:
    """On the job's page, in the list and in the audit log; also for who only looks."""
    refused = {"status": 401, "body": {"message": "Bad <b>credentials</b>"}, "done": False}
    page = made.client("mia").post("/jobs", data={"kind": "scan"}).headers["location"]
    made.sandbox.control("POST", "rules", json=[refused])
    work(made)
    made.sandbox.control("POST", "rules", json=[])
    told = made.client("tria").get(page).text
    assert "Bad &lt;b&gt;credentials&lt;/b&gt;" in told
    assert "What to do: " in Page(told).text
    assert "got an error from job" in Page(told).text
    assert "Bad <b>credentials</b>" in Page(made.client("rita").get("/jobs").text).text
    reply = made.client("rita").get(f"/api{page}").json()
    assert reply["job"]["state"] == "failed"
    assert reply["job"]["progress"]["cure"]


def test_who_may_not_ask_sees_no_button(made: Hall) -> None:
    """And who may is told that nobody is there to do it."""
    assert 'action="/jobs"' not in made.client("tria").get("/jobs").text
    assert 'action="/jobs"' in made.client("mia").get("/jobs").text
    assert "No worker runs" in made.client("mia").get("/jobs").text
    made.context.store.leases.beat("worker")
    assert "No worker runs" not in made.client("mia").get("/jobs").text


def test_the_newest_plan_is_shown_with_the_run_of_the_other_one(made: Hall) -> None:
    """Each page says so; a reader, who may not see plans that nobody approved, is not sent there."""
    client, first = made.client("mia"), made.plan
    client.post(f"/plan/{first.hash}/approve", data={"typed": SOURCE})
    run = client.post(f"/plan/{first.hash}/start", data={"fast": "1"}).headers["location"]
    newer = planned(made.context, later=timedelta(seconds=3))
    assert client.get("/plan").headers["location"] == f"/plan/{newer.hash[:16]}"
    shown = Page(client.get(f"/plan/{newer.hash[:16]}").text)
    assert f"Another plan is at work: run {run.rpartition('/')[2]}" in shown.text
    assert "There is a newer plan" in Page(client.get(f"/plan/{first.hash[:16]}").text).text
    assert newer.hash[:12] in Page(client.get("/").text).text
    reader = made.client("rita")
    assert reader.get("/plan").headers["location"] == f"/plan/{first.hash[:16]}"
    assert 'id="newer"' not in reader.get("/").text
    assert newer.hash not in reader.get("/api/overview").text


def test_what_a_finished_run_left_in_doubt_is_looked_at_again_by_a_worker(made: Hall) -> None:
    """The button makes a job, as a look writes the ledger, which the web must not."""
    client, plan = made.client("mia"), made.plan
    client.post(f"/plan/{plan.hash}/approve", data={"typed": SOURCE})
    item = next(iter(made.context.store.plans.items(plan.hash, acting=True))).key
    lost = {"operation": "AddComment", "items": [item], "nth": [1], "status": 502, "body": ""}
    silent = {"operation": "Comments", "items": [item], "status": 502, "done": False, "body": ""}
    made.sandbox.control("POST", "rules", json=[lost, silent])
    run = runs.start(made.context, plan.hash, options=UNPACED)
    made.work(run.id)
    made.sandbox.control("POST", "rules", json=[])
    page = f"/runs/{run.id}"
    assert "Look again at what is in doubt" in client.get(page).text
    job = client.post(f"{page}/resume").headers["location"]
    assert job.startswith("/jobs/job-")
    assert len(made.context.store.ledger.in_doubt(run.id)) == 1
    work(made)
    assert client.get(f"/api{job}").json()["job"]["state"] == "done"
    made.work(run.id)
    assert made.context.store.ledger.in_doubt(run.id) == []
    assert "Look again at what is in doubt" not in client.get(page).text
