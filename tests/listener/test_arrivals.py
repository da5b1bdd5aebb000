"""Items that arrive while somebody listens."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from migrator.domain.evidence import Ownership
from migrator.domain.items import State
from migrator.domain.webhooks.triggers import Trigger
from migrator.store.plans import Plans
from tests.support.listener import House, deliver
from tests.support.small_world import SOURCE, TARGET


def sent(home: House) -> list[tuple[str, dict[str, Any]]]:
    """Event and payload of everything that GitHub has told so far."""
    return [(each.event, dict(each.payload)) for each in home.github.world.deliveries.values()]


def test_a_new_item_of_ours_gets_one_notice(home: House) -> None:
    """One comment with the new address and what to do if it is wrong; the item stays open."""
    number = home.open()
    home.until(lambda: len(home.comments(number)) == 1)
    home.settle()
    (notice,) = home.comments(number)
    assert f"https://github.com/{TARGET}" in notice
    assert "/not-widget" in notice
    assert home.is_open(number)


def test_the_same_event_in_any_number_and_order_gives_one_notice(home: House) -> None:
    """Redelivered, replayed under other ids, shuffled, in parallel: state decides, not the count
    of messages."""
    number = home.open()
    home.github.act("root", "label", number, labels=["bug"])
    home.say(number, "It still does.")
    home.settle()
    again = [
        (event, payload, f"replay-{copy}-{place}")
        for place, (event, payload) in enumerate(sent(home))
        for copy in range(5)
    ]
    random.Random(7).shuffle(again)
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda one: deliver(home, *one), again))
    home.settle()
    assert set(statuses) == {202}
    assert len(home.comments(number)) == 1
    assert all(result.startswith(("done", "ignored")) for result in home.results())


def test_what_is_not_ours_is_left_alone(home: House) -> None:
    """No comment, no label, nothing."""
    number = home.open("The gear is loud", "The gear grinds whenever it turns.")
    home.settle()
    assert home.comments(number) == []
    assert home.results() == ["done: arrival: leave not_ours"]


def test_what_says_nothing_waits_for_a_maintainer(home: House) -> None:
    """Nobody has tried the file's words, so what they do not find may be ours all the same."""
    number = home.open("Help", "Something is off here.")
    home.settle()
    assert home.comments(number) == []
    assert home.results() == ["done: arrival: review unsure"]


def test_what_is_unsure_waits_for_a_maintainer(home: House) -> None:
    """It is judged and kept for the review queue, and not written to."""
    number = home.open(
        "The gear breaks the widget",
        "The widget and the gear do not fit.",
        labels=("comp:widget", "other"),
    )
    home.settle()
    assert home.comments(number) == []
    judged = home.context.store.verdicts.stream(rules_digest=home.context.migration.digest)
    assert [(each.item.number, each.ownership.answer) for each in judged] == [
        (number, Ownership.UNSURE)
    ]


def test_a_label_that_comes_later_still_welcomes(home: House) -> None:
    """Triage takes its time; a young item is looked at again with every change."""
    number = home.open(
        "It is broken", "Turning it does nothing at all, and I have tried everything."
    )
    home.settle()
    assert home.comments(number) == []
    home.github.act("root", "label", number, labels=["comp:widget"])
    home.until(lambda: len(home.comments(number)) == 1)


def test_a_new_pull_request_on_the_moved_path_is_told_how_to_carry_it_over(home: House) -> None:
    """Before a reviewer spends time on it; it stays open for its grace."""
    number = home.open("Mend it", do="open_pull", paths=["widget/core.py"])
    home.until(lambda: len(home.comments(number)) == 1)
    home.settle()
    assert "git am" in home.comments(number)[0]
    assert home.is_open(number)


def test_a_pull_request_whose_grace_ends_in_silence_is_closed(home: House) -> None:
    """The listener's own runs are taken up again like any other."""
    number = home.open("Mend it", do="open_pull", paths=["widget/core.py"])
    home.until(lambda: len(home.comments(number)) == 1)
    home.settle()
    home.pass_time(days=14, minutes=1)
    home.apply_due()
    assert not home.is_open(number)
    assert len(home.comments(number)) == 1


def test_a_person_who_speaks_during_the_grace_keeps_it_open(home: House) -> None:
    """The close is cancelled at once, and the notice says why it stays."""
    number = home.open("Mend it", do="open_pull", paths=["widget/core.py"])
    home.until(lambda: len(home.comments(number)) == 1)
    home.settle()
    home.pass_time(days=3)
    home.say(number, "I am on it.")
    home.until(lambda: "stays open" in home.comments(number)[0])
    home.pass_time(days=30)
    home.apply_due()
    assert home.is_open(number)
    assert len(home.comments(number)) == 1


def test_a_thread_that_a_bot_has_buried_is_stored_as_far_as_a_scan_reads_it(quiet: House) -> None:
    """A plan may be made from what a delivery stored; GitHub shows 100 comments at a time."""
    number = quiet.open()
    quiet.say(number, "It still does.")
    quiet.pass_time(days=1)
    for _ in range(120):
        quiet.say(number, "Is this still an issue?", by="rex")
    quiet.handle(number, Trigger.ARRIVAL)
    (stored,) = quiet.context.store.snapshots.stream(state=State.OPEN)
    assert stored.comments[0].body == "It still does."
    assert len(stored.comments) == stored.comments_total


@pytest.mark.parametrize("heard", [True, False], ids=["webhook", "due"])
def test_a_push_during_the_grace_counts_whatever_date_its_commits_bear(
    quiet: House, heard: bool
) -> None:
    """They were written long ago, or by a machine whose clock is wrong: the branch's head is
    another one all the same."""
    number = quiet.open("Mend it", do="open_pull", paths=["widget/core.py"])
    quiet.handle(number, Trigger.ARRIVAL)
    quiet.pass_time(days=3)
    quiet.github.act("amy", "push", number, at="2015-06-01T00:00:00Z")
    if heard:
        quiet.handle(number, Trigger.SPEECH)
    quiet.pass_time(days=14)
    quiet.apply_due()
    assert quiet.is_open(number)
    (notice,) = quiet.comments(number)
    assert "stays open" in notice
    assert "amy added commits that we saw on" in notice


def test_who_removes_our_notice_during_the_grace_keeps_it_open(home: House) -> None:
    """Nothing is closed without a notice that people can see; there is no second one either."""
    number = home.open("Mend it", do="open_pull", paths=["widget/core.py"])
    home.until(lambda: len(home.comments(number)) == 1)
    home.settle()
    home.pass_time(days=1)
    home.github.act(
        "root", "delete_comment", number, comment=home.github.item(number)["comments"][0]["id"]
    )
    home.until(lambda: "done: speech: kept open: a person spoke" in home.results())
    home.pass_time(days=14)
    home.apply_due()
    assert home.is_open(number)
    assert home.comments(number) == []


def test_a_notice_that_was_removed_unheard_is_missed_before_the_close(quiet: House) -> None:
    """No webhook told of it; the reading right before the close does."""
    number = quiet.open("Mend it", do="open_pull", paths=["widget/core.py"])
    quiet.handle(number, Trigger.ARRIVAL)
    quiet.github.act(
        "root", "delete_comment", number, comment=quiet.github.item(number)["comments"][0]["id"]
    )
    quiet.pass_time(days=14, minutes=1)
    quiet.apply_due()
    assert quiet.is_open(number)
    (recorded,) = quiet.context.store.ledger.of_item(f"{SOURCE}#{number}")
    assert (recorded.state.outcome, recorded.state.code) == ("yielded", "notice_deleted")


def test_a_bot_that_speaks_during_the_grace_changes_nothing(home: House) -> None:
    """Only people move the clock."""
    number = home.open("Mend it", do="open_pull", paths=["widget/core.py"])
    home.until(lambda: len(home.comments(number)) == 1)
    home.settle()
    before = home.comments(number)
    home.pass_time(days=3)
    home.say(number, "Checks passed.", by="rex")
    home.settle()
    assert home.comments(number) == before
    home.pass_time(days=12)
    home.apply_due()
    assert not home.is_open(number)


def test_policy_may_close_what_arrives(strict: House) -> None:
    """Then the notice stands first, and the label is on it."""
    number = strict.open(labels=("comp:widget",))
    strict.until(lambda: not strict.is_open(number))
    strict.settle()
    assert len(strict.comments(number)) == 1
    assert "migrated" in strict.github.item(number)["labels"]


def test_an_item_from_before_the_listener_is_the_batchs(quiet: House) -> None:
    """An edit of an old item does not welcome it."""
    number = quiet.open()
    quiet.pass_time(hours=1)
    quiet.context.store.snapshots.save_facts(
        "(follow)", b'{"at":"2024-01-10T12:30:00Z"}', quiet.context.clock()
    )
    quiet.__post_init__()
    assert quiet.handle(number, Trigger.ARRIVAL) == "arrival: no arrival"
    assert quiet.comments(number) == []


def test_an_item_that_is_gone_is_set_aside(home: House) -> None:
    """Deleted before anybody looked: nothing fails, and nothing is planned for it."""
    number = home.open("Help", "Something is off.")
    home.settle()
    home.github.act("root", "delete", number)
    home.until(lambda: "done: gone" in home.results())
    assert home.context.store.snapshots.count() == 0


def test_every_welcome_is_a_plan_that_can_be_found_and_undone(home: House) -> None:
    """The listener acts by plan and ledger like everybody else; its plan is approved by the
    migration file."""
    number = home.open()
    home.until(lambda: len(home.comments(number)) == 1)
    home.settle()
    (recorded,) = home.context.store.ledger.of_item(f"{SOURCE}#{number}")
    plans: Plans = home.context.store.plans
    approval = plans.approval(recorded.entry.plan_hash)
    assert approval is not None
    assert approval.approved_by == "the migration file"
    planned = plans.item(recorded.entry.plan_hash, SOURCE, number)
    assert planned is not None
    assert planned.decision == "welcome"
    run = home.context.store.runs.get(recorded.entry.run_id)
    assert run is not None
    assert run.state == "finished"
