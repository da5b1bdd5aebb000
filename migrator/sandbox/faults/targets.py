"""Which items a request is about."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.call import Call
from migrator.sandbox.entities import Item
from migrator.sandbox.ids import parse_node_id
from migrator.sandbox.work import Work
from migrator.sandbox.world import World

FEW = 3


def targets(world: World, work: Work, call: Call) -> list[Item]:
    """Return the items that a request names, or was shown if those are few; a read of a whole
    page is about none."""
    named = [
        item for text in _strings(work.given) if (item := _by_node_id(world, text)) is not None
    ]
    given = work.given if isinstance(work.given, dict) else {}
    number = str(given.get("number", ""))
    repository = given.get("repository") or f"{given.get('owner')}/{given.get('name')}"
    if number.isdigit() and (found := world.peek(str(repository), int(number))) is not None:
        named.append(found)
    if not named and len(call.seen) <= FEW:
        named = [found for key in call.seen if (found := _by_key(world, key)) is not None]
    return named if len(named) <= FEW else []


def _strings(given: Any) -> list[str]:
    if isinstance(given, str):
        return [given]
    if isinstance(given, dict):
        return [text for value in given.values() for text in _strings(value)]
    return [text for value in given for text in _strings(value)] if isinstance(given, list) else []


def _by_node_id(world: World, text: str) -> Item | None:
    parsed = parse_node_id(text) if text.startswith(("I_", "PR_", "IC_")) else None
    if parsed is None:
        return None
    found = (
        world.comment_home.get(parsed[1]) if parsed[0] == "IC" else world.items_by_id.get(parsed[1])
    )
    return found if found is not None and found.is_here else None


def _by_key(world: World, key: str) -> Item | None:
    repository, _, number = key.rpartition("#")
    return world.peek(repository, int(number))
