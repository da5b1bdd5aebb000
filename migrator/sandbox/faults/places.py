"""Places in a GraphQL reply: where items stand, and what a way of names leads to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from migrator.sandbox.ids import parse_node_id
from migrator.sandbox.work import Work
from migrator.sandbox.world import World

DEEPEST = 4
"""How many names and indices lead at most from the root to an item."""


class Place(msgspec.Struct, frozen=True):
    """A value in a reply: ``holder[key]``; ``path`` is the way to it from ``data``, as errors
    name it."""

    holder: Any
    key: Any
    path: tuple[str | int, ...]

    @property
    def value(self) -> Any:
        """What stands there."""
        return self.holder[self.key]

    def inner(self, key: str | int) -> Place:
        """Return a place one step further down."""
        return Place(self.value, key, (*self.path, key))


def places(start: Place, way: list[str]) -> Iterator[Place]:
    """Yield the places that a way leads to; one that leads nowhere yields none."""
    if not way:
        yield start
        return
    for key in _keys(start.value, way[0]):
        yield from places(start.inner(key), way[1:])


def _keys(value: Any, step: str) -> list[Any]:
    if isinstance(value, dict):
        return list(value) if step == "*" else [step] if step in value else []
    if not isinstance(value, list):
        return []
    if step == "*":
        return list(range(len(value)))
    if step.endswith("+"):
        return list(range(int(step[:-1]), len(value)))
    index = int(step)
    return [index % len(value)] if -len(value) <= index < len(value) else []


def _below(place: Place, depth: int = 0) -> Iterator[Place]:
    yield place
    if depth < DEEPEST and isinstance(place.value, dict | list):
        for key in _keys(place.value, "*"):
            yield from _below(place.inner(key), depth + 1)


def _root(body: dict[str, Any]) -> Place:
    return Place(body, "data", ())


def page_places(body: dict[str, Any]) -> list[Place]:
    """Return where lists of items stand: connections with a ``totalCount`` of their own, or
    ``nodes`` at the root."""
    found = [place for place in _below(_root(body), DEEPEST - 2) if isinstance(place.value, dict)]
    pages = [place for place in found if "pageInfo" in place.value and _lists_items(place.value)]
    return pages or ([_root(body)] if isinstance(body["data"].get("nodes"), list) else [])


def _lists_items(connection: dict[str, Any]) -> bool:
    nodes = connection.get("nodes")
    return nodes is None or any(isinstance(node, dict) and "number" in node for node in nodes)


def item_places(world: World, work: Work, body: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    """Yield where items stand, with each one's ``owner/name#number``: those shown as a whole,
    and those asked for by node id."""
    for place in list(_below(_root(body))):
        key = _shown(world, work, place) or _named(world, work, place)
        if key:
            yield place, key


def _shown(world: World, work: Work, place: Place) -> str:
    """An item that is shown, by its own number: not a mere reference to one, which has no
    comments and no labels."""
    node = place.value
    if (
        not isinstance(node, dict)
        or "number" not in node
        or not {"comments", "labels"} & node.keys()
    ):
        return ""
    parsed = parse_node_id(str(node.get("id")))
    found = world.items_by_id.get(parsed[1]) if parsed else None
    return found.key if found is not None else ""


def _named(world: World, work: Work, place: Place) -> str:
    """An item that was asked for by node id: ``node``, or an alias whose digits name the
    variable (``t3``: ``id3``)."""
    if len(place.path) != 1 or not isinstance(place.value, dict) or "number" in place.value:
        return ""
    alias = str(place.path[0])
    given = work.given if isinstance(work.given, dict) else {}
    parsed = parse_node_id(str(given.get("id" + "".join(filter(str.isdigit, alias)), "")))
    found = world.items_by_id.get(parsed[1]) if parsed else None
    return found.key if found is not None else ""
