"""Is what GitHub answered whole? A null, a missing list or an error below the data is a failed
read, never an empty answer.

GitHub answers 200 with a part of the data where a query takes too many resources or too long, or
where something is not for our eyes
(https://github.blog/changelog/2025-09-01-graphql-api-resource-limits). Only the last is an answer:
``FORBIDDEN`` or ``NOT_FOUND`` for something that belongs to somebody else, such as a private
repository's item in a timeline. No I/O here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from migrator.domain.items import Frozen, ItemKind
from migrator.github.errors import FieldError

Path = tuple[str | int, ...]

_LISTS = (
    "labels",
    "assignees",
    "participants",
    "reactions",
    "comments",
    "timelineItems",
    "closedByPullRequestsReferences",
    "files",
    "commits",
    "reviewRequests",
    "closingIssuesReferences",
)
_OWN = frozenset(
    {"labels", "participants", "reactions", "comments", "files", "title", "body", "state", "author"}
)
"""What belongs to the item itself. All else may name things of others (a team, a private fork,
checks), which are hidden."""
_NEVER_NULL = (
    "id",
    "number",
    "title",
    "body",
    "url",
    "createdAt",
    "updatedAt",
    "subIssuesSummary",
)
_EXPLAINED = frozenset({"FORBIDDEN", "NOT_FOUND", "INSUFFICIENT_SCOPES"})


START = "^"
"""Place of the first item of a walk: no cursor is in front of it."""


class UnreadItem(Frozen, frozen=True, kw_only=True):
    """An item that exists and could not be read whole.

    ``cause`` is ``unavailable`` (no answer, or a time-out), ``forbidden``, ``incomplete`` (a part
    is missing) or ``unknown_form``; ``words`` are GitHub's, or ours where it said nothing.
    ``number`` is 0 and ``repository`` empty where only the id is known. ``place`` is the cursor in
    front of it in a walk over everything that is open, oldest first; ``START`` for the very first,
    empty in other walks.
    """

    repository: str = ""
    number: int = 0
    kind: ItemKind = ItemKind.ISSUE
    id: str = ""
    updated_at: datetime | None = None
    place: str = ""
    cause: str
    words: str

    @property
    def key(self) -> str:
        """``owner/name#number``."""
        return f"{self.repository}#{self.number}"


class Gap(Frozen, frozen=True, kw_only=True):
    """Why something was not read whole; as :class:`UnreadItem` names it. ``heavy``: less at once
    may help."""

    cause: str
    words: str
    heavy: bool = False


def gap_of_errors(errors: Iterable[FieldError]) -> Gap | None:
    """The first of some errors that leaves something unread, as a gap."""
    found = next(iter(errors), None)
    if found is None:
        return None
    cause = {"FORBIDDEN": "forbidden", "NOT_FOUND": "forbidden"}.get(found.type, "incomplete")
    return Gap(
        cause=cause,
        words=found.message or found.type,
        heavy=found.type == "RESOURCE_LIMITS_EXCEEDED",
    )


def unexplained(errors: Iterable[FieldError]) -> list[FieldError]:
    """The errors that are no answer: all but those that say that something does not exist or is
    not for us."""
    return [error for error in errors if error.type not in _EXPLAINED]


def below(errors: Sequence[FieldError], path: Path) -> list[FieldError]:
    """The errors at a place or below it, with paths that begin there."""
    size = len(path)
    return [
        FieldError(message=e.message, type=e.type, path=e.path[size:])
        for e in errors
        if e.path[:size] == path
    ]


def item_gap(
    node: Mapping[str, Any], errors: Sequence[FieldError], sizes: Mapping[str, Any]
) -> Gap | None:
    """What is missing of an item's node, ``None`` if it is whole.

    ``errors`` are those below the node. ``sizes`` are the page sizes that were asked for. What
    GitHub hides of others is no gap.
    """
    without_paths = (
        sizes.get("paths", 2) <= 1
    )  # a thin reading: of a heavy pull request GitHub may show no files at all
    if without_paths:
        errors = [error for error in errors if error.path[:1] != ("files",)]
    wrong = [error for error in errors if not _hides_others(error)]
    if wrong:
        return gap_of_errors(wrong)
    explained = {error.path for error in errors}
    if words := _null_among(node, _NEVER_NULL):
        return Gap(cause="incomplete", words=words)
    for name in _LISTS:
        if name == "files" and without_paths:
            continue
        if name in node and (words := _gap_in_list(name, node[name], explained)):
            return Gap(cause="incomplete", words=words)
    if "labels" in node and (gap := _short("labels", node["labels"], sizes.get("labels", 0))):
        return gap
    return thread_gap(node["comments"], sizes.get("comments", 0)) if "comments" in node else None


def _null_among(node: Mapping[str, Any], names: Iterable[str]) -> str:
    """The first of some fields that is null although GitHub's schema says that it never is;
    empty if none is."""
    return next((f"{name} is null" for name in names if name in node and node[name] is None), "")


def _hides_others(error: FieldError) -> bool:
    """Whether an error says that something beside the item is not for us: a node of its
    timeline, not the timeline itself."""
    if error.type not in _EXPLAINED or not error.path or error.path[0] in _OWN:
        return False
    return error.path[0] != "timelineItems" or len(error.path) > 2


def _gap_in_list(name: str, connection: Mapping[str, Any] | None, explained: set[Path]) -> str:
    """What is wrong with one list of an item; empty if nothing is."""
    if connection is None:
        return "" if (name,) in explained else f"{name} is null"
    if words := _null_among(connection, ("totalCount", "filteredCount")):
        return f"{name}.{words}"
    nodes = connection.get("nodes")
    if nodes is None:
        return "" if (name, "nodes") in explained else f"{name}.nodes is null"
    for index, node in enumerate(nodes):
        if node is None and not any(path[:3] == (name, "nodes", index) for path in explained):
            return f"{name}.nodes[{index}] is null"
    counted = connection.get("totalCount", connection.get("filteredCount", 0))
    return f"{name}.nodes is empty, and there are {counted}" if counted and not nodes else ""


def _short(name: str, connection: Mapping[str, Any] | None, asked: int) -> Gap | None:
    """Whether a list has fewer nodes than were asked for and, by its own count, are there."""
    shown, total = len((connection or {}).get("nodes") or ()), (connection or {}).get("totalCount")
    if total is None or shown >= min(asked, total):
        return None
    return Gap(cause="incomplete", words=f"{shown} {name} of {min(asked, total)}")


def thread_gap(connection: Mapping[str, Any] | None, asked: int) -> Gap | None:
    """What is missing of a page of comments: the newest ``asked``, or all if there are fewer."""
    if words := _gap_in_list("comments", connection, set()):
        return Gap(cause="incomplete", words=words)
    assert connection is not None
    words = next(
        (words for node in connection["nodes"] if (words := _null_among(node, _NEVER_NULL))), ""
    )
    if words:
        return Gap(cause="incomplete", words=f"a comment's {words}")
    return _short("comments", connection, asked)
