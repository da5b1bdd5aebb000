"""Transfers of issues between two repositories of one owner: reading a thread's picture, finding a
thread that moved, and the writes.

Each write is sent once. ``transferIssue`` is not idempotent: a second one after a lost reply was
seen to make a second issue.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from migrator.domain.items import Frozen, ItemRef, State
from migrator.domain.protocol.thread_picture import Relations, ThreadPicture
from migrator.errors import IncompleteReply, NotFound, OutcomeUnknown
from migrator.github.client import GitHubClient
from migrator.github.errors import understood
from migrator.github.http_messages import mutation, names
from migrator.github.models import Whereabouts
from migrator.github.queries.threads import CHANGED_THREADS, PARENTS, PLACES, THREAD

CLOCKS_APART: Final = timedelta(hours=1)
"""How far GitHub's clock and ours may differ when threads are looked for that changed since."""
MOST_PAGES: Final = 20
"""Pages of changed threads that are looked through for a twin."""
ALL_PAGES: Final = 400
"""The same for the look that settles it: of 50 threads each, and days may have passed."""
SHORT: Final = 16
"""Hexadecimal digits of a hash that are kept."""

TRANSFER = mutation(
    "TransferIssue",
    "$issue: ID!, $repository: ID!",
    "transfer: transferIssue(input: {issueId: $issue, repositoryId: $repository, "
    "createLabelsIfMissing: false}) { issue { id number repository { nameWithOwner } } }",
)
ADD_LABELS = mutation(
    "RepairLabels",
    "$issue: ID!, $labels: [ID!]!",
    "labels: addLabelsToLabelable(input: {labelableId: $issue, labelIds: $labels}) "
    "{ labelable { __typename } }",
)
SET_MILESTONE = mutation(
    "RepairMilestone",
    "$issue: ID!, $milestone: ID!",
    "milestone: updateIssue(input: {id: $issue, milestoneId: $milestone}) { issue { id } }",
)
LOCK = mutation(
    "RepairLock",
    "$issue: ID!, $reason: LockReason",
    "lock: lockLockable(input: {lockableId: $issue, lockReason: $reason}) "
    "{ lockedRecord { locked } }",
)
PIN = mutation(
    "RepairPin", "$issue: ID!", "pin: pinIssue(input: {issueId: $issue}) { issue { id } }"
)
ADD_SUB_ISSUE = mutation(
    "AddSubIssue",
    "$issue: ID!, $other: ID!",
    "relate: addSubIssue(input: {issueId: $issue, subIssueId: $other, replaceParent: true}) "
    "{ issue { id } }",
)
ADD_BLOCKED_BY = mutation(
    "AddBlockedBy",
    "$issue: ID!, $other: ID!",
    "relate: addBlockedBy(input: {issueId: $issue, blockingIssueId: $other}) { issue { id } }",
)


class Thread(Frozen, frozen=True, kw_only=True):
    """An issue as a transfer has to keep it. ``comment_texts`` are (node id, text) of its last 100
    comments."""

    id: str
    ref: ItemRef
    picture: ThreadPicture
    comment_texts: tuple[tuple[str, str], ...] = ()


class TransferPlace(Frozen, frozen=True, kw_only=True):
    """The repository that a thread goes to: its node id, and the id of the wanted milestone (empty:
    it has none of that title)."""

    id: str
    milestone_id: str = ""


class Transfers:
    """What a transfer asks and writes, as one account."""

    def __init__(self, github: GitHubClient) -> None:
        self._github = github
        self._wire = github.wire

    async def thread(self, node_id: str) -> Thread | None:
        """An issue by node id; ``None`` if GitHub has none of that id (any more)."""
        try:
            node = (await self._wire.ask(THREAD, {"id": node_id})).at("node", f"issue {node_id}")
        except NotFound:
            return None
        with understood("Thread", writes=False):
            return _thread(node)

    async def parents(self, node_ids: Sequence[str]) -> dict[str, str]:
        """The names of those of some issues that are a part of another one, with that one's. What
        GitHub does not show is left out. At most 100 at a time."""
        reply = await self._wire.ask(PARENTS, {"ids": list(node_ids)})
        nodes = [node for node in reply.data.get("nodes") or () if node]
        with understood("Parents", writes=False):
            return {_key(node): _key(node["parent"]) for node in nodes if node.get("parent")}

    async def whereabouts(self, ref: ItemRef) -> Whereabouts | None:
        """Where the issue of that old name is now: another place after a transfer (REST answers
        301), the same one before it, ``None`` if it is gone."""
        return await self._github.whereabouts(*ref)

    async def twins(
        self,
        repository: str,
        picture: ThreadPicture,
        since: datetime,
        *,
        most_pages: int = MOST_PAGES,
    ) -> list[tuple[ItemRef, str]]:
        """Issues of a repository, changed since then, with that author, date and text: (name, node
        id) of each. Raises ``IncompleteReply`` if more pages than that would have to be read."""
        return [
            (ItemRef(repository, int(node["number"])), str(node["id"]))
            async for node in self._changed(repository, since - CLOCKS_APART, most_pages)
            if _identity(node) == (picture.author, picture.created_at, picture.body)
        ]

    async def _changed(
        self, repository: str, since: datetime, most_pages: int
    ) -> AsyncIterator[Mapping[str, Any]]:
        after: str | None = None
        for _ in range(most_pages):
            values = {**names(repository), "after": after, "since": _iso(since)}
            reply = await self._wire.ask(CHANGED_THREADS, values)
            page = reply.at("repository", f"repository {repository}")["issues"]
            for node in page["nodes"]:
                if node is None:
                    raise IncompleteReply(f"a thread of {repository} is not shown")
                yield node
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return
        raise IncompleteReply(f"{repository} has too many changed threads to look through")

    async def place(self, repository: str, milestone: str = "") -> TransferPlace:
        """Where threads go to. Raises ``NotFound`` for a repository that we do not see."""
        values = {**names(repository), "milestone": milestone}
        node = (await self._wire.ask(PLACES, values)).at("repository", f"repository {repository}")
        found = (
            one["id"]
            for one in (node["milestones"] or {"nodes": ()})["nodes"]
            if milestone and one["title"] == milestone
        )
        return TransferPlace(id=str(node["id"]), milestone_id=str(next(found, "")))

    async def transfer(self, node_id: str, repository_id: str) -> tuple[ItemRef, str]:
        """Move an issue; returns its new name and node id.

        Raises ``RequestRefused`` or ``NotFound`` where GitHub declines, ``OutcomeUnknown`` where
        nobody knows. https://docs.github.com/graphql/reference/mutations#transferissue
        """
        values = {"issue": node_id, "repository": repository_id}
        issue = (await self._answer(TRANSFER, values, "transfer")).get("issue")
        if issue is None:
            raise OutcomeUnknown("transferIssue: the reply names no issue")
        with understood("TransferIssue", writes=True):
            name = str(issue["repository"]["nameWithOwner"])
            return ItemRef(name, int(issue["number"])), str(issue["id"])

    async def add_labels(self, node_id: str, label_ids: Sequence[str]) -> None:
        """Put labels on an issue; harmless twice."""
        await self._answer(ADD_LABELS, {"issue": node_id, "labels": list(label_ids)}, "labels")

    async def set_milestone(self, node_id: str, milestone_id: str) -> None:
        """Give an issue a milestone; harmless twice."""
        values = {"issue": node_id, "milestone": milestone_id}
        await self._answer(SET_MILESTONE, values, "milestone")

    async def lock(self, node_id: str, reason: str) -> None:
        """Lock a conversation, for a ``LockReason`` (empty: for none); harmless twice. Whoever may
        push may lock (https://docs.github.com/rest/issues/issues#lock-an-issue), and so may
        whoever may transfer. Raises ``RequestRefused`` where GitHub declines."""
        await self._answer(LOCK, {"issue": node_id, "reason": reason or None}, "lock")

    async def pin(self, node_id: str) -> None:
        """Pin an issue to its repository; harmless twice. A repository has three pinned issues at
        most, so this may be declined: raises ``RequestRefused``.

        https://docs.github.com/issues/tracking-your-work-with-issues/administering-issues/pinning-an-issue-to-your-repository
        """
        await self._answer(PIN, {"issue": node_id}, "pin")

    async def add_sub_issue(self, parent_id: str, child_id: str) -> None:
        """Make one issue a part of another. Raises ``RequestRefused`` where it is one already.

        https://docs.github.com/graphql/reference/mutations#addsubissue
        """
        await self._answer(ADD_SUB_ISSUE, {"issue": parent_id, "other": child_id}, "relate")

    async def add_blocked_by(self, node_id: str, blocking_id: str) -> None:
        """Note that one issue blocks another.

        https://docs.github.com/graphql/reference/mutations#addblockedby
        """
        await self._answer(ADD_BLOCKED_BY, {"issue": node_id, "other": blocking_id}, "relate")

    async def _answer(self, document: Any, values: Mapping[str, Any], alias: str) -> dict[str, Any]:
        reply = await self._wire.write(document, values)
        payload = reply.data.get(alias)
        if payload is None:
            raise reply.failures.get(alias) or OutcomeUnknown(f"{alias}: the reply is empty")
        return dict(payload)


def _thread(node: Mapping[str, Any]) -> Thread:
    comments = node["comments"]
    author, created_at, body = _identity(node)
    picture = ThreadPicture(
        title=text_hash(node["title"]),
        body=body,
        author=author,
        created_at=created_at,
        state=State(str(node["issueState"]).lower()),
        comments=int(comments["totalCount"]),
        comment_hashes=tuple(
            text_hash(f"{_login(one)} {one['createdAt']} {one['body']}")
            for one in comments["nodes"]
        ),
        labels=tuple(one["name"] for one in node["labels"]["nodes"]),
        milestone=(node["milestone"] or {}).get("title", ""),
        assignees=tuple(sorted(one["login"] for one in node["assignees"]["nodes"])),
        locked=bool(node["locked"]),
        lock_reason=node["activeLockReason"] or "",
        pinned=bool(node["isPinned"]),
        relations=Relations(
            parent=_key(node["parent"]) if node["parent"] else "",
            children=_keys(node["subIssues"]),
            blocked_by=_keys(node["blockedBy"]),
            blocking=_keys(node["blocking"]),
        ),
    )
    return Thread(
        id=str(node["id"]),
        ref=ItemRef(str(node["repository"]["nameWithOwner"]), int(node["number"])),
        picture=picture,
        comment_texts=tuple((str(one["id"]), str(one["body"])) for one in comments["nodes"]),
    )


def _identity(node: Mapping[str, Any]) -> tuple[str, datetime, str]:
    """Author, date and text: what no transfer changes."""
    created_at = datetime.fromisoformat(str(node["createdAt"]))
    return _login(node), created_at, text_hash(str(node["body"]))


def _login(node: Mapping[str, Any]) -> str:
    return str((node["author"] or {}).get("login", ""))


def _key(node: Mapping[str, Any]) -> str:
    return str(ItemRef(str(node["repository"]["nameWithOwner"]), int(node["number"])))


def _keys(connection: Mapping[str, Any] | None) -> tuple[str, ...]:
    nodes = (connection or {}).get("nodes") or ()
    return tuple(sorted(_key(node) for node in nodes if node is not None))


def text_hash(text: str) -> str:
    """A short hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:SHORT]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
