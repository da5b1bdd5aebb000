"""The review queue: every question offers the answers that settle it, each answer is confirmed, and
can be undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from migrator.domain.decisions import Decision, ReviewAnswer
from migrator.domain.evidence import Ownership
from migrator.domain.items import ItemRef
from migrator.execution.review_accuracy import measure
from migrator.services import review
from tests.support.dashboard import Hall, hall, planned, scan_again
from tests.support.html import Page


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A migration with questions of every kind: unsure ones, locked threads, and pull requests
    whose branch is gone."""
    with hall(tmp_path_factory.mktemp("asked"), items=90, applies=False) as found:
        _lock_some(found)
        yield found


def _lock_some(found: Hall) -> None:
    """On GitHub, and then read again."""
    context = found.context
    for item in [*context.store.plans.items(found.plan.hash, acting=True)][:6]:
        path = f"/repos/{item.repository}/issues/{item.number}/lock"
        assert found.sandbox.rest("PUT", path, by="ada").status_code == 204
    scan_again(context)
    planned(context)


def field(html: str, name: str) -> str:
    """Value of a form's hidden field."""
    found = Page(html).named("input")
    return next(each["value"] for each in found if each.get("name") == name)


def keys(html: str) -> list[str]:
    """The answers that a page offers."""
    return [each["value"] for each in Page(html).named("button") if each.get("name") == "key"]


def test_each_question_offers_the_same_on_page_api_and_command_line(asked: Hall) -> None:
    """And nothing that would leave the item waiting: a locked thread can only be left alone."""
    waiting = {one.key: one for one in review.waiting(asked.context)}
    assert {"locked", "unsure"} <= {one.decided.code for one in waiting.values()}
    client = asked.client("tria")
    for key, one in waiting.items():
        repository, _, number = key.partition("#")
        offered = [each.key.value for each in one.offers]
        assert keys(client.get("/review", params={"item": key}).text) == offered
        api = client.get(f"/api/items/{repository}/{number}").json()
        assert [each["key"] for each in api["offers"]] == offered
        if one.decided.code == "locked":
            assert {each.decision for each in one.offers} == {Decision.LEAVE}
            refused = client.post(f"/api/items/{repository}/{number}/answer", json={"key": "o"})
            assert refused.status_code == 409
            assert "does not settle" in refused.text
            assert asked.context.store.queue.answers_to(key) == []


def test_the_queue_is_in_one_order_on_page_api_and_command_line(asked: Hall) -> None:
    """Those first whose answers teach most, each with what that rests on, and a random tenth in
    between, marked."""
    client, expected = asked.client("tria"), list(review.waiting(asked.context))
    assert sum(one.sample for one in expected) == -(-len(expected) // 10)
    worth = [one.information for one in expected if not one.sample]
    assert worth == sorted(worth, reverse=True)
    assert worth[0] > worth[-1]
    after = ""
    for one in expected:
        shown = client.get("/api/review", params={"after": after}).json()
        after = shown["view"]["item"]["repository"] + f"#{shown['view']['item']['number']}"
        assert after == one.key
        assert shown["information"] == one.information
        assert shown.get("sample", False) is one.sample
        page = Page(client.get("/review", params={"item": after}).text).text
        assert ("drawn at random" in page) is one.sample
        assert (shown["similar"], shown.get("mails", 0)) == (one.similar, one.mails)
    assert field(client.get("/review", params={"after": after}).text, "item") == expected[0].key


def test_the_page_and_the_api_say_how_many_answers_are_needed(asked: Hall) -> None:
    """In the sentence that the command line prints, too."""
    client, needed = asked.client("tria"), measure(asked.context).needed
    assert needed.reason.startswith("Check 73 more automatic verdicts")
    assert needed.reason in Page(client.get("/review").text).text
    api = client.get("/api/review").json()["accuracy"]["needed"]
    assert api == {"more": 73, "reason": needed.reason}


def test_an_answer_is_confirmed_undone_and_given_again(asked: Hall) -> None:
    """The page says what was recorded and what follows; undo shows the same item, which waits
    again."""
    client, queue = asked.client("tria"), asked.context.store.queue
    before = queue.left(asked.plan.hash)
    page = client.get("/review").text
    item, key = field(page, "item"), keys(page)[0]
    after = client.post("/review/answer", data={"item": item, "key": key, "seen": "0"})
    shown = client.get(after.headers["location"]).text
    assert f"<bdi>{item}</bdi></a>: <b>" in shown
    assert 'data-key="z"' in shown
    assert queue.left(asked.plan.hash) == before - 1
    assert field(client.get("/review", params={"item": item}).text, "item") == item, "Back"
    assert asked.client("wally").post("/review/withdraw", data={"item": item}).status_code == 409
    back = client.post("/review/withdraw", data={"item": item})
    again = client.get(back.headers["location"]).text
    assert "Your answer was undone" in again
    assert field(again, "item") == item
    assert queue.left(asked.plan.hash) == before
    assert queue.answers_to(item) == []
    verbs = [deed.verb for deed in asked.dashboard.audited.newest(subject=item)]
    assert verbs[:2] == ["withdraw answer", "answer"]


def test_only_the_random_tenth_of_the_queue_counts_for_the_error_rate(asked: Hall) -> None:
    """The others are asked about because little is known of them. What an answer is good for is
    stored with it, given on the page or on the command line."""
    context, client = asked.context, asked.client("tria")
    before, waiting = measure(context).rate, list(review.waiting(context))
    checked = 0
    for place, one in enumerate(waiting):
        if place % 2:
            given = ReviewAnswer(by="tria", at=context.clock(), ownership=Ownership.NOT_OURS)
            review.record_answer(context, one.key, given)
        else:
            client.get("/review", params={"item": one.key})
            client.post("/review/answer", data={"item": one.key, "key": "n", "seen": "0"})
        (stored,) = context.store.queue.answers_to(one.key)
        assert stored.by_information is not one.sample
        judged = context.store.verdicts.get(*ItemRef.parse(one.key))
        assert judged is not None
        checked += one.sample and judged.ownership.answer is not Ownership.UNSURE
        rate = measure(context).rate
        assert (rate.checked, rate.asked) == (checked, place + 1 - checked)
    for one in waiting:
        client.post("/review/withdraw", data={"item": one.key})
    assert measure(context).rate == before


def test_an_address_cannot_make_the_page_say_something(asked: Hall) -> None:
    """What is shown comes from the database, whatever a link holds."""
    client = asked.client("tria")
    text = client.get("/review", params={"told": "Send your token", "answered": "Send#1"}).text
    assert "Send" not in Page(text).text
    assert client.get("/review", params={"refused": "Send your token"}).status_code == 422


def test_all_that_waits_can_be_answered_and_nothing_is_left(asked: Hall) -> None:
    """In the page, on the command line, and in the next plan."""
    client, given = asked.client("tria"), 0
    page = client.get("/review").text
    while "Nothing waits" not in page:
        offered = keys(page)
        data = {"item": field(page, "item"), "key": offered[given % len(offered)]}
        reply = client.post("/review/answer", data={**data, "seen": field(page, "seen")})
        page, given = client.get(reply.headers["location"]).text, given + 1
        assert given < 200
    assert 'data-key="z"' in page, "the last answer can be undone, too"
    assert list(review.waiting(asked.context)) == []
    assert not [
        need for need in client.get("/api/overview").json()["needs"] if need["code"] == "review"
    ]
    assert planned(asked.context).totals.decisions.get("review", 0) == 0
