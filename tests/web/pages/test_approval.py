"""An approval with its cost beside it, its comment, and a second person where the file asks for
one; what cannot be undone is asked once more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from importlib import resources

import pytest

from migrator.domain.planning.plan import PlanKind
from migrator.services.approved_plans import waiting_plans
from migrator.services.mail_forecast import mail_forecast
from migrator.store.plans import StoredPlan
from tests.support.dashboard import SOURCE, Hall, hall, planned


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A migration whose file asks for two approvers."""
    folder = tmp_path_factory.mktemp("two")
    preset = resources.files("migrator.presets").joinpath("keras.toml").read_text("utf-8")
    file = folder / "keras.toml"
    file.write_text(preset.replace("[plan]\n", "[plan]\napprovers = 2\n"), encoding="utf-8")
    with hall(folder, items=40, applies=False, migration=str(file)) as found:
        yield found


def costs(html: str) -> dict[str, str]:
    """What stands beside the button."""
    return dict(re.findall(r'data-cost="(\w+)">([^<]+)<', html))


def test_the_cost_stands_beside_the_button(fresh: Hall) -> None:
    """Mails, people, hours, days, closes and set-aside items of the forecast, the gates, and three
    texts of each decision that has so many."""
    plan = planned(fresh.context, later=timedelta(seconds=11))
    mails, client = mail_forecast(fresh.context, plan.hash), fresh.client("mia")
    page = client.get(f"/plan/{plan.hash[:16]}").text
    shown = costs(page)
    expected = {
        "posted": plan.totals.notices,
        "closes": plan.totals.closes,
        "mails": mails.mails,
        "people": mails.people,
        "most": mails.most,
        "days": max(1, mails.days),
        "set_aside": 0,
    }
    assert {name: int(shown[name].replace(",", "")) for name in expected} == expected
    assert "hours" in shown
    assert "Nobody gets more than 5 notices a day, or a 30th of theirs where that is more." in page
    assert "opened again" in page, "the gates of the breaker"
    api = client.get(f"/api/plans/{plan.hash}").json()
    assert api["cost"]["mails"] == mails.mails
    texts = Counter(sample["decision"] for sample in api["samples"])
    acting = Counter(
        item.decision.value for item in fresh.context.store.plans.items(plan.hash, acting=True)
    )
    assert texts == {name: min(3, count) for name, count in acting.items() if name in texts}
    assert max(texts.values()) == 3


def test_what_changed_since_the_plan_before_stands_there_too(fresh: Hall) -> None:
    """An answer between two plans shows as one move."""
    planned(fresh.context, later=timedelta(seconds=12))
    client, path = fresh.client("mia"), fresh.path("redirect")
    client.post(f"{path}/decide", data={"decision": "leave", "reason": "ours", "seen": "0"})
    plan = planned(fresh.context, later=timedelta(seconds=13))
    page = client.get(f"/plan/{plan.hash[:16]}").text
    changed = page[page.index('id="changed"') : page.index('id="gates"')]
    assert "1 item decided otherwise" in changed
    assert client.get(f"/api/plans/{plan.hash}").json()["changed"]["count"] == 1


def test_a_comment_is_stored_audited_and_shown(fresh: Hall) -> None:
    """It is a text of a person: it stands there as such."""
    plan, client = planned(fresh.context, later=timedelta(seconds=14)), fresh.client("mia")
    words = "Agreed with <b>Ada</b>; see the mailing list."
    reply = client.post(f"/plan/{plan.hash}/approve", data={"typed": SOURCE, "comment": words})
    assert reply.status_code == 303
    assert "Agreed with &lt;b&gt;Ada&lt;/b&gt;" in client.get(f"/plan/{plan.hash[:16]}").text
    (deed,) = fresh.context.store.audit.newest(subject=plan.hash)
    assert deed.detail.endswith(f"comment: {words}")
    card = client.get(f"/api/plans/{plan.hash}").json()["plan"]
    assert [each["comment"] for each in card["approvals"]] == [words]


def approve(hall: Hall, login: str, plan: StoredPlan) -> int:
    """What the page answers."""
    reply = hall.client(login).post(f"/plan/{plan.hash}/approve", data={"typed": SOURCE})
    return int(reply.status_code)


def test_a_second_person_approves_where_the_file_asks_for_one(two: Hall) -> None:
    """One approval starts nothing, on no way; the same person cannot be both. An undo needs one."""
    plan, client = two.plan, two.client("mia")
    assert approve(two, "mia", plan) == 303
    assert "It needs the approval of 1 more person" in client.get(f"/plan/{plan.hash}").text
    assert client.post(f"/plan/{plan.hash}/start", data={"fast": "1"}).status_code == 409
    assert waiting_plans(two.context) == []
    assert approve(two, "mia", plan) == 409
    codes = [need["code"] for need in client.get("/api/overview").json()["needs"]]
    assert "approve" in codes
    assert approve(two, "ada", plan) == 303
    assert [each.hash for each in waiting_plans(two.context)] == [plan.hash]
    page = client.post(f"/plan/{plan.hash}/start", data={"fast": "1"}).headers["location"]
    two.work(page.rpartition("/")[2])
    client.post(f"{page}/undo", data={"wave": "1"})
    (undo,) = two.context.store.plans.newest(1, kinds=(PlanKind.UNDO,))
    assert approve(two, "mia", undo) == 303
    assert client.post(f"/plan/{undo.hash}/start", data={"fast": "1"}).status_code == 303


def test_an_undo_speaks_of_corrections_and_reopens(two: Hall) -> None:
    """Nobody is mailed for a correction; what is opened again is counted."""
    (undo,) = two.context.store.plans.newest(1, kinds=(PlanKind.UNDO,))
    page = two.client("mia").get(f"/plan/{undo.hash[:16]}").text
    shown = costs(page)
    assert int(shown["corrected"]) == undo.totals.notices == 1
    assert int(shown["reopens"]) == undo.totals.closes
    assert "posted" not in shown
    assert "<h1>1 correction, " in page
    mailed = mail_forecast(two.context, undo.hash)
    assert mailed.notices == 0
    assert "No gate holds an undo back" in page


def test_a_plan_that_was_never_begun_is_listed_and_can_be_discarded(fresh: Hall) -> None:
    """After one more question, by its whole hash; the audit log keeps that it was."""
    plan, client = planned(fresh.context, later=timedelta(seconds=15)), fresh.client("mia")
    runs = client.get("/runs").text
    assert f"/plan/{plan.hash}/discard" in runs[runs.index('id="open-plans"') :]
    asked = client.get(f"/plan/{plan.hash}/discard").text
    assert "Discard this plan?" in asked
    assert f'action="/plan/{plan.hash}/discard"' in asked
    assert client.post(f"/plan/{plan.hash[:20]}/discard").status_code == 409
    assert client.post(f"/plan/{plan.hash}/discard").status_code == 303
    assert client.get(f"/plan/{plan.hash[:16]}").status_code == 404
    assert plan.hash not in client.get("/runs").text.partition('id="deeds"')[0]
    assert [deed.verb for deed in fresh.context.store.audit.newest(1)] == ["discard"]


def test_a_plan_with_a_run_is_kept(two: Hall) -> None:
    """What was done stays on record with its plan."""
    begun = two.context.store.runs.newest(1, kinds=(PlanKind.MIGRATE,))[0].plan_hash
    client = two.client("mia")
    assert client.post(f"/plan/{begun}/discard").status_code == 409
    assert client.post(f"/api/plans/{begun}/discard").status_code == 409
    assert client.get(f"/plan/{begun[:16]}").status_code == 200
    assert f"/plan/{begun}/discard" not in client.get(f"/plan/{begun[:16]}").text


def test_ending_a_run_for_good_is_asked_once_more(two: Hall) -> None:
    """The run's page asks in a dialog, and leads to a page that asks where there are no
    scripts."""
    plan = two.context.store.plans.newest(1, kinds=(PlanKind.UNDO,))[0]
    run = two.context.store.runs.newest(1, plan_hash=plan.hash)[0]
    client = two.client("mia")
    page = client.get(f"/runs/{run.id}").text
    assert '<dialog id="cancel"' in page
    assert f'href="/runs/{run.id}/cancel"' in page
    assert "End this run for good?" in client.get(f"/runs/{run.id}/cancel").text
    assert client.post(f"/runs/{run.id}/cancel").status_code == 303
    assert "has ended already" in client.get(f"/runs/{run.id}/cancel").text
