"""Rules for the question: is it alive?"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from migrator.domain.rules.base import Rules

MOST_DAYS = 36_500
"""A century: longer terms are typing errors, and would leave the calendar when added to a date."""


def _days(value: object) -> object:
    """Read ``"180d"`` or ``180`` as days. Raises ``ValueError`` for what is not between 0 and a
    century."""
    if isinstance(value, str) and value.endswith("d") and value[:-1].isdecimal():
        value = int(value[:-1])
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    if not 0 <= value <= MOST_DAYS:
        raise ValueError(f"must be between 0 and {MOST_DAYS} days")
    return timedelta(days=value)


Days = Annotated[
    timedelta,
    BeforeValidator(_days),
    PlainSerializer(lambda value: f"{value.days}d", return_type=str),
    Field(examples=["180d"], json_schema_extra={"type": "string"}),
]

Count = Annotated[int, Field(ge=0)]


class Protections(Rules):
    """What keeps an item active whatever its age. Each one can be switched off: `false`, 0 or an
    empty list."""

    assignee: bool = True
    """Somebody who is neither a bot nor a triager is assigned."""
    milestone: bool = True
    """The item has a milestone."""
    pinned: bool = True
    """The item is pinned to the top of its repository's list."""
    linked_pull: bool = True
    """An open pull request of a person is linked to the item."""
    open_sub_issues: bool = True
    """The issue has sub-issues that are open."""
    review: bool = True
    """A pull request was approved, or waits for a review that somebody requested."""
    votes: Count = 10
    """This many thumbs-up from people other than the author. 0 switches it off."""
    votes_within: Days = timedelta(days=730)
    """The newest of these thumbs-up must be at most this old. `"0d"` accepts any age."""
    people: Count = 10
    """This many distinct people took part. 0 switches it off."""
    security_words: tuple[str, ...] = ("security", "vulnerability", "CVE-*", "exploit")
    """Words of a title or of an author's own text that speak of security. A trailing `*` matches
    any ending."""

    @model_serializer(mode="wrap")
    def _as_before(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A file keeps the digest, and so its plans the hash, that it had before sub-issues
        protected."""
        data: dict[str, Any] = dump(self)
        if self.open_sub_issues:
            data.pop("open_sub_issues", None)
        return data


class Told(Rules):
    """How we see that people already redirected an item, or that it already lives in a target
    repository."""

    already_told: Literal["leave", "decide"] = "leave"
    """When a person has already posted the new address: `leave` posts no second notice, `decide`
    goes on as if nobody had."""
    known_landing: Literal["leave", "close", "decide"] = "leave"
    """When the item's successor in a target repository is known: `leave` stores it, `close`
    closes with its link, `decide` goes on as if it were not."""
    landing_words: tuple[str, ...] = (
        "moved", "moving", "migrated", "transferred", "refiled", "re-filed", "filed", "reposted", "posted", "reopened",
        "opened", "created", "raised", "continue", "continued", "continues", "continuing", "track", "tracked", "tracking",
        "follow", "fixed in", "fixed by", "resolved in", "resolved by", "duplicate of", "superseded by",
    )  # fmt: skip
    """Words that, in the same sentence as a link to an item of a target repository, call that
    item the successor."""


class ActivityRules(Rules):
    """Terms, protections and what counts as a person's act."""

    stale_after: Days = timedelta(days=180)
    """Days without a person's act after which an item is stale."""
    awaiting_author_after: Days = timedelta(days=60)
    """Shorter term while the thread waits for its author (see `awaiting_author_labels`)."""
    quiet_days: Days = timedelta(days=7)
    """An item on which a person acted within these days is never closed."""
    unanswered: Literal["redirect", "retire", "review"] = "redirect"
    """What happens to an old item that the maintainers have not settled: they did not reply,
    acknowledged the problem, or explained it and neither asked nor advised anything."""
    awaiting_author_labels: tuple[str, ...] = ()
    """Labels that say: waiting for the author. Labels are compared in any case, as GitHub does;
    a `*` matches anything."""
    awaiting_maintainer_labels: tuple[str, ...] = ()
    """Labels that say: waiting for the maintainers."""
    protecting_labels: tuple[str, ...] = ()
    """Labels that keep an item active whatever its age."""
    nags: tuple[str, ...] = ()
    """Routine sentences of triage accounts; a comment made of them does not move the clock."""
    protect: Protections = Protections()
    """What keeps an item active whatever its age."""
    told: Told = Told()
    """What happens to items that people already redirected or moved."""
