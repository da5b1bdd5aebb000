"""Sub-issues and dependencies for a rehearsal that transfers threads, and what became of them.

A generated world has none, and a transfer may lose them without a word: so some are made before,
and looked for afterwards in the sandbox's world alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

GROUP: Final = 8
"""Of so many open issues in a row, the first is the parent of the next two, and the fourth waits
for the fifth."""
Record = dict[str, Any]


class Relation(NamedTuple):
    """One relation between two issues, by ``owner/name#number``: ``child`` is a part of ``parent``,
    or (``blocks``) waits for it."""

    parent: str
    child: str
    blocks: bool = False


def relate(records: Iterable[Record], source: str) -> tuple[list[Record], list[Relation]]:
    """The records of a world with some of the source's open issues related, and the relations."""
    everything = list(records)
    issues = [record for record in everything if _is_open_issue(record, source)]
    made: list[Relation] = []
    for start in range(0, len(issues) - GROUP + 1, GROUP):
        group = issues[start : start + GROUP]
        for child in group[1:3]:
            group[0].setdefault("sub_issues", []).append(_reference(child))
            child["parent"] = _reference(group[0])
            made.append(Relation(_key(group[0]), _key(child)))
        group[3]["blocked_by"] = [_reference(group[4])]
        group[4]["blocking"] = [_reference(group[3])]
        made.append(Relation(_key(group[4]), _key(group[3]), blocks=True))
    return everything, made


def _is_open_issue(record: Record, source: str) -> bool:
    return (
        record.get("record") == "item"
        and record.get("kind", "issue") == "issue"
        and record.get("state", "open") == "open"
        and str(record["repository"]).casefold() == source.casefold()
        and bool(record.get("number"))
    )


def _reference(record: Record) -> Record:
    return {"repository": record["repository"], "number": record["number"]}


def _key(record: Mapping[str, Any]) -> str:
    return f"{record['repository']}#{record['number']}"


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
