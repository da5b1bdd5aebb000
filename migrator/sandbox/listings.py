"""Sorted lists of a repository's items, kept between requests.

Sorting 100,000 items for each page would take most of the server's time; a list that is nearly
sorted already is sorted again in a few milliseconds, so each list is kept and put in order only
after a change.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

import msgspec

from migrator.sandbox.entities import Item
from migrator.sandbox.world import World

Field = Literal["created_at", "updated_at", "comments"]


class ListingQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of a repository's items: empty means no filter. ``labels`` are in lower case
    and all must be there."""

    kinds: frozenset[str] = frozenset({"issue", "pull_request"})
    states: frozenset[str] = frozenset()
    labels: tuple[str, ...] = ()
    any_label: bool = False
    since: str = ""
    creator: str = ""
    assignee: str = ""
    mentioned: str = ""
    milestone: str = ""
    base: str = ""
    head: str = ""
    order: Field = "created_at"
    descending: bool = False


class Listings:
    """Answers questions about a world's items."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sorted: dict[tuple[str, str], tuple[int, list[Item]]] = {}
        self._answers: dict[tuple[str, ListingQuery], tuple[int, list[Item]]] = {}

    def find(self, repository: str, question: ListingQuery) -> list[Item]:
        """Return the items that fit, in the order asked for. The list is shared: do not change
        it."""
        name = repository.lower()
        version = self._world.versions.get(name, 0)
        kept = self._answers.get((name, question))
        if kept is not None and kept[0] == version:
            return kept[1]
        found = [
            item for item in self._in_order(name, question.order, version) if _fits(item, question)
        ]
        if question.descending:
            found.reverse()
        if len(self._answers) > 32:
            self._answers.clear()
        self._answers[name, question] = (version, found)
        return found

    def _in_order(self, name: str, order: Field, version: int) -> list[Item]:
        """Return all items of a repository in ascending order."""
        kept = self._sorted.get((name, order))
        if kept is not None and kept[0] == version:
            return kept[1]
        everything = self._world.threads.get(name, {})
        items = (
            kept[1]
            if kept is not None and len(kept[1]) == len(everything)
            else list(everything.values())
        )
        items.sort(key=lambda item: sort_key(item, order))
        self._sorted[name, order] = (version, items)
        return items


def sort_key(item: Item, order: Field) -> tuple[str, int]:
    """Return what items are sorted by: the field, then the id."""
    value = f"{len(item.comments):09}" if order == "comments" else str(getattr(item, order))
    return value, item.id


def after(items: list[Item], order: Field, descending: bool, key: tuple[str, int]) -> int:
    """Return the index of the first item beyond a place in a list, whether or not an item still
    stands there."""
    if not descending:
        return bisect_right(items, key, key=lambda item: sort_key(item, order))
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if sort_key(items[middle], order) < key:
            high = middle
        else:
            low = middle + 1
    return low


def _fits(item: Item, ask: ListingQuery) -> bool:
    """Return whether an item exists and passes every filter."""
    if item.kind not in ask.kinds or not item.is_here:
        return False
    if ask.states and item.state not in ask.states:
        return False
    if ask.since and item.updated_at < ask.since:
        return False
    return _fits_people(item, ask) and _fits_labels(item, ask) and _fits_pull(item, ask)


def _fits_people(item: Item, ask: ListingQuery) -> bool:
    if ask.creator and (item.author or "").lower() != ask.creator.lower():
        return False
    if ask.assignee and not _matches(ask.assignee, {login.lower() for login in item.assignees}):
        return False
    if ask.mentioned and ask.mentioned not in item.subscribers:
        return False
    return not ask.milestone or _matches(
        ask.milestone, {item.milestone} if item.milestone else set()
    )


def _matches(wanted: str, have: set[str]) -> bool:
    """GitHub's filters: ``none``, ``*`` for any, or one value."""
    if wanted == "none":
        return not have
    return bool(have) if wanted == "*" else wanted in have or wanted.lower() in have


def _fits_labels(item: Item, ask: ListingQuery) -> bool:
    if not ask.labels:
        return True
    have = {name.lower() for name in item.labels}
    return (
        any(name in have for name in ask.labels)
        if ask.any_label
        else all(name in have for name in ask.labels)
    )


def _fits_pull(item: Item, ask: ListingQuery) -> bool:
    if item.pull is None:
        return True
    return (not ask.base or item.pull.base_ref == ask.base) and (
        not ask.head or item.pull.head_ref == ask.head
    )
