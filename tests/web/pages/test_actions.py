"""What people do on the pages, from the form to the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import pytest

from migrator.domain.planning.plan import CLEAR_SAMPLE
from migrator.services.clear_sample import clear_sample
from migrator.store.runs import Run, RunState
from migrator.views.review import HOLDS
from tests.support.dashboard import SOURCE, TARGET, Hall, hall, planned
from tests.support.html import Page


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[Hall]:
    """A migration of its own, to go wrong in."""
    with hall(tmp_path, items=40, applies=False) as found:
        yield found


def hidden(html: str, name: str) -> str:
    """Value of a form's hidden field."""
    return next(field["value"] for field in Page(html).named("input") if field.get("name") == name)


def test_two_people_are_never_asked_the_same(fresh: Hall) -> None:
    """The first item goes to the first person, the next one to the second."""
    first, second = (
        fresh.client("tria").get("/review").text,
        fresh.client("wally").get("/review").text,
    )
    assert hidden(first, "item") != hidden(second, "item")


def test_whoever_comes_back_finds_the_same_item(fresh: Hall) -> None:
    """A reload does not skip."""
    client = fresh.client("tria")
    assert hidden(client.get("/review").text, "item") == hidden(client.get("/review").text, "item")


def test_an_answer_is_recorded_and_the_next_item_comes(fresh: Hall) -> None:
    """With who gave it; the queue gets shorter by one."""
    client = fresh.client("tria")
    page = client.get("/review").text
    item, before = hidden(page, "item"), fresh.context.store.queue.left(fresh.plan.hash)
    reply = client.post(
        "/review/answer", data={"item": item, "key": "n", "seen": "0", "reason": "ops"}
    )
    assert reply.status_code == 303
    answers = fresh.context.store.queue.answers_to(item)
    assert [(each.by, each.ownership, each.reason) for each in answers] == [
        ("tria", "not_ours", "ops")
    ]
    assert fresh.context.store.queue.left(fresh.plan.hash) == before - 1
    assert fresh.dashboard.audited.newest(subject=item)[0].who == "tria"


def test_an_item_that_somebody_else_holds_cannot_be_answered(fresh: Hall) -> None:
    """Nothing is recorded, and the person is told who has it."""
    item = hidden(fresh.client("tria").get("/review").text, "item")
    reply = fresh.client("wally").post(
        "/review/answer", data={"item": item, "key": "o", "seen": "0"}
    )
    shown = fresh.client("wally").get(reply.headers["location"]).text
    assert "tria</bdi> has that item open" in shown
    assert fresh.context.store.queue.answers_to(item) == []


def test_a_newer_answer_is_not_overwritten_unseen(fresh: Hall) -> None:
    """Two tabs, or a page left open: the second answer finds the first one there."""
    client = fresh.client("tria")
    item = hidden(client.get("/review").text, "item")
    client.post("/review/answer", data={"item": item, "key": "o", "seen": "0"})
    reply = client.post("/review/answer", data={"item": item, "key": "n", "seen": "0"})
    assert "there is a newer answer: <bdi>ours" in client.get(reply.headers["location"]).text
    assert [each.ownership for each in fresh.context.store.queue.answers_to(item)] == ["ours"]


def test_an_item_left_open_goes_to_somebody_else_after_a_while(fresh: Hall) -> None:
    """A claim ends by itself."""
    queue, now = fresh.context.store.queue, fresh.context.clock()
    mine = queue.claim_next(fresh.plan.hash, "tria", now, HOLDS, after=("", 0))
    assert mine is not None
    at_once = queue.claim_next(fresh.plan.hash, "mia", now, HOLDS, after=("", 0))
    just_before = (mine.repository, mine.number - 1)
    later = queue.claim_next(
        fresh.plan.hash, "mia", now + HOLDS + timedelta(seconds=1), HOLDS, after=just_before
    )
    assert at_once is None or at_once.key != mine.key
    assert later is not None
    assert later.key == mine.key


def test_a_decision_by_hand_needs_a_reason(fresh: Hall) -> None:
    """Without one nothing is recorded; with one it stands on the item's page."""
    path, client = fresh.path("redirect"), fresh.client("tria")
    refused = client.post(f"{path}/decide", data={"decision": "leave", "reason": " ", "seen": "0"})
    assert refused.status_code == 409
    taken = client.post(
        f"{path}/decide", data={"decision": "leave", "reason": "We <b>keep</b> it.", "seen": "0"}
    )
    assert taken.status_code == 303
    assert "We &lt;b&gt;keep&lt;/b&gt; it." in client.get(path).text


def test_an_approval_lists_what_would_be_cleared(fresh: Hall) -> None:
    """Before it is given, on the plan's page; afterwards in the audit log, by name."""
    client, plan = fresh.client("mia"), planned(fresh.context, later=timedelta(seconds=2))
    sample = clear_sample(fresh.context, plan)
    shown = client.get(f"/plan/{plan.hash[:16]}").text
    assert 0 < len(sample.items) == sample.count <= CLEAR_SAMPLE
    listed = shown[shown.index('id="clears"') : shown.index("</ul></details>")]
    client.post(f"/plan/{plan.hash}/approve", data={"typed": SOURCE})
    (approval,) = [
        deed for deed in fresh.context.store.audit.newest(5) if deed.subject == plan.hash
    ]
    for item in sample.items:
        assert item.key in listed
        assert item.key in approval.detail
        assert item.wave == plan.totals.clear_wave


def test_a_plan_is_approved_by_its_whole_hash_only(fresh: Hall) -> None:
    """A prefix will not do."""
    plan = planned(fresh.context, later=timedelta(seconds=5))
    assert fresh.client("mia").post(f"/plan/{plan.hash[:32]}/approve").status_code == 409
    assert fresh.context.store.plans.approval(plan.hash) is None


def test_a_plan_that_nobody_approved_does_not_start(fresh: Hall) -> None:
    """The page offers no button, and the address refuses."""
    plan = planned(fresh.context, later=timedelta(seconds=6))
    assert fresh.client("mia").post(f"/plan/{plan.hash}/start").status_code == 409


def test_approved_started_paused_resumed_done_and_undone(fresh: Hall) -> None:
    """The whole way, each step noted with who did it."""
    client, plan = fresh.client("mia"), planned(fresh.context, later=timedelta(seconds=7))
    assert client.post(f"/plan/{plan.hash}/approve", data={"typed": SOURCE}).status_code == 303
    run_page = client.post(f"/plan/{plan.hash}/start", data={"fast": "1"}).headers["location"]
    run_id = run_page.rpartition("/")[2]
    assert fresh.enqueued[-1] == run_id
    assert client.post(f"{run_page}/pause").status_code == 303
    assert "paused by mia" in client.get(run_page).text
    assert client.post(f"{run_page}/pause").status_code == 409
    assert client.post(f"{run_page}/resume").status_code == 303
    progress = fresh.work(run_id)
    assert progress.ended + progress.parked == progress.total
    undo = client.post(f"{run_page}/undo", data={"wave": "1"})
    assert undo.status_code == 303
    undoing = fresh.context.store.plans.newest(1)[0]
    assert undoing.totals.notices == 1
    assert fresh.context.store.plans.approval(undoing.hash) is None
    verbs = [deed.verb for deed in fresh.dashboard.audited.newest(limit=20) if deed.who == "mia"]
    assert verbs[:5] == ["plan undo", "resume", "pause", "start", "approve"]


def test_many_acts_of_the_listener_do_not_hide_the_run(fresh: Hall) -> None:
    """Each of them is a run of its own; the pages show those that people steer, and the overview
    the one that matters."""
    plan, now = planned(fresh.context, later=timedelta(seconds=8)), fresh.context.clock()
    finished = RunState.FINISHED
    fresh.context.store.runs.start(
        Run(id="steered", plan_hash=plan.hash, kind="migrate", state=finished, started_at=now)
    )
    for number in range(60):
        at = now + timedelta(seconds=number)
        run = Run(
            id=f"follow{number}", plan_hash=plan.hash, kind="follow", state=finished, started_at=at
        )
        fresh.context.store.runs.start(run)
    assert fresh.client("rita").get("/api/overview").json()["run"]["id"] == "steered"
    assert {run["kind"] for run in fresh.client("rita").get("/api/runs").json()} <= {
        "migrate",
        "undo",
        "retry",
    }


def test_a_delivery_is_worked_on_once_more(fresh: Hall) -> None:
    """Replay from the page."""
    assert fresh.client("mia").post("/deliveries/delivery-1/replay").status_code == 303
    assert fresh.client("mia").post("/deliveries/none/replay").status_code == 409


def test_what_failed_is_tried_again_by_a_plan_of_its_own(failing: Hall) -> None:
    """Comments that GitHub refuses leave failures; once it takes them, a second try reaches
    exactly those items."""
    client = failing.client("mia")
    plan = planned(failing.context, later=timedelta(seconds=1))
    ours = {
        item.key
        for item in failing.context.store.plans.items(plan.hash, acting=True)
        if item.repository == TARGET
    }
    assert client.post(f"/plan/{plan.hash}/approve", data={"typed": SOURCE}).status_code == 303
    refusal = {"errors": [{"type": "UNPROCESSABLE", "message": "Body is invalid"}]}
    rule = {"operation": "AddComment", "items": sorted(ours), "done": False, "body": refusal}
    failing.sandbox.control("POST", "rules", json=[rule | {"status": 200}])
    run_page = client.post(f"/plan/{plan.hash}/start", data={"fast": "1"}).headers["location"]
    failing.work(run_page.rpartition("/")[2])
    assert set(failing.context.store.progress.failed(run_page.rpartition("/")[2])) == ours
    assert "Retry what failed" in client.get(run_page).text
    failing.sandbox.control("POST", "rules", json=[])
    assert client.post(f"{run_page}/retry").status_code == 303
    second = failing.context.store.plans.newest(1)[0]
    assert {item.key for item in failing.context.store.plans.items(second.hash)} == ours
    assert client.get("/plan").headers["location"] == f"/plan/{plan.hash[:16]}", (
        "the second try took the plan's place"
    )
    client.post(f"/plan/{second.hash}/approve", data={"typed": SOURCE})
    failing.work(
        client.post(f"/plan/{second.hash}/start", data={"fast": "1"})
        .headers["location"]
        .rpartition("/")[2]
    )
    assert failing.context.store.progress.troubles()[0] == 0
    assert client.post(f"{run_page}/retry").status_code == 409, "nothing is left to try again"


def test_the_wave_that_was_chosen_follows_the_canary(failing: Hall) -> None:
    """The canary still goes first; what came before the chosen wave follows after it. A wave
    that is not there is refused."""
    client, plan = failing.client("mia"), planned(failing.context, later=timedelta(seconds=1))
    assert (plan.totals.waves, plan.totals.clear_wave) == (4, 4)
    client.post(f"/plan/{plan.hash}/approve", data={"typed": SOURCE})
    assert client.post(f"/plan/{plan.hash}/start", data={"first_wave": "5"}).status_code == 409
    assert '<option value="3">' in client.get(f"/plan/{plan.hash[:16]}").text
    page = client.post(f"/plan/{plan.hash}/start", data={"fast": "1", "first_wave": "3"}).headers[
        "location"
    ]
    failing.work(page.rpartition("/")[2])
    waves = {
        item.key: item.wave for item in failing.context.store.plans.items(plan.hash, acting=True)
    }
    entries = sorted(
        failing.context.store.ledger.stream(run_id=page.rpartition("/")[2]),
        key=lambda one: one.entry.created_at,
    )
    assert [wave for wave, _ in groupby(waves[one.entry.item_key] for one in entries)] == [
        1,
        3,
        2,
        4,
    ]


def test_an_item_of_a_renamed_repository_keeps_its_page_and_what_was_done(failing: Hall) -> None:
    """Under the old name, too: reports and the audit log link to it."""
    client, store = failing.client("mia"), failing.context.store
    item = next(one for one in store.plans.items(failing.plan.hash) if one.repository == SOURCE)
    old, new = f"/item/{SOURCE}/{item.number}", f"/item/owner/renamed/{item.number}"
    answer = {"decision": "leave", "reason": "told in the weekly meeting", "seen": "0"}
    assert client.post(f"{old}/decide", data=answer).status_code == 303
    store.items.rename_repository(SOURCE, "owner/renamed", failing.context.clock())
    for path in (old, new):
        page = client.get(path).text
        assert "told in the weekly meeting" in page, path
        assert "Audit log of this item" in page, path
