"""What the sandbox's GitHub is made of. Each top-level entity is one line of a world file
(``docs/world-file.md``).

People are named by login, other items by repository and number, so an entity can be written and
read on its own. Moments are strings in GitHub's own form (``2021-06-24T00:00:00Z``), which sort as
they read. Keys that the world file does not name (``id``, ``sequence`` ...) are the sandbox's own;
it writes them when it dumps a world, and reads them back, so that a dumped world is the same world.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Moment = str
Permission = Literal["admin", "maintain", "write", "triage", "read"]
ItemState = Literal["open", "closed", "merged"]


class Record(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """Base of every part of a record; unknown keys are refused."""


class Reaction(Record, kw_only=True):
    """One dated reaction; ``content`` is GraphQL's word (``THUMBS_UP``)."""

    content: str
    user: str | None = None
    created_at: Moment = ""
    id: int = 0
    sequence: int = 0


class Edit(Record, kw_only=True):
    """One change of a body; ``body`` is the text after it."""

    editor: str | None = None
    edited_at: Moment
    body: str = ""
    sequence: int = 0


class Comment(Record, kw_only=True):
    """One comment of a thread. ``read`` is the newest sequence its writer had seen of the item
    when it wrote."""

    author: str | None = None
    body: str = ""
    created_at: Moment = ""
    edited_at: Moment | None = None
    minimized: bool = False
    reactions: list[Reaction] = []
    id: int = 0
    updated_at: Moment = ""
    editor: str | None = None
    minimized_reason: str = ""
    edits: list[Edit] = []
    sequence: int = 0
    read: int = 0
    app: str = ""


class Reference(Record, kw_only=True):
    """Another item."""

    repository: str
    number: int


class Event(Record, kw_only=True):
    """One event of a timeline; ``detail`` carries what its kind needs (state reason, lock
    reason, assignee, new title ...)."""

    kind: str
    actor: str | None = None
    created_at: Moment = ""
    label: str = ""
    source: Reference | None = None
    detail: str = ""
    id: int = 0
    before: str = ""
    sequence: int = 0
    read: int = 0
    app: str = ""


class ChangedPath(Record, kw_only=True):
    """One file that a pull request changes."""

    path: str
    additions: int = 0
    deletions: int = 0


class Commit(Record, kw_only=True):
    """One commit of a pull request."""

    author: str | None = None
    committed_at: Moment = ""
    message: str = ""
    oid: str = ""
    sequence: int = 0


class Review(Record, kw_only=True):
    """One submitted review; ``state`` is GraphQL's word (``APPROVED``)."""

    author: str | None = None
    state: str = "COMMENTED"
    body: str = ""
    submitted_at: Moment = ""
    id: int = 0
    edited_at: Moment | None = None
    reactions: list[Reaction] = []
    sequence: int = 0


class Pull(Record, kw_only=True):
    """What only a pull request has."""

    draft: bool = False
    base_ref: str = ""
    head_ref: str = ""
    head_deleted: bool = False
    paths: list[ChangedPath] = []
    commits: list[Commit] = []
    reviews: list[Review] = []
    review_requests: list[str] = []
    closes: list[int] = []
    mergeable: str = ""
    checks: str = ""
    merged_at: Moment | None = None
    merged_by: str | None = None


class Transit(Record, kw_only=True):
    """How far a transfer has got; times are seconds since 1970 by the world's clock, 0 for done.

    At the old place only ``old_until`` counts: it answers as before until then. At the new place
    ``hidden`` holds until ``new_from``; ``carried`` are the ids of the comments that arrived.
    """

    old_until: float = 0
    new_from: float = 0
    comments_from: float = 0
    relations_from: float = 0
    hidden: bool = False
    carried: list[int] = []


class Item(Record, kw_only=True, tag_field="record", tag="item"):
    """An issue or pull request. ``moved_to`` is set on what a transfer leaves behind,
    ``came_from`` on what it makes, ``transit`` on both until it has settled; ``deleted`` on what
    a deletion leaves. ``blocking`` is the other side of ``blocked_by``."""

    repository: str
    title: str
    number: int = 0
    kind: Literal["issue", "pull_request"] = "issue"
    body: str = ""
    author: str | None = None
    created_at: Moment = ""
    edited_at: Moment | None = None
    closed_at: Moment | None = None
    closed_by: str | None = None
    state: ItemState = "open"
    state_reason: str | None = None
    locked: bool = False
    lock_reason: str | None = None
    pinned: bool = False
    labels: list[str] = []
    assignees: list[str] = []
    milestone: str | None = None
    reactions: list[Reaction] = []
    comments: list[Comment] = []
    events: list[Event] = []
    pull: Pull | None = None
    id: int = 0
    updated_at: Moment = ""
    editor: str | None = None
    edits: list[Edit] = []
    subscribers: list[str] = []
    sequence: int = 0
    deleted: bool = False
    moved_to: Reference | None = None
    app: str = ""
    parent: Reference | None = None
    sub_issues: list[Reference] = []
    blocked_by: list[Reference] = []
    blocking: list[Reference] = []
    came_from: Reference | None = None
    transit: Transit | None = None

    @property
    def is_here(self) -> bool:
        """Whether its place answers with it: it is not deleted, not transferred away for good,
        and has arrived."""
        if self.transit is not None:
            return not self.deleted and not self.transit.hidden
        return not self.deleted and self.moved_to is None

    @property
    def reference(self) -> Reference:
        """What others name it by."""
        return Reference(repository=self.repository, number=self.number)

    @property
    def is_pull(self) -> bool:
        """Whether this is a pull request."""
        return self.kind == "pull_request"

    @property
    def key(self) -> str:
        """``owner/name#number``."""
        return f"{self.repository}#{self.number}"


class Label(Record, kw_only=True):
    """A label of a repository."""

    name: str
    color: str = "ededed"
    description: str | None = None
    id: int = 0


class Repository(Record, kw_only=True, tag_field="record", tag="repository"):
    """A repository; ``watchers`` is a number of people, or their logins; ``files`` are texts by
    path.

    ``milestone_due`` holds due dates by a milestone's title; ``former_names`` lead to it since it
    was renamed; ``blocked`` are accounts that its owner blocked. ``private`` shows, and keeps its
    issues from public repositories; everybody reads it nevertheless.
    """

    name: str
    labels: list[Label] = []
    archived: bool = False
    has_issues: bool = True
    blank_issues: bool = True
    default_branch: str = "master"
    watchers: int | list[str] = 0
    files: dict[str, str] = {}
    id: int = 0
    milestones: list[str] = []
    milestone_due: dict[str, Moment] = {}
    private: bool = False
    description: str | None = None
    pushed_at: Moment = ""
    former_names: list[str] = []
    blocked: list[str] = []

    @property
    def owner(self) -> str:
        """The login before the slash."""
        return self.name.partition("/")[0]

    @property
    def short(self) -> str:
        """The name after the slash."""
        return self.name.partition("/")[2]


class Account(Record, kw_only=True, tag_field="record", tag="account"):
    """A person, bot or organization. ``login`` is as GraphQL gives it, without a ``[bot]``
    ending. ``blocks`` are the accounts that this one blocked (lower case)."""

    login: str
    type: Literal["User", "Bot", "Organization", "Mannequin", "EnterpriseUserAccount"] = "User"
    permissions: dict[str, Permission] = {}
    deleted: bool = False
    id: int = 0
    app: str = ""
    blocks: list[str] = []


class Header(Record, kw_only=True, tag_field="record", tag="world"):
    """First line of a world file; ``now`` is the time of the newest event, ``clock`` where the
    sandbox's clock stood."""

    version: int
    now: Moment = ""
    source: str = ""
    target: str = ""
    note: str = ""
    clock: Moment = ""
    sequence: int = 0
    next_id: int = 0


class App(Record, kw_only=True, tag_field="record", tag="app"):
    """A GitHub App. Its private key and webhook secret exist only here, for a machine on
    loopback."""

    id: int
    slug: str
    name: str = ""
    owner: str = ""
    client_id: str = ""
    client_secret: str = ""
    webhook_secret: str = ""
    webhook_url: str = ""
    private_key: str = ""
    permissions: dict[str, str] = {}
    events: list[str] = []


class Installation(Record, kw_only=True, tag_field="record", tag="installation"):
    """An App installed on an account; an empty list of repositories means all of the account's."""

    id: int
    app: str
    account: str
    repositories: list[str] = []
    permissions: dict[str, str] = {}
    removed: bool = False
    suspended: bool = False


class Token(Record, kw_only=True, tag_field="record", tag="token"):
    """A credential made on request; ``expires`` is real time in seconds since 1970, 0 for never."""

    secret: str
    login: str = ""
    installation: int = 0
    read_only: bool = False
    scopes: list[str] = []
    expires: float = 0
    revoked: bool = False


class Hook(Record, kw_only=True, tag_field="record", tag="hook"):
    """Where deliveries go. ``app`` is the slug of the App that owns the hook, empty for a
    repository-style hook."""

    url: str
    secret: str = ""
    events: list[str] = []
    app: str = ""
    id: int = 0


class Delivery(Record, kw_only=True, tag_field="record", tag="delivery"):
    """One webhook delivery; a redelivery has a new ``id`` and the same ``guid``."""

    id: int
    guid: str
    event: str
    action: str | None = None
    hook: int = 0
    installation: int | None = None
    repository_id: int | None = None
    delivered_at: Moment = ""
    sent: float = 0
    status_code: int = 0
    duration: float = 0
    redelivery: bool = False
    payload: Any = None
    answer: str = ""


AnyRecord = Header | Account | Repository | Item | App | Installation | Token | Hook | Delivery
