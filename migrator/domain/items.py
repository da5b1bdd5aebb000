"""An issue or pull request as we saw it, in GitHub's own words.

A snapshot is one frozen :class:`Item`. Times are timezone-aware UTC. Absent people are
``None``: GitHub shows deleted accounts as ``author: null``
(https://docs.github.com/graphql/reference/interfaces#actor).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec


class Frozen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every immutable record; defaults are left out of JSON. Subclasses repeat
    ``frozen`` and ``kw_only``."""


LARGEST_NUMBER: Final = 2**31 - 1
"""Of an item; GitHub's are 32 bits wide, and so are the columns that hold them."""


class ItemRef(NamedTuple):
    """Names an item as people do: its repository (``owner/name``) and number there.

    Written ``owner/name#number`` in JSON, tables and on the command line. Ordered as plans are.
    """

    repository: str
    number: int

    @classmethod
    def parse(cls, key: str) -> ItemRef:
        """Read ``owner/name#number``. Raises ``ValueError`` for anything else."""
        repository, _, number = key.rpartition("#")
        digits = number.isascii() and number.isdecimal() and len(number) <= 10
        if not repository or not digits or int(number) > LARGEST_NUMBER:
            raise ValueError(f"{key!r} names no item; write owner/name#number")
        return cls(repository, int(number))

    def __str__(self) -> str:
        return f"{self.repository}#{self.number}"


_ADDRESS: Final = re.compile(
    r"https?://[^/\s]+/(?P<repository>[\w.-]+/[\w.-]+)/(?:issues|pull)/(?P<number>[0-9]{1,9})"
    r"(?:[/?#]\S*)?",
    re.ASCII,
)
_KEY: Final = re.compile(
    r"(?P<repository>[\w.-]+/[\w.-]+)#(?P<number>[0-9]{1,9})|#?(?P<alone>[0-9]{1,9})", re.ASCII
)


def named_item(search: str) -> tuple[str, int] | None:
    """The repository (empty if it is not named) and number that a search names; ``None`` for
    words."""
    text = search.strip()
    if found := _ADDRESS.fullmatch(text):
        return found["repository"], int(found["number"])
    if found := _KEY.fullmatch(text):
        return found["repository"] or "", int(found["number"] or found["alone"])
    return None


class AccountType(StrEnum):
    """GraphQL ``Actor`` types (https://docs.github.com/graphql/reference/interfaces#actor)."""

    USER = "User"
    BOT = "Bot"
    MANNEQUIN = "Mannequin"
    ORGANIZATION = "Organization"
    ENTERPRISE_USER_ACCOUNT = "EnterpriseUserAccount"


class Actor(Frozen, frozen=True, kw_only=True):
    """Who did something. ``login`` is as GraphQL gives it, without a ``[bot]`` ending."""

    login: str
    type: AccountType = AccountType.USER
    id: str = ""


class Association(StrEnum):
    """``CommentAuthorAssociation``
    (https://docs.github.com/graphql/reference/enums#commentauthorassociation)."""

    OWNER = "OWNER"
    MEMBER = "MEMBER"
    COLLABORATOR = "COLLABORATOR"
    CONTRIBUTOR = "CONTRIBUTOR"
    FIRST_TIME_CONTRIBUTOR = "FIRST_TIME_CONTRIBUTOR"
    FIRST_TIMER = "FIRST_TIMER"
    MANNEQUIN = "MANNEQUIN"
    NONE = "NONE"


MAINTAINER_ASSOCIATIONS = frozenset(
    {Association.OWNER, Association.MEMBER, Association.COLLABORATOR}
)


class ItemKind(StrEnum):
    """What an item is."""

    ISSUE = "issue"
    PULL_REQUEST = "pull_request"


class State(StrEnum):
    """Open, closed, or (pull requests only) merged."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


def label_key(name: str) -> str:
    """A label's name as it is compared: without case, as GitHub does, and in one form of Unicode,
    as nobody sees the difference between two of them."""
    return (name if name.isascii() else unicodedata.normalize("NFC", name)).casefold()


def has_label(labels: Iterable[str], name: str) -> bool:
    """Whether a label is among these, by GitHub's comparison."""
    return label_key(name) in map(label_key, labels)


class Reaction(Frozen, frozen=True, kw_only=True):
    """One dated reaction. ``content`` is GraphQL's ``ReactionContent`` (``THUMBS_UP`` ...)."""

    content: str
    author: Actor | None = None
    created_at: datetime


class Comment(Frozen, frozen=True, kw_only=True):
    """One comment of the thread. ``id`` is the GraphQL node id, ``database_id`` the REST id."""

    id: str = ""
    database_id: int = 0
    author: Actor | None = None
    association: Association = Association.NONE
    body: str = ""
    created_at: datetime
    edited_at: datetime | None = None
    editor: Actor | None = None
    url: str = ""
    minimized: bool = False
    viewer_did_author: bool = False
    reactions: tuple[Reaction, ...] = ()


class ItemReference(Frozen, frozen=True, kw_only=True):
    """Another issue or pull request, named by an event. ``state`` is its state when we read it."""

    repository: str
    number: int
    kind: ItemKind = ItemKind.ISSUE
    state: State = State.OPEN
    title: str = ""
    url: str = ""
    author: Actor | None = None


class EventKind(StrEnum):
    """Timeline events that we read
    (https://docs.github.com/graphql/reference/unions#issuetimelineitems)."""

    CLOSED = "closed"
    REOPENED = "reopened"
    LABELED = "labeled"
    UNLABELED = "unlabeled"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    MILESTONED = "milestoned"
    DEMILESTONED = "demilestoned"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    RENAMED = "renamed"
    CROSS_REFERENCED = "cross_referenced"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    MARKED_AS_DUPLICATE = "marked_as_duplicate"
    TRANSFERRED = "transferred"
    PINNED = "pinned"
    UNPINNED = "unpinned"
    COMMITTED = "committed"
    FORCE_PUSHED = "head_ref_force_pushed"
    REVIEWED = "reviewed"
    REVIEW_REQUESTED = "review_requested"
    READY_FOR_REVIEW = "ready_for_review"
    CONVERTED_TO_DRAFT = "convert_to_draft"
    MERGED = "merged"


class Event(Frozen, frozen=True, kw_only=True):
    """One dated event of the timeline that is not a comment.

    ``label`` is set for label events, ``reference`` for cross-references and connected items,
    ``detail`` for what else the kind carries (review state, lock reason, state reason, new title).
    """

    kind: EventKind
    id: str = ""
    actor: Actor | None = None
    at: datetime
    label: str = ""
    reference: ItemReference | None = None
    detail: str = ""
    url: str = ""


class Pull(Frozen, frozen=True, kw_only=True):
    """What only a pull request has. ``review_decision``, ``mergeable`` and ``checks`` are
    GraphQL's enum words, or empty. Of ``reviewers_requested`` a team is an empty login."""

    draft: bool = False
    base_ref: str = ""
    head_ref: str = ""
    head_exists: bool = True
    changed_paths: tuple[str, ...] = ()
    changed_paths_total: int = 0
    review_decision: str = ""
    reviewers_requested: tuple[str, ...] = ()
    mergeable: str = ""
    checks: str = ""
    merged_at: datetime | None = None
    last_commit_at: datetime | None = None
    closes: tuple[ItemReference, ...] = ()
    head_oid: str = ""


class Item(Frozen, frozen=True, kw_only=True):
    """One issue or pull request, whole as far as we read it.

    ``comments`` are oldest first; where ``comments_total`` is larger, the *older* ones are missing.
    ``events`` likewise. ``repository`` is ``owner/name``. ``open_sub_issues`` says how many of its
    sub-issues are open.
    """

    repository: str
    number: int
    kind: ItemKind = ItemKind.ISSUE
    id: str = ""
    url: str = ""
    title: str = ""
    body: str = ""
    author: Actor | None = None
    association: Association = Association.NONE
    created_at: datetime
    updated_at: datetime
    edited_at: datetime | None = None
    editor: Actor | None = None
    closed_at: datetime | None = None
    state: State = State.OPEN
    state_reason: str = ""
    locked: bool = False
    lock_reason: str = ""
    pinned: bool = False
    labels: tuple[str, ...] = ()
    assignees: tuple[Actor, ...] = ()
    milestone: str = ""
    participants_total: int = 0
    participants: tuple[str, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    reactions_total: int = 0
    comments: tuple[Comment, ...] = ()
    comments_total: int = 0
    events: tuple[Event, ...] = ()
    events_total: int = 0
    linked_pulls: tuple[ItemReference, ...] = ()
    open_sub_issues: int = 0
    pull: Pull | None = None

    @property
    def ref(self) -> ItemRef:
        """Names the item."""
        return ItemRef(self.repository, self.number)

    @property
    def key(self) -> str:
        """``owner/name#number``: how the ledger, plans and people name the item."""
        return str(self.ref)

    def called(self, repository: str) -> Item:
        """The item under the name by which its repository was asked for: after a rename GitHub
        answers under the new one, while the migration file may still say the old one."""
        return msgspec.structs.replace(self, repository=repository)

    @property
    def is_pull_request(self) -> bool:
        """Whether this is a pull request."""
        return self.kind is ItemKind.PULL_REQUEST
