"""Lists that work: every filter, a pasted link, the CSV of what is shown, failures by cause, and a
run's waves and items."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.dashboard import SOURCE, TARGET, Hall, hall
from tests.support.html import Page


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hall, str]]:
    """A migration whose run failed on every item of the target, and ended well on the others; and
    the run's id."""
    with hall(tmp_path_factory.mktemp("failed"), items=60, applies=False) as found:
        client, plan = found.client("mia"), found.plan
        ours = [
            item.key
            for item in found.context.store.plans.items(plan.hash, acting=True)
            if item.repository == TARGET
        ]
        client.post(f"/plan/{plan.hash}/approve", data={"typed": SOURCE})
        refusal = {"errors": [{"type": "UNPROCESSABLE", "message": "Body <b>is</b> invalid"}]}
        rule = {"operation": "AddComment", "items": sorted(ours), "done": False, "body": refusal}
        found.sandbox.control("POST", "rules", json=[rule | {"status": 200}])
        page = client.post(f"/plan/{plan.hash}/start", data={"fast": "1"}).headers["location"]
        run_id = page.rpartition("/")[2]
        found.work(run_id)
        found.sandbox.control("POST", "rules", json=[])
        yield found, run_id


def lines(hall: Hall, plan_hash: str, **asked: Any) -> list[dict[str, Any]]:
    """Every line of a filtered list."""
    client, found, page = hall.client("mia"), list[dict[str, Any]](), 1
    while True:
        reply = client.get(f"/api/plans/{plan_hash}/items", params=asked | {"page": page}).json()
        found += reply["lines"]
        if page >= reply["pages"]:
            assert len(found) == reply["count"]
            return found
        page += 1


def test_a_list_by_outcome_holds_exactly_the_items_that_stand_so(
    failed: tuple[Hall, str],
) -> None:
    """The filters part the items that are acted on, and agree with the run's sums."""
    found, run_id = failed
    sums = found.client("mia").get(f"/api/runs/{run_id}").json()["sums"]
    every = lines(found, found.plan.hash)
    counts = Counter(line.get("outcome", "") for line in every)
    for name in ("done", "failed", "waiting", "skipped", "yielded", "in_doubt", "reverted"):
        some = lines(found, found.plan.hash, outcome=name)
        assert {line.get("outcome") for line in some} <= {name}
        assert len(some) == counts[name] == sums[name], name
    assert sums["failed"] > 1
    assert lines(found, found.plan.hash, outcome="planned") == []
    both = lines(found, found.plan.hash, outcome="failed", decision="clear")
    assert all((line["decision"], line["outcome"]) == ("clear", "failed") for line in both)


def test_filters_by_decision_wave_label_and_person_narrow_each_other(
    failed: tuple[Hall, str],
) -> None:
    """Each combination holds what the plan's items say."""
    found, _ = failed
    items = list(found.context.store.plans.items(found.plan.hash, acting=True))
    one = next(item for item in items if item.recipients and item.wave == 2)
    person = one.recipients[0]
    expected = [
        item.key
        for item in items
        if person in item.recipients and item.wave == 2 and item.decision == one.decision
    ]
    asked = {"mailed": person, "wave": 2, "decision": one.decision.value}
    shown = lines(found, found.plan.hash, **asked)
    assert [line["key"] for line in shown] == expected


@pytest.mark.parametrize(
    "written",
    [
        "https://github.com/{repository}/issues/{number}",
        "  https://github.com/{upper}/pull/{number}#issuecomment-12  ",
        "https://ghe.example/{repository}/issues/{number}?x=1",
        "{repository}#{number}",
    ],
)
def test_a_pasted_link_finds_its_item(failed: tuple[Hall, str], written: str) -> None:
    """In whatever case, and no item of another repository with the same number."""
    found, _ = failed
    for repository in (SOURCE, TARGET):
        items = found.context.store.plans.items(found.plan.hash)
        item = next(each for each in items if each.repository == repository)
        link = written.format(repository=repository, upper=repository.upper(), number=item.number)
        assert [line["key"] for line in lines(found, found.plan.hash, q=link)] == [item.key]


def test_the_csv_is_what_the_filter_shows(failed: tuple[Hall, str]) -> None:
    """The same items in the same order, with how each one stands; the page links to it."""
    found, _ = failed
    client, prefix = found.client("rita"), f"/plan/{found.plan.hash[:16]}"
    query = "outcome=failed&order=title"
    page = client.get(f"{prefix}?{query}").text
    (link,) = re.findall(r'href="([^"]+items\.csv[^"]*)"', page)
    rows = list(
        csv.DictReader(io.StringIO(client.get(link.replace("&amp;", "&")).text, newline=""))
    )
    shown = lines(found, found.plan.hash, outcome="failed", order="title")
    assert [f"{row['repository']}#{row['number']}" for row in rows] == [
        line["key"] for line in shown
    ]
    assert {row["outcome"] for row in rows} == {"failed"}
    assert all(row["text"] for row in rows)


def test_failures_are_grouped_by_cause_with_githubs_message(failed: tuple[Hall, str]) -> None:
    """One line with its count, the message as text, and a way to try exactly those again."""
    found, run_id = failed
    client = found.client("mia")
    page = client.get("/runs").text
    count = client.get("/api/troubles").json()["count"]
    assert re.findall(r"<b data-count>(\d+)</b>", page) == [str(count)]
    assert "Body <b>is</b> invalid" in Page(page).text
    assert "Body &lt;b&gt;is&lt;/b&gt; invalid" in page
    (cause,) = client.get("/api/troubles").json()["causes"]
    assert (cause["count"], cause["run_id"]) == (count, run_id)
    assert client.post(f"/runs/{run_id}/retry", data={"code": "no_such"}).status_code == 409
    again = client.post(f"/runs/{run_id}/retry", data={"code": cause["code"]})
    assert again.status_code == 303
    assert found.context.store.plans.newest(1)[0].totals.notices == count
    assert "Retry" not in found.client("tria").get("/runs").text


def test_a_run_lists_its_waves_with_progress_and_its_items(failed: tuple[Hall, str]) -> None:
    """The waves add up to the run's sums; each number leads to exactly those items."""
    found, run_id = failed
    client = found.client("mia")
    sums = client.get(f"/api/runs/{run_id}").json()["sums"]
    told = client.get(f"/api/runs/{run_id}/waves", params={"page": 1}).json()
    whole: Counter[str] = Counter()
    for wave in told["waves"]:
        whole.update(wave["outcomes"])
        assert sum(wave["outcomes"].values()) == wave["items"]
    assert {name: count for name, count in sums.items() if count and name in whole} == whole
    page = client.get(f"/runs/{run_id}").text
    assert page.count("data-wave=") == told["count"]
    links = re.findall(r'href="([^"]+)#items" data-stands="(\w+)">(\d+) ', page)
    assert links
    for link, name, number in links:
        shown = client.get(link.replace("&amp;", "&")).text
        assert f'role="status">{number} item' in shown
        assert Counter(
            re.findall(r'class="outcome (\w+)">', shown[shown.index('id="items"') :])
        ) == {name: int(number)}
