"""One answer for items that wait on the same grounds: shown before, copied, and undone together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from migrator.domain.classification.classifier import Classifier
from migrator.domain.decisions import ReviewAnswer
from migrator.domain.evidence import Ownership
from migrator.domain.items import ItemRef
from migrator.errors import UsageError
from migrator.execution.own_account import bot_identity
from migrator.execution.review_accuracy import answered_items, measure
from migrator.services import review
from migrator.services.review import WaitingItem
from migrator.services.review_order import newest_order, order_of
from migrator.store.verdicts import ClassifiedItem
from tests.support.alike import report_again
from tests.support.dashboard import Hall, hall, planned
from tests.support.forked import run_forked
from tests.support.html import Page

REPORTS = 14


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A migration in which the same unsure report came from several people."""
    with hall(tmp_path_factory.mktemp("alike"), items=60, applies=False) as found:
        report_again(found, REPORTS)
        yield found


def group(found: Hall) -> list[WaitingItem]:
    """The reports that wait, without those of the random sample."""
    waiting = [one for one in review.waiting(found.context) if one.similar >= REPORTS]
    return [one for one in waiting if not one.sample]


def offered(html: str) -> list[str]:
    """The keys of the items that a page offers to answer alike."""
    found = Page(html).named("input")
    return [each["value"] for each in found if each.get("name") == "alike"]


def answers(found: Hall, key: str) -> list[ReviewAnswer]:
    """All answers about an item."""
    return found.context.store.queue.answers_to(key)


def test_the_items_alike_are_listed_before_the_answer(reported: Hall) -> None:
    """The same ones on page, API and command line, and none of the random sample."""
    first, *others = group(reported)
    client = reported.client("tria")
    page = client.get("/review", params={"item": first.key}).text
    assert offered(page) == [each.key for each in others]
    for each in others:
        assert f"/item/{each.key.replace('#', '/')}" in page
    queue = [one.key for one in review.waiting(reported.context)]
    before = queue[queue.index(first.key) - 1]
    asked = client.get("/api/review", params={"after": before}).json()
    assert asked["view"]["item"]["number"] == ItemRef.parse(first.key).number
    assert [each["key"] for each in asked["alike"]] == offered(page)
    case = review.look_at(reported.context, first.key, "tria")
    assert [each.key for each in case.alike] == offered(page)


def test_one_answer_is_copied_to_those_alike_and_undone_with_them(reported: Hall) -> None:
    """Each has an answer of its own with who, when and why, and the item that it repeats; one undo
    takes back all."""
    first, *others = group(reported)
    client, queue = reported.client("tria"), reported.context.store.queue
    before, plan = measure(reported.context).rate, reported.plan
    left = queue.left(plan.hash)
    page = client.get("/review", params={"item": first.key}).text
    data = {"item": first.key, "key": "n", "seen": "0", "reason": "One report, many times"}
    reply = client.post("/review/answer", data={**data, "same": "true", "alike": offered(page)})
    (original,) = answers(reported, first.key)
    assert original.copied_from == ""
    for each in others:
        (copy,) = answers(reported, each.key)
        assert (copy.by, copy.at, copy.reason) == ("tria", original.at, "One report, many times")
        assert (copy.ownership, copy.copied_from) == (Ownership.NOT_OURS, first.key)
        assert "as for" in reported.dashboard.audited.newest(subject=each.key)[0].detail
    assert queue.left(plan.hash) == left - 1 - len(others)
    shown = client.get(reply.headers["location"]).text
    assert f"and the same for {len(others)} items alike" in shown
    path = f"/item/{others[0].key.replace('#', '/')}"
    assert f"as for <bdi>{first.key}</bdi>" in client.get(path).text
    client.post("/review/withdraw", data={"item": first.key})
    assert [answers(reported, each.key) for each in (first, *others)] == [[]] * (len(others) + 1)
    assert queue.left(plan.hash) == left
    assert measure(reported.context).rate == before


def test_copies_are_no_answers_of_their_own_for_what_is_measured(reported: Hall) -> None:
    """Neither for the error rate nor for the calibration nor for labelled rows; but the next plan
    follows them."""
    first, *others = group(reported)
    context, client = reported.context, reported.client("tria")
    before = measure(context).rate
    keys = [each.key for each in others]
    owner, _, number = first.key.partition("#")
    reply = client.post(
        f"/api/items/{owner}/{number}/answer/alike", json={"key": "n", "alike": keys}
    )
    assert reply.json()["copied"] == keys
    after = measure(context).rate
    assert (after.checked, after.asked) == (before.checked, before.asked + len(keys) + 1)
    assert {item.key for item, _ in answered_items(context)} & {first.key, *keys} == {first.key}
    decided = {item.key: item.code for item in context.store.plans.items(planned(context).hash)}
    assert {decided[key] for key in keys} == {"reviewer"}
    client.post(f"/api/items/{owner}/{number}/answer/withdraw")
    planned(context)


def test_what_changed_in_the_meantime_is_left_out(reported: Hall) -> None:
    """What somebody else answered or has open now."""
    first, answered, held, *others = group(reported)
    client = reported.client("tria")
    page = client.get("/review", params={"item": first.key}).text
    assert {answered.key, held.key} <= set(offered(page))
    given = ReviewAnswer(by="mia", at=reported.context.clock(), ownership=Ownership.OURS)
    review.record_answer(reported.context, answered.key, given)
    reported.client("wally").get("/review", params={"item": held.key})
    data = {"item": first.key, "key": "n", "seen": "0", "same": "true", "alike": offered(page)}
    client.post("/review/answer", data=data)
    assert [each.by for each in answers(reported, answered.key)] == ["mia"]
    assert answers(reported, held.key) == []
    assert all(answers(reported, each.key) for each in others)
    client.post("/review/withdraw", data={"item": first.key})
    assert [each.by for each in answers(reported, answered.key)] == ["mia"]
    review.withdraw_answer(reported.context, answered.key, "mia")


def test_an_answer_is_copied_to_no_item_that_is_not_alike(reported: Hall) -> None:
    """Whoever names one; without the box nothing is copied at all."""
    first, second, *_ = group(reported)
    other = next(one for one in review.waiting(reported.context) if one.similar < REPORTS)
    client = reported.client("tria")
    owner, _, number = first.key.partition("#")
    reply = client.post(
        f"/api/items/{owner}/{number}/answer/alike",
        json={"key": "n", "alike": [second.key, other.key]},
    )
    assert reply.json()["copied"] == [second.key]
    assert answers(reported, other.key) == []
    client.post("/review/withdraw", data={"item": first.key})
    client.get("/review", params={"item": first.key})
    data = {"item": first.key, "key": "n", "seen": "0", "alike": [second.key]}
    client.post("/review/answer", data=data)
    assert answers(reported, second.key) == []
    client.post("/review/withdraw", data={"item": first.key})


def test_what_is_judged_or_decided_otherwise_now_is_left_out(reported: Hall) -> None:
    """The list is that of the plan; the verdicts may be newer."""
    first, *_, rejudged, locked = group(reported)
    context, store = reported.context, reported.context.store
    judged = {key: store.verdicts.get(*ItemRef.parse(key)) for key in (rejudged.key, locked.key)}
    before, unlocked = judged[rejudged.key], judged[locked.key]
    assert before is not None
    assert unlocked is not None
    leaning = replace(before.ownership, contradiction="two owners' labels")
    save(reported, replace(before, ownership=leaning))
    store.snapshots.save([replace(unlocked.item, locked=True)], read_at=context.clock())
    client = reported.client("tria")
    listed = offered(client.get("/review", params={"item": first.key}).text)
    assert {rejudged.key, locked.key} <= set(listed)
    owner, _, number = first.key.partition("#")
    path = f"/api/items/{owner}/{number}/answer"
    reply = client.post(f"{path}/alike", json={"key": "o", "alike": listed})
    left_out = {rejudged.key, locked.key}
    assert reply.json()["copied"] == [key for key in listed if key not in left_out]
    client.post(f"{path}/withdraw")
    save(reported, before)
    store.snapshots.save([unlocked.item], read_at=context.clock())


def save(found: Hall, judged: ClassifiedItem) -> None:
    """Store a verdict on an item in place of the one that it has."""
    context = found.context
    judge = Classifier(context.migration.file, bot_identity(context))
    facts, *_ = judge.verdicts(judged.item, context.clock())
    digest = context.migration.digest
    as_of = context.store.verdicts.as_of(rules_digest=digest) or context.clock()
    context.store.verdicts.save([(judged, facts)], rules_digest=digest, as_of=as_of)


def test_the_command_line_wants_the_number_that_it_listed(reported: Hall) -> None:
    """So that nobody answers for items that they have not seen."""
    first = group(reported)[0].key
    listed = review.look_at(reported.context, first, "ann").alike
    given = ReviewAnswer(by="ann", at=reported.context.clock(), ownership=Ownership.NOT_OURS)
    with pytest.raises(UsageError, match=f"{len(listed)} items are alike"):
        review.record_answer(reported.context, first, given, alike=len(listed) + 1)
    assert answers(reported, first) == []
    case = review.record_answer(reported.context, first, given, alike=len(listed))
    assert list(case.copied) == [each.key for each in listed]
    review.withdraw_answer(reported.context, first, "ann")
    assert answers(reported, listed[0].key) == []


def test_the_command_line_lists_those_alike_answers_and_undoes(reported: Hall) -> None:
    """With the option to add, and how many got the answer."""
    first = group(reported)[0].key
    listed = review.look_at(reported.context, first, "ann").alike
    count = len(listed)
    shown = command(reported, first)
    assert f"Add `--alike {count}` to give these the same answer." in shown
    assert all(each.key in shown for each in listed)
    done = command(reported, first, "--whose", "not_ours", "--alike", str(count))
    assert f"The same was recorded for {count} items alike." in done
    assert f"not_ours as for {first}, by ann" in command(reported, listed[0].key)
    command(reported, first, "--undo")
    assert answers(reported, listed[0].key) == []


def command(found: Hall, *words: str) -> str:
    """What `migrator review` prints to ann."""
    folder = Path(str(found.context.store.engine.url.database)).parent
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIGRATOR_")}
    settings = {
        "MIGRATOR_DATABASE_URL": f"sqlite:///{folder / 'migrator.sqlite'}",
        "MIGRATOR_MIGRATION": "keras",
        "MIGRATOR_GITHUB_URL": found.sandbox.url,
        "COLUMNS": "200",
    }
    code, out, err = run_forked(["review", *words, "--by", "ann"], folder, kept | settings)
    assert code == 0, err
    return str(out)


def test_a_migration_without_a_plan_has_no_order_of_another_one(reported: Hall) -> None:
    """The order that was read last stays in memory, and several migrations share a database."""
    context = reported.context
    assert newest_order(context).items
    assert order_of(context, "").items == ()
