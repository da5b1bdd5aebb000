"""Other items that a thread names, and how they stood before we closed some of them ourselves.

A linked pull request that is open keeps an issue active, and so does a mention in an open item. What we close in the course
of a migration must not change what was decided, in the same plan, for the items that name it.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from msgspec.structs import replace

from migrator.domain.items import Item, ItemReference, State


def closed_references(item: Item) -> frozenset[str]:
    """Keys (``owner/name#number``) of the closed items that this one names or is linked to."""
    return frozenset(_key(each) for each in _references(item) if each.state is State.CLOSED)


def with_open_references(item: Item, keys: Set[str]) -> Item:
    """The item as it would read if those of its closed references were still open."""
    if keys.isdisjoint(closed_references(item)):
        return item
    events = tuple(
        replace(event, reference=_opened(event.reference, keys)) if event.reference is not None else event
        for event in item.events
    )
    return replace(item, events=events, linked_pulls=tuple(_opened(each, keys) for each in item.linked_pulls))


def _references(item: Item) -> Iterator[ItemReference]:
    yield from item.linked_pulls
    yield from (event.reference for event in item.events if event.reference is not None)


def _opened(reference: ItemReference, keys: Set[str]) -> ItemReference:
    ours = reference.state is State.CLOSED and _key(reference) in keys
    return replace(reference, state=State.OPEN) if ours else reference


def _key(reference: ItemReference) -> str:
    return f"{reference.repository}#{reference.number}"
