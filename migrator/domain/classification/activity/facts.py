"""What one item's thread says about its activity: small, read once from the snapshot, judged as
often as wanted.

Facts depend on who counts as a person and on the words looked for (see
:class:`~migrator.domain.classification.activity.reader.ActivityReader`), never on the terms, bars
and switches that a what-if changes. They are stored beside the snapshot, so that ten thousand items
can be judged anew without decoding ten thousand threads.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from migrator.domain.evidence import MaintainerReply
from migrator.domain.items import Frozen, Item, ItemKind, State


class ActName(StrEnum):
    """What a person can do that moves the clock; ``unread`` stands for what we did not read and
    somebody may have done."""

    OPENED = "opened"
    COMMENTED = "commented"
    EDITED = "edited"
    RENAMED = "renamed"
    REACTED = "reacted"
    REOPENED = "reopened"
    REVIEWED = "reviewed"
    REVIEW_REQUESTED = "review_requested"
    PUSHED = "pushed"
    READY_FOR_REVIEW = "ready_for_review"
    CONVERTED_TO_DRAFT = "converted_to_draft"
    REFERENCED = "referenced"
    CONNECTED = "connected"
    UNREAD = "unread"


class Act(Frozen, frozen=True, kw_only=True):
    """One dated act of a person. ``value`` holds what is worth showing (a reaction's content,
    the referencing item)."""

    name: ActName
    at: datetime
    actor: str
    url: str = ""
    value: str = ""

    @property
    def place(self) -> tuple[datetime, str, str, str, str]:
        """Sort key: by time, then by everything else, so that the order in which acts were read
        never matters."""
        return (self.at, self.name, self.actor, self.url, self.value)


class Turn(StrEnum):
    """Who is expected to act next."""

    AUTHOR = "author"
    MAINTAINERS = "maintainers"
    NOBODY = "nobody"


class Standing(Frozen, frozen=True, kw_only=True):
    """Whose turn it is by what was said, labels aside (see
    :mod:`~migrator.domain.classification.activity.conversation`).

    ``explained`` holds if the author has the turn only because a maintainer explained it, and asked
    and advised nothing.
    ``reply`` is what a maintainer said that the turn follows from, ``reproduced`` the newest
    comment of a maintainer to whom it happened, too, ``solutions`` the newest comments of others
    that show a way out (``value`` holds the sentence).
    """

    turn: Turn = Turn.MAINTAINERS
    explained: bool = False
    reply: MaintainerReply | None = None
    reproduced: MaintainerReply | None = None
    solutions: tuple[Act, ...] = ()


class Subject(Frozen, frozen=True, kw_only=True):
    """What deciding needs to know of the item itself.

    ``review_decision`` is GraphQL's word, empty for issues; ``head_exists`` is false for a pull
    request whose branch is gone.
    """

    repository: str
    number: int
    kind: ItemKind = ItemKind.ISSUE
    created_at: datetime
    state: State = State.OPEN
    locked: bool = False
    labels: tuple[str, ...] = ()
    draft: bool = False
    review_decision: str = ""
    head_exists: bool = True

    @property
    def key(self) -> str:
        """``owner/name#number``."""
        return f"{self.repository}#{self.number}"

    @property
    def is_pull_request(self) -> bool:
        """Whether this is a pull request."""
        return self.kind is ItemKind.PULL_REQUEST


def subject_of(item: Item) -> Subject:
    """The part of a snapshot that deciding reads."""
    pull = item.pull
    return Subject(
        repository=item.repository,
        number=item.number,
        kind=item.kind,
        created_at=item.created_at,
        state=item.state,
        locked=item.locked,
        labels=item.labels,
        draft=pull.draft if pull else False,
        review_decision=pull.review_decision if pull else "",
        head_exists=pull.head_exists if pull else True,
    )


class ActivityFacts(Frozen, frozen=True, kw_only=True):
    """Everything that judging needs.

    ``reading`` is the digest of the rules that these facts were read with; facts of another reading
    must not be judged. ``last`` is the newest act of a person (the opening, if nothing else; a
    program's opening counts as the start, too). ``author_word`` is when the author last spoke,
    ``standing`` whose turn it is by what was said, ``nag`` the newest routine question,
    ``others_word`` when anybody else last wrote. ``labelled`` dates the item's present labels,
    where the timeline that we read shows it, and everything that was said since was read. ``pull``
    says in words how a pull request stands (draft, conflicts, checks). ``people`` counts distinct
    persons, ``votes`` thumbs-up of others than the author, ``voted_at`` the newest of them.
    ``mailed`` counts the people whom a comment mails, watchers aside
    (:func:`migrator.domain.people.recipients_of`).
    """

    reading: str
    subject: Subject
    last: Act
    author_word: datetime | None = None
    standing: Standing = Standing()
    nag: Act | None = None
    others_word: datetime | None = None
    labelled: dict[str, datetime] = {}
    assignee: str = ""
    milestone: str = ""
    pinned: bool = False
    linked_pull: str = ""
    open_sub_issues: int = 0
    review: str = ""
    pull: str = ""
    votes: int = 0
    voted_at: datetime | None = None
    people: int = 0
    security: str = ""
    told: Act | None = None
    landing: str = ""
    landed: Act | None = None
    mailed: int = 0
