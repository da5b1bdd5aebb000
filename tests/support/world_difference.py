"""How a sandbox's world differs from what it was before, field by field, except for what GitHub
itself never forgets.

Never forgotten are: our notice as an edited comment, our lines in the timeline, that the item was
touched (``updated_at`` and the sandbox's own ``sequence``), that our account takes part in the
thread, and the word ``reopened`` as the reason of an issue's state. Everything else must be as it
was, down to the order of the labels.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from migrator.rehearsal.sandbox import ACCOUNT

COMPARED = frozenset({"item", "repository", "account"})
TOUCHED = frozenset({"updated_at", "sequence"})
OUR_EVENTS = frozenset({"labeled", "unlabeled", "closed", "reopened"})
MARKER = "<!-- migrator:1 "
Record = dict[str, Any]


class Memory:
    """A world as it was, on disk: ten thousand threads are too many to keep in mind."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._places: dict[str, int] = {}

    def keep(self, records: Iterable[Record]) -> None:
        """Write down what is compared later."""
        with self._file.open("wb") as file:
            for record in records:
                if record.get("record") in COMPARED:
                    self._places[name_of(record)] = file.tell()
                    file.write(json.dumps(record).encode() + b"\n")

    def compared(
        self, records: Iterable[Record]
    ) -> Iterator[tuple[str, Record | None, Record | None]]:
        """Every record as (name, as it was, as it is); ``None`` where there was none, or is none
        any more."""
        left = dict(self._places)
        with self._file.open("rb") as file:
            for record in records:
                if record.get("record") in COMPARED:
                    place = left.pop(name_of(record), None)
                    yield name_of(record), None if place is None else _read(file, place), record
            for name, place in left.items():
                yield name, _read(file, place), None


def _read(file: Any, place: int) -> Record:
    file.seek(place)
    return dict(json.loads(file.readline()))


def name_of(record: Record) -> str:
    """What tells a record from all others of its kind; an item's is its key."""
    match record["record"]:
        case "item":
            return f"{record['repository']}#{record['number']}"
        case "repository":
            return str(record["name"])
        case _:
            return str(record["login"])


def differences(before: Record | None, after: Record | None) -> list[str]:
    """Names of the fields in which a record is not what it was, beyond what GitHub never
    forgets."""
    if before is None or after is None:
        return ["there was none" if before is None else "gone"]
    fields = sorted((before.keys() | after.keys()) - TOUCHED)
    return [field for field in fields if not _same(field, before.get(field), after.get(field))]


def _same(field: str, before: Any, after: Any) -> bool:
    match field:
        case "comments":
            return _only_more(before, after, _is_taken_back)
        case "events":
            return _only_more(
                before, after, lambda one: one.get("actor") == ACCOUNT and one["kind"] in OUR_EVENTS
            )
        case "subscribers":
            return [one for one in after or () if one != ACCOUNT] == [
                one for one in before or () if one != ACCOUNT
            ]
        case "state_reason":
            return bool(before == after or (before is None and after == "reopened"))
        case _:
            return bool(before == after)


def _only_more(before: list[Record] | None, after: list[Record] | None, allowed: Any) -> bool:
    """Whether everything that was is there unchanged, and each addition is one that GitHub does
    not let us take away."""
    old, new = before or [], after or []
    return new[: len(old)] == old and all(allowed(one) for one in new[len(old) :])


def _is_taken_back(comment: Record) -> bool:
    """Whether a comment is a notice of ours whose text was replaced."""
    return (
        comment.get("author") == ACCOUNT
        and MARKER in comment["body"]
        and bool(comment.get("edits"))
    )
