"""Relations of a made-up world."""

from __future__ import annotations

from typing import Any

import msgspec

from migrator.sandbox.world_reader import build_world, read_records
from migrator.sandbox.worlds import generate


def items(source: str, target: str) -> list[dict[str, Any]]:
    """The items of the source."""
    made = generate(items=400, seed=7, source=source, targets=[target])
    return [one for one in made if one.get("repository") == source]


def test_a_split_within_one_owner_has_families_and_any_other_has_none() -> None:
    """Threads are transferred within one owner only."""
    within = items("acme/mono", "acme/widget")
    related = [one for one in within if "parent" in one or "blocked_by" in one]
    assert 30 < len(related) < 120
    assert all(one.get("kind", "issue") == "issue" for one in related)
    beyond = items("acme/mono", "elsewhere/widget")
    assert not any("parent" in one or "blocked_by" in one for one in beyond)


def test_a_relation_leads_to_an_older_issue_and_has_two_ends() -> None:
    """The other end is made when the world is read."""
    records = list(generate(items=200, seed=3, source="acme/mono", targets=["acme/widget"]))
    world = build_world(read_records(map(msgspec.json.encode, records)))
    parts = [item for item in world.living("acme/mono") if item.parent is not None]
    assert parts
    for item in parts:
        assert item.parent is not None
        parent = world.item("acme/mono", item.parent.number)
        assert parent.number < item.number
        assert item.number in [one.number for one in parent.sub_issues]
