"""An item stays the same item under every name that it gets."""

from __future__ import annotations

import csv
import io

from msgspec.structs import replace

from migrator.config.migration_file import load
from migrator.config.settings import Settings
from migrator.domain.decisions import ReviewAnswer
from migrator.domain.items import Item, ItemRef
from migrator.domain.protocol.ledger import ActKind, Attempt, Intended
from migrator.execution.migration_state import MigrationState
from migrator.sandbox.ids import node_id
from migrator.services.moved_items import moved_csv, moved_items
from migrator.store import Store
from migrator.store.landings import Landing
from migrator.store.runs import Run
from tests.store.conftest import NOW
from tests.store.test_ledger import entry

OLD = Item(repository="big/house", number=1, id="I_1", created_at=NOW, updated_at=NOW)
RENAMED = replace(OLD, repository="big/home")


def test_a_renamed_repository_gives_its_items_another_name(store: Store, run: Run) -> None:
    """The ledger finds them by either; answers and landings come along, and no second item
    appears."""
    store.snapshots.save([OLD], read_at=NOW)
    opened = store.ledger.open_entry(entry())
    answer = ReviewAnswer(by="root", at=NOW)
    store.verdicts.record_answer(OLD.key, answer)
    store.landings.record(
        Landing(old_key=OLD.key, new_key="new/place#1", new_url="u", how="fixes", found_at=NOW)
    )
    store.snapshots.save([RENAMED], read_at=NOW)
    assert store.snapshots.count() == 1
    assert store.snapshots.get("big/house", 1) is None
    assert store.ledger.of_item("big/home#1") == store.ledger.of_item("big/house#1") == [opened]
    assert store.items.present_names() == {opened.entry.item_id: "big/home#1"}
    assert store.verdicts.answers() == {"big/home#1": answer}
    assert [each.new_key for each in store.landings.of_old("big/home#1")] == ["new/place#1"]


def test_a_transfer_adds_a_name_with_another_node_id(store: Store, run: Run) -> None:
    """What is read at the new place afterwards belongs to the same item."""
    opened = store.ledger.open_entry(entry())
    new = ItemRef("other/place", 7)
    store.items.alias(opened.entry.ref, new, node_id="I_new", at=NOW)
    assert store.ledger.of_item("other/place#7", "I_new") == [opened]
    again = store.ledger.open_entry(
        entry(id="again", item_key=str(new), node_id="I_new", nonce="c" * 32)
    )
    assert again.entry.item_id == opened.entry.item_id
    names = store.items.names(opened.entry.item_id or 0)
    assert [(each.ref, each.seen_until) for each in names] == [
        (ItemRef("big/house", 1), NOW),
        (new, None),
    ]


def test_an_item_whose_id_comes_in_the_other_form_keeps_its_history(store: Store, run: Run) -> None:
    """GitHub names one thing by two ids: it is no other item, and gets no other notice."""
    legacy, new = "MDU6SXNzdWUx", node_id("I", 1)
    first = store.ledger.open_entry(entry(node_id=legacy))
    assert store.histories.all().of(new, OLD.key).notices[0].entry_id == first.entry.id
    again = store.ledger.open_entry(entry(node_id=new, id="another", generation=2))
    assert again.entry.item_id == first.entry.item_id
    assert store.histories.all().of(node_id("I", 2), OLD.key).notices == ()


def test_a_renamed_item_whose_id_comes_in_the_other_form_is_the_same_item(
    store: Store, run: Run
) -> None:
    """Both at once, before a scan has noted the repository's new name; another item of that
    number, in another repository, is not it."""
    legacy, new = "MDU6SXNzdWUx", node_id("I", 1)
    first = store.ledger.open_entry(entry(node_id=legacy))
    later = entry(id="b", item_key=RENAMED.key, node_id=new, generation=2, nonce="b" * 32)
    assert store.ledger.open_entry(later).entry.item_id == first.entry.item_id
    other = entry(id="c", item_key="other/place#1", node_id=node_id("I", 9), nonce="c" * 32)
    assert store.ledger.open_entry(other).entry.item_id != first.entry.item_id
    assert len(store.histories.all().of(new, RENAMED.key).entries) == 2


def test_what_moved_is_listed_with_every_old_place(store: Store, run: Run) -> None:
    """From a transfer, and back again under a third name; what stayed is not listed."""
    first = store.ledger.open_entry(entry())
    store.ledger.open_entry(entry(2, id="stays"))
    there, back = ItemRef("big/garden", 7), ItemRef("big/house", 9)
    store.items.alias(first.entry.ref, there, node_id="I_there", at=NOW)
    store.items.alias(there, back, node_id="I_back", at=NOW)
    (names,) = store.items.moved()
    assert [name.ref for name in names] == [first.entry.ref, there, back]
    records = MigrationState(
        migration=load("keras"), settings=Settings(), store=store, clock=lambda: NOW
    )
    found = moved_items(records)
    assert [(one.old, one.new) for one in found] == [
        ("big/garden#7", "big/house#9"),
        ("big/house#1", "big/house#9"),
    ]
    assert found[1].old_url == "https://github.com/big/house/issues/1"
    assert found[1].new_node_id == "I_back"
    rows = list(csv.DictReader(io.StringIO(moved_csv(found))))
    assert [row["new"] for row in rows] == ["big/house#9", "big/house#9"]
    assert rows[0]["moved_at"] == NOW.isoformat()


def test_another_item_under_an_old_name_is_another_item(store: Store, run: Run) -> None:
    """A repository that takes over a name begins with its own items."""
    opened = store.ledger.open_entry(entry())
    other = store.ledger.open_entry(
        entry(id="other", node_id="I_other", generation=2, nonce="d" * 32)
    )
    assert other.entry.item_id != opened.entry.item_id
    assert store.ledger.of_item("big/house#1", "I_other") == [other]


def test_what_the_ledger_does_not_know_gets_no_row(store: Store, run: Run) -> None:
    """Most scanned items never get a notice."""
    store.snapshots.save([OLD], read_at=NOW)
    store.items.alias(OLD.ref, ItemRef("x/y", 1), node_id="I_2", at=NOW)
    assert store.items.present_names() == {}
    assert store.ledger.of_item(OLD.key) == []


def test_our_own_reopening_and_close_are_known_by_every_name(store: Store, run: Run) -> None:
    """Under its new name an item that we opened again was not opened by a person."""
    opened = store.ledger.open_entry(entry())
    lines = [Intended(act=ActKind.CLOSE), Intended(act=ActKind.REOPEN)]
    store.ledger.append(opened, [Attempt(line=line, at=NOW) for line in lines])
    store.items.rename_repository("big/house", "big/home", NOW)
    assert store.histories.reopens() == {"big/house#1": (NOW,), "big/home#1": (NOW,)}
    assert store.histories.closed_since({"big/home#1"}, NOW) == {"big/home#1"}
