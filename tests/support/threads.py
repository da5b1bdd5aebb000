"""Builds threads for the tests of judging: a migration of a made-up project, people, and items
with what was said on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from migrator.domain.evidence import (
    Activity,
    ActivityVerdict,
    Evidence,
    Grounds,
    Leaning,
    Ownership,
    OwnershipVerdict,
)
from migrator.domain.items import (
    AccountType,
    Actor,
    Association,
    Comment,
    Event,
    EventKind,
    Item,
    ItemKind,
    Pull,
    Reaction,
)
from migrator.domain.people import BotIdentity
from migrator.domain.rules import MigrationFile

SOURCE = "big/house"
TARGET = "little/garden"
CUTOVER = datetime(2021, 6, 24, tzinfo=UTC)
OPENED = datetime(2022, 3, 1, 12, tzinfo=UTC)
NONCE = "0123456789abcdef0123"

AUTHOR = Actor(login="Ada", id="U_ada")
OTHER = Actor(login="bob", id="U_bob")
MAINTAINER = Actor(login="mia", id="U_mia")
TRIAGER = Actor(login="tri", id="U_tri")
BOT = Actor(login="ci", type=AccountType.BOT, id="B_ci")
LISTED_BOT = Actor(login="butler", id="U_butler")
OURS = Actor(login="mover", id="U_mover")
OWN = BotIdentity(login="mover", account_id="U_mover", nonces=frozenset({NONCE}))

ANSWER = "You can close the tap with a new washer."
"""What a maintainer answers; the comments of :func:`comment` say nothing about the turn unless
told to."""

MARKER = f"<!-- migrator:1 migration=garden decision=redirect generation=1 nonce={NONCE} -->"
NOTICE = f"Moved to its own repository.\n\n{MARKER}\n"


def migration_file(**tables: Any) -> MigrationFile:
    """A migration file; keyword arguments replace whole tables (``activity={...}``)."""
    document: dict[str, Any] = {
        "migration": {
            "name": "garden",
            "title": "The garden leaves the house",
            "source": SOURCE,
            "cutover": CUTOVER,
            "announcement": "https://forum.example.org/t/moved/1",
            "bots": ("Butler",),
            "triagers": ("tri",),
        },
        "parts": (
            {
                "name": "garden",
                "title": "Garden",
                "target": TARGET,
                "old_address": f"https://github.com/{SOURCE}/tree/main/garden",
                "new_address": "https://garden.example.org/new",
                "paths": ({"old": "garden", "new": ""},),
            },
        ),
        "activity": ACTIVITY,
    }
    return MigrationFile.model_validate({**document, **tables})


ACTIVITY: dict[str, Any] = {
    "awaiting_author_labels": ("awaiting response",),
    "awaiting_maintainer_labels": ("awaiting maintainer",),
    "protecting_labels": ("keep",),
    "nags": ("are you still facing this", "please share code to reproduce"),
}


def activity(**changes: Any) -> MigrationFile:
    """A migration file with some settings of ``[activity]`` changed."""
    return migration_file(activity={**ACTIVITY, **changes})


def after(days: float = 0, seconds: float = 0) -> datetime:
    """That long after the item was opened."""
    return OPENED + timedelta(days=days, seconds=seconds)


def issue(**fields: Any) -> Item:
    """An open issue of the source repository, on which nothing has happened since it was opened."""
    item = Item(
        repository=SOURCE,
        number=7,
        url=f"https://github.com/{SOURCE}/issues/7",
        title="The tap drips",
        body="It drips.",
        author=AUTHOR,
        created_at=OPENED,
        updated_at=OPENED,
    )
    return replace(item, **fields)


def pull_request(pull: dict[str, Any] | None = None, **fields: Any) -> Item:
    """An open pull request of the source repository."""
    return issue(kind=ItemKind.PULL_REQUEST, pull=Pull(**(pull or {})), **fields)


def comment(
    author: Actor | None, at: datetime, body: str = "I see it, too.", **fields: Any
) -> Comment:
    """A comment; maintainers and triagers get their association."""
    member = author is not None and author.login in ("mia", "tri", "mover")
    association = fields.pop("association", Association.MEMBER if member else Association.NONE)
    url = fields.pop(
        "url", f"https://github.com/{SOURCE}/issues/7#issuecomment-{int(at.timestamp())}"
    )
    return Comment(
        author=author, created_at=at, body=body, association=association, url=url, **fields
    )


def event(kind: EventKind, actor: Actor | None, at: datetime, **fields: Any) -> Event:
    """A timeline event."""
    return Event(kind=kind, actor=actor, at=at, **fields)


def thumbs_up(author: Actor | None, at: datetime) -> Reaction:
    """A vote."""
    return Reaction(content="THUMBS_UP", author=author, created_at=at)


def whose(answer: Ownership = Ownership.OURS, **fields: Any) -> OwnershipVerdict:
    """An ownership verdict, by default ours by its label."""
    settings: dict[str, Any] = {
        "probability": 0.99,
        "grounds": Grounds.LABEL,
        "part": "garden",
        "bars": (0.15, 0.85),
    }
    return OwnershipVerdict(answer=answer, **{**settings, **fields})


def alive(answer: Activity = Activity.ACTIVE, **fields: Any) -> ActivityVerdict:
    """An activity verdict, by default active since its opening."""
    clock = fields.get("clock", OPENED)
    seen = Evidence(
        signal="clock",
        says=Leaning.ACTIVE,
        value="commented",
        at=clock,
        actor="bob",
        url="https://x",
    )
    settings: dict[str, Any] = {"clock": clock, "deciding": seen, "evidence": (seen,)}
    return ActivityVerdict(answer=answer, **{**settings, **fields})
