"""What keeps an item active whatever its age. One function per protection; each can be switched
off in the file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from migrator.domain.classification.activity.facts import ActivityFacts
from migrator.domain.evidence import Evidence, Leaning
from migrator.domain.rules import ActivityRules
from migrator.domain.rules.base import listed_among


class ProtectionCase(NamedTuple):
    """One item held against the rules at one moment."""

    facts: ActivityFacts
    rules: ActivityRules
    now: datetime


Check = Callable[[ProtectionCase], Evidence | None]


def protections_of(
    facts: ActivityFacts, rules: ActivityRules, now: datetime
) -> tuple[Evidence, ...]:
    """Every protection that holds, the strongest reason for people first."""
    held = ProtectionCase(facts, rules, now)
    return tuple(found for check in PROTECTIONS.values() if (found := check(held)) is not None)


def _security(held: ProtectionCase) -> Evidence | None:
    return _holds("security", held.facts.security, "wording") if held.facts.security else None


def _pinned(held: ProtectionCase) -> Evidence | None:
    return _holds("pinned", "pinned") if held.rules.protect.pinned and held.facts.pinned else None


def _label(held: ProtectionCase) -> Evidence | None:
    found = listed_among(held.facts.subject.labels, held.rules.protecting_labels)
    return _holds("protecting_label", found[0]) if found else None


def _milestone(held: ProtectionCase) -> Evidence | None:
    return (
        _holds("milestone", held.facts.milestone)
        if held.rules.protect.milestone and held.facts.milestone
        else None
    )


def _assignee(held: ProtectionCase) -> Evidence | None:
    return (
        _holds("assignee", held.facts.assignee)
        if held.rules.protect.assignee and held.facts.assignee
        else None
    )


def _linked_pull(held: ProtectionCase) -> Evidence | None:
    return (
        _holds("linked_pull", held.facts.linked_pull, "open")
        if held.rules.protect.linked_pull and held.facts.linked_pull
        else None
    )


def _open_sub_issues(held: ProtectionCase) -> Evidence | None:
    """Whether the open sub-issues are themselves stale is not asked: who looks for what is left to
    do looks here."""
    if not held.rules.protect.open_sub_issues or not held.facts.open_sub_issues:
        return None
    count = held.facts.open_sub_issues
    return _holds("open_sub_issues", f"{count} open sub-issue" + ("" if count == 1 else "s"))


def _review(held: ProtectionCase) -> Evidence | None:
    return (
        _holds("review", held.facts.review)
        if held.rules.protect.review and held.facts.review
        else None
    )


def _votes(held: ProtectionCase) -> Evidence | None:
    """Enough thumbs-up, the newest young enough. A vote that we could not date counts as young."""
    needed, within = held.rules.protect.votes, held.rules.protect.votes_within
    if not needed or held.facts.votes < needed:
        return None
    if within and held.facts.voted_at is not None and held.now - held.facts.voted_at > within:
        return None
    bar = f"{needed} votes" + (f", the newest at most {within.days} days old" if within else "")
    return _holds("votes", f"{held.facts.votes} votes", bar, at=held.facts.voted_at)


def _people(held: ProtectionCase) -> Evidence | None:
    needed = held.rules.protect.people
    return (
        _holds("people", f"{held.facts.people} people", f"{needed} people")
        if needed and held.facts.people >= needed
        else None
    )


def _holds(signal: str, value: str, bar: str = "", at: datetime | None = None) -> Evidence:
    return Evidence(signal=signal, says=Leaning.PROTECTS, value=value, bar=bar, at=at)


PROTECTIONS: dict[str, Check] = {
    "security": _security,
    "pinned": _pinned,
    "protecting_label": _label,
    "assignee": _assignee,
    "milestone": _milestone,
    "linked_pull": _linked_pull,
    "open_sub_issues": _open_sub_issues,
    "review": _review,
    "votes": _votes,
    "people": _people,
}
"""Every protection by the name that evidence and ``docs/activity.md`` use, in the order in which
they are named."""
