"""What is stored goes along when an item or its repository gets another name."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from migrator.domain.classification.activity import Act, ActivityFacts, ActName
from migrator.domain.classification.activity.facts import Subject
from migrator.domain.decisions import ReviewAnswer
from migrator.domain.evidence import (
    Activity,
    ActivityVerdict,
    Evidence,
    Leaning,
    Ownership,
    OwnershipVerdict,
)
from migrator.domain.items import Item, ItemRef
from migrator.store import Store
from migrator.store.landings import Landing
from migrator.store.runs import Run
from migrator.store.set_aside import READ, SetAsideItem
from migrator.store.snapshots import Cursor
from migrator.store.verdicts import ClassifiedItem
from tests.store.conftest import NOW
from tests.store.test_items import OLD, RENAMED
from tests.store.test_ledger import entry


def judged(store: Store, item: Item) -> None:
    """Verdicts on an item, with the facts that they rest on."""
    facts = ActivityFacts(
        reading="r",
        subject=Subject(repository=item.repository, number=item.number, created_at=NOW),
        last=Act(name=ActName.OPENED, at=NOW, actor="root"),
    )
    one = ClassifiedItem(
        item=item,
        ownership=OwnershipVerdict(answer=Ownership.OURS, probability=0.9),
        activity=ActivityVerdict(
            answer=Activity.STALE, clock=NOW, deciding=Evidence(signal="clock", says=Leaning.STALE)
        ),
    )
    store.verdicts.save([(one, facts)], rules_digest="d", as_of=NOW)


def test_a_renamed_repository_keeps_all_that_is_known_of_it(store: Store, run: Run) -> None:
    """Snapshots, verdicts, what is set aside, cursors, answers and landings: nothing has to be read
    or judged anew, and no answer is asked for again."""
    store.snapshots.save_facts("big/house", b'{"id":"R_1"}', NOW)
    store.snapshots.save_page(
        [OLD], read_at=NOW, kind="issue", repository="big/house", cursor=Cursor(complete_until=NOW)
    )
    judged(store, OLD)
    aside = SetAsideItem(
        repository="big/house",
        number=2,
        kind="issue",
        stage=READ,
        cause="incomplete",
        words="",
        first_at=NOW,
        last_at=NOW,
    )
    store.set_aside.put([aside])
    opened = store.ledger.open_entry(entry())
    answer = ReviewAnswer(by="root", at=NOW)
    store.queue.answer(OLD.key, answer, seen=0, now=NOW)
    store.landings.record(
        Landing(old_key=OLD.key, new_key="new/place#1", new_url="u", how="fixes", found_at=NOW)
    )
    hour = timedelta(hours=1)
    assert store.queue.claim("big/house#2", "amy", NOW, hour) == ""
    store.items.rename_repository("big/house", "big/home", NOW)
    for key in ("big/house#2", "big/home#2"):  # a plan from before goes by the old name
        assert store.queue.claim(key, "bob", NOW, hour) == "amy"
    store.queue.claim("big/home#1", "amy", NOW, hour)
    assert store.queue.claim("big/house#2", "bob", NOW, hour) == ""
    assert store.snapshots.get("big/home", 1) == RENAMED
    assert store.snapshots.count() == 1
    assert store.snapshots.cursor("big/home", "issue").complete_until == NOW
    assert store.snapshots.facts("big/house") is None
    kept = store.verdicts.get("big/home", 1)
    assert kept is not None
    assert kept.ownership.probability == 0.9
    assert next(store.verdicts.stored(rules_digest="d")).facts.subject.repository == "big/home"
    assert [each.key for each in store.set_aside.all()] == ["big/home#2"]
    for key in (OLD.key, RENAMED.key):
        assert store.queue.answers_to(key) == [answer]
        assert [each.new_key for each in store.landings.of_old(key)] == ["new/place#1"]
        assert store.ledger.of_item(key) == [opened]
    assert store.verdicts.answers() == {RENAMED.key: answer}
    assert store.queue.read_times() == {RENAMED.key: NOW}
    assert not store.landings.record(
        Landing(old_key=RENAMED.key, new_key="new/place#1", new_url="u", how="fixes", found_at=NOW)
    )
    names = store.items.names(opened.entry.item_id or 0)
    assert [(str(each.ref), each.repository_id) for each in names] == [
        ("big/house#1", "R_1"),
        ("big/home#1", ""),
    ]


def test_what_was_read_under_the_new_name_already_is_newer(store: Store, run: Run) -> None:
    """Where a rename is noticed late, the rows under the old name give way."""
    store.snapshots.save([OLD, replace(OLD, number=2, id="I_2")], read_at=NOW)
    newer = replace(RENAMED, id="I_9", title="newer")
    store.snapshots.save([newer], read_at=NOW)
    store.items.rename_repository("big/house", "big/home", NOW)
    assert [each.title for each in store.snapshots.stream()] == ["newer", ""]
    assert store.snapshots.get("big/home", 1) == newer


def test_an_answer_and_a_landing_follow_a_transferred_item(store: Store, run: Run) -> None:
    """Also where the ledger knows nothing of it yet."""
    store.snapshots.save([OLD], read_at=NOW)
    answer, new = ReviewAnswer(by="root", at=NOW), ItemRef("other/place", 7)
    store.verdicts.record_answer(OLD.key, answer)
    store.landings.record(
        Landing(old_key=OLD.key, new_key="new/place#1", new_url="u", how="fixes", found_at=NOW)
    )
    assert store.items.knows(OLD.ref)
    assert store.items.alias(OLD.ref, new, node_id="I_new", at=NOW)
    assert store.queue.answers_to(str(new)) == [answer]
    assert store.verdicts.answers() == {str(new): answer}
    assert [each.old_key for each in store.landings.of_old(str(new))] == [str(new)]
