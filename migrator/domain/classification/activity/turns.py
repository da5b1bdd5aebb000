"""Whose turn is it? Labels say so, and where they do not, the last word does."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from migrator.domain.classification.activity.facts import ActivityFacts
from migrator.domain.items import Frozen
from migrator.domain.rules import ActivityRules
from migrator.domain.rules.base import listed_among


class Turn(StrEnum):
    """Who is expected to act next."""

    AUTHOR = "author"
    MAINTAINERS = "maintainers"
    NOBODY = "nobody"


class Turns(Frozen, frozen=True, kw_only=True):
    """Whose turn it is, whether the author waits without an answer, and since when a label waits
    for the author.

    ``asked_at`` is set only where a dated label asks the author and nobody but the project has
    spoken since: the one case in which the shorter term runs.
    """

    awaiting: Turn
    unanswered: bool
    asked_at: datetime | None = None
    label: str = ""


def turns_of(facts: ActivityFacts, rules: ActivityRules) -> Turns:
    """Whose turn it is in this thread.

    Only a maintainer's word answers an author. That somebody else wrote "same here" leaves the
    author waiting, and a triager's routine question does, too.
    """
    asked_label, asked_at = _newest(facts, rules.awaiting_author_labels)
    wait_label, wait_at = _newest(facts, rules.awaiting_maintainer_labels)
    spoke = facts.author_word
    answered = facts.answer is not None and (spoke is None or facts.answer.at > spoke)
    ours_to_act = bool(wait_label) and not _is_later(asked_at, wait_at)
    if ours_to_act and not _is_later(facts.answer.at if facts.answer else None, wait_at):
        return Turns(awaiting=Turn.MAINTAINERS, unanswered=spoke is not None, label=wait_label)
    if asked_at is not None and not ours_to_act and not _spoke_since(asked_at, facts):
        return Turns(
            awaiting=Turn.AUTHOR,
            unanswered=False,
            asked_at=_last_asked(asked_at, facts),
            label=asked_label,
        )
    if spoke is None:
        return Turns(awaiting=Turn.NOBODY, unanswered=False)
    return Turns(awaiting=Turn.AUTHOR if answered else Turn.MAINTAINERS, unanswered=not answered)


def _spoke_since(asked_at: datetime, facts: ActivityFacts) -> bool:
    """Whether the author, or somebody else who has the same trouble, wrote since the label
    asked."""
    return any(
        word is not None and word >= asked_at for word in (facts.author_word, facts.others_word)
    )


def _last_asked(asked_at: datetime, facts: ActivityFacts) -> datetime:
    """When the author was last asked: by the label, or by a routine question after it."""
    return max(asked_at, facts.nag.at) if facts.nag else asked_at


def _newest(facts: ActivityFacts, labels: tuple[str, ...]) -> tuple[str, datetime | None]:
    """The newest of these labels on the item, empty if it has none, and its date, ``None`` if we
    did not see it added."""
    present = listed_among(facts.subject.labels, labels)
    dated = [(facts.labelled[label], label) for label in present if label in facts.labelled]
    if dated:
        at, label = max(dated)
        return label, at
    return (min(present), None) if present else ("", None)


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    """Whether both dates are known and the first is the later one. What we do not know is held
    against nobody."""
    return one is not None and other is not None and one > other
