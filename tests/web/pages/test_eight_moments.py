"""A migration walked through eight moments: planned, approved, running, paused, failed, yielded,
undone in part, undone in whole. At each one every number on every page and in the API is held
against the sandbox's world, item by item."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from migrator.bootstrap import ShiftedClock
from migrator.domain.items import ItemRef
from migrator.domain.planning.plan import PlanKind
from migrator.execution.run import run_step
from migrator.rehearsal.result import MARKER
from migrator.rehearsal.sandbox import ACCOUNT
from migrator.services.plan import write_plan
from migrator.store.plans import StoredPlan
from tests.support.dashboard import SOURCE, TARGET, Hall, hall, planned, scan_again
from tests.support.html import Page
from tests.web.pages.test_one_truth import agree, carried_out, records, standing

STANDING = {"done", "edited", "yielded", "waiting", "in_doubt"}
"""Outcomes with a notice that stands as it was posted."""
UNDONE = "**Reverted"


@pytest.fixture(
    scope="module",
    params=[60, pytest.param(300, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])],
)
def way(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A migration of its own, of few or many items."""
    folder = tmp_path_factory.mktemp(f"way-{request.param}")
    with hall(folder, items=request.param, applies=False) as found:
        yield found


def notices(way: Hall) -> dict[str, list[str]]:
    """Item key -> our notices on it, as the world has them."""
    return {
        f"{record['repository']}#{record['number']}": [
            comment["body"]
            for comment in record.get("comments") or ()
            if comment.get("author") == ACCOUNT and MARKER.search(comment["body"])
        ]
        for record in records(way)
    }


def lines(way: Hall, plan_hash: str, **asked: Any) -> list[dict[str, Any]]:
    """Every line of a filtered list."""
    client, found, page = way.client("mia"), list[dict[str, Any]](), 1
    while True:
        reply = client.get(f"/api/plans/{plan_hash}/items", params=asked | {"page": page}).json()
        found += reply["lines"]
        if page >= reply["pages"]:
            assert len(found) == reply["count"]
            return found
        page += 1


def all_agree(way: Hall, plan_hash: str) -> Counter[str]:
    """Sums, lists, waves, causes, item pages and the world say the same; returns how the items
    stand."""
    sums, world = agree(way), notices(way)
    every = [line for line in lines(way, plan_hash) if line["wave"]]
    counts = Counter(line.get("outcome") or "planned" for line in every)
    said = {name: sums[name] for name in sums if name not in ("planned", "noticed", "closed")}
    assert counts == +Counter({"planned": said.pop("left"), **said})
    for line in every:
        texts, outcome = world.get(line["key"], []), line.get("outcome") or "planned"
        assert len(texts) == (outcome in STANDING or outcome == "reverted"), (line["key"], outcome)
        assert any(UNDONE in text for text in texts) == (outcome == "reverted"), line["key"]
    for outcome in counts:
        listed = lines(way, plan_hash, outcome=outcome)
        assert len(listed) == counts[outcome], outcome
        item_page_agrees(way, listed[0]["key"], outcome, world)
    waves_agree(way, plan_hash, counts)
    pages_agree(way, plan_hash, sums)
    return counts


def item_page_agrees(way: Hall, key: str, outcome: str, world: dict[str, list[str]]) -> None:
    """State, outcome and notice of one item, on its page."""
    repository, _, number = key.partition("#")
    page = way.client("mia").get(f"/item/{repository}/{number}").text
    assert f'data-outcome="{outcome}"' in page, (key, outcome)
    state = way.sandbox.item(int(number), repository).get("state", "open")
    assert f'data-state="{state}"' in page, (key, outcome)
    assert ("The notice, as it stands" in page) == bool(world.get(key)), key


def waves_agree(way: Hall, plan_hash: str, counts: Counter[str]) -> None:
    """All waves of the run together hold what its items hold, on its page and in the API."""
    run = way.context.store.runs.newest(1, plan_hash=plan_hash)[0]
    client, whole, page = way.client("mia"), Counter[str](), 1
    while True:
        told = client.get(f"/api/runs/{run.id}/waves", params={"page": page}).json()
        shown = client.get(f"/runs/{run.id}", params={"waves": page}).text
        stands = re.findall(r'data-stands="(\w+)">([\d,]+) ', shown)
        on_page = Counter[str]()
        for name, number in stands:
            on_page[name] += int(number.replace(",", ""))
        in_api = Counter[str]()
        for wave in told["waves"]:
            in_api.update(wave["outcomes"])
        assert on_page == in_api
        whole.update(in_api)
        if page >= told["pages"]:
            break
        page += 1
    assert whole == counts


def pages_agree(way: Hall, plan_hash: str, sums: dict[str, int]) -> None:
    """What failed, by cause and in sum; the decisions of the overview; the counts of the run's
    list."""
    client = way.client("mia")
    troubles = client.get("/api/troubles").json()
    assert troubles["count"] == sums["failed"] + sums["in_doubt"]
    assert sum(cause["count"] for cause in troubles.get("causes", [])) == troubles["count"]
    numbers = re.findall(r"<b data-count>([\d,]+)</b>", client.get("/runs").text)
    assert sum(int(each.replace(",", "")) for each in numbers) == troubles["count"]
    overview = client.get("/api/overview").json()
    needs = {need["code"]: need["count"] for need in overview["needs"]}
    assert needs.get("trouble", 0) == troubles["count"]
    ended = Counter[str]()
    for state in overview["states"]:
        ended.update(state.get("outcomes") or {})
    assert {name: ended[name] for name in ended} == {
        name: sums[name]
        for name in ("done", "edited", "yielded", "skipped", "failed", "in_doubt", "reverted")
        if sums[name]
    }
    run = way.context.store.runs.newest(1, plan_hash=plan_hash)[0]
    for name in ("done", "failed", "reverted", "waiting"):
        shown = client.get(f"/runs/{run.id}", params={"outcome": name}).text
        count = f"{sums[name]:,}"
        assert f'role="status">{count} item' in shown, name


def nothing_was_done(way: Hall, plan_hash: str, totals: Any) -> None:
    """The plan's own numbers, which are those of the world's open items; no page says that
    anything was done."""
    client = way.client("mia")
    assert standing(way) == (0, 0, 0)
    opened = sum(record.get("state", "open") == "open" for record in records(way))
    assert totals.items == opened
    page = client.get(f"/plan/{plan_hash[:16]}").text
    cost = {name: int(each.replace(",", "")) for name, each in re.findall(
        r'data-cost="(posted|closes|set_aside)">([\d,]+)<', page)}  # fmt: skip
    assert cost == {"posted": totals.notices, "closes": totals.closes, "set_aside": 0}
    assert len(lines(way, plan_hash, outcome="planned")) == totals.notices
    assert lines(way, plan_hash, outcome="done") == []
    assert client.get("/api/overview").json()["run"] is None
    assert "would get one notice" in client.get("/").text
    assert client.get("/api/troubles").json()["count"] == 0


def pass_time(way: Hall, by: timedelta) -> None:
    """For us and in the sandbox's world."""
    clock = way.context.clock
    assert isinstance(clock, ShiftedClock)
    clock.advance(by)
    way.sandbox.control("POST", "clock", json={"advance_seconds": by.total_seconds()})


def test_every_number_is_the_worlds_at_eight_moments(way: Hall) -> None:
    """No page draws a number from a plan that says what was done."""
    client, plan = way.client("mia"), planned(way.context, later=timedelta(seconds=1))
    totals = plan.totals
    nothing_was_done(way, plan.hash, totals)  # 1: planned
    client.post(f"/plan/{plan.hash}/approve", data={"typed": SOURCE})
    nothing_was_done(way, plan.hash, totals)  # 2: approved
    acting = list(way.context.store.plans.items(plan.hash, acting=True))
    broken = next(item.key for item in acting if item.repository == TARGET and item.wave > 1)
    refusal = {"errors": [{"type": "UNPROCESSABLE", "message": "Body is invalid"}]}
    rule = {"operation": "AddComment", "items": [broken], "done": False, "status": 200}
    way.sandbox.control("POST", "rules", json=[rule | {"body": refusal}])
    page = client.post(f"/plan/{plan.hash}/start", data={"fast": "1"}).headers["location"]
    run_id = page.rpartition("/")[2]
    asyncio.run(run_step(way.context, run_id))
    running = all_agree(way, plan.hash)  # 3: running
    assert running["planned"] > 0 < sum(running.values()) - running["planned"]
    assert client.get(f"/api/runs/{run_id}").json()["state"] == "running"
    assert client.post(f"{page}/pause").status_code == 303
    way.work(run_id)
    assert all_agree(way, plan.hash) == running  # 4: paused
    assert "run is paused" in Page(client.get("/").text).text
    client.post(f"{page}/resume")
    way.work(run_id)
    failed = all_agree(way, plan.hash)  # 5: failed
    assert failed["failed"] == 1
    assert failed["waiting"] >= 1
    way.sandbox.control("POST", "rules", json=[])
    spoken = lines(way, plan.hash, outcome="waiting")[0]
    way.sandbox.act(
        "tria", "comment", spoken["number"], spoken["repository"], body="I still need this."
    )
    pass_time(way, timedelta(days=30))
    way.work(run_id)
    client = way.client("mia")
    yielded = all_agree(way, plan.hash)  # 6: yielded
    assert yielded["yielded"] == 1
    assert yielded["waiting"] == 0
    assert [line["key"] for line in lines(way, plan.hash, outcome="yielded")] == [spoken["key"]]
    one = lines(way, plan.hash, outcome="done", decision="clear")[0]
    client.post(f"/item/{one['repository']}/{one['number']}/undo")
    carried_out(way, way.context.store.plans.newest(1)[0])
    part = all_agree(way, plan.hash)  # 7: undone in part
    assert part == yielded - Counter(done=1) + Counter(reverted=1)
    client.post(f"/runs/{run_id}/undo")
    carried_out(way, way.context.store.plans.newest(1)[0])
    whole = all_agree(way, plan.hash)  # 8: undone in whole
    assert whole["reverted"] == yielded["done"] + yielded["yielded"]
    assert set(whole) <= {"reverted", "failed", "skipped"}
    scan_again(way.context)
    assert all_agree(way, plan.hash) == whole


def test_a_later_decision_that_edits_the_notice_is_counted_and_mails_nobody(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The approval says so before, every page afterwards; the item has one notice."""
    with hall(tmp_path_factory.mktemp("edited"), items=60) as found:
        client = found.client("mia")
        told = lines(found, found.plan.hash, outcome="done", decision="redirect")[0]
        plan = edit_of(found, told["key"])
        cost = client.get(f"/api/plans/{plan.hash}").json()["cost"]
        assert (cost["corrected"], cost["posted"], cost.get("mails")) == (1, 0, 0)
        shown = client.get(f"/plan/{plan.hash}").text
        assert "<h1>1 item, 0 notices, 1 correction, 0 closes</h1>" in shown
        before = found.sandbox.control("GET", "mails")
        carried_out(found, plan)
        assert found.sandbox.control("GET", "mails") == before
        run = found.context.store.runs.newest(1, kinds=(PlanKind.MIGRATE,))[0]
        assert [line["key"] for line in lines(found, plan.hash, outcome="edited")] == [told["key"]]
        assert client.get(f"/api/runs/{run.id}").json()["sums"]["edited"] == 1
        for page in ("/", f"/runs/{run.id}"):
            assert 'data-sum="edited">1<' in client.get(page).text, page
        path = f"/item/{told['repository']}/{told['number']}"
        assert 'data-outcome="edited"' in client.get(path).text
        (text,) = notices(found)[told["key"]]
        assert "Said anew." in text


def edit_of(found: Hall, key: str) -> StoredPlan:
    """A plan of one item that gives the notice that stands another text."""
    context, ref = found.context, ItemRef.parse(key)
    item = context.store.plans.item(found.plan.hash, *ref)
    assert item is not None
    entry = context.store.ledger.of_item(key)[-1].entry
    edited = replace(
        item,
        edits=entry.id,
        generation=2,
        text=item.text.replace("\n", "\n\nSaid anew.\n", 1),
        recipients=(),
        wave=0,
    )
    header = replace(found.plan.header, as_of=context.clock())
    return write_plan(context, header, [edited], total=1, progress=lambda *_: None)
