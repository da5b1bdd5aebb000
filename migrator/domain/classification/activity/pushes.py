"""A push shows in the head of a pull request, whatever its commits' dates say: those were
written by somebody's machine."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from migrator.domain.evidence import ActivityVerdict, Evidence, Leaning
from migrator.domain.items import Event, EventKind, Item
from migrator.domain.people import People, login_of

UNDATED_PUSH: Final = "pushed, first seen then"
"""Of a push that only the changed head tells of: nobody knows its day, only by when it had
happened."""


def head_of(item: Item) -> str:
    """Object id of the last commit of a pull request's branch; empty for issues, and where it
    was not read."""
    return item.pull.head_oid if item.pull else ""


def with_push_since(
    verdict: ActivityVerdict, item: Item, head: str, people: People, now: datetime
) -> ActivityVerdict:
    """The verdict; if the head is no longer ``head``, with that push as the last act of a person,
    at ``now``: GitHub dates none.

    An empty ``head`` is not known. A push counts unless the commit that is the head now is a known
    program's.
    """
    current = head_of(item)
    if not head or not current or current == head:
        return verdict
    commit = next((each for each in item.events if _is_commit(each, current)), None)
    if commit is not None and commit.actor is not None and not people.is_person(commit.actor):
        return verdict
    actor = login_of(commit.actor) if commit is not None and commit.actor is not None else ""
    push = Evidence(
        signal="clock", says=Leaning.ACTIVE, value=UNDATED_PUSH, at=now, actor=actor, url=item.url
    )
    others = tuple(each for each in verdict.evidence if each.signal != "clock")
    return replace(verdict, clock=max(now, verdict.clock), deciding=push, evidence=(push, *others))


def _is_commit(event: Event, oid: str) -> bool:
    """Whether an event is a commit of this object id, which its address ends with."""
    return event.kind is EventKind.COMMITTED and event.url.endswith(f"/{oid}")
