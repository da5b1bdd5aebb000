"""Every page, the API, the metrics, the command line's data and the report give the numbers of the
world, at each moment of a migration."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from migrator.domain.protocol.ledger import ActKind, Attempt, Done, Entry, Phase
from migrator.rehearsal.result import MARKER, read_world
from migrator.rehearsal.sandbox import ACCOUNT
from migrator.store.ledger import Recorded
from migrator.store.plans import StoredPlan
from migrator.views.metrics import gauges
from migrator.views.outcomes import ENDED, confirmed
from migrator.views.report import report_page
from tests.support.dashboard import SOURCE, Hall, hall, planned, scan_again
from tests.support.html import Page
from tests.support.ledger_lines import attempt

UNDONE = "**Reverted"
DISJOINT = (*ENDED, "waiting", "left")


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A migration of its own, walked from the plan to the end of an undo."""
    with hall(tmp_path_factory.mktemp("way"), items=60, applies=False) as found:
        yield found


def records(way: Hall) -> list[dict[str, Any]]:
    """What stands in the sandbox, item by item."""
    text = way.sandbox.client.get("/_sandbox/world").text
    found = [json.loads(line) for line in text.split("\n") if line]
    return [record for record in found if record.get("record") == "item"]


def standing(way: Hall) -> tuple[int, int, int]:
    """Notices in the world, items closed by us, and notices that say they were taken back."""
    items = records(way)
    found = read_world(items, ACCOUNT, {}, set())
    ours = [
        comment["body"]
        for item in items
        for comment in item.get("comments") or ()
        if comment.get("author") == ACCOUNT and MARKER.search(comment["body"])
    ]
    return found.notices, found.closed, sum(UNDONE in body for body in ours)


def told(way: Hall) -> dict[str, dict[str, int]]:
    """The sums as each page, the API, the command line's view, the metrics and the report say
    them."""
    client = way.client("mia")
    run = next(each for each in client.get("/api/runs").json() if each["kind"] == "migrate")
    report = Page(
        report_page(
            way.context, way.context.store.plans.find(run["plan_hash"]), made_at=way.context.clock()
        )
    )
    return {
        "api runs": run["sums"],
        "api run": client.get(f"/api/runs/{run['id']}").json()["sums"],
        "api overview": client.get("/api/overview").json()["run"]["sums"],
        "overview": _shown(client.get("/").text),
        "run page": _shown(client.get(f"/runs/{run['id']}").text),
        "metrics": _gauge(way),
        "report": _tiles(report.text),
    }


def _shown(html: str) -> dict[str, int]:
    return {
        name: int(count.replace(",", ""))
        for name, count in re.findall(r'data-sum="(\w+)">([\d,]+)<', html)
    }


def _gauge(way: Hall) -> dict[str, int]:
    values = next(each.values for each in gauges(way.context) if each.name == "migrator_items")
    counts: Counter[str] = Counter()
    for labels, value in values.items():
        named = dict(labels)
        if not named["decision"].startswith("undo-"):
            counts[named["outcome"]] += int(value)
    return {name: counts[name] for name in ("done", "reverted", "skipped", "failed")}


def _tiles(text: str) -> dict[str, int]:
    found = re.search(r"Notices ?(\d+) ?Closed ?(\d+)", text)
    assert found is not None
    return {"noticed": int(found[1]), "closed": int(found[2])}


def agree(way: Hall) -> dict[str, int]:
    """All say the same as the world; returns the sums."""
    noticed, closed, undone = standing(way)
    said = told(way)
    whole = said["api run"]
    assert (whole["noticed"], whole["closed"], whole["reverted"]) == (noticed, closed, undone)
    assert whole["planned"] == sum(whole[name] for name in DISJOINT)
    for source, sums in said.items():
        assert sums == {name: whole[name] for name in sums}, source
    return whole


def carried_out(way: Hall, plan: StoredPlan) -> None:
    """Approve a plan and work on it."""
    client = way.client("mia")
    assert client.post(f"/plan/{plan.hash}/approve", data={"typed": SOURCE}).status_code == 303
    page = client.post(f"/plan/{plan.hash}/start", data={"fast": "1"}).headers["location"]
    way.work(page.rpartition("/")[2])


def test_all_say_what_the_world_says_at_every_moment(way: Hall) -> None:
    """Planned, approved, done, undone in part, undone in whole: no number is drawn from a plan."""
    client, plan = way.client("mia"), planned(way.context, later=timedelta(seconds=1))
    assert client.get("/api/overview").json()["run"] is None
    assert "would get one notice" in client.get("/").text
    assert standing(way) == (0, 0, 0)
    carried_out(way, plan)
    done = agree(way)
    assert done["closed"] > 1
    assert done["noticed"] == plan.totals.notices - done["skipped"]
    one = next(
        item
        for item in way.context.store.plans.items(plan.hash, acting=True)
        if item.decision == "clear"
    )
    page = f"/item/{one.repository}/{one.number}"
    assert 'data-state="closed"' in client.get(page).text
    client.post(f"{page}/undo")
    carried_out(way, way.context.store.plans.newest(1)[0])
    part = agree(way)
    assert (part["reverted"], part["closed"]) == (1, done["closed"] - 1)
    shown = client.get(page).text
    assert 'data-state="open"' in shown
    assert 'data-outcome="reverted"' in shown
    assert UNDONE in Page(shown).text
    lines = client.get(f"/api/plans/{plan.hash[:16]}/items", params={"q": f"#{one.number}"}).json()
    assert [line["outcome"] for line in lines["lines"] if line["key"] == one.key] == ["reverted"]
    run = next(each for each in client.get("/api/runs").json() if each["kind"] == "migrate")
    client.post(f"/runs/{run['id']}/undo")
    carried_out(way, way.context.store.plans.newest(1)[0])
    whole = agree(way)
    assert (whole["closed"], whole["done"], whole["waiting"]) == (0, 0, 0)
    assert whole["reverted"] == whole["noticed"] == done["noticed"]
    assert f"/runs/{run['id']}/undo" not in client.get(f"/runs/{run['id']}").text
    scan_again(way.context)
    seen = client.get(f"/api/items/{one.repository}/{one.number}").json()
    acts = Counter(
        (each["kind"], each.get("ours", False))
        for each in seen["timeline"]
        if each.get("ours") or each["who"].casefold() == ACCOUNT
    )
    assert acts == {
        ("notice", True): 1,
        ("close", True): 1,
        ("reopen", True): 1,
        ("edit", True): 1,
    }
    assert seen["now"]["notice"]["read"] is True
    assert UNDONE in seen["now"]["notice"]["text"]
    assert agree(way) == whole


def test_a_line_that_only_adds_to_an_act_is_no_second_act() -> None:
    """A reopening asked for by a comment notes in the ledger that the close yields: the item was
    closed once."""
    at, close = datetime(2026, 1, 1, tzinfo=UTC), ActKind.CLOSE
    lines = (
        attempt(close, Phase.INTENDED, at),
        attempt(close, Phase.DONE, at),
        Attempt(line=Done(act=close, yielded="command reopen"), at=at),
        attempt(ActKind.REOPEN, Phase.INTENDED, at),
        attempt(ActKind.REOPEN, Phase.UNKNOWN, at),
        attempt(ActKind.REOPEN, Phase.DONE, at),
    )
    entry = Entry(
        id="e",
        migration="m",
        item_key="a/b#1",
        node_id="i",
        decision="retire",
        generation=1,
        run_id="r",
        plan_hash="p",
        nonce="n",
        text_hash="t",
        created_at=at,
    )
    found = confirmed(Recorded(entry=entry, attempts=lines))
    assert [each.act for each in found] == [close, ActKind.REOPEN]
