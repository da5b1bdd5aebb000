"""Snapshots keep what was read, and a scan goes on where it stopped."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from migrator.domain.items import Item, State
from migrator.store import Store, open_store
from migrator.store.snapshots import Cursor
from tests.store.conftest import NOW
from tests.support.threads import AUTHOR as ADA
from tests.support.threads import OPENED, comment, issue

PLACE: dict[str, Any] = {"kind": "issue", "repository": "big/house"}


def numbered(number: int, repository: str = "big/house", **fields: object) -> Item:
    """An item with a thread."""
    return replace(
        issue(comments=(comment(ADA, OPENED),), labels=("bug", "ui")),
        number=number,
        repository=repository,
        **fields,
    )


def test_an_item_is_read_back_as_it_was_read(store: Store) -> None:
    """Whole, thread and all."""
    store.snapshots.save([numbered(1), numbered(2, author=None)], read_at=NOW)
    assert store.snapshots.get("big/house", 1) == numbered(1)
    assert store.snapshots.get("big/house", 2) == numbered(2, author=None)
    assert store.snapshots.get("big/house", 3) is None


def test_a_page_and_its_cursor_are_stored_together(store: Store) -> None:
    """The next process continues behind it."""
    cursor = Cursor(started_at=NOW, cursor="Y3Vyc29y")
    assert store.snapshots.cursor("big/house", "issue") == Cursor()
    store.snapshots.save_page([numbered(1)], read_at=NOW, cursor=cursor, **PLACE)
    assert store.snapshots.cursor("big/house", "issue") == cursor
    store.snapshots.save_page([], read_at=NOW, cursor=Cursor(complete_until=NOW), **PLACE)
    assert store.snapshots.cursor("big/house", "issue") == Cursor(complete_until=NOW)


def test_a_later_reading_replaces_an_earlier_one(store: Store) -> None:
    """Labels included; the same item twice on one page is one item."""
    store.snapshots.save([numbered(1)], read_at=NOW)
    changed = numbered(1, title="New", labels=("ui",))
    store.snapshots.save([numbered(1), changed], read_at=NOW)
    assert list(store.snapshots.stream()) == [changed]


def test_items_come_in_pythons_order_and_without_loss(store: Store) -> None:
    """Over several chunks, whatever language the database sorts in."""
    items = [
        numbered(number, place)
        for place in ("Zoo/ant", "ant/Zoo", "ant/bee")
        for number in range(1, 250)
    ]
    store.snapshots.save(list(reversed(items)), read_at=NOW)
    assert [each.key for each in store.snapshots.stream()] == [each.key for each in items]
    assert store.snapshots.count() == len(items)


def test_what_is_gone_is_left_out(store: Store) -> None:
    """Until it is read again."""
    store.snapshots.save([numbered(1), numbered(2, state=State.CLOSED)], read_at=NOW)
    store.snapshots.mark_gone("big/house", 1, NOW)
    assert [each.number for each in store.snapshots.stream()] == [2]
    assert store.snapshots.count() == 1
    assert store.snapshots.count(state="open") == 0
    store.snapshots.save([numbered(1)], read_at=NOW)
    assert [each.number for each in store.snapshots.stream(state="open")] == [1]


def test_repository_facts_are_kept(store: Store) -> None:
    """The last ones."""
    assert store.snapshots.facts("little/garden") is None
    for facts in (b"{}", b'{"a":1}'):
        store.snapshots.save_facts("little/garden", facts, NOW)
    assert store.snapshots.facts("little/garden") == b'{"a":1}'


def test_migrations_do_not_see_each_other(store: Store) -> None:
    """They share a database, not its rows."""
    other = open_store(store.engine, "kitchen")
    store.snapshots.save_page(
        [numbered(1)], read_at=NOW, cursor=Cursor(complete_until=NOW), **PLACE
    )
    assert list(other.snapshots.stream()) == []
    assert other.snapshots.cursor("big/house", "issue") == Cursor()
