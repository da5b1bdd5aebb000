"""An item while it is being made up: acts are added in any order, the finished record has them
in time's order."""

from __future__ import annotations

from typing import Any

from migrator.sandbox.clock import iso

Record = dict[str, Any]
"""One line of a world file (``docs/world-file.md``)."""

LONGEST_BODY = 65_536
"""Characters in a body or comment (https://github.com/orgs/community/discussions/27190)."""
LONGEST_TITLE = 256


class ItemBuilder:
    """One item in the making. Times are seconds since 1970; ``part_labels`` is what a triager would
    set, if it is ``triaged``.

    No time lies after ``now``: what would happen later happens in the last second instead.
    """

    def __init__(
        self, repository: str, number: int, created: int, author: str | None, *, now: int
    ) -> None:
        self.repository = repository
        self.number = number
        self.created = created
        self.now = now
        self.author = author
        self.title = ""
        self.body = ""
        self.part_labels: tuple[str, ...] = ()
        self.triaged = False
        self.role = "maintainer"
        self.labels: list[str] = []
        self.assignees: list[str] = []
        self.comments: list[tuple[int, Record]] = []
        self.events: list[tuple[int, Record]] = []
        self.reactions: list[Record] = []
        self.facts: Record = {}
        self.pull: Record | None = None

    def comment(self, at: int, author: str | None, body: str, **more: Any) -> Record:
        """Say something; returns the comment's record, for later changes."""
        at = min(at, self.now)
        said: Record = {
            "author": author,
            "body": body[:LONGEST_BODY],
            "created_at": iso(at),
            **more,
        }
        self.comments.append((at, said))
        return said

    def event(self, at: int, kind: str, actor: str | None, **more: Any) -> None:
        """Note an event of the timeline, named by GitHub's own word."""
        at = min(at, self.now)
        self.events.append((at, {"kind": kind, "actor": actor, "created_at": iso(at), **more}))

    def react(self, at: int, user: str | None, content: str) -> None:
        """A dated reaction to the item itself."""
        self.reactions.append(
            {"content": content, "user": user, "created_at": iso(min(at, self.now))}
        )

    def add_label(self, at: int, actor: str, name: str) -> None:
        """Set a label, unless it is set or empty."""
        if name and name not in self.labels:
            self.labels.append(name)
            self.event(at, "labeled", actor, label=name)

    def remove_label(self, at: int, actor: str, name: str) -> None:
        """Take a label away, if it is set."""
        if name in self.labels:
            self.labels.remove(name)
            self.event(at, "unlabeled", actor, label=name)

    def assign(self, at: int, actor: str, login: str) -> None:
        """Assign somebody."""
        if login not in self.assignees:
            self.assignees.append(login)
            self.event(at, "assigned", actor, detail=login)

    def close(self, at: int, actor: str | None, reason: str) -> None:
        """Close the item; ``reason`` (``completed``, ``not_planned``) is for issues only."""
        self.facts |= {"state": "closed", "closed_at": iso(min(at, self.now)), "closed_by": actor}
        if reason:
            self.facts["state_reason"] = reason
        self.event(at, "closed", actor, **({"detail": reason} if reason else {}))

    def reopen(self, at: int, actor: str | None) -> None:
        """Open the item again."""
        for key in ("state", "closed_at", "closed_by"):
            self.facts.pop(key, None)
        self.facts["state_reason"] = "reopened"
        self.event(at, "reopened", actor)

    def lock(self, at: int, actor: str, reason: str = "") -> None:
        """Lock the conversation, with or without a reason."""
        self.facts |= {"locked": True, "lock_reason": reason} if reason else {"locked": True}
        self.event(at, "locked", actor, **({"detail": reason} if reason else {}))

    def record(self) -> Record:
        """The finished line; what is empty is left out."""
        whole: Record = {
            "record": "item",
            "repository": self.repository,
            "number": self.number,
            "kind": "issue" if self.pull is None else "pull_request",
            "title": self.title[:LONGEST_TITLE],
            "body": self.body[:LONGEST_BODY],
            "author": self.author,
            "created_at": iso(self.created),
            **self.facts,
        }
        lists = {
            "labels": self.labels,
            "assignees": self.assignees,
            "reactions": sorted(self.reactions, key=_when),
        }
        lists |= {"comments": _in_order(self.comments), "events": _in_order(self.events)}
        whole |= {key: values for key, values in lists.items() if values}
        return whole if self.pull is None else whole | {"pull": self.pull}


def _when(record: Record) -> str:
    return str(record["created_at"])


def _in_order(dated: list[tuple[int, Record]]) -> list[Record]:
    """By time; acts of the same second stay in the order in which they were added."""
    return [record for _, record in sorted(dated, key=lambda pair: pair[0])]
