"""What became of sub-issues and dependencies, read off the sandbox's world alone: a transfer may
lose them without a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

Record = dict[str, Any]


class Relation(NamedTuple):
    """One relation between two issues, by ``owner/name#number``: ``child`` is a part of ``parent``,
    or (``blocks``) waits for it."""

    parent: str
    child: str
    blocks: bool = False


def relations_of(records: Iterable[Record]) -> list[Relation]:
    """The relations that a world's records tell of: a child names its parent, and a waiting issue
    what it waits for."""
    made: list[Relation] = []
    for record in records:
        if record.get("record") != "item":
            continue
        if parent := record.get("parent"):
            made.append(Relation(_key(parent), _key(record)))
        blockers = record.get("blocked_by") or ()
        made += [Relation(_key(each), _key(record), blocks=True) for each in blockers]
    return made


def _key(record: Mapping[str, Any]) -> str:
    return f"{record['repository']}#{record['number']}"


_OUTLINE: Final = (
    "record",
    "repository",
    "number",
    "deleted",
    "moved_to",
    "came_from",
    "parent",
    "sub_issues",
    "blocked_by",
    "blocking",
)


def outline(record: Record) -> Record:
    """What of an item's record says where it is and what it is related to: a world of many
    thousand threads fits into memory without their texts only."""
    return {name: record[name] for name in _OUTLINE if name in record}


def items_by_place(records: Iterable[Record]) -> dict[str, Record]:
    """The items among a world's records, by ``owner/name#number``."""
    return {_key(record): record for record in records if record.get("record") == "item"}


def present_place(items: Mapping[str, Record], key: str) -> str:
    """Where an issue is now, through any number of transfers."""
    seen: set[str] = set()
    while (to := items[key].get("moved_to")) and key not in seen:
        seen.add(key)
        key = _key(to)
    return key


def lost(items: Mapping[str, Record], relations: Sequence[Relation]) -> Iterator[str]:
    """The relations that do not hold any more, on either side, in words. Those of a deleted issue
    went with it."""
    for each in relations:
        if each.parent not in items or each.child not in items:
            continue
        parent, child = (present_place(items, key) for key in (each.parent, each.child))
        if items[parent].get("deleted") or items[child].get("deleted"):
            continue
        if not _holds(items[parent], items[child], blocks=each.blocks):
            kind = "is not blocked by" if each.blocks else "is no part of"
            yield f"{child} {kind} {parent} any more"


def _holds(parent: Record, child: Record, *, blocks: bool) -> bool:
    if blocks:
        upward, downward = child.get("blocked_by") or (), parent.get("blocking") or ()
    else:
        upward = (child["parent"],) if child.get("parent") else ()
        downward = parent.get("sub_issues") or ()
    return _names(upward, parent) and _names(downward, child)


def _names(references: Iterable[Mapping[str, Any]], record: Record) -> bool:
    return any(_key(each).casefold() == _key(record).casefold() for each in references)


def moved_twice(items: Mapping[str, Record]) -> list[str]:
    """Issues of which a transfer made more than one: the places where they were."""
    copies: dict[str, int] = {}
    for record in items.values():
        origin = record.get("came_from")
        if origin and not record.get("deleted"):
            copies[_key(origin)] = copies.get(_key(origin), 0) + 1
    return sorted(key for key, count in copies.items() if count > 1)
