"""What the client's methods answer with, beside the domain's items."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from migrator.domain.items import (
    AccountType,
    Actor,
    Comment,
    Event,
    Frozen,
    Item,
    State,
    label_key,
)
from migrator.errors import GitHubError
from migrator.github.completeness import UnreadItem
from migrator.github.mutations import MutationStep


class Account(Frozen, frozen=True, kw_only=True):
    """Whose token it is. ``id`` is the GraphQL node id, ``database_id`` the number that REST
    calls ``id``."""

    login: str
    id: str = ""
    database_id: int = 0
    type: AccountType = AccountType.USER


class Permission(StrEnum):
    """Role in a repository, weakest first
    (https://docs.github.com/organizations/managing-user-access-to-your-organizations-repositories).
    """

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    @classmethod
    def of(cls, word: str | None) -> Permission:
        """The role of that name in any case; ``NONE`` for ``null`` and for a word that GitHub
        adds one day: an unknown role allows nothing."""
        return _PERMISSIONS.get((word or "").lower(), cls.NONE)

    def allows(self, least: Permission) -> bool:
        """Whether this role is ``least`` or stronger."""
        order = list(Permission)
        return order.index(self) >= order.index(least)


_PERMISSIONS = {permission.value: permission for permission in Permission}


class Label(Frozen, frozen=True, kw_only=True):
    """A label of a repository; ``color`` is six hexadecimal digits without ``#``."""

    id: str
    name: str
    color: str = ""
    description: str = ""


class IssueFormField(Frozen, frozen=True, kw_only=True):
    """One input of a YAML issue form. ``id`` is what a prefilled address names; empty if the
    form gives none."""

    id: str = ""
    type: str = ""
    label: str = ""
    required: bool = False


class IssueTemplateFile(Frozen, frozen=True, kw_only=True):
    """An issue template. ``file`` is what ``template=`` of an ``issues/new`` address takes;
    Markdown ones have no ``fields``."""

    file: str
    name: str = ""
    title: str = ""
    about: str = ""
    fields: tuple[IssueFormField, ...] = ()


class ContactLink(Frozen, frozen=True, kw_only=True):
    """Where a repository sends people instead of taking an issue."""

    name: str
    url: str
    about: str = ""


class RepositoryFacts(Frozen, frozen=True, kw_only=True):
    """What a repository is and how it takes issues. ``files`` maps paths below ``.github/`` to
    their text.

    ``name`` is GitHub's current ``owner/name``: it differs from what was asked for after a rename.
    ``milestones`` are titles, ``None`` if they are not all known.
    """

    id: str
    name: str
    url: str = ""
    private: bool = False
    archived: bool = False
    disabled: bool = False
    issues_enabled: bool = True
    blank_issues: bool = True
    viewer_permission: Permission = Permission.NONE
    default_branch: str = ""
    watchers: int = 0
    open_issues: int = 0
    open_pulls: int = 0
    labels: tuple[Label, ...] = ()
    milestones: tuple[str, ...] | None = None
    templates: tuple[IssueTemplateFile, ...] = ()
    contact_links: tuple[ContactLink, ...] = ()
    files: Mapping[str, str] = {}

    def label(self, name: str) -> Label | None:
        """The label of that name; GitHub compares names without case."""
        return next(
            (label for label in self.labels if label_key(label.name) == label_key(name)), None
        )

    def template(self, file: str) -> IssueTemplateFile | None:
        """The issue template with that file name."""
        return next((template for template in self.templates if template.file == file), None)


class Page(Frozen, frozen=True, kw_only=True):
    """One page of a scan. ``cursor`` continues after it (keep it only once the items are stored);
    ``more`` says whether to.

    ``total`` is how many the whole set holds, as GitHub counts it. ``unread`` are the items of this
    page that exist and could not be read, in no way that we know.
    """

    items: tuple[Item, ...]
    unread: tuple[UnreadItem, ...] = ()
    cursor: str = ""
    more: bool = False
    total: int = 0


class ItemAfterWrite(Frozen, frozen=True, kw_only=True):
    """An item right after one of our writes: the second look that costs no request.

    ``comments`` are the last, oldest first; ``events`` the last other acts by which people speak.
    """

    id: str
    number: int = 0
    state: State = State.OPEN
    state_reason: str = ""
    locked: bool = False
    lock_reason: str = ""
    labels: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    comments_total: int = 0
    events: tuple[Event, ...] = ()
    updated_at: datetime
    closed_at: datetime | None = None
    edited_at: datetime | None = None
    editor: Actor | None = None


class CommentReply(Frozen, frozen=True, kw_only=True):
    """Our new comment, and its thread as it was right after."""

    comment: Comment
    subject: ItemAfterWrite | None = None


class ActReply(Frozen, frozen=True, kw_only=True):
    """What became of each step of one request. A step is in exactly one of ``done`` and ``errors``.

    ``subject`` is the item after the last step that succeeded and speaks of it; ``comment`` our
    edited comment.
    """

    done: tuple[MutationStep, ...] = ()
    errors: Mapping[MutationStep, GitHubError] = {}
    subject: ItemAfterWrite | None = None
    comment: Comment | None = None

    def did(self, step: MutationStep) -> bool:
        """Whether the step is known to have happened."""
        return step in self.done


class Requests(Frozen, frozen=True, kw_only=True):
    """How many requests were sent, by kind; every try counts."""

    query: int = 0
    mutation: int = 0
    rest: int = 0

    @property
    def writes(self) -> int:
        """Requests with mutations."""
        return self.mutation

    def __add__(self, other: Requests) -> Requests:
        return Requests(
            query=self.query + other.query,
            mutation=self.mutation + other.mutation,
            rest=self.rest + other.rest,
        )


class Whereabouts(Frozen, frozen=True, kw_only=True):
    """Where an item is now. ``id`` is its present node id, which a transfer changes."""

    repository: str
    number: int
    id: str = ""
    url: str = ""
