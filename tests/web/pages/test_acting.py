"""What people do on the pages, from the form to the database."""

from __future__ import annotations

from datetime import timedelta

from migrator.operations.review_queue import HOLDS
from tests.web.hall import SOURCE, Hall, planned
from tests.web.markup import Page


def hidden(html: str, name: str) -> str:
    """Value of a form's hidden field."""
    return next(field["value"] for field in Page(html).named("input") if field.get("name") == name)


def test_two_people_are_never_asked_the_same(fresh: Hall) -> None:
    """The first item goes to the first person, the next one to the second."""
    first, second = fresh.client("tria").get("/review").text, fresh.client("wally").get("/review").text
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
    reply = client.post("/review/answer", data={"item": item, "key": "n", "seen": "0", "reason": "ops"})
    assert reply.status_code == 303
    answers = fresh.context.store.queue.answers_to(item)
    assert [(each.by, each.ownership, each.reason) for each in answers] == [("tria", "not_ours", "ops")]
    assert fresh.context.store.queue.left(fresh.plan.hash) == before - 1
    assert fresh.desk.deeds.newest(subject=item)[0].who == "tria"


def test_an_item_that_somebody_else_holds_cannot_be_answered(fresh: Hall) -> None:
    """Nothing is recorded, and the person is told who has it."""
    item = hidden(fresh.client("tria").get("/review").text, "item")
    reply = fresh.client("wally").post("/review/answer", data={"item": item, "key": "o", "seen": "0"})
    assert "tria+has" in reply.headers["location"]
    assert fresh.context.store.queue.answers_to(item) == []


def test_a_newer_answer_is_not_overwritten_unseen(fresh: Hall) -> None:
    """Two tabs, or a page left open: the second answer finds the first one there."""
    client = fresh.client("tria")
    item = hidden(client.get("/review").text, "item")
    client.post("/review/answer", data={"item": item, "key": "o", "seen": "0"})
    reply = client.post("/review/answer", data={"item": item, "key": "n", "seen": "0"})
    assert "answered" in reply.headers["location"]
    assert [each.ownership for each in fresh.context.store.queue.answers_to(item)] == ["ours"]


def test_an_item_left_open_goes_to_somebody_else_after_a_while(fresh: Hall) -> None:
    """A claim ends by itself."""
    queue, now = fresh.context.store.queue, fresh.context.clock()
    mine = queue.claim_next(fresh.plan.hash, "tria", now, HOLDS, after=("", 0))
    assert mine is not None
    at_once = queue.claim_next(fresh.plan.hash, "mia", now, HOLDS, after=("", 0))
    just_before = (mine.repository, mine.number - 1)
    later = queue.claim_next(fresh.plan.hash, "mia", now + HOLDS + timedelta(seconds=1), HOLDS, after=just_before)
    assert at_once is None or at_once.key != mine.key
    assert later is not None
    assert later.key == mine.key


def test_a_decision_by_hand_needs_a_reason(fresh: Hall) -> None:
    """Without one nothing is recorded; with one it stands on the item's page."""
    path, client = fresh.path("redirect"), fresh.client("tria")
    refused = client.post(f"{path}/decide", data={"decision": "leave", "reason": " ", "seen": "0"})
    assert refused.status_code == 409
    taken = client.post(f"{path}/decide", data={"decision": "leave", "reason": "We <b>keep</b> it.", "seen": "0"})
    assert taken.status_code == 303
    assert "We &lt;b&gt;keep&lt;/b&gt; it." in client.get(path).text


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
    verbs = [deed.verb for deed in fresh.desk.deeds.newest(limit=20) if deed.who == "mia"]
    assert verbs[:5] == ["plan undo", "resume", "pause", "start", "approve"]


def test_a_delivery_is_worked_on_once_more(fresh: Hall) -> None:
    """Replay from the page."""
    assert fresh.client("mia").post("/deliveries/delivery-1/replay").status_code == 303
    assert fresh.client("mia").post("/deliveries/none/replay").status_code == 409
